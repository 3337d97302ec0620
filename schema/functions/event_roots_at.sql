-- The events of the tick ?1 with no parent, or with a parent in an earlier tick, as appended. (Reason for likelihood:
-- queries/events_of_tick.sql.)
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq
  FROM main.tick CROSS JOIN main.events
    ON likelihood(events.seq >= tick.first_seq, 0.9) AND likelihood(events.seq <= tick.last_seq, 0.9)
 WHERE tick.tick = ?1
   AND (+events.parent_seq IS NULL OR +events.parent_seq < tick.first_seq)
 ORDER BY events.seq
