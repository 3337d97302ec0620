-- The ticks from ?1 to ?2 that have events, and which events those are.
SELECT tick, first_seq, last_seq FROM tick WHERE tick BETWEEN ?1 AND ?2 ORDER BY tick
