-- Accounts

CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- The address in lower case: two spellings are one account.
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    colour TEXT NOT NULL,
    email_verified_at BIGINT,
    suspended_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE credentials (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    agent TEXT NOT NULL,
    ip TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- The tokens of one session are one rotation family: a used one that comes back was stolen.
CREATE TABLE refresh_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE email_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX email_tokens_user ON email_tokens (user_id);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retires_at BIGINT NOT NULL
);

-- The instance's own state, such as the hash of the set-up token.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Organizations

CREATE TABLE organizations (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    -- The number of the latest event. Bumped in the transaction that writes the event, so numbers are dense and in commit order.
    event_seq BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE org_members (
    org_id UUID NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX org_members_user ON org_members (user_id);

CREATE TABLE invitations (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    token_hash BYTEA NOT NULL UNIQUE,
    role TEXT NOT NULL,
    email TEXT,
    inviter_id UUID NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    accepted_by UUID,
    revoked_at BIGINT
);
CREATE INDEX invitations_org ON invitations (org_id);

-- Content. No foreign keys into the tables above.

CREATE TABLE projects (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    description TEXT NOT NULL,
    created_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    deleted_by UUID,
    UNIQUE (org_id, key)
);

CREATE TABLE items (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL,
    project_id UUID NOT NULL REFERENCES projects (id),
    -- Projected from the item's document.
    title TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    assignees TEXT NOT NULL,
    labels TEXT NOT NULL,
    estimate DOUBLE PRECISION,
    start_date TEXT,
    due_date TEXT,
    criteria_total BIGINT NOT NULL,
    criteria_done BIGINT NOT NULL,
    search_text TEXT NOT NULL,
    position BIGINT NOT NULL,
    -- Projected from the project's outline.
    parent_id UUID,
    rank TEXT NOT NULL,
    created_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    deleted_by UUID,
    -- The item whose deletion took this one along: restoring that one restores all of them.
    deleted_root UUID
);
CREATE INDEX items_project ON items (project_id, id);
CREATE INDEX items_deleted_root ON items (deleted_root) WHERE deleted_root IS NOT NULL;

CREATE TABLE documents (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL,
    project_id UUID NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    -- NULL is the main branch.
    branch_id UUID,
    -- The main-branch document this one is a branch of, or its own id. Client ids are bound per root.
    root_id UUID NOT NULL,
    epoch BIGINT NOT NULL,
    -- The last log row's position. Positions are dense from 1.
    position BIGINT NOT NULL,
    head_position BIGINT NOT NULL,
    -- Which rows of heads are the head; 0 is none.
    head_generation BIGINT NOT NULL,
    head_size BIGINT NOT NULL,
    -- The latest number given to a head or keyframe that is being written.
    generation BIGINT NOT NULL,
    projected_position BIGINT NOT NULL,
    -- Bytes ever appended.
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
) WITH (fillfactor = 70);
CREATE INDEX documents_project ON documents (project_id, id);
-- No index over position: it would cost every append its heap-only update.

CREATE TABLE client_bindings (
    root_id UUID NOT NULL,
    client BIGINT NOT NULL,
    user_id UUID NOT NULL,
    PRIMARY KEY (root_id, client)
);

CREATE TABLE retired_clients (
    root_id UUID NOT NULL,
    client BIGINT NOT NULL,
    PRIMARY KEY (root_id, client)
);

CREATE TABLE log (
    document_id UUID NOT NULL,
    position BIGINT NOT NULL,
    author_id UUID NOT NULL,
    session_id UUID NOT NULL,
    agent TEXT NOT NULL,
    at BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (document_id, position)
);

-- Older log rows, packed. A position is either here or in log.
CREATE TABLE log_blocks (
    document_id UUID NOT NULL,
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (document_id, first_position)
);

CREATE TABLE heads (
    document_id UUID NOT NULL,
    generation BIGINT NOT NULL,
    part BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (document_id, generation, part)
);

-- A keyframe is whole when it has as many rows as `parts` says.
CREATE TABLE keyframes (
    document_id UUID NOT NULL,
    position BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    part BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (document_id, generation, part)
);
CREATE INDEX keyframes_position ON keyframes (document_id, position);

-- What happened

CREATE TABLE events (
    org_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    project_id UUID,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX events_at ON events (at);

CREATE TABLE audit (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID,
    actor_id UUID,
    session_id UUID,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id UUID,
    detail TEXT NOT NULL,
    ip TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX audit_org ON audit (org_id, id);

CREATE TABLE idempotency_keys (
    user_id UUID NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);
