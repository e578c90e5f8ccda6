-- Values of the project's own fields: a JSON object by field id. Projected from the item's document.
ALTER TABLE items ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';

-- Which items an item's description names, as its document says: also ids of nothing, or of other organizations.
CREATE TABLE item_links (
    item_id BLOB NOT NULL,
    target_id BLOB NOT NULL,
    -- The text around it.
    excerpt TEXT NOT NULL,
    PRIMARY KEY (item_id, target_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX item_links_target ON item_links (target_id, item_id);

-- Whom an item's description names.
CREATE TABLE item_mentions (
    item_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (item_id, user_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX item_mentions_user ON item_mentions (user_id, item_id);

CREATE TABLE custom_fields (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL,
    project_id BLOB NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- JSON: what a select offers.
    options TEXT NOT NULL,
    rank TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX custom_fields_project ON custom_fields (project_id);
