-- The position of an event (?1): its type, its tick, the first and last event of the tick, and its timestamp.
SELECT events.type, events.tick, coalesce(tick.first_seq, events.seq), coalesce(tick.last_seq, events.seq), events.timestamp
  FROM events LEFT JOIN tick ON tick.tick = events.tick
 WHERE events.seq = ?1
