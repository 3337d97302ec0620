-- The events of a tick (?1), with all columns that its digests cover. Without likelihood, SQLite uses only one end of
-- the range in a store that has statistics (ANALYZE) from when it was small.
SELECT events.seq, events.tick, events.type, events.parent_seq, events.timestamp, events.data, events.id,
       events.parent_id
  FROM tick CROSS JOIN events
    ON likelihood(events.seq >= tick.first_seq, 0.9) AND likelihood(events.seq <= tick.last_seq, 0.9)
 WHERE tick.tick = ?1
 ORDER BY events.seq
