-- Where the histories of two versions depart: for each pair of runs with the same parameters and the same seed, the
-- first tick in which they differ (NULL: nowhere). The digest of a tick covers the whole history up to it. Give the
-- versions with -v old=1.0 -v new=1.1.
WITH pair AS MATERIALIZED
(
    SELECT old.run AS old_run, new.run AS new_run, old.parameters ->> 'rate' AS rate, old.seed
      FROM eventure.runs AS old
      JOIN eventure.runs AS new ON new.parameters::jsonb = old.parameters::jsonb AND new.seed = old.seed
     WHERE old.version = :'old' AND new.version = :'new' AND old.origin_run IS NULL AND new.origin_run IS NULL
), tick AS
(
    SELECT pair.old_run, pair.new_run, found.tick, found.run_digest
      FROM pair
     CROSS JOIN LATERAL (SELECT * FROM eventure.ticks WHERE ticks.run IN (pair.old_run, pair.new_run) OFFSET 0) AS found
), departure AS
(
    -- A digest that only one of the two has.
    SELECT old_run, new_run, min(tick) AS tick
      FROM (SELECT old_run, new_run, tick FROM tick GROUP BY old_run, new_run, tick, run_digest HAVING count(*) = 1) AS alone
     GROUP BY old_run, new_run
)
SELECT pair.rate, pair.seed, departure.tick AS first_difference
  FROM pair LEFT JOIN departure USING (old_run, new_run)
 ORDER BY departure.tick NULLS LAST, pair.rate, pair.seed;
