//! Projects.

use model::{OrgId, ProjectId, Timestamp, UserId};

use crate::sql::{all, exec, one, one_shot_reads, records};
use crate::users::found;
use crate::{Result, Tx};

records! {
    /// One spec tree with its diagrams.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Project {
        /// Its id; also its outline document's.
        pub id: ProjectId,
        /// The organization it belongs to.
        pub org: OrgId,
        /// Its name.
        pub name: String,
        /// Its short name, unique in the organization.
        pub key: String,
        /// What it is about.
        pub description: String,
        /// Who made it.
        pub created_by: UserId,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it last changed.
        pub updated_at: Timestamp,
        /// When it was deleted.
        pub deleted_at: Option<Timestamp>,
    }
}

/// A project to create. Its outline document is the caller's to create, in the same transaction.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Its id.
    pub id: ProjectId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// Its short name, unique in the organization.
    pub key: String,
    /// What it is about.
    pub description: String,
    /// Who makes it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

impl Tx {
    /// Creates a project. [`UniqueKey::ProjectKey`](crate::UniqueKey::ProjectKey) when the key is
    /// taken, also by a deleted project.
    pub async fn create_project(&mut self, new: &NewProject) -> Result<()> {
        exec!(
            self,
            "INSERT INTO projects (id, org_id, name, key, description, created_by, created_at, \
             updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            new.id.0,
            new.org.0,
            new.name.as_str(),
            new.key.as_str(),
            new.description.as_str(),
            new.created_by.0,
            new.created_at.micros()
        )?;
        Ok(())
    }

    /// A project; also a deleted one.
    pub async fn project(&mut self, id: ProjectId) -> Result<Option<Project>> {
        one!(
            self,
            "SELECT id, org_id AS org, name, key, description, created_by, created_at, updated_at, \
             deleted_at FROM projects WHERE id = $1",
            id.0
        )
    }

    /// An organization's projects that aren't deleted, at most `limit`, from after `after` in order
    /// of id.
    pub async fn projects(
        &mut self,
        org: OrgId,
        after: Option<ProjectId>,
        limit: i64,
    ) -> Result<Vec<Project>> {
        all!(
            self,
            "SELECT id, org_id AS org, name, key, description, created_by, created_at, updated_at, \
             deleted_at FROM projects \
             WHERE org_id = $1 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
            org.0,
            after.map(|id| id.0).unwrap_or_default(),
            limit
        )
    }

    /// The keys an organization's projects have taken, deleted ones' too.
    pub async fn project_keys(&mut self, org: OrgId) -> Result<Vec<String>> {
        let keys: Vec<(String,)> = all!(
            self,
            "SELECT key FROM projects WHERE org_id = $1 ORDER BY key",
            org.0
        )?;
        Ok(keys.into_iter().map(|(key,)| key).collect())
    }

    /// Changes what is given of a project that isn't deleted.
    pub async fn update_project(
        &mut self,
        id: ProjectId,
        name: Option<&str>,
        key: Option<&str>,
        description: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        found(exec!(
            self,
            "UPDATE projects SET name = COALESCE($2, name), key = COALESCE($3, key), \
             description = COALESCE($4, description), updated_at = $5 \
             WHERE id = $1 AND deleted_at IS NULL",
            id.0,
            name,
            key,
            description,
            at.micros()
        )?)
    }

    /// Deletes a project, softly: its items and documents stay, and count as deleted with it.
    /// `false` when it was deleted before.
    pub async fn delete_project(
        &mut self,
        id: ProjectId,
        by: UserId,
        at: Timestamp,
    ) -> Result<bool> {
        let deleted = exec!(
            self,
            "UPDATE projects SET deleted_at = $3, deleted_by = $2, updated_at = $3 \
             WHERE id = $1 AND deleted_at IS NULL",
            id.0,
            by.0,
            at.micros()
        )?;
        Ok(deleted > 0)
    }

    /// Brings a deleted project back. `false` when it isn't deleted.
    pub async fn restore_project(&mut self, id: ProjectId, at: Timestamp) -> Result<bool> {
        let restored = exec!(
            self,
            "UPDATE projects SET deleted_at = NULL, deleted_by = NULL, updated_at = $2 \
             WHERE id = $1 AND deleted_at IS NOT NULL",
            id.0,
            at.micros()
        )?;
        Ok(restored > 0)
    }
}

one_shot_reads! {
    project(id: ProjectId) -> Option<Project>;
    projects(org: OrgId, after: Option<ProjectId>, limit: i64) -> Vec<Project>;
    project_keys(org: OrgId) -> Vec<String>;
}
