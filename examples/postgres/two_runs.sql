-- Two runs, tick by tick, from the first difference on: the number of events of each, and whether the states of the
-- histories are the same up to there. Give the runs by name with -v first=… -v second=….
WITH first AS
(
    SELECT ticks.* FROM eventure.runs
     CROSS JOIN LATERAL (SELECT * FROM eventure.ticks WHERE ticks.run = runs.run OFFSET 0) AS ticks
     WHERE runs.name = :'first'
), second AS
(
    SELECT ticks.* FROM eventure.runs
     CROSS JOIN LATERAL (SELECT * FROM eventure.ticks WHERE ticks.run = runs.run OFFSET 0) AS ticks
     WHERE runs.name = :'second'
)
SELECT tick, first.count AS first_events, second.count AS second_events
  FROM first FULL JOIN second USING (tick)
 WHERE first.run_digest IS DISTINCT FROM second.run_digest
 ORDER BY tick;
