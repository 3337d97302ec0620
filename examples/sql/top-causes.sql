-- What causes the events of a type, the most frequent cause first.
--
-- :type is the type of the effects ('file.added' when it is not given). The effects are found by the index on types,
-- each cause by its seq: what is read grows with the number of effects, not with the history.
SELECT coalesce(cause.type,
                CASE WHEN effect.parent_id IS NULL THEN '(nothing)' ELSE '(an event elsewhere)' END) AS cause,
       count(*) AS times,
       count(DISTINCT effect.parent_id) AS causes,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) || ' %' AS share
  FROM events AS effect LEFT JOIN events AS cause ON cause.seq = effect.parent_seq
 WHERE effect.type = coalesce(:type, 'file.added')
 GROUP BY 1
 ORDER BY times DESC, 1;
