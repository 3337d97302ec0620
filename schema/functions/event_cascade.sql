-- The event ?1 (a seq) and all its descendants, breadth-first, children as appended: the recursive table is a queue, and
-- hands its rows out in this order. A child comes after its parent, and no event comes twice: that a damaged file says
-- otherwise must not make an endless loop. The first is said twice, with a plus for each row, as an index in disorder
-- answers what lies outside of the range that it was asked for. Archived events are passed through: they may have
-- caused something that is here.
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
