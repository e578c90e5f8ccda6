-- The version of the picture; the picture is in the object store.
ALTER TABLE users ADD COLUMN avatar TEXT;

CREATE TABLE personal_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    -- JSON.
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX personal_tokens_user ON personal_tokens (user_id, id);
CREATE INDEX personal_tokens_expires ON personal_tokens (expires_at) WHERE revoked_at IS NULL;

-- What somebody chose, for the client to remember. Each value is JSON.
CREATE TABLE preferences (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
