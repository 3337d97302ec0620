-- The longest chains of cause and effect: where each begins, where it ends, and by how many steps.
--
-- :limit is how many chains (5 when it is not given). Walks downwards from the events without a cause, through the
-- index on parents, and reads the entry of every event in it once; a question about one cascade is answered by
-- event_cascade instead, which reads that one alone.
WITH RECURSIVE chain (seq, root_seq, steps) AS
(
    SELECT seq, seq, 0 FROM events WHERE parent_seq IS NULL
    UNION ALL
    SELECT effect.seq, chain.root_seq, chain.steps + 1
      FROM chain CROSS JOIN events AS effect ON effect.parent_seq = chain.seq
),
longest AS
(
    SELECT seq, root_seq, steps FROM chain ORDER BY steps DESC, seq LIMIT coalesce(:limit, 5)
)
SELECT longest.steps, root.id AS begins, root.type AS begins_with, last.id AS ends, last.type AS ends_with,
       last.tick - root.tick AS ticks
  FROM longest
  JOIN events AS root ON root.seq = longest.root_seq
  JOIN events AS last ON last.seq = longest.seq
 ORDER BY longest.steps DESC, longest.seq;
