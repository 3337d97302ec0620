CREATE UNIQUE INDEX event_type ON event (block, type, tick, ordinal);
