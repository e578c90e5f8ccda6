//! The names in documents. They are part of the public contract; `web/src/collab/schema.ts` has
//! the same ones.

/// The number of this schema. A client of an older one joins read-only.
pub const SCHEMA: u32 = 2;

/// Item root: Y.Text.
pub const TITLE: &str = "title";
/// Item root: Y.XmlFragment, ProseMirror.
pub const DESCRIPTION: &str = "description";
/// Item root: Y.Array of Y.Map `{id, text: Y.Text, done, rank?}`.
pub const CRITERIA: &str = "acceptanceCriteria";
/// Item root: Y.Map of plain values.
pub const FIELDS: &str = "fields";

/// Criterion: a string that is unique in the item.
pub const ID: &str = "id";
/// Criterion, shape, connector: Y.Text.
pub const TEXT: &str = "text";
/// Criterion: boolean.
pub const DONE: &str = "done";

/// Field: an item type's word.
pub const TYPE: &str = "type";
/// Field: a status's word.
pub const STATUS: &str = "status";
/// Field: a priority's word.
pub const PRIORITY: &str = "priority";
/// Field: a plain list of user ids.
pub const ASSIGNEES: &str = "assignees";
/// Field: a plain list of strings.
pub const LABELS: &str = "labels";
/// Field: a number, in the unit of the organization.
pub const ESTIMATE: &str = "estimate";
/// Field: a date, `YYYY-MM-DD`.
pub const START_DATE: &str = "startDate";
/// Field: a date, `YYYY-MM-DD`.
pub const DUE_DATE: &str = "dueDate";
/// Field: before the id of one of the project's own fields; a plain value.
pub const CUSTOM: &str = "custom:";

/// Diagram root: Y.Map id -> Y.Map `{kind, at, size, rank, text: Y.Text, …}`.
pub const SHAPES: &str = "shapes";
/// Diagram root: Y.Map id -> Y.Map `{from, to, route, text: Y.Text, …}`.
pub const CONNECTORS: &str = "connectors";

/// Outline root: Y.Map id -> Y.Map `{kind, parent, rank}`.
pub const NODES: &str = "nodes";
/// Node: `item`. Shape: a word.
pub const KIND: &str = "kind";
/// Node: the id it stands under, or null.
pub const PARENT: &str = "parent";
/// Node, shape, connector, and criterion that was moved: a fractional rank.
pub const RANK: &str = "rank";
