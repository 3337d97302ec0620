-- The types in the order in which they first appeared. Their first and last ticks are a seek each, in the first and the
-- last block of a type.
SELECT type.name, type.hash, type_count.count,
       (SELECT min(event.tick) FROM main.event
         WHERE event.block = (SELECT min(type_block.block) FROM main.type_block WHERE type_block.type = type_count.type)
           AND event.type = type_count.type),
       (SELECT max(event.tick) FROM main.event
         WHERE event.block = (SELECT max(type_block.block) FROM main.type_block WHERE type_block.type = type_count.type)
           AND event.type = type_count.type)
  FROM main.type_count CROSS JOIN main.type ON type.id = type_count.type
 ORDER BY type_count.type
