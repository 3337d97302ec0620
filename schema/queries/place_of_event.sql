-- Where an event (?1) stands in its tick: type, tick, and the first and last event of the tick.
SELECT event.type, event.tick, coalesce(tick.first_seq, event.seq), coalesce(tick.last_seq, event.seq)
  FROM event LEFT JOIN tick ON tick.tick = event.tick
 WHERE event.seq = ?1
