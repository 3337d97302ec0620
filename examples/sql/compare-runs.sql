-- Two runs of a simulation, tick by tick: where they part, and what each of them did there.
--
-- The other run is attached by the name `other`: ATTACH 'other.db' AS other. The digest of a tick covers all that
-- happened up to it, so the first tick whose digests differ is where the runs part; from then on, only counts are
-- compared. Reads a row for each tick of both stores, and no event.
WITH tick_of_any (tick) AS
(
    SELECT tick FROM main.ticks UNION SELECT tick FROM other.ticks
),
compared AS
(
    SELECT tick_of_any.tick AS tick, one.count AS here, two.count AS there,
           one.run_digest IS NOT NULL AND one.run_digest IS two.run_digest AS same
      FROM tick_of_any
      LEFT JOIN main.ticks AS one ON one.tick = tick_of_any.tick
      LEFT JOIN other.ticks AS two ON two.tick = tick_of_any.tick
),
parted (tick) AS
(
    SELECT min(tick) FROM compared WHERE NOT same
)
SELECT compared.tick,
       CASE WHEN same THEN 'same' WHEN compared.tick = parted.tick THEN 'they part' ELSE 'apart' END AS runs,
       coalesce(here, 0) AS events_here, coalesce(there, 0) AS events_there,
       coalesce(there, 0) - coalesce(here, 0) AS more_there
  FROM compared CROSS JOIN parted
 WHERE compared.tick >= parted.tick - 2
 ORDER BY compared.tick
 LIMIT 10;
