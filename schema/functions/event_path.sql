-- The ids of the events from the event ?1 (a seq) up to its ancestor ?2 (a seq), both included, the ancestor first. Some of
-- them may be archived.
WITH RECURSIVE way (seq, depth) AS
(
    SELECT ?1, 0
    UNION ALL
    SELECT event.parent, way.depth + 1
      FROM way CROSS JOIN main.event ON event.seq = way.seq
     WHERE way.seq > ?2 AND event.parent < event.seq
    UNION ALL
    SELECT archived_event.parent, way.depth + 1
      FROM way CROSS JOIN main.archived_event ON archived_event.seq = way.seq
     WHERE way.seq > ?2 AND archived_event.parent < archived_event.seq
)
SELECT coalesce((SELECT events.id FROM main.events WHERE events.seq = way.seq),
                (SELECT archived_events.id FROM main.archived_events WHERE archived_events.seq = way.seq))
  FROM way
 ORDER BY way.depth DESC
