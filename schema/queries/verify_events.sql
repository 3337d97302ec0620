-- Every event with all that its digests cover, in the order of the store.
SELECT event.seq, event.tick, event.type, event.ordinal, event.parent, event.timestamp, event.data,
       (SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = event.seq),
       (SELECT external_parent.parent_id FROM external_parent WHERE external_parent.seq = event.seq)
  FROM event
 ORDER BY event.seq
