-- The types whose events never caused anything.
--
-- For each type, its events are looked at by the index on types until one is found that has a child, by the index on
-- parents: quick for types that have effects, a look-up for each event for those that have none.
SELECT type, count, first_tick, last_tick
  FROM type_counts
 WHERE NOT EXISTS (SELECT 1
                     FROM events AS cause CROSS JOIN events AS effect ON effect.parent_seq = cause.seq
                    WHERE cause.type = type_counts.type)
 ORDER BY count DESC, type;
