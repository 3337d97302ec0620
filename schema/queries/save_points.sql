-- The save points, in the order of the history; or only the one with the name ?1.
SELECT name, tick, seq, note, created FROM save_point WHERE ?1 IS NULL OR name = ?1 ORDER BY seq, tick, created, name
