-- Whether an archived event has the id ?1, whose parts are tick ?2, HASH ?3 and n ?4, or NULL; and which archive it is in.
SELECT (SELECT archive.file FROM main.archive WHERE archive.last_seq >= archived_event.seq
         ORDER BY archive.before_tick LIMIT 1)
  FROM main.archived_event
 WHERE archived_event.seq = (SELECT foreign_id.seq FROM main.foreign_id WHERE foreign_id.id = ?1)
UNION ALL
SELECT (SELECT archive.file FROM main.archive WHERE archive.last_seq >= archived_event.seq
         ORDER BY archive.before_tick LIMIT 1)
  FROM main.type CROSS JOIN main.archived_event
    ON archived_event.tick = ?2 AND archived_event.type = type.id AND archived_event.ordinal = ?4
 WHERE type.hash = ?3
   AND NOT EXISTS (SELECT 1 FROM main.foreign_id WHERE foreign_id.seq = archived_event.seq)
 LIMIT 1
