-- Which of the events from seq ?1 to ?2 have children after ?2, up to ?3; one row a child. The plus keeps SQLite from
-- scanning by seq what the index on the parent answers alone.
SELECT parent_seq FROM events WHERE parent_seq >= ?1 AND parent_seq <= ?2 AND +seq > ?2 AND +seq <= ?3
