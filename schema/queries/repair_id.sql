-- What the id of an event (?1) is made of.
SELECT event.tick, event.type, event.ordinal,
       (SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = event.seq)
  FROM event
 WHERE event.seq = ?1
