-- The types whose events never caused anything.
--
-- The types are found by a pass over the index on types. The events of each are then looked up in it, and their
-- children in the index on parents, until one has a child: few look-ups for types that have effects, one for each event
-- for those that have none.
SELECT type, count, first_tick, last_tick
  FROM type_counts
 WHERE NOT EXISTS (SELECT 1
                     FROM events AS cause CROSS JOIN events AS effect ON effect.parent_seq = cause.seq
                    WHERE cause.type = type_counts.type)
 ORDER BY count DESC, type;
