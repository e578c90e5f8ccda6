//! Getting at things: naming the action is how you get the object. There is no other way from an id in a request to an organization, a project, an
//! item or a field, so no operation can forget to ask.

use std::collections::HashSet;
use std::ops::Deref;

use model::{
    Abilities, Action, FieldId, FileId, ImportId, ItemId, OrgId, ProjectId, Role, UserId, can,
};

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
        Abilities::of(Some(self.role)).within(self.actor.reach())
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

    /// Those of some items that are there and that the actor may see, in order of id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn visible(&self, actor: &Actor, ids: &[ItemId]) -> Result<Vec<store::Item>> {
        let mut items = self.ctx.db.items_by_id(ids).await?;
        items.retain(|item| item.deleted_at.is_none());
        let projects: HashSet<ProjectId> = items.iter().map(|item| item.project).collect();
        let mut seen = HashSet::new();
        for id in projects {
            match self.project(actor, id, Action::View).await {
                Ok(_) => drop(seen.insert(id)),
                Err(Error::NotFound | Error::Forbidden) => {}
                Err(error) => return Err(error),
            }
        }
        items.retain(|item| seen.contains(&item.project));
        Ok(items)
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

    /// An import into a project that is not deleted, for an action on the project.
    ///
    /// # Errors
    /// As [`organization`](Self::organization).
    pub(crate) async fn import(
        &self,
        actor: &Actor,
        id: ImportId,
        action: Action,
    ) -> Result<Authorized<store::Import>> {
        let import = self.ctx.db.import(id).await?.ok_or(Error::NotFound)?;
        let project = self.project(actor, import.project, action).await?;
        authorized(import, actor, project.role, action)
    }

    /// A file of a project that is not deleted, for an action on it.
    ///
    /// # Errors
    /// As [`organization`](Self::organization).
    pub(crate) async fn file(
        &self,
        actor: &Actor,
        id: FileId,
        action: Action,
    ) -> Result<Authorized<store::File>> {
        let file = self.ctx.db.file(id).await?.ok_or(Error::NotFound)?;
        let role = self.role(actor, file.org, action).await?;
        let project = self.ctx.db.project(file.project).await?;
        if project.is_none_or(|project| project.deleted_at.is_some()) {
            return Err(Error::NotFound);
        }
        authorized(file, actor, role, action)
    }

    /// The actor's own account: seen (`View`), changed (`Edit`), or its credentials and sign-in address changed (`Admin`).
    ///
    /// # Errors
    /// `token-scope` when the credential doesn't reach the action.
    pub(crate) async fn account(
        &self,
        actor: &Actor,
        action: Action,
    ) -> Result<Authorized<store::User>> {
        within_reach(actor, action)?;
        let user = self.ctx.db.user(actor.user).await?;
        let user = user.ok_or(Error::SESSION_ENDED)?;
        authorized(user, actor, Role::Owner, action)
    }

    /// A person whom the actor meets in an organization, or the actor.
    ///
    /// # Errors
    /// `NotFound` for a stranger.
    pub(crate) async fn person(
        &self,
        actor: &Actor,
        id: UserId,
    ) -> Result<Authorized<store::User>> {
        within_reach(actor, Action::View)?;
        if id != actor.user && !self.ctx.db.share_organization(actor.user, id).await? {
            return Err(Error::NotFound);
        }
        let user = self.ctx.db.user(id).await?.ok_or(Error::NotFound)?;
        authorized(user, actor, Role::Viewer, Action::View)
    }

    async fn role(&self, actor: &Actor, org: OrgId, action: Action) -> Result<Role> {
        let role = self.ctx.live.role(self.ctx, actor.user, org).await?;
        match role {
            Some(role) if can(Some(role), Action::View) => {
                within_reach(actor, action)?;
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

/// The one place where a token's scopes are looked at; the rooms' gate asks the same of [`model::Reach`].
fn within_reach(actor: &Actor, action: Action) -> Result<()> {
    if actor.reach().allows(action) {
        return Ok(());
    }
    Err(Error::Refused {
        code: "token-scope",
        detail: "This personal access token doesn't reach that far. Use one with a wider scope, or sign in.",
    })
}

fn authorized<T>(thing: T, actor: &Actor, role: Role, action: Action) -> Result<Authorized<T>> {
    debug_assert!(can(Some(role), action) && actor.reach().allows(action));
    Ok(Authorized {
        thing,
        actor: actor.clone(),
        role,
    })
}
