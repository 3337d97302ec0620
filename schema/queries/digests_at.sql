-- The digests of the history up to a tick (?1).
SELECT tick.tick, tick.last_seq, tick.run_digest, tick.full_digest
  FROM tick
 WHERE tick.tick <= ?1
 ORDER BY tick.tick DESC
 LIMIT 1
