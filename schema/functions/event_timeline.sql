-- How many events of each type there are in each ?1 ticks: buckets begin at multiples of ?1; those without events are
-- left out. Reads the index on the types, which counts the events of a type and tick as they come, not the events.
SELECT counted.tick - counted.tick % ?1, type.name, sum(counted.count)
  FROM (SELECT event.type AS type, event.tick AS tick, count(*) AS count
          FROM main.event
         GROUP BY event.block, event.type, event.tick) AS counted
 CROSS JOIN main.type ON type.id = counted.type
 GROUP BY counted.tick - counted.tick % ?1, counted.type
 ORDER BY counted.tick - counted.tick % ?1, counted.type
