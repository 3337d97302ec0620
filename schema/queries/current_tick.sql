-- The current tick: from the newest row of `tick`, or from `store` after advancing a tick without events.
SELECT max(store.current_tick, coalesce((SELECT tick.tick + tick.sealed FROM tick ORDER BY tick.tick DESC LIMIT 1), 0))
  FROM store
