-- The snapshots of a reducer (its name ?1; NULL: of all reducers), without their states.
SELECT name, version, tick, seq, length(state), created FROM snapshot
 WHERE ?1 IS NULL OR name = ?1
 ORDER BY name, version, tick, seq
