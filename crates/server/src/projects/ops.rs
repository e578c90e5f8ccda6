//! What is done with projects.

use collab::Scope;
use model::{DocumentKind, ProjectId};
use serde_json::json;
use store::{NewDocument, NewProject, Project, UniqueKey};

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::idempotency::{Answer, Key, Once};
use crate::paging;
use crate::projects::http::{CreateProject, ProjectView, Projects, UpdateProject};
use crate::words;

fn view_of(project: &Project, abilities: model::Abilities) -> ProjectView {
    ProjectView {
        id: project.id,
        org_id: project.org,
        name: project.name.clone(),
        key: project.key.clone(),
        description: project.description.clone(),
        created_by: project.created_by,
        created_at: project.created_at,
        updated_at: project.updated_at,
        abilities,
    }
}

/// A project as the caller sees it.
pub(crate) fn view(project: &Authorized<Project>) -> ProjectView {
    view_of(project, project.abilities())
}

/// A page of an organization's projects, oldest first.
pub(crate) async fn list(
    ctx: &Ctx,
    org: &Authorized<store::Organization>,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Projects> {
    let limit = paging::limit(limit, 100, 200)?;
    let after = paging::after(cursor)?.map(ProjectId);
    let mut rows = ctx.db.projects(org.id, after, limit + 1).await?;
    let next_cursor = paging::next(&mut rows, limit, |project| project.id.0);
    let abilities = org.abilities();
    Ok(Projects {
        projects: rows.iter().map(|row| view_of(row, abilities)).collect(),
        next_cursor,
    })
}

/// Makes a project with an empty outline.
pub(crate) async fn create(
    ctx: &Ctx,
    org: &Authorized<store::Organization>,
    body: CreateProject,
    key: Option<Key>,
) -> Result<Answer> {
    let name = words::name("name", &body.name)?;
    let description = body.description.as_deref().unwrap_or_default();
    let description = words::description("description", description)?;
    let chosen = body
        .key
        .as_deref()
        .filter(|key| !key.trim().is_empty())
        .map(|key| words::project_key("key", key))
        .transpose()?;
    let actor = &org.actor;
    let once = key
        .map(|key| Once::new(actor.user, key, &format!("project in {}", org.id), &body))
        .transpose()?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    if let Some(once) = &once {
        once.lock(&mut tx).await?;
        if let Some(answer) = once.kept(&mut tx).await? {
            return Ok(answer);
        }
    }
    let project_key = match chosen {
        Some(key) => key,
        None => free_key(&words::suggest_key(&name), &tx.project_keys(org.id).await?),
    };
    let id = ProjectId::new(&*ctx.clock, &*ctx.rng);
    tx.create_project(&NewProject {
        id,
        org: org.id,
        name,
        key: project_key,
        description,
        created_by: actor.user,
        created_at: now,
    })
    .await
    .map_err(key_taken)?;
    tx.create_document(&NewDocument {
        id: id.into(),
        org: org.id,
        project: id,
        kind: DocumentKind::Outline,
        branch: None,
        created_at: now,
    })
    .await?;
    let project = tx.project(id).await?.ok_or(Error::NotFound)?;
    let view = view_of(&project, org.abilities());
    let answer = Answer::created(&view)?;
    if let Some(once) = &once {
        once.keep(&mut tx, &answer, now).await?;
    }
    actor
        .audit()
        .within(org.id)
        .write(
            ctx,
            &mut tx,
            "project.created",
            ("project", id.0),
            &json!({ "name": project.name, "key": project.key }),
        )
        .await?;
    tx.emit(org.id, Some(id), "project.changed", &event(&view), now)
        .await?;
    tx.commit().await?;
    ctx.feeds.wake(org.id);
    Ok(answer)
}

/// The event of a changed project. Each reader's abilities are put in when it is read.
fn event(view: &ProjectView) -> serde_json::Value {
    json!({ "project": view })
}

fn key_taken(error: store::Error) -> Error {
    if error.is_taken(UniqueKey::ProjectKey) {
        return Error::Conflict {
            code: "key-taken",
            detail: "Another project has this key. Choose another.".into(),
        };
    }
    error.into()
}

/// `wanted`, or with the first number behind it that makes it free.
fn free_key(wanted: &str, taken: &[String]) -> String {
    let is_free = |key: &str| taken.iter().all(|other| other != key);
    if is_free(wanted) {
        return wanted.to_owned();
    }
    (2..)
        .map(|n: u32| format!("{wanted}{n}"))
        .find(|key| is_free(key))
        .unwrap_or_else(|| wanted.to_owned())
}

/// Changes it, if it still has the version that the caller read.
pub(crate) async fn update(
    ctx: &Ctx,
    project: &Authorized<Project>,
    body: UpdateProject,
    expected: Option<i64>,
) -> Result<(ProjectView, i64)> {
    let name = body.name.map(|t| words::name("name", &t)).transpose()?;
    let key = body
        .key
        .map(|t| words::project_key("key", &t))
        .transpose()?;
    let description = body
        .description
        .map(|text| words::description("description", &text))
        .transpose()?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(&format!("project:{}", project.id)).await?;
    let current = tx
        .project(project.id)
        .await?
        .filter(|project| project.deleted_at.is_none())
        .ok_or(Error::NotFound)?;
    if expected.is_some_and(|version| version != current.updated_at.micros()) {
        return Err(Error::PreconditionFailed);
    }
    if name.is_none() && key.is_none() && description.is_none() {
        let version = current.updated_at.micros();
        return Ok((view_of(&current, project.abilities()), version));
    }
    tx.update_project(
        project.id,
        name.as_deref(),
        key.as_deref(),
        description.as_deref(),
        now,
    )
    .await
    .map_err(key_taken)?;
    let changed = tx.project(project.id).await?.ok_or(Error::NotFound)?;
    let view = view_of(&changed, project.abilities());
    project
        .actor
        .audit()
        .within(project.org)
        .write(
            ctx,
            &mut tx,
            "project.changed",
            ("project", project.id.0),
            &json!({ "name": name, "key": key }),
        )
        .await?;
    let id = Some(project.id);
    tx.emit(project.org, id, "project.changed", &event(&view), now)
        .await?;
    tx.commit().await?;
    ctx.feeds.wake(project.org);
    Ok((view, changed.updated_at.micros()))
}

/// Deletes it, softly.
pub(crate) async fn delete(ctx: &Ctx, project: &Authorized<Project>) -> Result<()> {
    let now = ctx.clock.now();
    let actor = &project.actor;
    let mut tx = ctx.db.begin_write().await?;
    if !tx.delete_project(project.id, actor.user, now).await? {
        return Err(Error::NotFound);
    }
    actor
        .audit()
        .within(project.org)
        .write(
            ctx,
            &mut tx,
            "project.deleted",
            ("project", project.id.0),
            &json!({ "name": project.name }),
        )
        .await?;
    let payload = json!({ "id": project.id });
    let id = Some(project.id);
    tx.emit(project.org, id, "project.deleted", &payload, now)
        .await?;
    tx.commit().await?;
    ctx.feeds.wake(project.org);
    ctx.live.forget_project(project.id);
    ctx.collab.recheck(Scope::Org(project.org)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_key_gets_a_number() {
        let taken = ["CR".to_owned(), "CR2".to_owned()];
        assert_eq!(free_key("CR", &taken), "CR3");
        assert_eq!(free_key("AB", &taken), "AB");
    }
}
