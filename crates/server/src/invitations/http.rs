//! `/organizations/{org}/invitations` for who invites, `/invitations/{token}` for who is invited.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use model::{Action, InvitationId, OrgId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::{Actor, Caller};
use crate::auth::http::{Auth, signed_in};
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path};
use crate::invitations::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(invitations, invite))
        .routes(routes!(revoke_invitation))
        .routes(routes!(invitation))
        .routes(routes!(accept_invitation))
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Invite {
    /// The role that they will have; at most the caller's own.
    role: Role,
    /// Only this address may accept; a mail with the link is sent to it. Without it, whoever has the link may.
    email: Option<String>,
}

/// A fresh invitation. Its link is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewInvitation {
    /// The invitation.
    pub id: InvitationId,
    /// The address to open. Whoever has it can join.
    pub link: String,
    /// The role that it gives.
    pub role: Role,
    /// For whom, if for one address.
    pub email: Option<String>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Invite somebody
#[utoipa::path(post, path = "/organizations/{org}/invitations", tag = "invitations", request_body = Invite,
    params(("org" = OrgId, Path)), security(("bearer" = [])), responses(
    (status = 201, body = NewInvitation),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn invite(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(org): Path<OrgId>,
    Json(body): Json<Invite>,
) -> Result<(StatusCode, Json<NewInvitation>)> {
    let org = ctx
        .access()
        .organization(&actor, org, Action::Admin)
        .await?;
    let link = ops::invite(&ctx, &org, body.role, body.email.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// An open invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// The invitation.
    pub id: InvitationId,
    /// The role that it gives.
    pub role: Role,
    /// For whom, if for one address.
    pub email: Option<String>,
    /// Who invited.
    pub inviter: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// The open invitations of an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitations {
    /// Newest first.
    pub invitations: Vec<InvitationView>,
}

/// List open invitations
#[utoipa::path(get, path = "/organizations/{org}/invitations", tag = "invitations", params(("org" = OrgId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = Invitations),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn invitations(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(org): Path<OrgId>,
) -> Result<Json<Invitations>> {
    let org = ctx
        .access()
        .organization(&actor, org, Action::Admin)
        .await?;
    ops::list(&ctx, &org).await.map(Json)
}

/// Take an invitation back
#[utoipa::path(delete, path = "/organizations/{org}/invitations/{id}", tag = "invitations",
    params(("org" = OrgId, Path), ("id" = InvitationId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Taken back"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn revoke_invitation(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path((org, invitation)): Path<(OrgId, InvitationId)>,
) -> Result<StatusCode> {
    let org = ctx
        .access()
        .organization(&actor, org, Action::Admin)
        .await?;
    ops::revoke(&ctx, &org, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an invitation offers, for who holds its link.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationPreview {
    /// The organization's name.
    pub organization: String,
    /// The role that it gives.
    pub role: Role,
    /// Who invited.
    pub inviter: String,
    /// For whom, if for one address.
    pub email: Option<String>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Look at an invitation
#[utoipa::path(get, path = "/invitations/{token}", tag = "invitations", params(("token" = String, Path)), security(()), responses(
    (status = 200, body = InvitationPreview),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "None, taken back, expired or used"),
    (status = 429, body = Problem, content_type = "application/problem+json"),
))]
async fn invitation(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Json<InvitationPreview>> {
    ctx.rates.auth(caller.address)?;
    ops::offer(&ctx, &token).await.map(Json)
}

/// A new account. All absent when the caller is signed in.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AcceptInvitation {
    /// The account's name: 1 to 100 characters.
    name: Option<String>,
    /// The account's address; that of the invitation if it names one.
    email: Option<String>,
    /// The account's password: 10 characters to 256 bytes.
    password: Option<String>,
}

/// Accept an invitation
///
/// With a bearer token the signed-in account joins (send `{}`); without one a new account is made and signed in.
#[utoipa::path(post, path = "/invitations/{token}/accept", tag = "invitations", request_body = AcceptInvitation,
    params(("token" = String, Path)), security((), ("bearer" = [])), responses(
    (status = 200, body = Auth, description = "Joined; a new account also gets the refresh cookie"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "None, taken back, expired or used"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`account-exists`: sign in and accept again; `other-address`: it is for another address"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn accept_invitation(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(token): Path<String>,
    headers: HeaderMap,
    Json(body): Json<AcceptInvitation>,
) -> Result<Response> {
    ctx.rates.auth(caller.address)?;
    let grant = if headers.contains_key(header::AUTHORIZATION) {
        let actor = Actor::from_headers(&ctx, &headers, caller.address).await?;
        ops::accept_as(&ctx, &actor, &token).await?
    } else {
        let account = ops::NewAccount {
            name: body.name.unwrap_or_default(),
            email: body.email,
            password: body.password.unwrap_or_default(),
        };
        ops::accept_anew(&ctx, &caller, &token, account).await?
    };
    Ok(signed_in(&ctx, grant))
}
