-- Deletes the snapshots of a name (?1) that are not of the version ?2.
DELETE FROM snapshot WHERE name = ?1 AND version <> ?2
