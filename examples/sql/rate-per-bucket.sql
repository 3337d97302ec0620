-- The number of events in each range of ticks, and the most frequent type in it.
--
-- Needs the extension. :bucket is the number of ticks (5 when it is not given); :type, if given, is a type or a
-- pattern. Reads every event once: no index holds both tick and type.
WITH bucket AS
(
    SELECT tick, type, count, sum(count) OVER (PARTITION BY tick) AS events,
           row_number() OVER (PARTITION BY tick ORDER BY count DESC, type) AS place
      FROM event_timeline(coalesce(:bucket, 5))
     WHERE event_matches(type, coalesce(:type, '*'))
)
SELECT tick AS from_tick, events, round(1.0 * events / coalesce(:bucket, 5), 1) AS per_tick,
       type AS most_often, CAST(round(100.0 * count / events) AS INTEGER) || ' %' AS share
  FROM bucket
 WHERE place = 1
 ORDER BY tick;
