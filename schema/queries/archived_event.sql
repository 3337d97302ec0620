-- An archived event (seq ?1) that caused events which are here, and the archive that it was moved to.
SELECT tick, type, ordinal, coalesce(parent, 0),
       (SELECT archive.file FROM archive WHERE archive.last_seq >= archived_event.seq ORDER BY archive.before_tick LIMIT 1)
  FROM archived_event
 WHERE seq = ?1
