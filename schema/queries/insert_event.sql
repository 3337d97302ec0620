INSERT INTO event (tick, seq, type, ordinal, parent, timestamp, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
