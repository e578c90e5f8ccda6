//! What is done with invitations.

use identity::email::Email;
use identity::token::{Purpose, Token};
use model::{Action, InvitationId, Role, UserId};
use serde_json::json;
use store::{Tx, UniqueKey};

use crate::access::Authorized;
use crate::audit::Audit;
use crate::auth::actor::{Actor, Caller};
use crate::auth::ops::{self as auth, Grant};
use crate::auth::passwords;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::invitations::http::{InvitationPreview, InvitationView, Invitations, NewInvitation};
use crate::mail::letters;
use crate::words;

type Org = Authorized<store::Organization>;

/// Makes an invitation. Nobody gives more than they have.
pub(crate) async fn invite(
    ctx: &Ctx,
    org: &Org,
    role: Role,
    email: Option<&str>,
) -> Result<NewInvitation> {
    if role > org.role {
        return Err(Error::field(
            "role",
            "You can't give a role above your own.",
        ));
    }
    let email = email
        .filter(|email| !email.trim().is_empty())
        .map(Email::parse)
        .transpose()
        .map_err(|invalid| Error::field("email", invalid.to_string()))?
        .map(|email| email.as_str().to_owned());
    let now = ctx.clock.now();
    let token = Token::generate(Purpose::Invitation, &*ctx.rng);
    let id = InvitationId::new(&*ctx.clock, &*ctx.rng);
    let expires_at = now.plus_seconds(ctx.config.lifetimes.invitation);
    let mut tx = ctx.db.begin_write().await?;
    tx.create_invitation(&store::NewInvitation {
        id,
        org: org.id,
        token_hash: token.hash().as_bytes().to_vec(),
        role,
        email: email.clone(),
        inviter: org.actor.user,
        created_at: now,
        expires_at,
    })
    .await?;
    org.actor
        .audit()
        .within(org.id)
        .write(
            ctx,
            &mut tx,
            "invitation.created",
            ("invitation", id.0),
            &json!({ "role": role, "email": email }),
        )
        .await?;
    tx.commit().await?;
    let path = format!("/invite/{}", token.as_str());
    let link = ctx.config.public_url.link(&path);
    if let Some(email) = email.as_deref().filter(|_| ctx.mail.delivers()) {
        let inviter = &org.actor.live.name;
        ctx.mail
            .send(letters::invitation(email, inviter, &org.name, &link));
    }
    Ok(NewInvitation {
        id,
        link,
        role,
        email,
        expires_at,
    })
}

/// The open invitations, newest first.
pub(crate) async fn list(ctx: &Ctx, org: &Org) -> Result<Invitations> {
    let invitations = ctx.db.invitations(org.id, ctx.clock.now()).await?;
    let inviters: Vec<UserId> = invitations.iter().map(|i| i.inviter).collect();
    let people = ctx.db.users(&inviters).await?;
    let name = |id: UserId| {
        people
            .iter()
            .find(|user| user.id == id)
            .map(|user| user.name.clone())
            .unwrap_or_default()
    };
    Ok(Invitations {
        invitations: invitations
            .into_iter()
            .map(|invitation| InvitationView {
                inviter: name(invitation.inviter),
                id: invitation.id,
                role: invitation.role,
                email: invitation.email,
                created_at: invitation.created_at,
                expires_at: invitation.expires_at,
            })
            .collect(),
    })
}

/// Takes an open invitation back.
pub(crate) async fn revoke(ctx: &Ctx, org: &Org, id: InvitationId) -> Result<()> {
    let mut tx = ctx.db.begin_write().await?;
    if !tx.revoke_invitation(org.id, id, ctx.clock.now()).await? {
        return Err(Error::NotFound);
    }
    org.actor
        .audit()
        .within(org.id)
        .write(
            ctx,
            &mut tx,
            "invitation.revoked",
            ("invitation", id.0),
            &(),
        )
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The open invitation that a link is for.
async fn find(ctx: &Ctx, token: &str) -> Result<(store::Invitation, store::Organization)> {
    let token = Token::parse(Purpose::Invitation, token).ok_or(Error::NotFound)?;
    let invitation = ctx
        .db
        .invitation_by_token(token.hash().as_bytes())
        .await?
        .filter(|invitation| invitation.is_open(ctx.clock.now()))
        .ok_or(Error::NotFound)?;
    let org = ctx.db.organization(invitation.org).await?;
    Ok((invitation, org.ok_or(Error::NotFound)?))
}

/// What a link offers.
pub(crate) async fn offer(ctx: &Ctx, token: &str) -> Result<InvitationPreview> {
    let (invitation, org) = find(ctx, token).await?;
    let inviter = ctx.db.user(invitation.inviter).await?;
    Ok(InvitationPreview {
        organization: org.name,
        role: invitation.role,
        inviter: inviter.map(|user| user.name).unwrap_or_default(),
        email: invitation.email,
        expires_at: invitation.expires_at,
    })
}

fn for_address(invitation: &store::Invitation, email: &str) -> Result<()> {
    match &invitation.email {
        Some(meant) if store::email_key(email) != store::email_key(meant) => Err(Error::Conflict {
            code: "other-address",
            detail: format!("This invitation is for {meant}."),
        }),
        _ => Ok(()),
    }
}

/// The signed-in account joins.
pub(crate) async fn accept_as(ctx: &Ctx, actor: &Actor, token: &str) -> Result<Grant> {
    let (invitation, _) = find(ctx, token).await?;
    let user = ctx.access().account(actor, Action::Admin).await?;
    for_address(&invitation, &user.email)?;
    let mut tx = ctx.db.begin_write().await?;
    join(ctx, &mut tx, &invitation, user.id, actor.audit()).await?;
    tx.commit().await?;
    joined(ctx, &invitation, user.id);
    auth::grant(ctx, &user, actor.session, None).await
}

/// An account to make.
pub(crate) struct NewAccount {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) password: String,
}

/// A new account joins and is signed in. Having the link proves nothing about the address: who invited has it too.
pub(crate) async fn accept_anew(
    ctx: &Ctx,
    caller: &Caller,
    token: &str,
    account: NewAccount,
) -> Result<Grant> {
    let (invitation, _) = find(ctx, token).await?;
    let email = account
        .email
        .filter(|email| !email.trim().is_empty())
        .or_else(|| invitation.email.clone())
        .unwrap_or_default();
    let email = Email::parse(&email).map_err(|e| Error::field("email", e.to_string()))?;
    for_address(&invitation, email.as_str())?;
    let name = words::name("name", &account.name)?;
    passwords::check("password", &account.password, email.as_str(), &name)?;
    let hash = ctx.passwords.hash(&account.password).await?;
    let now = ctx.clock.now();
    let id = UserId::new(&*ctx.clock, &*ctx.rng);
    let mut tx = ctx.db.begin_write().await?;
    tx.create_user(&store::NewUser {
        id,
        email: email.as_str().into(),
        name,
        colour: words::colour(&*ctx.rng),
        email_verified_at: None,
        created_at: now,
    })
    .await
    .map_err(account_exists)?;
    tx.set_password(id, &hash, now).await?;
    let (session, refresh) = auth::begin_session(ctx, &mut tx, id, caller).await?;
    let audit = Audit::of(id, session, caller.address);
    join(ctx, &mut tx, &invitation, id, audit).await?;
    let user = tx.user(id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    joined(ctx, &invitation, id);
    auth::send_verification(ctx, &user).await?;
    auth::grant(ctx, &user, session, Some(refresh)).await
}

fn account_exists(error: store::Error) -> Error {
    if error.is_taken(UniqueKey::UserEmail) {
        return Error::Conflict {
            code: "account-exists",
            detail: "There is an account with this address. Sign in, then open the link again."
                .into(),
        };
    }
    error.into()
}

/// Uses the invitation up and adds the membership. Somebody who is a member already keeps the higher role.
async fn join(
    ctx: &Ctx,
    tx: &mut Tx,
    invitation: &store::Invitation,
    user: UserId,
    audit: Audit,
) -> Result<()> {
    let now = ctx.clock.now();
    if !tx.accept_invitation(invitation.id, user, now).await? {
        return Err(Error::NotFound);
    }
    let current = tx.member_role(invitation.org, user).await?;
    let role = current.map_or(invitation.role, |role| role.max(invitation.role));
    match current {
        None => tx.add_member(invitation.org, user, role, now).await?,
        Some(_) => tx.set_member_role(invitation.org, user, role).await?,
    }
    audit
        .within(invitation.org)
        .write(
            ctx,
            tx,
            "invitation.accepted",
            ("invitation", invitation.id.0),
            &json!({ "role": role }),
        )
        .await?;
    let payload = json!({ "user_id": user, "role": role });
    tx.emit(invitation.org, None, "member.changed", &payload, now)
        .await?;
    Ok(())
}

fn joined(ctx: &Ctx, invitation: &store::Invitation, user: UserId) {
    ctx.live.forget_role(user, invitation.org);
    ctx.feeds.wake(invitation.org);
}
