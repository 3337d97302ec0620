-- How many events each type has, in the order in which the types first appeared.
CREATE VIEW type_counts AS
SELECT type.name AS type,
       sum(type_tick.count) AS count,
       min(type_tick.tick) AS first_tick,
       max(type_tick.tick) AS last_tick
  FROM type JOIN type_tick ON type_tick.type = type.id
 GROUP BY type.id
 ORDER BY type.id;
