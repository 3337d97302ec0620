-- The newest event of the ticks up to ?1 in this store; NULL when there is none.
SELECT last_seq FROM tick WHERE tick <= ?1 ORDER BY tick DESC LIMIT 1
