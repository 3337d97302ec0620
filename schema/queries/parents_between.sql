-- The events from seq ?1 to ?2, each with the seq of its parent. (Reason for likelihood: events_of_tick.)
SELECT seq, parent_seq
  FROM events
 WHERE likelihood(seq >= ?1, 0.9) AND likelihood(seq <= ?2, 0.9)
 ORDER BY seq
