-- The events of a tick (?1), as its digests see them.
SELECT event.seq, event.type, coalesce(event.parent, 0), event.timestamp, event.data,
       (SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = event.seq),
       (SELECT external_parent.parent_id FROM external_parent WHERE external_parent.seq = event.seq)
  FROM tick CROSS JOIN event ON event.seq BETWEEN tick.first_seq AND tick.last_seq
 WHERE tick.tick = ?1
 ORDER BY event.seq
