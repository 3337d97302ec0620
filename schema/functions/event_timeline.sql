-- How many events of each type there are in each ?1 ticks: buckets begin at multiples of ?1; those without events are
-- left out. Reads the sparse index on types, not the events.
SELECT type_tick.tick - type_tick.tick % ?1, type.name, sum(type_tick.count)
  FROM main.type_tick CROSS JOIN main.type ON type.id = type_tick.type
 GROUP BY type_tick.tick - type_tick.tick % ?1, type_tick.type
 ORDER BY type_tick.tick - type_tick.tick % ?1, type_tick.type
