//! What is done with people's pictures. Each version is an object of its own, so that one can be removed while another is being written.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use serde_json::json;
use store::User;

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::files::objects::Key;
use crate::files::serve::{ASK, Content, IMMUTABLE, respond};
use crate::files::sniff;
use crate::me;
use crate::me::http::UserView;

/// The largest picture: in bytes, and the longest side in pixels.
const BYTES: u64 = 2 << 20;
const PIXELS: u32 = 1_024;
/// What a picture may be.
const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// Gives the account a picture.
pub(crate) async fn set<E>(
    ctx: &Ctx,
    account: &Authorized<User>,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<UserView> {
    ctx.rates.picture(account.id)?;
    let draft = ctx.objects.receive(&mut body, BYTES).await?;
    let seen = sniff::look(draft.path()).await?;
    let Some((width, height)) = seen.pixels.filter(|_| TYPES.contains(&seen.media_type)) else {
        return Err(Error::UnsupportedMediaType(
            "Send a PNG, JPEG or WebP image.",
        ));
    };
    if width > PIXELS || height > PIXELS {
        return Err(Error::TooLarge(format!(
            "The picture is too large: at most {PIXELS} by {PIXELS} pixels are allowed."
        )));
    }
    let version = format!("{:016x}", ctx.rng.next_u64());
    let key = Key::avatar(account.id, &version);
    ctx.objects.keep(draft, &key).await?;
    let changed = change(ctx, account, Some(&version)).await;
    if changed.is_err() {
        forget(ctx, &key).await;
    }
    changed
}

/// Takes the picture away.
pub(crate) async fn remove(ctx: &Ctx, account: &Authorized<User>) -> Result<()> {
    if account.avatar.is_some() {
        change(ctx, account, None).await?;
    }
    Ok(())
}

async fn change(ctx: &Ctx, account: &Authorized<User>, version: Option<&str>) -> Result<UserView> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(&format!("avatar:{}", account.id)).await?;
    let before = tx.user(account.id).await?.ok_or(Error::SESSION_ENDED)?;
    tx.set_avatar(account.id, version, now).await?;
    account
        .actor
        .audit()
        .write(
            ctx,
            &mut tx,
            "user.avatar-changed",
            ("user", account.id.0),
            &json!({ "removed": version.is_none() }),
        )
        .await?;
    let told = me::ops::tell(ctx, &mut tx, account.id).await?;
    let user = tx.user(account.id).await?.ok_or(Error::SESSION_ENDED)?;
    tx.commit().await?;
    me::ops::changed(ctx, account.id, &told).await;
    if let Some(old) = before.avatar {
        forget(ctx, &Key::avatar(account.id, &old)).await;
    }
    me::ops::user_view(ctx, &user).await
}

/// Nothing names this object any more. One that stays takes room and does no harm.
async fn forget(ctx: &Ctx, key: &Key) {
    if let Err(error) = ctx.objects.remove(key).await {
        tracing::warn!(%error, "an old picture could not be removed");
    }
}

/// The picture as it is sent. `version` is the one that the caller knows of.
pub(crate) async fn send(
    ctx: &Ctx,
    request: &HeaderMap,
    person: &User,
    version: Option<&str>,
) -> Result<Response> {
    let current = person.avatar.as_deref().ok_or(Error::NotFound)?;
    let objects = &ctx.objects;
    let chunks = objects.open(&Key::avatar(person.id, current), None).await?;
    let bytes: Vec<Bytes> = chunks.try_collect().await?;
    let bytes = Bytes::from(bytes.concat());
    let media_type = infer::get(&bytes).map_or(sniff::BYTES, |kind| kind.mime_type());
    let content = Content {
        size: bytes.len() as u64,
        tag: current,
        media_type,
        name: "picture",
        cache: if version == Some(current) {
            IMMUTABLE
        } else {
            ASK
        },
    };
    respond(request, content, async |part| {
        let slice = part.and_then(|part| {
            let start = usize::try_from(part.start).ok()?;
            let end = usize::try_from(part.end).ok()?;
            Some(bytes.slice(start..end))
        });
        Ok(Body::from(slice.unwrap_or(bytes.clone())))
    })
    .await
}
