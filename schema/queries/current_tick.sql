-- The current tick: where the newest tick leads, or what an empty advance left behind.
SELECT max(store.current_tick, coalesce((SELECT tick.tick + tick.sealed FROM tick ORDER BY tick.tick DESC LIMIT 1), 0))
  FROM store
