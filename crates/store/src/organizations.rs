//! Organizations, their members, and invitations into them.

use model::{InvitationId, OrgId, Role, Timestamp, UserId};

use crate::dialect::{self, text};
use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::users::{email_key, found};
use crate::{Result, Tx};

records! {
    /// An organization: the tenant.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Organization {
        /// Its id.
        pub id: OrgId,
        /// Its name.
        pub name: String,
        /// Its short name in addresses, unique.
        pub slug: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it last changed.
        pub updated_at: Timestamp,
    }

    /// A person in an organization.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Member {
        /// Who.
        pub user: UserId,
        /// The person's name.
        pub name: String,
        /// The person's address.
        pub email: String,
        /// The colour of the person's caret and avatar.
        pub colour: String,
        /// The version of the person's picture; `None` without one.
        pub avatar: Option<String>,
        /// The person's standing.
        pub role: Role,
        /// Since when.
        pub created_at: Timestamp,
    }

    /// An organization, and somebody's standing in it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Membership {
        /// The organization's id.
        pub id: OrgId,
        /// Its name.
        pub name: String,
        /// Its short name.
        pub slug: String,
        /// The person's standing.
        pub role: Role,
        /// When the organization was made.
        pub created_at: Timestamp,
    }

    /// An invitation into an organization.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Invitation {
        /// Its id.
        pub id: InvitationId,
        /// Into which organization.
        pub org: OrgId,
        /// As what.
        pub role: Role,
        /// For whom; `None` is for whoever has the link.
        pub email: Option<String>,
        /// From whom.
        pub inviter: UserId,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it stops working.
        pub expires_at: Timestamp,
        /// When it was accepted.
        pub accepted_at: Option<Timestamp>,
        /// By whom.
        pub accepted_by: Option<UserId>,
        /// When it was withdrawn.
        pub revoked_at: Option<Timestamp>,
    }
}

impl Invitation {
    /// Whether it can be accepted.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && self.expires_at > now
    }
}

/// An organization to create.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Its short name in addresses, unique.
    pub slug: String,
    /// When.
    pub created_at: Timestamp,
}

/// An invitation to create.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which organization.
    pub org: OrgId,
    /// The hash of its token.
    pub token_hash: Vec<u8>,
    /// As what.
    pub role: Role,
    /// For whom; `None` is for whoever has the link.
    pub email: Option<String>,
    /// From whom.
    pub inviter: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl Tx {
    /// Creates an organization, without members.
    /// [`UniqueKey::OrganizationSlug`](crate::UniqueKey::OrganizationSlug) when the slug is taken.
    pub async fn create_organization(&mut self, new: &NewOrganization) -> Result<()> {
        exec!(
            self,
            "INSERT INTO organizations (id, name, slug, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $4)",
            new.id.0,
            text(&new.name),
            text(&new.slug),
            new.created_at.micros()
        )?;
        Ok(())
    }

    /// An organization.
    pub async fn organization(&mut self, id: OrgId) -> Result<Option<Organization>> {
        one!(
            self,
            "SELECT id, name, slug, created_at, updated_at FROM organizations WHERE id = $1",
            id.0
        )
    }

    /// The organization with a short name.
    pub async fn organization_by_slug(&mut self, slug: &str) -> Result<Option<Organization>> {
        one!(
            self,
            "SELECT id, name, slug, created_at, updated_at FROM organizations WHERE slug = $1",
            text(slug)
        )
    }

    /// Organizations, oldest first.
    pub async fn organizations(&mut self, limit: i64) -> Result<Vec<Organization>> {
        all!(
            self,
            "SELECT id, name, slug, created_at, updated_at FROM organizations ORDER BY id LIMIT $1",
            limit
        )
    }

    /// How many organizations there are.
    pub async fn organization_count(&mut self) -> Result<i64> {
        let count: Option<(i64,)> = one!(self, "SELECT COUNT(*) FROM organizations")?;
        Ok(count.map_or(0, |(n,)| n))
    }

    /// Changes an organization's name or short name, where given.
    pub async fn update_organization(
        &mut self,
        id: OrgId,
        name: Option<&str>,
        slug: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        found(exec!(
            self,
            "UPDATE organizations SET name = COALESCE($2, name), slug = COALESCE($3, slug), \
             updated_at = $4 WHERE id = $1",
            id.0,
            name.map(text),
            slug.map(text),
            at.micros()
        )?)
    }

    /// Makes somebody a member. [`UniqueKey::Member`](crate::UniqueKey::Member) when they are one.
    pub async fn add_member(
        &mut self,
        org: OrgId,
        user: UserId,
        role: Role,
        at: Timestamp,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO org_members (org_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)",
            org.0,
            user.0,
            role.as_str(),
            at.micros()
        )?;
        Ok(())
    }

    /// Gives a member another standing.
    pub async fn set_member_role(&mut self, org: OrgId, user: UserId, role: Role) -> Result<()> {
        found(exec!(
            self,
            "UPDATE org_members SET role = $3 WHERE org_id = $1 AND user_id = $2",
            org.0,
            user.0,
            role.as_str()
        )?)
    }

    /// Takes a member out of an organization.
    pub async fn remove_member(&mut self, org: OrgId, user: UserId) -> Result<()> {
        found(exec!(
            self,
            "DELETE FROM org_members WHERE org_id = $1 AND user_id = $2",
            org.0,
            user.0
        )?)
    }

    /// Somebody's standing in an organization; `None` for a stranger or a suspended account.
    pub async fn member_role(&mut self, org: OrgId, user: UserId) -> Result<Option<Role>> {
        let role: Option<(Role,)> = one!(
            self,
            "SELECT m.role FROM org_members m JOIN users u ON u.id = m.user_id \
             WHERE m.org_id = $1 AND m.user_id = $2 AND u.suspended_at IS NULL",
            org.0,
            user.0
        )?;
        Ok(role.map(|(role,)| role))
    }

    /// Whether two people are in an organization together.
    pub async fn share_organization(&mut self, one_: UserId, other: UserId) -> Result<bool> {
        let row: Option<(i64,)> = one!(
            self,
            "SELECT CAST(1 AS BIGINT) FROM org_members a JOIN org_members b ON b.org_id = a.org_id \
             WHERE a.user_id = $1 AND b.user_id = $2 LIMIT 1",
            one_.0,
            other.0
        )?;
        Ok(row.is_some())
    }

    /// An organization's members, by name.
    pub async fn members(&mut self, org: OrgId) -> Result<Vec<Member>> {
        all!(
            self,
            "SELECT u.id AS \"user\", u.name AS name, u.email AS email, u.colour AS colour, \
             u.avatar AS avatar, m.role AS role, m.created_at AS created_at \
             FROM org_members m JOIN users u ON u.id = m.user_id \
             WHERE m.org_id = $1 ORDER BY u.name, u.id",
            org.0
        )
    }

    /// How many members have a standing. Locks the organization until the transaction ends, so that
    /// two owners can't both leave at once.
    pub async fn count_members_for_change(&mut self, org: OrgId, role: Role) -> Result<i64> {
        dialect::lock(self, &format!("members:{org}")).await?;
        let count: Option<(i64,)> = one!(
            self,
            "SELECT COUNT(*) FROM org_members WHERE org_id = $1 AND role = $2",
            org.0,
            role.as_str()
        )?;
        Ok(count.map_or(0, |(n,)| n))
    }

    /// The organizations somebody is a member of, by name.
    pub async fn memberships(&mut self, user: UserId) -> Result<Vec<Membership>> {
        all!(
            self,
            "SELECT o.id AS id, o.name AS name, o.slug AS slug, m.role AS role, \
             o.created_at AS created_at \
             FROM org_members m JOIN organizations o ON o.id = m.org_id \
             WHERE m.user_id = $1 ORDER BY o.name, o.id",
            user.0
        )
    }

    /// Creates an invitation.
    pub async fn create_invitation(&mut self, new: &NewInvitation) -> Result<()> {
        exec!(
            self,
            "INSERT INTO invitations (id, org_id, token_hash, role, email, inviter_id, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            new.id.0,
            new.org.0,
            new.token_hash.as_slice(),
            new.role.as_str(),
            new.email.as_deref().map(email_key),
            new.inviter.0,
            new.created_at.micros(),
            new.expires_at.micros()
        )?;
        Ok(())
    }

    /// The invitation with a token, by its hash; also one that is no longer open.
    pub async fn invitation_by_token(&mut self, hash: &[u8]) -> Result<Option<Invitation>> {
        one!(
            self,
            "SELECT id, org_id AS org, role, email, inviter_id AS inviter, created_at, expires_at, \
             accepted_at, accepted_by, revoked_at FROM invitations WHERE token_hash = $1",
            hash
        )
    }

    /// An organization's open invitations, newest first.
    pub async fn invitations(&mut self, org: OrgId, now: Timestamp) -> Result<Vec<Invitation>> {
        all!(
            self,
            "SELECT id, org_id AS org, role, email, inviter_id AS inviter, created_at, expires_at, \
             accepted_at, accepted_by, revoked_at FROM invitations \
             WHERE org_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2 \
             ORDER BY id DESC",
            org.0,
            now.micros()
        )
    }

    /// Uses up an invitation. `false` when it is no longer open. The membership is the caller's to
    /// add.
    pub async fn accept_invitation(
        &mut self,
        id: InvitationId,
        user: UserId,
        at: Timestamp,
    ) -> Result<bool> {
        let accepted = exec!(
            self,
            "UPDATE invitations SET accepted_at = $3, accepted_by = $2 \
             WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3",
            id.0,
            user.0,
            at.micros()
        )?;
        Ok(accepted > 0)
    }

    /// Withdraws an open invitation of an organization. `false` when there is no such one.
    pub async fn revoke_invitation(
        &mut self,
        org: OrgId,
        id: InvitationId,
        at: Timestamp,
    ) -> Result<bool> {
        let revoked = exec!(
            self,
            "UPDATE invitations SET revoked_at = $3 \
             WHERE id = $1 AND org_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            id.0,
            org.0,
            at.micros()
        )?;
        Ok(revoked > 0)
    }
}

one_shot_reads! {
    organization(id: OrgId) -> Option<Organization>;
    organization_by_slug(slug: &str) -> Option<Organization>;
    organizations(limit: i64) -> Vec<Organization>;
    organization_count() -> i64;
    member_role(org: OrgId, user: UserId) -> Option<Role>;
    members(org: OrgId) -> Vec<Member>;
    memberships(user: UserId) -> Vec<Membership>;
    share_organization(one_: UserId, other: UserId) -> bool;
    invitation_by_token(hash: &[u8]) -> Option<Invitation>;
    invitations(org: OrgId, now: Timestamp) -> Vec<Invitation>;
}

one_shot_writes! {
    create_organization(new: &NewOrganization) -> ();
    add_member(org: OrgId, user: UserId, role: Role, at: Timestamp) -> ();
    create_invitation(new: &NewInvitation) -> ();
}
