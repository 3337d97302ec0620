-- Writes a save point.
INSERT INTO save_point (name, tick, seq, note, created) VALUES (?1, ?2, ?3, ?4, ?5)
