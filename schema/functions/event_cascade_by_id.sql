-- The event ?1 (a seq) and all its descendants by id: tick, HASH, n, seq. An explicit id is sorted by the HASH of its
-- type, before the ids that have an n.
-- include cascade_rows
-- include cascade_events
 ORDER BY events.tick, coalesce(event_id_hash(events.id), event_type_hash(events.type)), event_id_n(events.id), events.seq
