//! What is done with files.

use std::ops::Range;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use model::{FileId, OrgId, ProjectId, UserId};
use serde_json::json;
use store::{File, Tx};

use crate::access::Authorized;
use crate::audit::Audit;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::files::http::FileView;
use crate::files::objects::{Draft, Failure, Key, hex};
use crate::files::serve::{Content, IMMUTABLE};
use crate::files::sniff::{self, Seen};
use crate::words;

/// A file as the API shows it.
pub(crate) fn view(file: &File) -> FileView {
    FileView {
        id: file.id,
        project_id: file.project,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        size: file.size,
        width: file.width,
        height: file.height,
        created_at: file.created_at,
    }
}

/// Where a new file belongs, and who puts it there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) org: OrgId,
    pub(crate) project: ProjectId,
    pub(crate) user: UserId,
    pub(crate) audit: Audit,
}

impl From<&Authorized<store::Project>> for Owner {
    fn from(project: &Authorized<store::Project>) -> Self {
        Self {
            org: project.org,
            project: project.id,
            user: project.actor.user,
            audit: project.actor.audit().within(project.org),
        }
    }
}

/// Takes in a file that a client sends. A body that is too long is read on for a while and thrown away: many clients listen for the answer only when
/// they have sent all.
pub(crate) async fn upload<E>(
    ctx: &Ctx,
    owner: Owner,
    id: FileId,
    name: &str,
    length: Option<u64>,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<File> {
    let most = ctx.config.files.max_bytes;
    let _turn = ctx.uploads.take(owner.user)?;
    let made = match length {
        Some(length) if length > most => Err(Failure::TooLarge(most).into()),
        _ => create(ctx, owner, id, name, &mut body).await,
    };
    if let Err(Error::TooLarge(_)) = made {
        drain(&mut body, most).await;
    }
    made
}

async fn drain<E>(body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin), most: u64) {
    let most = most.saturating_mul(2);
    let mut read = 0;
    while let Some(Ok(chunk)) = body.next().await {
        read += chunk.len() as u64;
        if read > most {
            return;
        }
    }
}

/// Makes a file of bytes: of those that are sent, or that something brings along, such as an import. The same id again finds the file, if it is of the
/// same project and bytes.
pub(crate) async fn create<E>(
    ctx: &Ctx,
    owner: Owner,
    id: FileId,
    name: &str,
    mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<File> {
    let most = ctx.config.files.max_bytes;
    let draft = ctx.objects.receive(&mut bytes, most).await?;
    keep(ctx, owner, id, name, draft).await
}

/// The bytes of a file, or some of them. To look it up by naming the action is the caller's.
pub(crate) async fn read(
    ctx: &Ctx,
    file: &File,
    part: Option<Range<u64>>,
) -> Result<BoxStream<'static, Result<Bytes, Failure>>> {
    let key = Key::content(file.org, &file.hash);
    Ok(ctx.objects.open(&key, part).await?)
}

/// A file as it is sent.
pub(crate) async fn send(ctx: &Ctx, request: &HeaderMap, file: &File) -> Result<Response> {
    let content = Content {
        size: file.size.unsigned_abs(),
        tag: &hex(&file.hash),
        media_type: &file.media_type,
        name: &file.name,
        cache: IMMUTABLE,
    };
    super::serve::respond(request, content, async |part| {
        Ok(Body::from_stream(read(ctx, file, part).await?))
    })
    .await
}

/// First the object, then the row: a row is never without its bytes, and bytes without a row do no harm.
async fn keep(ctx: &Ctx, owner: Owner, id: FileId, name: &str, draft: Draft) -> Result<File> {
    if id.0.get_version_num() != 7 {
        return Err(Error::field("file", "Use a UUID of version 7."));
    }
    let Seen { media_type, pixels } = sniff::look(draft.path()).await?;
    let file = File {
        id,
        org: owner.org,
        project: owner.project,
        name: words::file_name(name),
        media_type: media_type.into(),
        size: i64::try_from(draft.size).unwrap_or(i64::MAX),
        hash: draft.hash.into(),
        width: pixels.map(|(width, _)| width.into()),
        height: pixels.map(|(_, height)| height.into()),
        created_by: owner.user,
        created_at: ctx.clock.now(),
    };
    // Before its bytes are kept: what is refused takes no room.
    if let Some(there) = ctx.db.file(id).await? {
        return same(there, &file);
    }
    let mut tx = ctx.db.begin_read().await?;
    within_quota(ctx, &mut tx, &file).await?;
    drop(tx);

    ctx.objects
        .keep(draft, &Key::content(file.org, &file.hash))
        .await?;
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(&format!("files:{}", file.org)).await?;
    within_quota(ctx, &mut tx, &file).await?;
    let project = tx.project(file.project).await?;
    if project.is_none_or(|project| project.deleted_at.is_some()) {
        return Err(Error::NotFound);
    }
    if !tx.create_file(&file).await? {
        let there = tx.file(id).await?.ok_or(Error::NotFound)?;
        return same(there, &file);
    }
    owner
        .audit
        .write(
            ctx,
            &mut tx,
            "file.created",
            ("file", id.0),
            &json!({ "project": file.project, "name": file.name, "size": file.size, "media_type": file.media_type }),
        )
        .await?;
    tx.commit().await?;
    metrics::counter!("canopy_files_created_total").increment(1);
    Ok(file)
}

/// A file that is there already, if it is the one that was sent: a client that got no answer sends it again.
fn same(there: File, sent: &File) -> Result<File> {
    if there.project == sent.project && there.hash == sent.hash {
        return Ok(there);
    }
    Err(Error::Conflict {
        code: "id-taken",
        detail: "Another thing has this id. Use a fresh one.".into(),
    })
}

async fn within_quota(ctx: &Ctx, tx: &mut Tx, file: &File) -> Result<()> {
    let Some(quota) = ctx.config.files.organization_bytes else {
        return Ok(());
    };
    let (taken, there) = tx.file_bytes(file.org, &file.hash).await?;
    let after = taken.saturating_add(if there { 0 } else { file.size });
    if u64::try_from(after).unwrap_or(0) <= quota {
        return Ok(());
    }
    Err(Error::Conflict {
        code: "file-quota",
        detail: "The organization's files would take more room than they may. Ask an administrator of this Canopy.".into(),
    })
}
