-- Made after the index on types: without statistics SQLite takes, of two indexes on texts, the one that was made later, and
-- the effects of an event are fewer than the events of a type.
CREATE INDEX events_parent_id ON events (parent_id);
