-- The cascades that contain one type and lack another: orders that were placed and never filled, commits that were
-- followed by changes and by no new file.
--
-- Needs the extension. :root is the type that the cascades begin with ('commit.made' when it is not given), :with a
-- type that they contain ('file.changed'), :without one that they do not ('file.added'). The beginnings are found by
-- the index on types; each of their cascades is read whole, so where they lie within each other, what is read is the
-- sum of their sizes.
SELECT root.id, root.tick, count(*) AS events, max(cascade.depth) AS depth
  FROM events AS root CROSS JOIN event_cascade(root.id) AS cascade
 WHERE root.type = coalesce(:root, 'commit.made')
 GROUP BY root.seq
HAVING sum(cascade.type = coalesce(:with, 'file.changed')) > 0
   AND sum(cascade.type = coalesce(:without, 'file.added')) = 0
 ORDER BY root.seq;
