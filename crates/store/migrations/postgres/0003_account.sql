-- The version of the picture; the picture is in the object store.
ALTER TABLE users ADD COLUMN avatar TEXT;

CREATE TABLE personal_tokens (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    -- JSON.
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX personal_tokens_user ON personal_tokens (user_id, id);
CREATE INDEX personal_tokens_expires ON personal_tokens (expires_at) WHERE revoked_at IS NULL;

-- What somebody chose, for the client to remember. Each value is JSON.
CREATE TABLE preferences (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
);
