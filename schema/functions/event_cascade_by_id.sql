-- The event ?1 (a seq) and all its descendants by id: tick, HASH, n, seq. A foreign id is sorted by the HASH of its
-- type, before the ids that have an n.
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
 ORDER BY events.tick, coalesce(event_id_hash(events.id), event_type_hash(events.type)), event_id_n(events.id), events.seq
