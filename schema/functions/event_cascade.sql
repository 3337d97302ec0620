-- The event ?1 (a seq) and all its descendants, breadth-first, children as appended: the recursive table is a queue
-- that returns its rows in this order. In a damaged file a child may precede its parent, or an event may occur twice;
-- the conditions on seq guarantee that the query still ends. The unary plus repeats the condition for each row, because
-- a damaged index can return rows outside the requested range. Archived events are included in the search, because they
-- may have caused an event in this store.
WITH RECURSIVE cascade (seq, depth) AS
(
    SELECT ?1, 0
    UNION ALL
    SELECT child.seq, cascade.depth + 1
      FROM cascade CROSS JOIN main.archived_events AS child ON child.parent_seq = cascade.seq AND child.seq > cascade.seq
       AND +child.seq > cascade.seq
    UNION ALL
    SELECT child.seq, cascade.depth + 1
      FROM cascade CROSS JOIN main.events AS child ON child.parent_seq = cascade.seq AND child.seq > cascade.seq
       AND +child.seq > cascade.seq
     LIMIT (SELECT coalesce((SELECT max(events.seq) FROM main.events), (SELECT max(archive.last_seq) FROM main.archive), 1))
)
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq, cascade.depth
  FROM cascade CROSS JOIN main.events ON events.seq = cascade.seq
