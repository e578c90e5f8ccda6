//! What is done with personal access tokens.

use identity::token::{Purpose, Token};
use model::TokenId;
use serde_json::json;
use store::{NewPersonalToken, PersonalToken, User};

use crate::access::Authorized;
use crate::auth::live::session_of;
use crate::auth::ops::closed;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::mail::letters;
use crate::tokens::http::{CreateToken, MadeToken, TokenView, Tokens};
use crate::words;

/// Tokens that an account may have.
const MOST: usize = 50;

fn view(token: PersonalToken) -> TokenView {
    TokenView {
        id: token.id,
        name: token.name,
        scopes: token.scopes,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
    }
}

/// The live tokens, latest first.
pub(crate) async fn list(ctx: &Ctx, account: &Authorized<User>) -> Result<Tokens> {
    let tokens = ctx.db.personal_tokens(account.id, ctx.clock.now()).await?;
    Ok(Tokens {
        tokens: tokens.into_iter().map(view).collect(),
    })
}

/// Makes a token. Its text leaves here once.
pub(crate) async fn create(
    ctx: &Ctx,
    account: &Authorized<User>,
    body: CreateToken,
) -> Result<MadeToken> {
    let name = words::name("name", &body.name)?;
    let now = ctx.clock.now();
    if body.scopes.is_empty() {
        return Err(Error::field("scopes", "Choose at least one scope."));
    }
    if body.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::field("expires_at", "Choose a time to come."));
    }
    let mut scopes = body.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    ctx.rates.token(account.id)?;
    let token = Token::generate(Purpose::Personal, &*ctx.rng);
    let id = TokenId::new(&*ctx.clock, &*ctx.rng);
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(&format!("tokens:{}", account.id)).await?;
    if tx.personal_tokens(account.id, now).await?.len() >= MOST {
        return Err(Error::Conflict {
            code: "too-many-tokens",
            detail: format!("An account has at most {MOST} tokens. Revoke one first."),
        });
    }
    tx.create_personal_token(&NewPersonalToken {
        id,
        user: account.id,
        name: name.clone(),
        hash: token.hash().as_bytes().to_vec(),
        scopes: scopes.clone(),
        created_at: now,
        expires_at: body.expires_at,
    })
    .await?;
    account
        .actor
        .audit()
        .write(
            ctx,
            &mut tx,
            "token.created",
            ("token", id.0),
            &json!({ "name": name, "scopes": scopes, "expires_at": body.expires_at }),
        )
        .await?;
    tx.commit().await?;
    ctx.mail.send(letters::token_made(&account.email, &name));
    Ok(MadeToken {
        token: token.as_str().to_owned(),
        made: TokenView {
            id,
            name,
            scopes,
            created_at: now,
            expires_at: body.expires_at,
            last_used_at: None,
        },
    })
}

/// Ends a token. Its sockets and streams close.
pub(crate) async fn revoke(ctx: &Ctx, account: &Authorized<User>, id: TokenId) -> Result<()> {
    let mut tx = ctx.db.begin_write().await?;
    if !tx
        .revoke_personal_token(id, account.id, ctx.clock.now())
        .await?
    {
        return Err(Error::NotFound);
    }
    account
        .actor
        .audit()
        .write(ctx, &mut tx, "token.revoked", ("token", id.0), &())
        .await?;
    tx.commit().await?;
    closed(ctx, &[session_of(id)]);
    Ok(())
}
