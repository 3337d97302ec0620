-- The events up to the tick ?1, that tick included, as appended.
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq
  FROM main.events
 WHERE events.seq <= (SELECT tick.last_seq FROM main.tick WHERE tick.tick <= ?1 ORDER BY tick.tick DESC LIMIT 1)
 ORDER BY events.seq
