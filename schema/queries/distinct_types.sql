-- The types of the store from ?1 on and before ?2 (NULL: no bound), in the order of their bytes: one look-up in the
-- index on types for each.
WITH RECURSIVE found (type) AS
(
    SELECT min(events.type) FROM events WHERE events.type >= coalesce(?1, '')
    UNION ALL
    SELECT (SELECT min(events.type) FROM events WHERE events.type > found.type)
      FROM found
     WHERE found.type IS NOT NULL AND (?2 IS NULL OR found.type < ?2)
)
SELECT found.type FROM found WHERE found.type IS NOT NULL AND (?2 IS NULL OR found.type < ?2)
