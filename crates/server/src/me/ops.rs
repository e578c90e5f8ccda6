//! One's own account.

use store::User;

use crate::auth::actor::{Actor, Caller};
use crate::auth::{ops as auth, passwords};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::mail::letters;
use crate::me::http::{Me, SessionView, Sessions, UserView};
use crate::organizations::ops::membership_view;
use crate::words;

/// An account as its person sees it.
pub(crate) fn user_view(user: &User) -> UserView {
    UserView {
        id: user.id,
        name: user.name.clone(),
        email: user.email.clone(),
        colour: user.colour.clone(),
        email_verified: user.email_verified_at.is_some(),
    }
}

async fn own(ctx: &Ctx, actor: &Actor) -> Result<User> {
    ctx.db.user(actor.user).await?.ok_or(Error::SESSION_ENDED)
}

/// The account, and where it belongs.
pub(crate) async fn me(ctx: &Ctx, actor: &Actor) -> Result<Me> {
    let user = own(ctx, actor).await?;
    let memberships = ctx.db.memberships(actor.user).await?;
    Ok(Me {
        user: user_view(&user),
        organizations: memberships.into_iter().map(membership_view).collect(),
    })
}

/// Changes the account.
pub(crate) async fn update(ctx: &Ctx, actor: &Actor, name: Option<String>) -> Result<UserView> {
    if let Some(name) = name {
        let name = words::name("name", &name)?;
        let mut tx = ctx.db.begin_write().await?;
        tx.rename_user(actor.user, &name, ctx.clock.now()).await?;
        actor
            .audit()
            .write(ctx, &mut tx, "user.renamed", ("user", actor.user.0), &())
            .await?;
        tx.commit().await?;
        ctx.live.forget_user(actor.user);
        // Carets and avatars carry the name.
        ctx.collab.recheck(collab::Scope::User(actor.user)).await;
    }
    Ok(user_view(&own(ctx, actor).await?))
}

/// Changes the password and ends the other sessions.
pub(crate) async fn change_password(
    ctx: &Ctx,
    caller: &Caller,
    actor: &Actor,
    current: &str,
    new: &str,
) -> Result<()> {
    let user = own(ctx, actor).await?;
    let now = ctx.clock.now();
    ctx.login.attempt(&user.email, caller.address, now)?;
    let stored = ctx.db.password_hash(user.id).await?;
    if !ctx.passwords.verify(current, stored).await? {
        return Err(Error::field(
            "current",
            "This is not your current password.",
        ));
    }
    ctx.login.succeeded(&user.email, caller.address);
    passwords::check("new", new, &user.email, &user.name)?;
    let hash = ctx.passwords.hash(new).await?;
    let mut tx = ctx.db.begin_write().await?;
    tx.set_password(user.id, &hash, now).await?;
    let ended = tx
        .revoke_sessions(user.id, Some(actor.session), now)
        .await?;
    actor
        .audit()
        .write(
            ctx,
            &mut tx,
            "user.password-changed",
            ("user", user.id.0),
            &(),
        )
        .await?;
    tx.commit().await?;
    auth::closed(ctx, &ended);
    ctx.mail.send(letters::password_changed(&user.email));
    Ok(())
}

/// The live sessions, last seen first.
pub(crate) async fn sessions(ctx: &Ctx, actor: &Actor) -> Result<Sessions> {
    let sessions = ctx.db.sessions(actor.user, ctx.clock.now()).await?;
    Ok(Sessions {
        sessions: sessions
            .into_iter()
            .map(|session| SessionView {
                id: session.id,
                created_at: session.created_at,
                last_seen_at: session.last_seen_at,
                agent: session.agent,
                ip: session.ip,
                current: session.id == actor.session,
            })
            .collect(),
    })
}
