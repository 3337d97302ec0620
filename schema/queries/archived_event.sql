-- An archived event (seq ?1) that caused events which are here, the archive that it was moved to, and its foreign id.
SELECT tick, type, ordinal, coalesce(parent, 0),
       (SELECT archive.file FROM archive WHERE archive.last_seq >= archived_event.seq ORDER BY archive.before_tick LIMIT 1),
       (SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = archived_event.seq)
  FROM archived_event
 WHERE seq = ?1
