-- The ids of the events from the event ?1 (a seq) up to its ancestor ?2 (a seq), both included, the ancestor first. Some of
-- them may be archived.
WITH RECURSIVE way (seq, depth) AS
(
    SELECT ?1, 0
    UNION ALL
    SELECT events.parent_seq, way.depth + 1
      FROM way CROSS JOIN main.events ON events.seq = way.seq
     WHERE way.seq > ?2 AND events.parent_seq < events.seq
    UNION ALL
    SELECT archived_events.parent_seq, way.depth + 1
      FROM way CROSS JOIN main.archived_events ON archived_events.seq = way.seq
     WHERE way.seq > ?2 AND archived_events.parent_seq < archived_events.seq
)
SELECT coalesce((SELECT events.id FROM main.events WHERE events.seq = way.seq),
                (SELECT archived_events.id FROM main.archived_events WHERE archived_events.seq = way.seq))
  FROM way
 ORDER BY way.depth DESC
