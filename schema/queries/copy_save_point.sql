-- Copies a save point of another store of the same history, unless there is one of that name.
INSERT OR IGNORE INTO save_point (name, tick, seq, note, created) VALUES (?1, ?2, ?3, ?4, ?5)
