-- Which of the events from seq ?1 to ?2 have children after ?2, up to ?3; one row a child. The plus keeps SQLite from
-- scanning by seq what the index on the parent answers alone. (For likelihood, see events_of_tick.)
SELECT parent_seq
  FROM events
 WHERE likelihood(parent_seq >= ?1, 0.9) AND likelihood(parent_seq <= ?2, 0.9) AND +seq > ?2 AND +seq <= ?3
