-- The seq of the newest event, archived ones included; 0 in a store that never had one.
SELECT coalesce((SELECT max(seq) FROM events), (SELECT max(last_seq) FROM archive), 0)
