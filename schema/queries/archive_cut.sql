-- The newest cut of a store with archived events: its first tick, the newest event moved, and the archive.
SELECT before_tick, last_seq, file FROM archive ORDER BY before_tick DESC LIMIT 1
