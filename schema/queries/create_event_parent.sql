CREATE INDEX event_parent ON event (parent) WHERE parent IS NOT NULL;
