//! Signing in and out, and the ways back in.

use identity::email::Email;
use identity::token::{Purpose, Token};
use model::{SessionId, UserId};
use store::{EmailPurpose, NewSession, Rotation, Tx, UniqueKey, User};

use crate::access::Authorized;
use crate::audit::Audit;
use crate::auth::actor::Caller;
use crate::auth::live::session_of;
use crate::auth::passwords;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::mail::letters;
use crate::me;
use crate::me::http::UserView;

/// The account of who asks.
type Account = Authorized<User>;

/// The tokens of a session.
pub(crate) struct Grant {
    /// Short-lived.
    pub(crate) access: String,
    /// The next one to renew with. `None` leaves the cookie as it is.
    pub(crate) refresh: Option<Token>,
    /// Whose.
    pub(crate) user: UserView,
    /// Which session.
    pub(crate) session: SessionId,
}

const BAD_CREDENTIALS: Error = Error::Unauthenticated {
    code: "invalid-credentials",
    detail: "The e-mail address or the password is wrong.",
};

const LINK_USED: Error = Error::Gone {
    code: "link-used",
    detail: "This link has been used or has expired. Ask for a new one.",
};

/// What failed sign-ins are counted by: the address in its normal form, or what was sent in its place.
fn account_key(email: &str) -> String {
    match Email::parse(email) {
        Ok(email) => email.as_str().to_owned(),
        Err(_) => email.trim().to_lowercase().chars().take(254).collect(),
    }
}

/// Signs in. An unknown address costs the same work and gives the same answer as a wrong password.
pub(crate) async fn login(
    ctx: &Ctx,
    caller: &Caller,
    email: &str,
    password: &str,
) -> Result<Grant> {
    let key = account_key(email);
    ctx.login.attempt(&key, caller.address, ctx.clock.now())?;
    let user = ctx.db.user_by_email(&key).await?;
    // The same queries for an unknown account: the time they take would tell.
    let id = user
        .as_ref()
        .map_or(UserId(uuid::Uuid::nil()), |user| user.id);
    let stored = ctx.db.password_hash(id).await?;
    let right = ctx.passwords.verify(password, stored.clone()).await?;
    let user = match user {
        Some(user) if right => user,
        _ => {
            metrics::counter!("canopy_logins_total", "outcome" => "refused").increment(1);
            return Err(BAD_CREDENTIALS);
        }
    };
    if user.suspended_at.is_some() {
        return Err(Error::Unauthenticated {
            code: "account-suspended",
            detail: "This account is suspended. Ask your administrator.",
        });
    }
    ctx.login.succeeded(&key, caller.address);
    metrics::counter!("canopy_logins_total", "outcome" => "accepted").increment(1);
    let rehashed = match &stored {
        Some(stored) if ctx.passwords.needs_rehash(stored) => {
            Some(ctx.passwords.hash(password).await?)
        }
        _ => None,
    };
    let mut tx = ctx.db.begin_write().await?;
    if let Some(hash) = rehashed {
        tx.set_password(user.id, &hash, ctx.clock.now()).await?;
    }
    let (session, refresh) = begin_session(ctx, &mut tx, user.id, caller).await?;
    Audit::of(user.id, session, caller.address)
        .write(ctx, &mut tx, "session.began", ("session", session.0), &())
        .await?;
    tx.commit().await?;
    grant(ctx, &user, session, Some(refresh)).await
}

/// Writes a session and its first refresh token.
pub(crate) async fn begin_session(
    ctx: &Ctx,
    tx: &mut Tx,
    user: UserId,
    caller: &Caller,
) -> Result<(SessionId, Token)> {
    let now = ctx.clock.now();
    let session = SessionId::new(&*ctx.clock, &*ctx.rng);
    let refresh = Token::generate(Purpose::Refresh, &*ctx.rng);
    let expires_at = now.plus_seconds(ctx.config.lifetimes.session_idle);
    tx.create_session(&NewSession {
        id: session,
        user,
        agent: caller.agent.clone(),
        ip: caller.address.to_string(),
        created_at: now,
        expires_at,
    })
    .await?;
    tx.create_refresh_token(refresh.hash().as_bytes(), session, now, expires_at)
        .await?;
    Ok((session, refresh))
}

/// The tokens of a session that has been committed.
pub(crate) async fn grant(
    ctx: &Ctx,
    user: &User,
    session: SessionId,
    refresh: Option<Token>,
) -> Result<Grant> {
    let keys = ctx.keys.read().clone();
    let access = keys
        .sign(user.id, session, &*ctx.clock, &*ctx.rng)
        .map_err(Error::internal)?;
    Ok(Grant {
        access,
        refresh,
        user: me::ops::user_view(ctx, user).await?,
        session,
    })
}

/// Renews: the token is replaced by the next one of its session. One that was replaced a while ago has been stolen: the session ends.
pub(crate) async fn refresh(ctx: &Ctx, caller: &Caller, token: &Token) -> Result<Grant> {
    let now = ctx.clock.now();
    let hash = token.hash();
    let Some(id) = ctx.db.refresh_token_session(hash.as_bytes()).await? else {
        return Err(Error::SESSION_ENDED);
    };
    let Some(session) = ctx.db.session(id).await? else {
        return Err(Error::SESSION_ENDED);
    };
    let lifetimes = &ctx.config.lifetimes;
    let last = session.created_at.plus_seconds(lifetimes.session);
    let expires_at = now.plus_seconds(lifetimes.session_idle).min(last);
    let next = Token::generate(Purpose::Refresh, &*ctx.rng);
    let mut tx = ctx.db.begin_write().await?;
    let rotation = tx
        .rotate_refresh_token(
            hash.as_bytes(),
            next.hash().as_bytes(),
            now,
            expires_at,
            lifetimes.refresh_leeway,
        )
        .await?;
    match rotation {
        Rotation::Rotated(session) | Rotation::Repeated(session) => {
            let user = tx.user(session.user).await?;
            tx.commit().await?;
            ctx.live.forget_session(session.id);
            let user = user
                .filter(|user| user.suspended_at.is_none())
                .ok_or(Error::SESSION_ENDED)?;
            grant(ctx, &user, session.id, Some(next)).await
        }
        Rotation::Reused(session) => {
            Audit::of(session.user, session.id, caller.address)
                .write(
                    ctx,
                    &mut tx,
                    "session.token-reused",
                    ("session", session.id.0),
                    &(),
                )
                .await?;
            tx.commit().await?;
            tracing::warn!(user = %session.user, session = %session.id, "a replaced refresh token came back; the session was ended");
            metrics::counter!("canopy_refresh_reuse_total").increment(1);
            closed(ctx, &[session.id]);
            Err(Error::SESSION_ENDED)
        }
        Rotation::Refused => Err(Error::SESSION_ENDED),
    }
}

/// Ends one of the actor's own sessions.
pub(crate) async fn end_session(ctx: &Ctx, account: &Account, session: SessionId) -> Result<()> {
    let actor = &account.actor;
    let mut tx = ctx.db.begin_write().await?;
    if !tx
        .revoke_session(session, actor.user, ctx.clock.now())
        .await?
    {
        return Err(Error::NotFound);
    }
    actor
        .audit()
        .write(ctx, &mut tx, "session.ended", ("session", session.0), &())
        .await?;
    tx.commit().await?;
    closed(ctx, &[session]);
    Ok(())
}

/// Ends the session that a refresh token belongs to, if it still lives.
pub(crate) async fn logout_by_refresh(ctx: &Ctx, caller: &Caller, token: &Token) -> Result<()> {
    let Some(id) = ctx
        .db
        .refresh_token_session(token.hash().as_bytes())
        .await?
    else {
        return Ok(());
    };
    let mut tx = ctx.db.begin_write().await?;
    let Some(session) = tx.session(id).await? else {
        return Ok(());
    };
    if tx.revoke_session(id, session.user, ctx.clock.now()).await? {
        Audit::of(session.user, id, caller.address)
            .write(ctx, &mut tx, "session.ended", ("session", id.0), &())
            .await?;
        tx.commit().await?;
        closed(ctx, &[id]);
    }
    Ok(())
}

/// Sessions have ended: nothing of them is believed any more and their sockets close.
pub(crate) fn closed(ctx: &Ctx, sessions: &[SessionId]) {
    for &session in sessions {
        ctx.live.forget_session(session);
        ctx.collab.close_session(session);
        ctx.feeds.close_session(session);
    }
}

/// Sends a link to set a new password, if there is such an account. The work is done after the answer, so that its time tells nothing.
pub(crate) fn forgot_password(ctx: &Ctx, caller: &Caller, email: &str) -> Result<()> {
    let key = account_key(email);
    ctx.mails_asked
        .attempt(&key, caller.address, ctx.clock.now())?;
    let ctx = ctx.clone();
    tokio::spawn(async move {
        if let Err(error) = send_reset(&ctx, &key).await {
            tracing::error!(%error, "a reset link could not be made");
        }
    });
    Ok(())
}

async fn send_reset(ctx: &Ctx, key: &str) -> Result<()> {
    let user = ctx.db.user_by_email(key).await?;
    let Some(user) = user.filter(|user| user.suspended_at.is_none()) else {
        return Ok(());
    };
    let seconds = ctx.config.lifetimes.password_reset;
    let token = email_token(ctx, &user, Purpose::PasswordReset, seconds).await?;
    let path = format!("/reset?token={}", token.as_str());
    let link = ctx.config.public_url.link(&path);
    ctx.mail.send(letters::reset(&user.email, &link));
    Ok(())
}

async fn email_token(ctx: &Ctx, user: &User, purpose: Purpose, seconds: i64) -> Result<Token> {
    let now = ctx.clock.now();
    let token = Token::generate(purpose, &*ctx.rng);
    let stored = match purpose {
        Purpose::PasswordReset => EmailPurpose::Reset,
        _ => EmailPurpose::Verify,
    };
    let mut tx = ctx.db.begin_write().await?;
    tx.create_email_token(
        token.hash().as_bytes(),
        user.id,
        stored,
        &user.email,
        now,
        now.plus_seconds(seconds),
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// Sets a new password by a link, and ends every session and token of the account.
pub(crate) async fn reset_password(
    ctx: &Ctx,
    caller: &Caller,
    token: &str,
    password: &str,
) -> Result<()> {
    let token = Token::parse(Purpose::PasswordReset, token).ok_or(LINK_USED)?;
    passwords::check("password", password, "", "")?;
    // Before the transaction: hashing takes longer than one may.
    let hash = ctx.passwords.hash(password).await?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    let used = tx
        .use_email_token(token.hash().as_bytes(), EmailPurpose::Reset, now)
        .await?
        .ok_or(LINK_USED)?;
    let user = tx.user(used.user).await?.ok_or(LINK_USED)?;
    // Dropping the transaction leaves the link usable.
    passwords::check("password", password, &user.email, &user.name)?;
    tx.set_password(user.id, &hash, now).await?;
    tx.set_email_verified(user.id, &used.email, now).await?;
    let mut ended = tx.revoke_sessions(user.id, None, now).await?;
    // Whoever got into the account may have left themselves other ways in.
    let tokens = tx.revoke_personal_tokens(user.id, now).await?;
    ended.extend(tokens.into_iter().map(session_of));
    tx.drop_email_tokens(user.id, EmailPurpose::Change).await?;
    Audit::anonymous(caller.address)
        .by(user.id)
        .write(
            ctx,
            &mut tx,
            "user.password-reset",
            ("user", user.id.0),
            &(),
        )
        .await?;
    tx.commit().await?;
    closed(ctx, &ended);
    ctx.live.forget_user(user.id);
    ctx.mail.send(letters::password_changed(&user.email));
    Ok(())
}

/// Confirms the address that a link was sent to.
pub(crate) async fn verify_email(ctx: &Ctx, caller: &Caller, token: &str) -> Result<()> {
    let token = Token::parse(Purpose::EmailVerification, token).ok_or(LINK_USED)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    let used = tx
        .use_email_token(token.hash().as_bytes(), EmailPurpose::Verify, now)
        .await?
        .ok_or(LINK_USED)?;
    if !tx.set_email_verified(used.user, &used.email, now).await? {
        return Err(LINK_USED);
    }
    Audit::anonymous(caller.address)
        .by(used.user)
        .write(
            ctx,
            &mut tx,
            "user.email-verified",
            ("user", used.user.0),
            &(),
        )
        .await?;
    tx.commit().await?;
    ctx.live.forget_user(used.user);
    Ok(())
}

/// Makes the address that a link was sent to the account's. Links that were sent to the old address are worth nothing any more.
pub(crate) async fn change_email(ctx: &Ctx, caller: &Caller, token: &str) -> Result<()> {
    let token = Token::parse(Purpose::EmailChange, token).ok_or(LINK_USED)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    let used = tx
        .use_email_token(token.hash().as_bytes(), EmailPurpose::Change, now)
        .await?
        .ok_or(LINK_USED)?;
    let user = tx.user(used.user).await?.ok_or(LINK_USED)?;
    if user.suspended_at.is_some() {
        return Err(LINK_USED);
    }
    tx.change_email(user.id, &used.email, now)
        .await
        .map_err(|error| match error {
            // Dropping the transaction leaves the link usable, should the other account go.
            error if error.is_taken(UniqueKey::UserEmail) => Error::Conflict {
                code: "address-taken",
                detail: "Another account has this address. Yours keeps the one it has.".into(),
            },
            error => error.into(),
        })?;
    for purpose in [EmailPurpose::Reset, EmailPurpose::Verify] {
        tx.drop_email_tokens(user.id, purpose).await?;
    }
    Audit::anonymous(caller.address)
        .by(user.id)
        .write(
            ctx,
            &mut tx,
            "user.email-changed",
            ("user", user.id.0),
            &serde_json::json!({ "from": user.email, "to": used.email }),
        )
        .await?;
    let told = me::ops::tell(ctx, &mut tx, user.id).await?;
    tx.commit().await?;
    me::ops::changed(ctx, user.id, &told).await;
    ctx.mail
        .send(letters::email_changed(&user.email, &used.email));
    Ok(())
}

/// Sends the verification link again, unless the address is confirmed.
pub(crate) async fn resend_verification(ctx: &Ctx, user: &Account) -> Result<()> {
    if user.email_verified_at.is_some() {
        return Ok(());
    }
    let address = std::net::IpAddr::from([0, 0, 0, 0]);
    ctx.mails_asked
        .attempt(&user.email, address, ctx.clock.now())?;
    send_verification(ctx, user).await
}

/// Sends the verification link.
pub(crate) async fn send_verification(ctx: &Ctx, user: &User) -> Result<()> {
    let seconds = ctx.config.lifetimes.email_verification;
    let token = email_token(ctx, user, Purpose::EmailVerification, seconds).await?;
    let path = format!("/verify?token={}", token.as_str());
    let link = ctx.config.public_url.link(&path);
    ctx.mail.send(letters::verify(&user.email, &link));
    Ok(())
}
