-- Files that are brought in: first a preview, then items. The ids of the items follow from the import's, so a run can go on and be undone.
CREATE TABLE imports (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL,
    project_id BLOB NOT NULL REFERENCES projects (id),
    -- What the items are put under.
    parent_id BLOB,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    -- preview, running, done, failed, undoing, undone
    state TEXT NOT NULL,
    -- JSON: how a table is read.
    mapping TEXT NOT NULL,
    -- JSON: columns, counts and the first items.
    preview TEXT NOT NULL,
    -- JSON: what could not be taken as it is.
    report TEXT NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    created_by BLOB NOT NULL,
    session_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX imports_project ON imports (project_id, id);
CREATE INDEX imports_unfinished ON imports (state) WHERE state IN ('running', 'undoing');

-- The file, in compressed pieces, until it isn't needed any more.
CREATE TABLE import_parts (
    import_id BLOB NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (import_id, part)
) WITHOUT ROWID, STRICT;
