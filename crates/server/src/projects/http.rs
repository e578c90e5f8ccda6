//! `/organizations/{org}/projects` and `/projects/{project}`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use model::{Abilities, Action, OrgId, ProjectId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query, etag, if_match};
use crate::idempotency;
use crate::projects::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(projects, create_project))
        .routes(routes!(project, update_project, delete_project))
}

/// A project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectView {
    /// The project. Its outline's document has the same id.
    pub id: ProjectId,
    /// The organization that it belongs to.
    pub org_id: OrgId,
    /// Its name.
    pub name: String,
    /// Its short name in capitals, unique in the organization.
    pub key: String,
    /// What it is about, plain text.
    pub description: String,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When its name, key or description last changed.
    pub updated_at: Timestamp,
    /// What the caller may do in it.
    pub abilities: Abilities,
}

/// A page of projects.
#[derive(Debug, Serialize, ToSchema)]
pub struct Projects {
    /// Oldest first.
    pub projects: Vec<ProjectView>,
    /// For the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many, 1 to 200; 100 if absent.
    limit: Option<i64>,
}

/// List projects
#[utoipa::path(get, path = "/organizations/{org}/projects", tag = "projects", params(("org" = OrgId, Path), Page), security(("bearer" = [])), responses(
    (status = 200, body = Projects),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn projects(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(org): Path<OrgId>,
    Query(page): Query<Page>,
) -> Result<Json<Projects>> {
    let org = ctx.access().organization(&actor, org, Action::View).await?;
    ops::list(&ctx, &org, page.cursor.as_deref(), page.limit)
        .await
        .map(Json)
}

/// A project to make.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct CreateProject {
    /// Its name: 1 to 100 characters.
    pub name: String,
    /// Its short name: 2 to 10 capitals and digits, a capital first. Made from the name if absent.
    pub key: Option<String>,
    /// What it is about, plain text: at most 2,000 characters.
    pub description: Option<String>,
}

/// Make a project
///
/// With an `Idempotency-Key`, the same request again gives the same answer and makes nothing.
#[utoipa::path(post, path = "/organizations/{org}/projects", tag = "projects", request_body = CreateProject,
    params(("org" = OrgId, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 100 visible ASCII characters, fresh per intent")),
    security(("bearer" = [])), responses(
    (status = 201, body = ProjectView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`key-taken`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A value, or the key was used for another request (`idempotency-key-reused`)"),
))]
async fn create_project(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(org): Path<OrgId>,
    headers: HeaderMap,
    Json(body): Json<CreateProject>,
) -> Result<Response> {
    let org = ctx.access().organization(&actor, org, Action::Edit).await?;
    let key = idempotency::key(&headers)?;
    ops::create(&ctx, &org, body, key)
        .await
        .map(IntoResponse::into_response)
}

type Tagged<T> = ([(HeaderName, String); 1], Json<T>);

/// Get a project
#[utoipa::path(get, path = "/projects/{project}", tag = "projects", params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = ProjectView, headers(("ETag" = String, description = "For If-Match"))),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn project(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
) -> Result<Tagged<ProjectView>> {
    let project = ctx.access().project(&actor, project, Action::View).await?;
    let version = project.updated_at.micros();
    Ok((etag(version), Json(ops::view(&project))))
}

/// Changes of a project. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateProject {
    /// Its name: 1 to 100 characters.
    pub name: Option<String>,
    /// Its short name.
    pub key: Option<String>,
    /// What it is about: at most 2,000 characters.
    pub description: Option<String>,
}

/// Change a project
#[utoipa::path(patch, path = "/projects/{project}", tag = "projects", request_body = UpdateProject,
    params(("project" = ProjectId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    security(("bearer" = [])), responses(
    (status = 200, body = ProjectView, headers(("ETag" = String, description = "For If-Match"))),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`key-taken`"),
    (status = 412, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn update_project(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    headers: HeaderMap,
    Json(body): Json<UpdateProject>,
) -> Result<Tagged<ProjectView>> {
    let project = ctx.access().project(&actor, project, Action::Edit).await?;
    let expected = if_match(&headers)?;
    let (view, version) = ops::update(&ctx, &project, body, expected).await?;
    Ok((etag(version), Json(view)))
}

/// Delete a project
///
/// Its documents close for everybody.
#[utoipa::path(delete, path = "/projects/{project}", tag = "projects", params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn delete_project(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
) -> Result<StatusCode> {
    let project = ctx
        .access()
        .project(&actor, project, Action::Delete)
        .await?;
    ops::delete(&ctx, &project).await?;
    Ok(StatusCode::NO_CONTENT)
}
