-- How many events each type has, in the order in which the types first appeared.
CREATE VIEW type_counts AS
SELECT type.name AS type,
       type_count.count AS count,
       (SELECT min(event.tick) FROM event
         WHERE event.block = (SELECT min(type_block.block) FROM type_block WHERE type_block.type = type_count.type)
           AND event.type = type_count.type) AS first_tick,
       (SELECT max(event.tick) FROM event
         WHERE event.block = (SELECT max(type_block.block) FROM type_block WHERE type_block.type = type_count.type)
           AND event.type = type_count.type) AS last_tick
  FROM type JOIN type_count ON type_count.type = type.id
 ORDER BY type.id;
