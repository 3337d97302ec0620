-- How often each type of event has been, and when last.
-- @setup
CREATE TABLE seen (type TEXT PRIMARY KEY, n INTEGER NOT NULL, last TEXT NOT NULL);
-- @on *
INSERT INTO seen VALUES (:event_type, 1, :event_id)
ON CONFLICT DO UPDATE SET n = n + 1, last = excluded.last;
