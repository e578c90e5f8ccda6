-- Images and other files. Their bytes are in the object store, under the organization and the hash: the same bytes
-- twice are kept once.
CREATE TABLE files (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL,
    project_id UUID NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    -- What the bytes are, by the look of them.
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- SHA-256.
    hash BYTEA NOT NULL,
    -- Of an image, in pixels.
    width BIGINT,
    height BIGINT,
    created_by UUID NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX files_project ON files (project_id, id);
CREATE INDEX files_hash ON files (org_id, hash, size);
