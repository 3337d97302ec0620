-- Forks: where each really departs from its origin (NULL: nowhere), and the outcomes of both. A fork may repeat its
-- origin for some ticks; the digests show it.
WITH tick AS
(
    SELECT fork.run, found.tick, found.run_digest
      FROM eventure.runs AS fork
     CROSS JOIN LATERAL (SELECT * FROM eventure.ticks WHERE ticks.run IN (fork.run, fork.origin_run) OFFSET 0) AS found
     WHERE fork.origin_run IS NOT NULL AND found.tick >= fork.origin_tick
), departure AS
(
    SELECT run, min(tick) AS tick
      FROM (SELECT run, tick FROM tick GROUP BY run, tick, run_digest HAVING count(*) = 1) AS alone
     GROUP BY run
)
SELECT fork.name AS fork, origin.name AS origin, fork.origin_tick, departure.tick AS first_difference,
       fork.outcome ->> 'infected' AS fork_infected, origin.outcome ->> 'infected' AS origin_infected
  FROM eventure.runs AS fork
  JOIN eventure.runs AS origin ON origin.run = fork.origin_run
  LEFT JOIN departure ON departure.run = fork.run
 ORDER BY fork.name COLLATE "C";
