-- The ticks of the children that an event (?1) has after seq ?2, up to ?3, in append order.
SELECT tick FROM events WHERE parent_seq = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq
