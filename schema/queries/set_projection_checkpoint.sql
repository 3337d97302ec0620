-- Moves the checkpoint in a projection's own database.
INSERT INTO eventure_projection (id, source, digest, seq, tick, event_id, timestamp)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (id) DO UPDATE SET source = excluded.source, digest = excluded.digest, seq = excluded.seq,
    tick = excluded.tick, event_id = excluded.event_id, timestamp = excluded.timestamp
