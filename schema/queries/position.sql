-- The position from which a log continues: store.digests, the current tick, the last seq of `tick`, whether there are
-- explicit ids, the digests of the newest completed tick (or of the newest archived one), whether the current tick has
-- events, and the seq of the newest event.
SELECT store.digests,
       max(store.current_tick, coalesce(newest.tick + newest.sealed, 0)) AS tick,
       coalesce(newest.last_seq, archived.last_seq, 0),
       store.foreign_ids,
       coalesce(over.run_digest, archived.run_digest),
       coalesce(over.full_digest, archived.full_digest),
       newest.tick IS NOT NULL AND newest.tick = max(store.current_tick, newest.tick + newest.sealed),
       coalesce((SELECT max(events.seq) FROM events), archived.last_seq, 0)
  FROM store
  LEFT JOIN tick AS newest ON newest.tick = (SELECT tick.tick FROM tick ORDER BY tick.tick DESC LIMIT 1)
  LEFT JOIN (SELECT * FROM archive ORDER BY before_tick DESC LIMIT 1) AS archived
  LEFT JOIN tick AS over
         ON over.tick = (SELECT tick.tick FROM tick
                          WHERE tick.tick < max(store.current_tick, coalesce(newest.tick + newest.sealed, 0))
                          ORDER BY tick.tick DESC LIMIT 1)
