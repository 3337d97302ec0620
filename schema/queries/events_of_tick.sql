-- The events of a tick (?1), as its digests see them.
SELECT events.seq, events.tick, events.type, events.parent_seq, events.timestamp, events.data, events.id,
       events.parent_id
  FROM tick CROSS JOIN events ON events.seq BETWEEN tick.first_seq AND tick.last_seq
 WHERE tick.tick = ?1
 ORDER BY events.seq
