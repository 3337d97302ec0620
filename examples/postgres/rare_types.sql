-- Types that only some of the runs have, the rarest first.
SELECT type, count(*) AS runs, sum(count) AS events
  FROM eventure.types
 GROUP BY type
HAVING count(*) < (SELECT count(*) FROM eventure.runs)
 ORDER BY runs, type COLLATE "C";
