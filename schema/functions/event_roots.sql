-- The events with no parent, or with a parent in an earlier tick, as appended. Reads every event.
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq
  FROM main.events
 WHERE events.parent_seq IS NULL
    OR events.parent_seq < (SELECT tick.first_seq FROM main.tick WHERE tick.tick = events.tick)
 ORDER BY events.seq
