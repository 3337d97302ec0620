-- The snapshots of a reducer (its name ?1 and version ?2), in the order of the history.
SELECT tick, seq, state FROM snapshot WHERE name = ?1 AND version = ?2 ORDER BY tick, seq
