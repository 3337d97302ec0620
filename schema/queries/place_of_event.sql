-- Where an event (?1) stands: type, tick, the first and last event of the tick, and its timestamp.
SELECT events.type, events.tick, coalesce(tick.first_seq, events.seq), coalesce(tick.last_seq, events.seq), events.timestamp
  FROM events LEFT JOIN tick ON tick.tick = events.tick
 WHERE events.seq = ?1
