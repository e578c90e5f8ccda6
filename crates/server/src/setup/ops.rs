//! The first account: by a one-time link, or from the command line. And accounts that an operator makes.

use identity::email::Email;
use identity::password::{Cost, Hasher};
use identity::token::{Purpose, Token, equal};
use model::{Clock, OrgId, Rng, Role, Timestamp, UserId};
use store::{Db, NewOrganization, NewUser, Tx, UniqueKey};

use crate::audit::{Audit, record};
use crate::auth::actor::Caller;
use crate::auth::ops::{self as auth, Grant};
use crate::auth::passwords;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::words;

/// The setting that holds the hash of the set-up token and when it ends.
const TOKEN: &str = "setup_token";
/// Held while the first account is made.
const LOCK: &str = "setup";

/// The first account and its organization, as somebody typed them.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The address to sign in with.
    pub email: String,
    /// What others see.
    pub name: String,
    /// The password.
    pub password: String,
    /// The organization's name.
    pub organization: String,
}

/// An account to make, as somebody typed it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The address to sign in with.
    pub email: String,
    /// What others see.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Whether there is no account yet.
pub(crate) async fn needed(ctx: &Ctx) -> Result<bool> {
    Ok(ctx.db.user_count().await? == 0)
}

/// A fresh set-up token, which replaces an earlier one. `None` when there is an account already.
///
/// # Errors
/// When the database fails.
pub async fn new_token(
    db: &Db,
    clock: &dyn Clock,
    rng: &dyn Rng,
    seconds: i64,
) -> Result<Option<Token>> {
    let token = Token::generate(Purpose::Setup, rng);
    let mut tx = db.begin_write().await?;
    tx.lock(LOCK).await?;
    if tx.user_count().await? > 0 {
        return Ok(None);
    }
    let ends = clock.now().plus_seconds(seconds);
    tx.set_setting(TOKEN, Some(&setting(&token, ends))).await?;
    tx.commit().await?;
    Ok(Some(token))
}

fn setting(token: &Token, ends: Timestamp) -> String {
    let hash: String = token
        .hash()
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{hash}:{}", ends.micros())
}

fn is_token(setting_: &str, token: &Token, now: Timestamp) -> bool {
    let ends = setting_
        .split_once(':')
        .and_then(|(_, ends)| ends.parse().ok())
        .map(Timestamp::from_micros);
    ends.is_some_and(|ends| {
        ends > now && equal(setting_.as_bytes(), setting(token, ends).as_bytes())
    })
}

/// Makes the first account and signs it in, for whoever has the token.
pub(crate) async fn by_token(
    ctx: &Ctx,
    caller: &Caller,
    token: &str,
    owner: Owner,
) -> Result<Grant> {
    if !needed(ctx).await? {
        return Err(set_up_already());
    }
    let token = Token::parse(Purpose::Setup, token).ok_or(WRONG_TOKEN)?;
    let kept = ctx.db.setting(TOKEN).await?.ok_or(WRONG_TOKEN)?;
    if !is_token(&kept, &token, ctx.clock.now()) {
        return Err(WRONG_TOKEN);
    }
    let checked = Checked::owner(&owner)?;
    let hash = ctx.passwords.hash(&owner.password).await?;
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(LOCK).await?;
    if tx.user_count().await? > 0 {
        return Err(set_up_already());
    }
    if !tx.take_setting(TOKEN, &kept).await? {
        return Err(WRONG_TOKEN);
    }
    let (user, org) = write_owner(&mut tx, &*ctx.clock, &*ctx.rng, &checked, &hash).await?;
    let (session, refresh) = auth::begin_session(ctx, &mut tx, user, caller).await?;
    Audit::of(user, session, caller.address)
        .within(org)
        .write(
            ctx,
            &mut tx,
            "organization.created",
            ("organization", org.0),
            &(),
        )
        .await?;
    let row = tx.user(user).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    auth::send_verification(ctx, &row).await?;
    auth::grant(ctx, &row, session, Some(refresh)).await
}

const WRONG_TOKEN: Error = Error::Refused {
    code: "setup-token",
    detail: "This is not the current set-up link. Use the one that the server printed when it started last.",
};

fn set_up_already() -> Error {
    Error::Conflict {
        code: "set-up-already",
        detail: "Canopy is set up already. Sign in.".into(),
    }
}

/// Values that have been checked.
struct Checked {
    email: Email,
    name: String,
    organization: String,
}

impl Checked {
    fn owner(owner: &Owner) -> Result<Self> {
        let organization = words::name("organization", &owner.organization)?;
        let account = Self::account(&owner.email, &owner.name, &owner.password)?;
        Ok(Self {
            organization,
            ..account
        })
    }

    fn account(email: &str, name: &str, password: &str) -> Result<Self> {
        let email = Email::parse(email).map_err(|e| Error::field("email", e.to_string()))?;
        let name = words::name("name", name)?;
        passwords::check("password", password, email.as_str(), &name)?;
        Ok(Self {
            email,
            name,
            organization: String::new(),
        })
    }
}

async fn write_account(
    tx: &mut Tx,
    clock: &dyn Clock,
    rng: &dyn Rng,
    checked: &Checked,
    hash: &str,
) -> Result<UserId> {
    let id = UserId::new(clock, rng);
    let now = clock.now();
    tx.create_user(&NewUser {
        id,
        email: checked.email.as_str().into(),
        name: checked.name.clone(),
        colour: words::colour(rng),
        email_verified_at: None,
        created_at: now,
    })
    .await
    .map_err(|error| {
        if error.is_taken(UniqueKey::UserEmail) {
            return Error::Conflict {
                code: "account-exists",
                detail: "There is an account with this address.".into(),
            };
        }
        error.into()
    })?;
    tx.set_password(id, hash, now).await?;
    Ok(id)
}

async fn write_owner(
    tx: &mut Tx,
    clock: &dyn Clock,
    rng: &dyn Rng,
    checked: &Checked,
    hash: &str,
) -> Result<(UserId, OrgId)> {
    let user = write_account(tx, clock, rng, checked, hash).await?;
    let org = OrgId::new(clock, rng);
    let mut slug = words::slug(&checked.organization);
    if tx.organization_by_slug(&slug).await?.is_some() {
        slug = format!("{slug}-{:06x}", rng.next_u64() & 0xff_ffff);
    }
    let now = clock.now();
    tx.create_organization(&NewOrganization {
        id: org,
        name: checked.organization.clone(),
        slug,
        created_at: now,
    })
    .await?;
    tx.add_member(org, user, Role::Owner, now).await?;
    Ok((user, org))
}

/// Makes an owner and an organization without a browser: for the command line, the demo and tests. Works also when there are accounts.
///
/// # Errors
/// When a value can't be taken or the database fails.
pub async fn create_owner(
    db: &Db,
    clock: &dyn Clock,
    rng: &dyn Rng,
    cost: Cost,
    owner: &Owner,
) -> Result<(UserId, OrgId)> {
    let checked = Checked::owner(owner)?;
    let hash = Hasher::new(cost, rng)?.hash(&owner.password, rng)?;
    let mut tx = db.begin_write().await?;
    let (user, org) = write_owner(&mut tx, clock, rng, &checked, &hash).await?;
    let audit = Audit::operator().within(org);
    record(
        audit,
        &mut tx,
        clock,
        rng,
        "organization.created",
        ("organization", org.0),
        &(),
    )
    .await?;
    tx.set_setting(TOKEN, None).await?;
    tx.commit().await?;
    Ok((user, org))
}

/// Makes an account, and a member of an organization if one is given.
///
/// # Errors
/// When a value can't be taken or the database fails.
pub async fn create_account(
    db: &Db,
    clock: &dyn Clock,
    rng: &dyn Rng,
    cost: Cost,
    account: &Account,
    membership: Option<(OrgId, Role)>,
) -> Result<UserId> {
    let checked = Checked::account(&account.email, &account.name, &account.password)?;
    let hash = Hasher::new(cost, rng)?.hash(&account.password, rng)?;
    let mut tx = db.begin_write().await?;
    let user = write_account(&mut tx, clock, rng, &checked, &hash).await?;
    let mut audit = Audit::operator();
    if let Some((org, role)) = membership {
        tx.add_member(org, user, role, clock.now()).await?;
        audit = audit.within(org);
    }
    record(
        audit,
        &mut tx,
        clock,
        rng,
        "user.created",
        ("user", user.0),
        &(),
    )
    .await?;
    tx.commit().await?;
    Ok(user)
}
