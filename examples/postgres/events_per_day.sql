-- The runs and their own events by the day (UTC) on which they were shipped last. Events that a fork shares are those of
-- its origin.
SELECT (run.shipped AT TIME ZONE 'UTC')::date AS day, count(*) AS runs, sum(part.last_seq - part.after_seq) AS events
  FROM eventure.run
  JOIN eventure.part ON part.run = run.run AND part.part = run.run
 GROUP BY day
 ORDER BY day;
