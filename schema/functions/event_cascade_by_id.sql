-- The event ?1 (a seq) and all its descendants by id: tick, HASH, n. An id that was imported counts by its own HASH and n
-- where it has the form.
WITH RECURSIVE cascade (seq, depth) AS
(
    SELECT ?1, 0
    UNION ALL
    SELECT child.seq, cascade.depth + 1
      FROM cascade CROSS JOIN main.archived_event AS child ON child.parent = cascade.seq AND child.seq > cascade.seq
       AND +child.seq > cascade.seq
    UNION ALL
    SELECT child.seq, cascade.depth + 1
      FROM cascade CROSS JOIN main.event AS child ON child.parent = cascade.seq AND child.seq > cascade.seq
       AND +child.seq > cascade.seq
     LIMIT (SELECT coalesce((SELECT max(event.seq) FROM main.event), (SELECT max(archive.last_seq) FROM main.archive), 1))
)
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq, cascade.depth
  FROM cascade CROSS JOIN main.events ON events.seq = cascade.seq
 ORDER BY events.tick,
          coalesce(event_id_hash(events.id), event_type_hash(events.type)),
          coalesce(event_id_n(events.id), (SELECT event.ordinal FROM main.event WHERE event.seq = events.seq)),
          events.seq
