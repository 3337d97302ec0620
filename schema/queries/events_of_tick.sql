-- The events of a tick (?1), as its digests see them. Without likelihood SQLite would use one end of the range only, where
-- somebody ran ANALYZE while the store was small.
SELECT events.seq, events.tick, events.type, events.parent_seq, events.timestamp, events.data, events.id,
       events.parent_id
  FROM tick CROSS JOIN events
    ON likelihood(events.seq >= tick.first_seq, 0.9) AND likelihood(events.seq <= tick.last_seq, 0.9)
 WHERE tick.tick = ?1
 ORDER BY events.seq
