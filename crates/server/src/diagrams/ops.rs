//! Diagrams as files.

use std::collections::{BTreeSet, HashMap};

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

/// The images of one picture together, in bytes. Those beyond are boxes with their descriptions.
const MAX_IMAGES: i64 = 20 << 20;
/// How many images one picture has.
const MAX_FILES: usize = 100;

/// A diagram's title, fit for a file, and its bytes.
pub(crate) async fn export(
    ctx: &Ctx,
    item: &Authorized<Item>,
    drawn: Drawn,
) -> Result<(String, Vec<u8>)> {
    if item.item_type != ItemType::Diagram || item.deleted_at.is_some() {
        return Err(Error::NotFound);
    }
    let head = ctx.collab.peek(item.id.into()).await?.head;
    let doc = tokio::task::spawn_blocking(move || content::item::project(&head)).await??;
    let name = words::file_name(&doc.title);
    let (title, canvas) = (doc.title, doc.canvas);
    if drawn.format == DiagramFormat::Json {
        let json = serde_json::to_vec_pretty(&to_json(&title, &canvas));
        return Ok((name, json.map_err(Error::internal)?));
    }
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
    let picture = draw(ctx, &item.actor, canvas, given).await?;
    Ok((name, picture.into_bytes()))
}

/// A diagram as somebody sees it: with the items and images that they may see.
pub(crate) async fn draw(ctx: &Ctx, actor: &Actor, canvas: Canvas, given: Given) -> Result<String> {
    let given = Given {
        cards: cards(ctx, actor, &canvas).await?,
        images: images(ctx, actor, &canvas).await?,
        ..given
    };
    Ok(tokio::task::spawn_blocking(move || svg(&canvas, &given)).await?)
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
    let named: BTreeSet<&String> = canvas
        .shapes
        .iter()
        .filter_map(|shape| shape.file.as_ref())
        .collect();
    let mut room = MAX_IMAGES;
    let mut out = HashMap::new();
    for name in named.into_iter().take(MAX_FILES) {
        let Ok(id) = name.parse::<FileId>() else {
            continue;
        };
        let file = match ctx.access().file(actor, id, Action::View).await {
            Ok(file) => file,
            Err(Error::NotFound | Error::Forbidden) => continue,
            Err(error) => return Err(error),
        };
        if !SHOWN.contains(&&*file.media_type) || file.size > room {
            continue;
        }
        room -= file.size;
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
