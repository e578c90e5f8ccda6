//! `/search`.

use axum::extract::State;
use model::{ItemType, OrgId, ProjectId, Status};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Error, Problem, Result};
use crate::extract::{Json, Query};
use crate::items::http::ItemView;
use crate::search::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(search))
}

/// What to look for. The lists are separated by commas, or the parameter is repeated: any of them counts. Labels are
/// repeated only, and all of them count.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "the description of what `Asking` reads")]
struct SearchParams {
    /// In this organization; in all of one's own if absent.
    organization: Option<OrgId>,
    /// Words, `"phrases"` and filters: `status:done`, `type:epic,story`, `assignee:me`, `assignee:none`, `assignee:maya`,
    /// `label:"needs review"`, `project:KEY`. At most 500 characters. Without text the latest changes come first.
    q: Option<String>,
    /// In these projects.
    project: Option<Vec<ProjectId>>,
    /// Of these types.
    r#type: Option<Vec<ItemType>>,
    /// In these states.
    status: Option<Vec<Status>>,
    /// Of these people: ids, `me` or `none`.
    assignee: Option<Vec<String>>,
    /// With this label, but for case and accents.
    label: Option<Vec<String>>,
    /// At most so many, 1 to 50; 20 if absent.
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The parameters as they came.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    pub(crate) organization: Option<OrgId>,
    pub(crate) q: String,
    pub(crate) projects: Vec<ProjectId>,
    pub(crate) types: Vec<ItemType>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) assignees: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) limit: Option<i64>,
    pub(crate) cursor: Option<String>,
}

/// Values of one parameter, over all of its appearances.
const MOST_VALUES: usize = 100;

impl Asking {
    fn read(pairs: Vec<(String, String)>) -> Result<Self> {
        let mut asking = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "organization" => asking.organization = Some(one(&name, &value)?),
                "q" => asking.q = value,
                "project" => list(&name, &value, &mut asking.projects)?,
                "type" => list(&name, &value, &mut asking.types)?,
                "status" => list(&name, &value, &mut asking.statuses)?,
                "assignee" => list(&name, &value, &mut asking.assignees)?,
                "label" if asking.labels.len() < MOST_VALUES => asking.labels.push(value),
                "limit" => asking.limit = Some(one(&name, &value)?),
                "cursor" => asking.cursor = Some(value),
                _ => {}
            }
        }
        Ok(asking)
    }
}

fn one<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str, value: &str) -> Result<T> {
    value
        .parse()
        .map_err(|error| Error::Malformed(format!("{name}: {error}")))
}

fn list<T>(name: &str, values: &str, all: &mut Vec<T>) -> Result<()>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    for value in values.split(',').filter(|value| !value.is_empty()) {
        if all.len() == MOST_VALUES {
            return Err(Error::Malformed(format!(
                "{name}: at most {MOST_VALUES} values."
            )));
        }
        all.push(one(name, value)?);
    }
    Ok(())
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchResults {
    /// Best first; without text the latest changes first.
    pub hits: Vec<SearchHit>,
    /// For the next page; `null` on the last.
    pub next_cursor: Option<String>,
    /// The index is still being built: there may be more in a moment.
    pub indexing: bool,
}

/// An item that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchHit {
    /// The item.
    pub item: ItemView,
    /// The project that it belongs to.
    pub project: SearchProject,
    /// The titles of what it stands under, from the root.
    pub path: Vec<String>,
    /// Its title.
    pub title: MarkedText,
    /// The part of its text where most of what was asked stands; `null` when nothing of it does.
    pub snippet: Option<MarkedText>,
}

/// The project of an item that was found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchProject {
    /// The project.
    pub id: ProjectId,
    /// Its organization.
    pub org_id: OrgId,
    /// Its name.
    pub name: String,
    /// Its short name.
    pub key: String,
}

/// A text, and what matches in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkedText {
    /// The text, on one line.
    pub text: String,
    /// From and to, in UTF-16 code units: in order and apart from each other.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub marks: Vec<[u32; 2]>,
}

/// Search items
///
/// Over all that one may see. All words must match: as typed, as the beginning of a longer word, or mistyped (one letter
/// from 4 letters on, two from 8), in this order. Titles count more than labels, acceptance criteria and text. Changes are
/// found within a second.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchParams), security(("bearer" = [])), responses(
    (status = 200, body = SearchResults),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such organization or project"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`q` is too long"),
))]
async fn search(
    State(ctx): State<Ctx>,
    actor: Actor,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<SearchResults>> {
    let asking = Asking::read(pairs)?;
    ops::search(&ctx, &actor, asking).await.map(Json)
}
