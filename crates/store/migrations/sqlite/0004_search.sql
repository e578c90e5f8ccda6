-- What search has to look at again, in the order of the commits. Triggers write it: no way of changing a row forgets it.
CREATE TABLE search_outbox (
    -- Never used again, also when the latest rows have been removed.
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- item or project
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER items_search_made AFTER INSERT ON items BEGIN
    INSERT INTO search_outbox (kind, id, at) VALUES ('item', NEW.id, NEW.updated_at);
END;

CREATE TRIGGER items_search_changed AFTER UPDATE ON items
WHEN OLD.title <> NEW.title OR OLD.search_text <> NEW.search_text OR OLD.type <> NEW.type OR OLD.status <> NEW.status
    OR OLD.assignees <> NEW.assignees OR OLD.labels <> NEW.labels OR OLD.criteria_total <> NEW.criteria_total
    OR OLD.deleted_at IS NOT NEW.deleted_at OR OLD.project_id <> NEW.project_id
BEGIN
    INSERT INTO search_outbox (kind, id, at) VALUES ('item', NEW.id, NEW.updated_at);
END;

CREATE TRIGGER items_search_gone AFTER DELETE ON items BEGIN
    INSERT INTO search_outbox (kind, id, at) VALUES ('item', OLD.id, OLD.updated_at);
END;

-- A project's items are found, or not, with it. Names and paths are read from the rows.
CREATE TRIGGER projects_search_changed AFTER UPDATE ON projects
WHEN OLD.deleted_at IS NOT NEW.deleted_at OR OLD.org_id <> NEW.org_id
BEGIN
    INSERT INTO search_outbox (kind, id, at) VALUES ('project', NEW.id, NEW.updated_at);
END;

-- Which database an index belongs to.
INSERT INTO settings (name, value) VALUES ('search.database', lower(hex(randomblob(16))));
