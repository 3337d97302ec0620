-- The parent of the event ?1 (a seq), its parent, and so on up to the root.
WITH RECURSIVE ancestors (seq, depth) AS
(
    SELECT events.parent_seq, 1
      FROM main.events
     WHERE events.seq = ?1 AND events.parent_seq < events.seq
    UNION ALL
    SELECT events.parent_seq, ancestors.depth + 1
      FROM ancestors CROSS JOIN main.events ON events.seq = ancestors.seq
     WHERE events.parent_seq < events.seq
)
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq, ancestors.depth
  FROM ancestors CROSS JOIN main.events ON events.seq = ancestors.seq
