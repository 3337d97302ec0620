-- Writes a snapshot, and replaces one of the same reducer and position.
INSERT INTO snapshot (name, version, tick, seq, created, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (name, version, tick, seq) DO UPDATE SET created = excluded.created, state = excluded.state
