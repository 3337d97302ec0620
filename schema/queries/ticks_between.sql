-- The ticks from ?1 to ?2 that have events, each with its first and last event. (Reason for likelihood:
-- events_of_tick.)
SELECT tick, first_seq, last_seq
  FROM tick
 WHERE likelihood(tick >= ?1, 0.9) AND likelihood(tick <= ?2, 0.9)
 ORDER BY tick
