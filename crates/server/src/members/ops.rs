//! What is done with memberships. An organization always has an owner.

use collab::Scope;
use model::{Abilities, Action, Role, UserId, can};
use serde_json::json;
use store::Tx;

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::members::http::{MemberView, Members, PersonView};

type Org = Authorized<store::Organization>;

/// What the caller may do with somebody's membership: owners are for owners to change, and everybody may leave.
fn abilities(org: &Org, member: &store::Member) -> Abilities {
    let manage = can(Some(org.role), Action::Admin)
        && (member.role != Role::Owner || org.role == Role::Owner);
    Abilities {
        view: true,
        edit: false,
        delete: manage || member.user == org.actor.user,
        admin: manage,
        billing: false,
    }
}

fn view(org: &Org, member: store::Member) -> MemberView {
    MemberView {
        abilities: abilities(org, &member),
        user: PersonView {
            id: member.user,
            name: member.name,
            email: member.email,
            colour: member.colour,
            avatar: member.avatar,
        },
        role: member.role,
        joined_at: member.created_at,
    }
}

/// The people of an organization, by name.
pub(crate) async fn list(ctx: &Ctx, org: &Org) -> Result<Members> {
    let members = ctx.db.members(org.id).await?;
    Ok(Members {
        members: members
            .into_iter()
            .map(|member| view(org, member))
            .collect(),
    })
}

/// Gives somebody another role.
pub(crate) async fn change(ctx: &Ctx, org: &Org, user: UserId, role: Role) -> Result<MemberView> {
    let mut tx = ctx.db.begin_write().await?;
    let current = standing(org, &mut tx, user).await?;
    if (current == Role::Owner || role == Role::Owner) && org.role != Role::Owner {
        return Err(Error::Forbidden);
    }
    if current != role {
        if current == Role::Owner {
            keep_an_owner(org, &mut tx).await?;
        }
        tx.set_member_role(org.id, user, role).await?;
        org.actor
            .audit()
            .within(org.id)
            .write(
                ctx,
                &mut tx,
                "member.role-changed",
                ("user", user.0),
                &json!({ "from": current, "to": role }),
            )
            .await?;
        announce(ctx, org, &mut tx, user, Some(role)).await?;
        tx.commit().await?;
        changed(ctx, org, user).await;
    }
    let member = ctx.db.members(org.id).await?;
    let member = member.into_iter().find(|member| member.user == user);
    Ok(view(org, member.ok_or(Error::NotFound)?))
}

/// Takes somebody out of the organization.
pub(crate) async fn remove(ctx: &Ctx, org: &Org, user: UserId) -> Result<()> {
    let mut tx = ctx.db.begin_write().await?;
    let current = standing(org, &mut tx, user).await?;
    if current == Role::Owner {
        if org.role != Role::Owner {
            return Err(Error::Forbidden);
        }
        keep_an_owner(org, &mut tx).await?;
    }
    tx.remove_member(org.id, user).await?;
    org.actor
        .audit()
        .within(org.id)
        .write(
            ctx,
            &mut tx,
            "member.removed",
            ("user", user.0),
            &json!({ "role": current }),
        )
        .await?;
    announce(ctx, org, &mut tx, user, None).await?;
    tx.commit().await?;
    changed(ctx, org, user).await;
    Ok(())
}

async fn standing(org: &Org, tx: &mut Tx, user: UserId) -> Result<Role> {
    tx.member_role(org.id, user).await?.ok_or(Error::NotFound)
}

async fn keep_an_owner(org: &Org, tx: &mut Tx) -> Result<()> {
    if tx.count_members_for_change(org.id, Role::Owner).await? < 2 {
        return Err(Error::Conflict {
            code: "last-owner",
            detail: "An organization needs an owner. Make somebody else an owner first.".into(),
        });
    }
    Ok(())
}

async fn announce(
    ctx: &Ctx,
    org: &Org,
    tx: &mut Tx,
    user: UserId,
    role: Option<Role>,
) -> Result<()> {
    let payload = json!({ "user_id": user, "role": role });
    tx.emit(org.id, None, "member.changed", &payload, ctx.clock.now())
        .await?;
    Ok(())
}

/// The change is committed: it holds from now on, on open sockets and streams too.
async fn changed(ctx: &Ctx, org: &Org, user: UserId) {
    ctx.live.forget_role(user, org.id);
    ctx.feeds.wake(org.id);
    ctx.collab.recheck(Scope::User(user)).await;
}
