-- Files that are brought in: first a preview, then items. The ids of the items follow from the import's, so a run can go on and be undone.
CREATE TABLE imports (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL,
    project_id UUID NOT NULL REFERENCES projects (id),
    -- What the items are put under.
    parent_id UUID,
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
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    created_by UUID NOT NULL,
    session_id UUID NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX imports_project ON imports (project_id, id);
CREATE INDEX imports_unfinished ON imports (state) WHERE state IN ('running', 'undoing');

-- The file, in compressed pieces, until it isn't needed any more.
CREATE TABLE import_parts (
    import_id UUID NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    part BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (import_id, part)
);
