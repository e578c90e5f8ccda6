//! Diagrams as files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use content::diagram::svg::{Card, Given, svg};
use content::diagram::{Canvas, Theme, to_json};
use futures_util::TryStreamExt;
use model::{Action, FileId, ItemId, ItemType};
use store::Item;

use crate::access::Authorized;
use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::diagrams::http::{DiagramFormat, Drawn, PictureTheme};
use crate::error::{Error, Result};
use crate::files;
use crate::files::sniff::SHOWN;
use crate::words;

/// The images of one picture together, in bytes, each as often as it stands there. Those beyond are boxes with their
/// descriptions.
const MAX_IMAGES: i64 = 20 << 20;
/// How many images one picture has.
const MAX_FILES: usize = 100;
/// Diagrams of a node that are read and drawn at once: each is on a processor, and in memory many times over.
pub(crate) const AT_ONCE: usize = 2;

/// A diagram's title, fit for a file, and its bytes.
pub(crate) async fn export(
    ctx: &Ctx,
    item: &Authorized<Item>,
    drawn: Drawn,
) -> Result<(String, Vec<u8>)> {
    if item.item_type != ItemType::Diagram || item.deleted_at.is_some() {
        return Err(Error::NotFound);
    }
    let _turn = ctx.exports.take(item.actor.user)?;
    let head = ctx.collab.peek(item.id.into()).await?.head;
    let json = drawn.format == DiagramFormat::Json;
    let (name, read) = blocking(ctx, move || {
        let doc = content::item::project(&head)?;
        let name = words::file_name(&doc.title);
        Ok(if json {
            let json = serde_json::to_vec(&to_json(&doc.title, &doc.canvas));
            (name, Err(json.map_err(Error::internal)?))
        } else {
            (name, Ok(doc.canvas))
        })
    })
    .await?;
    let canvas = match read {
        Ok(canvas) => canvas,
        Err(json) => return Ok((name, json)),
    };
    if let Some(frame) = &drawn.frame
        && !canvas.shapes.iter().any(|shape| shape.id == *frame)
    {
        return Err(Error::field(
            "frame",
            "There is no such frame in this diagram.",
        ));
    }
    let given = Given {
        theme: match drawn.theme {
            Some(PictureTheme::Dark) => Theme::Dark,
            Some(PictureTheme::Light) | None => Theme::Light,
        },
        frame: drawn.frame,
        ..Given::default()
    };
    match draw(ctx, &item.actor, canvas, given).await? {
        Some(picture) => Ok((name, picture.into_bytes())),
        None => Err(Error::TooLarge(
            "This diagram is too large for one picture. Export one of its frames, or JSON.".into(),
        )),
    }
}

/// A diagram as somebody sees it: with the items and images that they may see. `None`: it is too large for a picture.
pub(crate) async fn draw(
    ctx: &Ctx,
    actor: &Actor,
    canvas: Canvas,
    given: Given,
) -> Result<Option<String>> {
    let given = Given {
        cards: cards(ctx, actor, &canvas).await?,
        images: images(ctx, actor, &canvas).await?,
        ..given
    };
    blocking(ctx, move || match svg(&canvas, &given) {
        Ok(picture) => Ok(Some(picture)),
        Err(content::Error::Picture) => Ok(None),
        Err(error) => Err(error.into()),
    })
    .await
}

/// Works on a diagram where that holds nobody up. The work ends by itself, also when whoever asked has gone: it keeps its turn
/// until then.
pub(crate) async fn blocking<T: Send + 'static>(
    ctx: &Ctx,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let turn = ctx.diagrams.clone().acquire_owned().await;
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await?
}

/// What cards show: items that the caller may see.
async fn cards(ctx: &Ctx, actor: &Actor, canvas: &Canvas) -> Result<HashMap<ItemId, Card>> {
    let ids: BTreeSet<ItemId> = canvas
        .shapes
        .iter()
        .filter_map(|shape| shape.item)
        .collect();
    let ids: Vec<ItemId> = ids.into_iter().collect();
    let items = ctx.access().visible(actor, &ids).await?;
    let card = |item: Item| {
        let card = Card {
            label: format!(
                "{} · {}",
                said(item.item_type.as_str()),
                said(item.status.as_str())
            ),
            title: item.title,
            done: (item.criteria_done, item.criteria_total),
        };
        (item.id, card)
    };
    Ok(items.into_iter().map(card).collect())
}

/// A word of rows as people read it.
fn said(word: &str) -> String {
    let mut word = word.replace('_', " ");
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

/// Images as `data:` URLs. One that can't be shown is left out.
async fn images(ctx: &Ctx, actor: &Actor, canvas: &Canvas) -> Result<HashMap<String, String>> {
    let mut named: BTreeMap<&String, i64> = BTreeMap::new();
    let shown = canvas.shapes.iter().filter(|shape| shape.kind == "image");
    for file in shown.filter_map(|shape| shape.file.as_ref()) {
        *named.entry(file).or_default() += 1;
    }
    let mut room = MAX_IMAGES;
    let mut out = HashMap::new();
    for (name, times) in named.into_iter().take(MAX_FILES) {
        let Ok(id) = name.parse::<FileId>() else {
            continue;
        };
        let file = match ctx.access().file(actor, id, Action::View).await {
            Ok(file) => file,
            Err(Error::NotFound | Error::Forbidden) => continue,
            Err(error) => return Err(error),
        };
        let size = file.size.saturating_mul(times);
        if !SHOWN.contains(&&*file.media_type) || size > room {
            continue;
        }
        room -= size;
        let parts: Vec<bytes::Bytes> = files::ops::read(ctx, &file, None)
            .await?
            .try_collect()
            .await?;
        let data = STANDARD.encode(parts.concat());
        out.insert(
            name.clone(),
            format!("data:{};base64,{data}", file.media_type),
        );
    }
    Ok(out)
}
