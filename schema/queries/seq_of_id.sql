-- The seq of an id (?1). An id that has the form comes in parts too: tick (?2), HASH (?3), n (?4); else they are NULL.
-- Archived events that are still known have an id, too.
SELECT foreign_id.seq FROM main.foreign_id WHERE foreign_id.id = ?1
UNION ALL
SELECT event.seq
  FROM main.type
 CROSS JOIN main.event
    ON event.block = ?2 / 8 AND event.type = type.id AND event.tick = ?2 AND event.ordinal = ?4
 WHERE type.hash = ?3
   AND NOT EXISTS (SELECT 1 FROM main.foreign_id WHERE foreign_id.seq = event.seq)
UNION ALL
SELECT archived_event.seq
  FROM main.type
 CROSS JOIN main.archived_event
    ON archived_event.tick = ?2 AND archived_event.type = type.id AND archived_event.ordinal = ?4
 WHERE type.hash = ?3
   AND NOT EXISTS (SELECT 1 FROM main.foreign_id WHERE foreign_id.seq = archived_event.seq)
 LIMIT 1
