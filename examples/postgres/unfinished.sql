-- Runs that did not finish: where they are, the oldest first. A process that was killed leaves a run so.
SELECT name, started, last_tick, events
  FROM eventure.runs
 WHERE finished IS NULL
 ORDER BY started, name COLLATE "C";
