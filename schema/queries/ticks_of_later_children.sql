-- The ticks of the children of an event (?1) after seq ?2, up to ?3, in append order. (Reason for likelihood:
-- events_of_tick.)
SELECT tick
  FROM events
 WHERE parent_seq = ?1 AND likelihood(seq > ?2, 0.9) AND likelihood(seq <= ?3, 0.9)
 ORDER BY seq
