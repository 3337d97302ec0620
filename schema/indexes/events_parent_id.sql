CREATE INDEX events_parent_id ON events (parent_id);
