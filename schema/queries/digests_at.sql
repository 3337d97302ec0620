-- The digests of the history up to a tick (?1); NULL in a store whose store.digests is 'none', also when its rows
-- contain digests.
SELECT tick.tick, tick.last_seq, iif((SELECT digests FROM store) IS 'none', NULL, tick.run_digest),
       iif((SELECT digests FROM store) IS 'none', NULL, tick.full_digest)
  FROM tick
 WHERE tick.tick <= ?1
 ORDER BY tick.tick DESC
 LIMIT 1
