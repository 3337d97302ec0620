-- The seq of an id (?1), also of an archived event in archived_events.
SELECT events.seq FROM main.events WHERE events.id = ?1
UNION ALL
SELECT archived_events.seq FROM main.archived_events WHERE archived_events.id = ?1
 LIMIT 1
