-- When a type occurs first, by a parameter: the number of runs in which it occurs, and the quantiles of its first tick.
-- Give the type with -v type=person.recovered.
SELECT (runs.parameters ->> 'rate')::float8 AS rate,
       count(first.tick) || ' of ' || count(*) AS runs,
       percentile_disc(0.1) WITHIN GROUP (ORDER BY first.tick) AS tenth,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY first.tick) AS median,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY first.tick) AS ninety
  FROM eventure.runs
 CROSS JOIN LATERAL (SELECT min(events.tick) AS tick
                       FROM eventure.events
                      WHERE events.run = runs.run AND events.type = :'type'
                     OFFSET 0) AS first
 GROUP BY rate
 ORDER BY rate;
