-- What search has to look at again. Triggers write it: no way of changing a row forgets it.
CREATE TABLE search_outbox (
    -- The transaction that wrote it. Numbers are given when a transaction begins to write, and seen when it commits: readers
    -- go by the oldest transaction that is still running.
    xid BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    -- item or project
    kind TEXT NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (xid, seq)
);

CREATE FUNCTION search_item_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO search_outbox (kind, id, at) VALUES ('item', OLD.id, OLD.updated_at);
    ELSE
        INSERT INTO search_outbox (kind, id, at) VALUES ('item', NEW.id, NEW.updated_at);
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER items_search_made AFTER INSERT OR DELETE ON items
FOR EACH ROW EXECUTE FUNCTION search_item_changed();

CREATE TRIGGER items_search_changed AFTER UPDATE ON items FOR EACH ROW
WHEN (OLD.title <> NEW.title OR OLD.search_text <> NEW.search_text OR OLD.type <> NEW.type OR OLD.status <> NEW.status
    OR OLD.assignees <> NEW.assignees OR OLD.labels <> NEW.labels OR OLD.criteria_total <> NEW.criteria_total
    OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at OR OLD.project_id <> NEW.project_id)
EXECUTE FUNCTION search_item_changed();

CREATE FUNCTION search_project_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_outbox (kind, id, at) VALUES ('project', NEW.id, NEW.updated_at);
    RETURN NULL;
END;
$$;

-- A project's items are found, or not, with it. Names and paths are read from the rows.
CREATE TRIGGER projects_search_changed AFTER UPDATE ON projects FOR EACH ROW
WHEN (OLD.deleted_at IS DISTINCT FROM NEW.deleted_at OR OLD.org_id <> NEW.org_id)
EXECUTE FUNCTION search_project_changed();

-- Which database an index belongs to.
INSERT INTO settings (name, value) VALUES ('search.database', replace(gen_random_uuid()::text, '-', ''));
