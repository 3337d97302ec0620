-- How many events each type has, in the order in which the types first appeared.
SELECT type.name, sum(type_tick.count)
  FROM type CROSS JOIN type_tick ON type_tick.type = type.id
 GROUP BY type.id
 ORDER BY type.id
