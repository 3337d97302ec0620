-- The position of an event (?1): its type, its tick, and the first and last event of the tick.
SELECT events.type, events.tick, coalesce(tick.first_seq, events.seq), coalesce(tick.last_seq, events.seq)
  FROM events LEFT JOIN tick ON tick.tick = events.tick
 WHERE events.seq = ?1
