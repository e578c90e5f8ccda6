-- Images and other files. Their bytes are in the object store, under the organization and the hash: the same bytes
-- twice are kept once.
CREATE TABLE files (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL,
    project_id BLOB NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    -- What the bytes are, by the look of them.
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    -- SHA-256.
    hash BLOB NOT NULL,
    -- Of an image, in pixels.
    width INTEGER,
    height INTEGER,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_project ON files (project_id, id);
CREATE INDEX files_hash ON files (org_id, hash, size);
