-- The id of an event (?1) of a damaged store, or of an archived one.
SELECT id FROM events WHERE seq = ?1
UNION ALL
SELECT id FROM archived_events WHERE seq = ?1
 LIMIT 1
