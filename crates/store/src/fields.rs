//! A project's own fields: what they are. Their values stand in the items' documents.

use model::{FieldId, FieldKind, OrgId, ProjectId, Timestamp, UserId};
use serde_json::Value;

use crate::dialect::text;
use crate::sql::{all, exec, one, one_shot_reads, records};
use crate::users::found;
use crate::{Result, Tx};

records! {
    /// A field that a project's items have beside those that all items have.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CustomField {
        /// Its id.
        pub id: FieldId,
        /// The organization it belongs to.
        pub org: OrgId,
        /// The project it belongs to.
        pub project: ProjectId,
        /// Its name.
        pub name: String,
        /// What its values are.
        pub kind: FieldKind,
        /// What a select offers: a list.
        pub options: Value,
        /// Its place among the project's fields, by bytes.
        pub rank: String,
        /// Who made it.
        pub created_by: UserId,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it last changed.
        pub updated_at: Timestamp,
    }
}

impl Tx {
    /// Creates a field. [`UniqueKey::Id`](crate::UniqueKey::Id) when it exists.
    pub async fn create_field(&mut self, new: &CustomField) -> Result<()> {
        exec!(
            self,
            "INSERT INTO custom_fields (id, org_id, project_id, name, kind, options, rank, \
             created_by, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            new.id.0,
            new.org.0,
            new.project.0,
            text(&new.name),
            new.kind.as_str(),
            text(&new.options.to_string()),
            text(&new.rank),
            new.created_by.0,
            new.created_at.micros(),
            new.updated_at.micros()
        )?;
        Ok(())
    }

    /// A field.
    pub async fn field(&mut self, id: FieldId) -> Result<Option<CustomField>> {
        one!(
            self,
            "SELECT id, org_id AS org, project_id AS project, name, kind, options, rank, \
             created_by, created_at, updated_at FROM custom_fields WHERE id = $1",
            id.0
        )
    }

    /// A project's fields, by rank, then id.
    pub async fn fields(&mut self, project: ProjectId) -> Result<Vec<CustomField>> {
        let mut fields: Vec<CustomField> = all!(
            self,
            "SELECT id, org_id AS org, project_id AS project, name, kind, options, rank, \
             created_by, created_at, updated_at FROM custom_fields WHERE project_id = $1",
            project.0
        )?;
        // By bytes, whatever the database's collation is.
        fields.sort_by(|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
        Ok(fields)
    }

    /// Changes what is given of a field.
    pub async fn update_field(
        &mut self,
        id: FieldId,
        name: Option<&str>,
        options: Option<&Value>,
        rank: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        found(exec!(
            self,
            "UPDATE custom_fields SET name = COALESCE($2, name), \
             options = COALESCE($3, options), rank = COALESCE($4, rank), updated_at = $5 \
             WHERE id = $1",
            id.0,
            name.map(text),
            options.map(|options| text(&options.to_string())),
            rank.map(text),
            at.micros()
        )?)
    }

    /// Removes a field. `false` when there is none. Its values stay in the documents.
    pub async fn delete_field(&mut self, id: FieldId) -> Result<bool> {
        let deleted = exec!(self, "DELETE FROM custom_fields WHERE id = $1", id.0)?;
        Ok(deleted > 0)
    }
}

one_shot_reads! {
    field(id: FieldId) -> Option<CustomField>;
    fields(project: ProjectId) -> Vec<CustomField>;
}
