-- The newest snapshot of a reducer (its name ?1 and version ?2) whose position is not after tick ?3 and event ?4.
SELECT tick, seq, state FROM snapshot
 WHERE name = ?1 AND version = ?2 AND (tick, seq) <= (?3, ?4)
 ORDER BY tick DESC, seq DESC
 LIMIT 1
