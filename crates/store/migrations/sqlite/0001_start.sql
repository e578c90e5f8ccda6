-- Accounts

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- The address in lower case: two spellings are one account.
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    colour TEXT NOT NULL,
    email_verified_at INTEGER,
    suspended_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE credentials (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    agent TEXT NOT NULL,
    ip TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- The tokens of one session are one rotation family: a used one that comes back was stolen.
CREATE TABLE refresh_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE email_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX email_tokens_user ON email_tokens (user_id);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retires_at INTEGER NOT NULL
) STRICT;

-- The instance's own state, such as the hash of the set-up token.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Organizations

CREATE TABLE organizations (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    -- The number of the latest event. Bumped in the transaction that writes the event, so numbers are dense and in commit order.
    event_seq INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE org_members (
    org_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id)
) STRICT;
CREATE INDEX org_members_user ON org_members (user_id);

CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    email TEXT,
    inviter_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    accepted_by BLOB,
    revoked_at INTEGER
) STRICT;
CREATE INDEX invitations_org ON invitations (org_id);

-- Content. No foreign keys into the tables above.

CREATE TABLE projects (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    description TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    deleted_by BLOB,
    UNIQUE (org_id, key)
) STRICT;

CREATE TABLE items (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL,
    project_id BLOB NOT NULL REFERENCES projects (id),
    -- Projected from the item's document.
    title TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    assignees TEXT NOT NULL,
    labels TEXT NOT NULL,
    estimate REAL,
    start_date TEXT,
    due_date TEXT,
    criteria_total INTEGER NOT NULL,
    criteria_done INTEGER NOT NULL,
    search_text TEXT NOT NULL,
    position INTEGER NOT NULL,
    -- Projected from the project's outline.
    parent_id BLOB,
    rank TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    deleted_by BLOB,
    -- The item whose deletion took this one along: restoring that one restores all of them.
    deleted_root BLOB
) STRICT;
CREATE INDEX items_project ON items (project_id, id);
CREATE INDEX items_deleted_root ON items (deleted_root) WHERE deleted_root IS NOT NULL;

CREATE TABLE documents (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL,
    project_id BLOB NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    -- NULL is the main branch.
    branch_id BLOB,
    -- The main-branch document this one is a branch of, or its own id. Client ids are bound per root.
    root_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    -- The last log row's position. Positions are dense from 1.
    position INTEGER NOT NULL,
    head_position INTEGER NOT NULL,
    -- Which rows of heads are the head; 0 is none.
    head_generation INTEGER NOT NULL,
    head_size INTEGER NOT NULL,
    -- The latest number given to a head or keyframe that is being written.
    generation INTEGER NOT NULL,
    projected_position INTEGER NOT NULL,
    -- Bytes ever appended.
    size INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER
) WITHOUT ROWID, STRICT;
CREATE INDEX documents_project ON documents (project_id, id);
CREATE INDEX documents_unprojected ON documents (id) WHERE projected_position < position AND deleted_at IS NULL;

CREATE TABLE client_bindings (
    root_id BLOB NOT NULL,
    client INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (root_id, client)
) WITHOUT ROWID, STRICT;

CREATE TABLE retired_clients (
    root_id BLOB NOT NULL,
    client INTEGER NOT NULL,
    PRIMARY KEY (root_id, client)
) WITHOUT ROWID, STRICT;

CREATE TABLE log (
    document_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    author_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    agent TEXT NOT NULL,
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document_id, position)
) WITHOUT ROWID, STRICT;

-- Older log rows, packed. A position is either here or in log.
CREATE TABLE log_blocks (
    document_id BLOB NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document_id, first_position)
) STRICT;

CREATE TABLE heads (
    document_id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document_id, generation, part)
) STRICT;

-- A keyframe is whole when it has as many rows as `parts` says.
CREATE TABLE keyframes (
    document_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    part INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document_id, generation, part)
) STRICT;
CREATE INDEX keyframes_position ON keyframes (document_id, position);

-- What happened

CREATE TABLE events (
    org_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    project_id BLOB,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, seq)
) STRICT;
CREATE INDEX events_at ON events (at);

CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB,
    actor_id BLOB,
    session_id BLOB,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id BLOB,
    detail TEXT NOT NULL,
    ip TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_org ON audit (org_id, id);

CREATE TABLE idempotency_keys (
    user_id BLOB NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);
