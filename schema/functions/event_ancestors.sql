-- The parent of the event ?1 (a seq), its parent, and so on up to the root.
WITH RECURSIVE ancestors (seq, depth) AS
(
    SELECT event.parent, 1
      FROM main.event
     WHERE event.seq = ?1 AND event.parent < event.seq
    UNION ALL
    SELECT event.parent, ancestors.depth + 1
      FROM ancestors CROSS JOIN main.event ON event.seq = ancestors.seq
     WHERE event.parent < event.seq
)
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq, ancestors.depth
  FROM ancestors CROSS JOIN main.events ON events.seq = ancestors.seq
