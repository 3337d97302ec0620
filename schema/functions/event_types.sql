-- The types in the order in which they first appeared. Reads the sparse index on types, not the events.
SELECT type.name, type.hash, sum(type_tick.count), min(type_tick.tick), max(type_tick.tick)
  FROM main.type CROSS JOIN main.type_tick ON type_tick.type = type.id
 GROUP BY type.id
 ORDER BY type.id
