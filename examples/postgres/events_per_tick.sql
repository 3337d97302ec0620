-- The mean number of events in a tick, by a parameter. Reads the ticks, not the events.
SELECT (runs.parameters ->> 'rate')::float8 AS rate, round(avg(ticks.count), 3) AS events_per_tick,
       max(ticks.count) AS most
  FROM eventure.runs JOIN eventure.ticks USING (run)
 GROUP BY rate
 ORDER BY rate;
