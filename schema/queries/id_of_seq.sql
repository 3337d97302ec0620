-- The id of an event (?1), which may be archived.
SELECT id FROM events WHERE seq = ?1
UNION ALL
SELECT id FROM archived_events WHERE seq = ?1
 LIMIT 1
