-- The position of the newest snapshot of a reducer (its name ?1 and version ?2).
SELECT tick, seq FROM snapshot WHERE name = ?1 AND version = ?2 ORDER BY tick DESC, seq DESC LIMIT 1
