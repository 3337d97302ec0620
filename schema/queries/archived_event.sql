-- An archived event (seq ?1) that caused events in this store, and the archive that contains it.
SELECT id, tick, type, coalesce(parent_seq, 0),
       (SELECT archive.file FROM archive WHERE archive.last_seq >= archived_events.seq ORDER BY archive.before_tick LIMIT 1)
  FROM archived_events
 WHERE seq = ?1
