CREATE INDEX events_parent_seq ON events (parent_seq);
