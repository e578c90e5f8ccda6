//! One's own account.

use std::collections::BTreeMap;

use identity::email::Email;
use identity::token::{Purpose, Token};
use model::{OrgId, UserId};
use serde_json::{Value, json};
use store::{EmailPurpose, Tx, User};

use crate::access::Authorized;
use crate::auth::actor::Caller;
use crate::auth::{ops as auth, passwords};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::mail::letters;
use crate::me::http::{Me, SessionView, Sessions, UserView};
use crate::organizations::ops::membership_view;
use crate::words;

fn view(user: &User, pending_email: Option<String>) -> UserView {
    UserView {
        avatar: user.avatar.clone(),
        pending_email,
        id: user.id,
        name: user.name.clone(),
        email: user.email.clone(),
        colour: user.colour.clone(),
        email_verified: user.email_verified_at.is_some(),
    }
}

/// An account as its person sees it.
pub(crate) async fn user_view(ctx: &Ctx, user: &User) -> Result<UserView> {
    let pending = ctx.db.pending_email(user.id, ctx.clock.now()).await?;
    Ok(view(user, pending))
}

type Account = Authorized<User>;

/// The account, and where it belongs.
pub(crate) async fn me(ctx: &Ctx, account: &Account) -> Result<Me> {
    let reach = account.actor.reach();
    let memberships = ctx.db.memberships(account.id).await?;
    Ok(Me {
        user: user_view(ctx, account).await?,
        organizations: memberships
            .into_iter()
            .map(|membership| membership_view(membership, reach))
            .collect(),
        file_max_bytes: ctx.config.files.max_bytes,
    })
}

/// Changes the account.
pub(crate) async fn update(ctx: &Ctx, account: &Account, name: Option<String>) -> Result<UserView> {
    let Some(name) = name else {
        return user_view(ctx, account).await;
    };
    let name = words::name("name", &name)?;
    let mut tx = ctx.db.begin_write().await?;
    tx.rename_user(account.id, &name, ctx.clock.now()).await?;
    account
        .actor
        .audit()
        .write(ctx, &mut tx, "user.renamed", ("user", account.id.0), &())
        .await?;
    let told = tell(ctx, &mut tx, account.id).await?;
    let user = tx.user(account.id).await?.ok_or(Error::SESSION_ENDED)?;
    tx.commit().await?;
    changed(ctx, account.id, &told).await;
    user_view(ctx, &user).await
}

/// Writes to everybody's lists that this person looks different now. Gives the organizations that are to be woken after the commit.
pub(crate) async fn tell(ctx: &Ctx, tx: &mut Tx, user: UserId) -> Result<Vec<OrgId>> {
    let memberships = tx.memberships(user).await?;
    for membership in &memberships {
        let payload = json!({ "user_id": user, "role": membership.role });
        tx.emit(
            membership.id,
            None,
            "member.changed",
            &payload,
            ctx.clock.now(),
        )
        .await?;
    }
    Ok(memberships.into_iter().map(|m| m.id).collect())
}

/// What people see of this person has changed, and the change is committed.
pub(crate) async fn changed(ctx: &Ctx, user: UserId, told: &[OrgId]) {
    ctx.live.forget_user(user);
    for &org in told {
        ctx.feeds.wake(org);
    }
    // Carets carry name and picture.
    ctx.collab.recheck(collab::Scope::User(user)).await;
}

/// Whether this is the account's password. Wrong ones are counted.
async fn check_password(
    ctx: &Ctx,
    caller: &Caller,
    account: &Account,
    field: &str,
    password: &str,
) -> Result<()> {
    ctx.login
        .attempt(&account.email, caller.address, ctx.clock.now())?;
    let stored = ctx.db.password_hash(account.id).await?;
    if !ctx.passwords.verify(password, stored).await? {
        return Err(Error::field(field, "This is not your current password."));
    }
    ctx.login.succeeded(&account.email, caller.address);
    Ok(())
}

/// Sends a link to the new address that makes it the account's, and tells the old one. Whether another account has the address shows only to who
/// opens the link: it is nobody else's business.
pub(crate) async fn change_email(
    ctx: &Ctx,
    caller: &Caller,
    account: &Account,
    email: &str,
    password: &str,
) -> Result<()> {
    let email = Email::parse(email).map_err(|e| Error::field("email", e.to_string()))?;
    let email = email.as_str();
    check_password(ctx, caller, account, "password", password).await?;
    if store::email_key(email) == store::email_key(&account.email) {
        return Err(Error::field("email", "This is your address already."));
    }
    let now = ctx.clock.now();
    for address in [email, &account.email] {
        ctx.mails_asked.attempt(address, caller.address, now)?;
    }
    let token = Token::generate(Purpose::EmailChange, &*ctx.rng);
    let seconds = ctx.config.lifetimes.email_change;
    let mut tx = ctx.db.begin_write().await?;
    tx.create_email_token(
        token.hash().as_bytes(),
        account.id,
        EmailPurpose::Change,
        email,
        now,
        now.plus_seconds(seconds),
    )
    .await?;
    account
        .actor
        .audit()
        .write(
            ctx,
            &mut tx,
            "user.email-change-asked",
            ("user", account.id.0),
            &json!({ "email": email }),
        )
        .await?;
    tx.commit().await?;
    let path = format!("/verify-email?token={}", token.as_str());
    let link = ctx.config.public_url.link(&path);
    ctx.mail.send(letters::email_change(email, &link));
    ctx.mail
        .send(letters::email_change_asked(&account.email, email));
    Ok(())
}

/// Takes a change of address back that isn't confirmed yet.
pub(crate) async fn keep_email(ctx: &Ctx, account: &Account) -> Result<()> {
    let mut tx = ctx.db.begin_write().await?;
    let dropped = tx
        .drop_email_tokens(account.id, EmailPurpose::Change)
        .await?;
    if dropped > 0 {
        account
            .actor
            .audit()
            .write(
                ctx,
                &mut tx,
                "user.email-change-dropped",
                ("user", account.id.0),
                &(),
            )
            .await?;
    }
    Ok(tx.commit().await?)
}

/// What the person chose, as one object.
pub(crate) async fn preferences(ctx: &Ctx, account: &Account) -> Result<BTreeMap<String, Value>> {
    let kept = ctx.db.preferences(account.id).await?;
    Ok(kept.into_iter().collect())
}

/// The longest key of a preference, and how long all keys and values may be together, in bytes.
const PREFERENCE_KEY: usize = 64;
const PREFERENCES: i64 = 64 << 10;
/// Keys that are changed at once.
const PREFERENCES_AT_ONCE: usize = 200;

/// Puts keys into it; those that are `null` leave it. Others stay, so that two devices that change different things both have their way.
pub(crate) async fn set_preferences(
    ctx: &Ctx,
    account: &Account,
    changes: BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>> {
    let unsound = |key: &&String| {
        key.is_empty() || key.len() > PREFERENCE_KEY || key.contains(char::is_control)
    };
    if let Some(key) = changes.keys().find(unsound) {
        let key: String = key.chars().take(PREFERENCE_KEY).collect();
        return Err(Error::field(
            key,
            "Use a key of 1 to 64 bytes of plain text.",
        ));
    }
    // Before anything is written: each key is a statement, and others wait for the database.
    if changes.len() > PREFERENCES_AT_ONCE {
        return Err(Error::TooLarge(format!(
            "Change at most {PREFERENCES_AT_ONCE} preferences at once."
        )));
    }
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(&format!("preferences:{}", account.id)).await?;
    for (key, value) in &changes {
        let value = Some(value).filter(|value| !value.is_null());
        tx.set_preference(account.id, key, value).await?;
    }
    if tx.preferences_size(account.id).await? > PREFERENCES {
        return Err(Error::TooLarge(
            "Your preferences would become too large: 64 KiB are allowed.".into(),
        ));
    }
    let kept = tx.preferences(account.id).await?;
    tx.commit().await?;
    Ok(kept.into_iter().collect())
}

/// Changes the password and ends the other sessions.
pub(crate) async fn change_password(
    ctx: &Ctx,
    caller: &Caller,
    user: &Account,
    current: &str,
    new: &str,
) -> Result<()> {
    let now = ctx.clock.now();
    let actor = &user.actor;
    check_password(ctx, caller, user, "current", current).await?;
    passwords::check("new", new, &user.email, &user.name)?;
    let hash = ctx.passwords.hash(new).await?;
    let mut tx = ctx.db.begin_write().await?;
    tx.set_password(user.id, &hash, now).await?;
    let ended = tx
        .revoke_sessions(user.id, Some(actor.session), now)
        .await?;
    // Who knew the old password may have asked for it.
    tx.drop_email_tokens(user.id, EmailPurpose::Change).await?;
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
pub(crate) async fn sessions(ctx: &Ctx, account: &Account) -> Result<Sessions> {
    let actor = &account.actor;
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
