//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use identity::token::{Purpose, Token};
use model::{Reach, SessionId, UserId};

use crate::audit::Audit;
use crate::auth::live::LiveSession;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::limits::client_address;

/// The stable word for a personal access token that is none, or none any more.
const TOKEN_ENDED: &str = "token-ended";

/// Somebody who asks, signed in or not.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where from.
    pub address: IpAddr,
    /// With what, for people to read: "Firefox on Linux".
    pub agent: String,
}

impl FromRequestParts<Ctx> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Self::Rejection> {
        let proxies = ctx.config.limits.trusted_proxies;
        Ok(Self {
            address: client_address(&parts.headers, &parts.extensions, proxies),
            agent: identity::device::label(
                parts
                    .headers
                    .get(header::USER_AGENT)
                    .and_then(|value| value.to_str().ok()),
            ),
        })
    }
}

/// Somebody who is signed in. As an argument of a handler it makes the route refuse everybody else.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// In which session; a personal access token is one of its own.
    pub session: SessionId,
    /// What the session's rows say of them.
    pub(crate) live: Arc<LiveSession>,
    /// Where from.
    pub(crate) address: IpAddr,
}

impl Actor {
    /// By `Authorization: Bearer`. Cookies don't authenticate API calls, so no other site can make them.
    pub(crate) async fn from_headers(
        ctx: &Ctx,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<Self> {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(bearer)
            .ok_or(Error::SIGN_IN)?;
        Self::from_token(ctx, token, address).await
    }

    /// By an access token: signed by us, of this time, of a session that still lives. Or by a personal access token that still lives.
    pub(crate) async fn from_token(ctx: &Ctx, token: &str, address: IpAddr) -> Result<Self> {
        if token.starts_with(Purpose::Personal.prefix()) {
            return Self::from_personal_token(ctx, token, address).await;
        }
        let now = ctx.clock.now();
        let keys = ctx.keys.read().clone();
        let claims = keys
            .verify(token, now)
            .map_err(|refused| Error::Unauthenticated {
                code: match refused {
                    identity::access::Refused::Invalid => "unauthenticated",
                    identity::access::Refused::Expired => "token-expired",
                },
                detail: "The access token is not valid any more. Refresh it or sign in.",
            })?;
        let live = ctx.live.session(ctx, claims.sid).await?;
        if live.user != claims.sub {
            return Err(Error::SESSION_ENDED);
        }
        Ok(Self {
            user: claims.sub,
            session: claims.sid,
            live,
            address,
        })
    }

    async fn from_personal_token(ctx: &Ctx, token: &str, address: IpAddr) -> Result<Self> {
        const ENDED: Error = Error::Unauthenticated {
            code: TOKEN_ENDED,
            detail: "This personal access token is not valid: it was revoked or has expired. Make another.",
        };
        let token = Token::parse(Purpose::Personal, token).ok_or(ENDED)?;
        let session = ctx.live.token(ctx, &token.hash()).await?;
        let session = session.ok_or(ENDED)?;
        let live = ctx.live.session(ctx, session).await;
        let live = live.map_err(|error| match error {
            Error::Unauthenticated { .. } => ENDED,
            error => error,
        })?;
        Ok(Self {
            user: live.user,
            session,
            live,
            address,
        })
    }

    /// How far the credential reaches.
    pub(crate) fn reach(&self) -> Reach {
        self.live.reach
    }

    /// The start of an entry in the audit trail.
    pub(crate) fn audit(&self) -> Audit {
        Audit::of(self.user, self.session, self.address)
    }
}

/// The token of a `Bearer` authorization (RFC 6750, 2.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<Ctx> for Actor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self> {
        let proxies = ctx.config.limits.trusted_proxies;
        let address = client_address(&parts.headers, &parts.extensions, proxies);
        let actor = Self::from_headers(ctx, &parts.headers, address).await;
        if let Err(Error::Unauthenticated { code, .. }) = actor
            && code == TOKEN_ENDED
        {
            // Tokens may be being tried, each at the cost of a query.
            ctx.rates.auth(address)?;
        }
        let actor = actor?;
        ctx.rates.api(actor.session)?;
        Ok(actor)
    }
}
