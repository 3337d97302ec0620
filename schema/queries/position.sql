-- Where a log goes on: what the store says, its current tick and last seq, whether it holds foreign ids, the digests of
-- the newest tick that is over, and whether the current tick has events already.
SELECT store.digests,
       max(store.current_tick, coalesce(newest.tick + newest.sealed, 0)) AS tick,
       coalesce(newest.last_seq, 0),
       EXISTS (SELECT 1 FROM foreign_id),
       over.run_digest,
       over.full_digest,
       newest.tick IS NOT NULL AND newest.tick = max(store.current_tick, newest.tick + newest.sealed)
  FROM store
  LEFT JOIN tick AS newest ON newest.tick = (SELECT tick.tick FROM tick ORDER BY tick.tick DESC LIMIT 1)
  LEFT JOIN tick AS over
         ON over.tick = (SELECT tick.tick FROM tick
                          WHERE tick.tick < max(store.current_tick, coalesce(newest.tick + newest.sealed, 0))
                          ORDER BY tick.tick DESC LIMIT 1)
