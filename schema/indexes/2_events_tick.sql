CREATE INDEX events_tick ON events (tick);
