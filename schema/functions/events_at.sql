-- The events of the tick ?1, as appended: a tick is a range of seqs.
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq
  FROM main.tick CROSS JOIN main.events ON events.seq BETWEEN tick.first_seq AND tick.last_seq
 WHERE tick.tick = ?1
 ORDER BY events.seq
