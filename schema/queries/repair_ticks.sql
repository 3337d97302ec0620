-- The ticks of a damaged store after a tick (?1).
SELECT tick.tick, tick.first_seq, tick.last_seq, tick.run_digest, tick.full_digest
  FROM tick
 WHERE tick.tick > ?1
 ORDER BY tick.tick
