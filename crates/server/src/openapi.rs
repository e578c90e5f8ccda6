//! The API's description: OpenAPI 3.1, made from the handlers.

use tower_http::compression::CompressionLayer;
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::ctx::Ctx;

/// Where the API begins.
pub(crate) const BASE: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Canopy",
        description = "Specs and diagrams, together and live. Errors are problem details (RFC 9457) with a stable `code`. \
                       Times are RFC 3339, ids are UUIDs.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/api/v1")),
    modifiers(&Security),
    components(schemas(crate::error::Problem, crate::exports::http::ExportFormat, crate::diagrams::http::DiagramFormat, crate::diagrams::http::PictureTheme)),
    tags(
        (name = "setup", description = "The first account of an installation"),
        (name = "auth", description = "Signing in and out"),
        (name = "me", description = "One's own account and sessions"),
        (name = "organizations", description = "Organizations"),
        (name = "members", description = "The people of an organization"),
        (name = "invitations", description = "Invitations into an organization"),
        (name = "projects", description = "Projects"),
        (name = "items", description = "The items of a project's tree"),
        (name = "search", description = "Search over everything that one may see"),
        (name = "fields", description = "The fields that a project has of its own"),
        (name = "imports", description = "Files that become items"),
        (name = "exports", description = "Items as files"),
        (name = "diagrams", description = "Diagrams as files"),
        (name = "files", description = "Images and other files of a project"),
        (name = "users", description = "People as others see them"),
        (name = "events", description = "Live changes"),
    ),
)]
struct Api;

struct Security;

impl Modify for Security {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .build(),
            ),
        );
        components.add_security_scheme(
            "refresh_cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("canopy_refresh"))),
        );
    }
}

/// Every route of the API, relative to [`BASE`], with its description.
pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::with_openapi(Api::openapi())
        .merge(crate::setup::http::routes())
        .merge(crate::auth::http::routes())
        .merge(crate::me::http::routes())
        .merge(crate::organizations::http::routes())
        .merge(crate::members::http::routes())
        .merge(crate::invitations::http::routes())
        .merge(crate::projects::http::routes())
        // A whole tree is large and packs well. Nothing here is a secret that a neighbour's text could probe for by its packed size.
        .merge(crate::items::http::routes().layer(CompressionLayer::new()))
        .merge(crate::search::http::routes())
        .merge(crate::fields::http::routes())
        .merge(crate::imports::http::routes())
        .merge(crate::exports::http::routes())
        .merge(crate::diagrams::http::routes())
        .merge(crate::files::http::routes())
        .merge(crate::avatars::http::routes())
        .merge(crate::tokens::http::routes())
        .merge(crate::events::http::routes())
}

/// The description as pretty JSON with a final newline, as it is committed in `crates/server/openapi.json`.
pub fn json() -> String {
    let (_, api) = routes().split_for_parts();
    // A description that was built has a JSON form.
    let mut text = api.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Every operation as `METHOD /path`, relative to the server's root, sorted.
pub fn operations() -> Vec<String> {
    let (_, api) = routes().split_for_parts();
    let mut all: Vec<String> = api
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            [
                ("GET", &item.get),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
                ("PATCH", &item.patch),
            ]
            .into_iter()
            .filter(|(_, operation)| operation.is_some())
            .map(move |(method, _)| format!("{method} {BASE}{path}"))
        })
        .collect();
    all.extend(
        [
            "GET /api/v1/openapi.json",
            "GET /healthz",
            "GET /readyz",
            "GET /metrics",
            "GET /collab",
            "GET /collab/{document}",
        ]
        .map(str::to_owned),
    );
    all.sort();
    all
}
