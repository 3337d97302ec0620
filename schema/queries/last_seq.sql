-- The seq of the newest event; 0 in an empty store.
SELECT coalesce(max(seq), 0) FROM event
