-- The checkpoint in a projection's own database.
SELECT source, digest, seq, tick, event_id, timestamp FROM eventure_projection WHERE id = 1
