//! `/projects/{project}/fields` and `/fields/{field}`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::{Action, FieldId, FieldKind, ProjectId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path};
use crate::fields::ops;
use crate::idempotency;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(fields, create_field))
        .routes(routes!(update_field, delete_field))
}

/// A field that a project's items have beside those that all items have. An item's value is in `custom` of the item, and under `custom:{id}` in the
/// fields of its document. By kind it is: `text` and `url` a string; `number` a number; `date` a string `YYYY-MM-DD`; `select` the id of an option;
/// `multi_select` a list of them; `person` the id of a user; `checkbox` a boolean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = CustomField)]
pub struct FieldView {
    /// The field.
    pub id: FieldId,
    /// The project whose items have it.
    pub project_id: ProjectId,
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: FieldKind,
    /// What a select offers, in order. Empty for other kinds.
    pub options: Vec<FieldOption>,
    /// Its place among the project's fields: compared as bytes, then by id.
    pub rank: String,
}

/// One thing that a select offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldOption {
    /// What stands in items: 1 to 64 letters, digits, `-` and `_`, unique in the field.
    pub id: String,
    /// What people see: 1 to 100 characters.
    pub name: String,
    /// `#rrggbb`.
    pub colour: String,
}

/// A project's own fields.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fields {
    /// All of them, at most 50, in order.
    pub fields: Vec<FieldView>,
}

/// List the fields of a project
#[utoipa::path(get, path = "/projects/{project}/fields", tag = "fields", params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = Fields),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn fields(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
) -> Result<Json<Fields>> {
    let project = ctx.access().project(&actor, project, Action::View).await?;
    ops::list(&ctx, &project).await.map(Json)
}

/// A field to make.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct CreateField {
    /// Its name: 1 to 100 characters.
    pub name: String,
    /// What its values are. It never changes.
    pub kind: FieldKind,
    /// What a select offers: at most 100.
    #[serde(default)]
    pub options: Vec<NewFieldOption>,
    /// A fractional rank; behind all others if absent.
    pub rank: Option<String>,
}

/// An option as it is written.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[schema(as = NewFieldOption)]
pub struct NewFieldOption {
    /// What stands in items; made if absent. Keep it when the option is renamed.
    pub id: Option<String>,
    /// What people see.
    pub name: String,
    /// `#rrggbb`; chosen if absent.
    pub colour: Option<String>,
}

/// Make a field
///
/// With an `Idempotency-Key`, the same request again gives the same answer and makes nothing.
#[utoipa::path(post, path = "/projects/{project}/fields", tag = "fields", request_body = CreateField,
    params(("project" = ProjectId, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 100 visible ASCII characters, fresh per intent")),
    security(("bearer" = [])), responses(
    (status = 201, body = FieldView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`too-many`: the project has as many as it can"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn create_field(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    headers: HeaderMap,
    Json(body): Json<CreateField>,
) -> Result<Response> {
    let project = ctx.access().project(&actor, project, Action::Admin).await?;
    let key = idempotency::key(&headers)?;
    let answer = ops::create(&ctx, &project, body, key).await?;
    Ok(answer.into_response())
}

/// Changes of a field. What is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateField {
    /// Its name: 1 to 100 characters.
    pub name: Option<String>,
    /// What a select offers, the whole list. Items keep values of options that are gone.
    pub options: Option<Vec<NewFieldOption>>,
    /// A fractional rank.
    pub rank: Option<String>,
}

/// Change a field
#[utoipa::path(patch, path = "/fields/{field}", tag = "fields", request_body = UpdateField, params(("field" = FieldId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = FieldView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn update_field(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(field): Path<FieldId>,
    Json(body): Json<UpdateField>,
) -> Result<Json<FieldView>> {
    let field = ctx.access().field(&actor, field, Action::Admin).await?;
    ops::update(&ctx, &field, body).await.map(Json)
}

/// Delete a field
///
/// Its values stay in the items' documents.
#[utoipa::path(delete, path = "/fields/{field}", tag = "fields", params(("field" = FieldId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn delete_field(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(field): Path<FieldId>,
) -> Result<StatusCode> {
    let field = ctx.access().field(&actor, field, Action::Admin).await?;
    ops::delete(&ctx, &field).await?;
    Ok(StatusCode::NO_CONTENT)
}
