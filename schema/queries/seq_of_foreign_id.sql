-- The seq of the event that has an id (?1) of its own, which is not the one that its place says.
SELECT seq FROM foreign_id WHERE id = ?1
