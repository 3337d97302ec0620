-- In a projection's own database: its checkpoint.
SELECT source, digest, seq, tick, event_id, timestamp FROM eventure_projection WHERE id = 1
