-- The ticks of the children that an event (?1) has after seq ?2, in append order.
SELECT tick FROM event WHERE parent = ?1 AND seq > ?2 ORDER BY seq
