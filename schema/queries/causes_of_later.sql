-- The events from seq ?1 to ?2 that have children after ?2, up to ?3; one row for each child. The unary plus prevents a
-- scan by seq, because the index on the parent is sufficient. (Reason for likelihood: events_of_tick.)
SELECT parent_seq
  FROM events
 WHERE likelihood(parent_seq >= ?1, 0.9) AND likelihood(parent_seq <= ?2, 0.9) AND +seq > ?2 AND +seq <= ?3
