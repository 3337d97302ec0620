-- The events ?1 to ?2 of a damaged store, with all that their digests cover.
SELECT event.seq, event.tick, event.type, event.ordinal, coalesce(event.parent, 0), event.timestamp, event.data,
       (SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = event.seq),
       (SELECT external_parent.parent_id FROM external_parent WHERE external_parent.seq = event.seq)
  FROM event
 WHERE event.seq BETWEEN ?1 AND ?2
 ORDER BY event.seq
