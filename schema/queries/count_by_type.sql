-- How many events each type has, in the order in which the types first appeared.
SELECT type.name, type_count.count
  FROM type_count CROSS JOIN type ON type.id = type_count.type
 ORDER BY type_count.type
