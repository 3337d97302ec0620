-- The number of events of each type in each bucket of ?1 ticks: buckets begin at multiples of ?1; those without events
-- are omitted. Reads every event.
SELECT events.tick - events.tick % ?1, events.type, count(*)
  FROM main.events
 GROUP BY 1, 2
 ORDER BY 1, 2
