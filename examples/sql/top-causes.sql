-- What causes the events of a type, the most frequent cause first.
--
-- :type is the type of the effects ('file.added' when it is not given). The effects are found by the index on types,
-- each cause by its seq: what is read grows with the number of effects, not with the history. (A LEFT JOIN to the
-- view would read the whole history instead: SQLite cannot look into a view on that side.)
WITH effect AS
(
    SELECT parent_id, (SELECT cause.type FROM events AS cause WHERE cause.seq = events.parent_seq) AS cause
      FROM events
     WHERE type = coalesce(:type, 'file.added')
)
SELECT coalesce(cause, CASE WHEN parent_id IS NULL THEN '(nothing)' ELSE '(an event elsewhere)' END) AS cause,
       count(*) AS times,
       count(DISTINCT parent_id) AS causes,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) || ' %' AS share
  FROM effect
 GROUP BY 1
 ORDER BY times DESC, 1;
