-- The events ?1 to ?2 of a damaged store, with all columns that their digests cover.
SELECT seq, tick, type, parent_seq, timestamp, data, id, parent_id FROM events WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq
