-- The direct children of the event ?1 (a seq), as appended.
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq
  FROM main.events
 WHERE events.parent_seq = ?1
 ORDER BY events.seq
