-- Must be made after the index on types: without statistics SQLite prefers, of two indexes on texts, the one that was
-- made later, and an event has fewer effects than a type has events.
CREATE INDEX events_parent_id ON events (parent_id);
