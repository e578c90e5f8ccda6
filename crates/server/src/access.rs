//! Getting at things: naming the action is how you get the object. There is no other way from an id in a request to an organization, a project, an
//! item or a field, so no operation can forget to ask.

use std::ops::Deref;

use model::{Abilities, Action, FieldId, ItemId, OrgId, ProjectId, Role, can};

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// A thing, and the proof that this actor may do the action to it that was asked for. Only [`Access`] makes it.
#[derive(Debug, Clone)]
pub(crate) struct Authorized<T> {
    thing: T,
    /// Who was allowed.
    pub(crate) actor: Actor,
    /// The role that allowed it.
    pub(crate) role: Role,
}

impl<T> Authorized<T> {
    /// What the actor may do with the thing.
    pub(crate) fn abilities(&self) -> Abilities {
        Abilities::of(Some(self.role))
    }
}

impl<T> Deref for Authorized<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

/// Looks things up for somebody.
pub(crate) struct Access<'a> {
    ctx: &'a Ctx,
}

impl<'a> Access<'a> {
    pub(crate) fn new(ctx: &'a Ctx) -> Self {
        Self { ctx }
    }

    /// An organization, for an action in it.
    ///
    /// # Errors
    /// `NotFound` for strangers, `Forbidden` for members whose role doesn't allow the action.
    pub(crate) async fn organization(
        &self,
        actor: &Actor,
        id: OrgId,
        action: Action,
    ) -> Result<Authorized<store::Organization>> {
        let role = self.role(actor, id, action).await?;
        let thing = self.ctx.db.organization(id).await?.ok_or(Error::NotFound)?;
        authorized(thing, actor, role, action)
    }

    /// A project that is not deleted, for an action on it.
    ///
    /// # Errors
    /// As [`organization`](Self::organization).
    pub(crate) async fn project(
        &self,
        actor: &Actor,
        id: ProjectId,
        action: Action,
    ) -> Result<Authorized<store::Project>> {
        let project = self
            .ctx
            .db
            .project(id)
            .await?
            .filter(|project| project.deleted_at.is_none())
            .ok_or(Error::NotFound)?;
        let role = self.role(actor, project.org, action).await?;
        authorized(project, actor, role, action)
    }

    /// An item, deleted or not, of a project that is not deleted, for an action on it.
    ///
    /// # Errors
    /// As [`organization`](Self::organization).
    pub(crate) async fn item(
        &self,
        actor: &Actor,
        id: ItemId,
        action: Action,
    ) -> Result<Authorized<store::Item>> {
        let item = self.ctx.db.item(id).await?.ok_or(Error::NotFound)?;
        let role = self.role(actor, item.org, action).await?;
        let project = self.ctx.db.project(item.project).await?;
        if project.is_none_or(|project| project.deleted_at.is_some()) {
            return Err(Error::NotFound);
        }
        authorized(item, actor, role, action)
    }

    /// A field of a project that is not deleted, for an action on the project.
    ///
    /// # Errors
    /// As [`organization`](Self::organization).
    pub(crate) async fn field(
        &self,
        actor: &Actor,
        id: FieldId,
        action: Action,
    ) -> Result<Authorized<store::CustomField>> {
        let field = self.ctx.db.field(id).await?.ok_or(Error::NotFound)?;
        let project = self.project(actor, field.project, action).await?;
        authorized(field, actor, project.role, action)
    }

    async fn role(&self, actor: &Actor, org: OrgId, action: Action) -> Result<Role> {
        let role = self.ctx.live.role(self.ctx, actor.user, org).await?;
        match role {
            Some(role) if can(Some(role), Action::View) => {
                if can(Some(role), action) {
                    Ok(role)
                } else {
                    Err(Error::Forbidden)
                }
            }
            _ => Err(Error::NotFound),
        }
    }
}

fn authorized<T>(thing: T, actor: &Actor, role: Role, action: Action) -> Result<Authorized<T>> {
    debug_assert!(can(Some(role), action));
    Ok(Authorized {
        thing,
        actor: actor.clone(),
        role,
    })
}
