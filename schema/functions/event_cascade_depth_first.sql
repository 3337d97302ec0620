-- The event ?1 (a seq) and all its descendants, each below the one that caused it, children as appended: of the rows
-- that wait in the recursive table, the deepest comes first, and among equals the first appended. The limit, which only
-- the cascade of a damaged file reaches, is needed for that, too: without one, SQLite takes the order of a table that is
-- joined for idle, and leaves it out.
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
     ORDER BY 2 DESC, 1
     LIMIT (SELECT coalesce((SELECT max(events.seq) FROM main.events), (SELECT max(archive.last_seq) FROM main.archive), 1))
)
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq, cascade.depth
  FROM cascade CROSS JOIN main.events ON events.seq = cascade.seq
