-- What is known of the snapshots of a name (?1; NULL: of all) but for their states.
SELECT name, version, tick, seq, length(state), created FROM snapshot
 WHERE ?1 IS NULL OR name = ?1
 ORDER BY name, version, tick, seq
