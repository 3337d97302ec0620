-- The kind of digests of the store, and those of the last tick of the newest archive, where its chain begins.
SELECT store.digests, archive.run_digest, archive.full_digest
  FROM store
  LEFT JOIN archive ON archive.before_tick = (SELECT max(before_tick) FROM archive)
