-- Deletes the snapshots of a reducer (its name ?1) whose version is not ?2.
DELETE FROM snapshot WHERE name = ?1 AND version <> ?2
