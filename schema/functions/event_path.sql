-- The ids of the events from the event ?1 (a seq) up to its ancestor ?2 (a seq), both included.
WITH RECURSIVE way (seq, depth) AS
(
    SELECT ?1, 0
    UNION ALL
    SELECT event.parent, way.depth + 1
      FROM way CROSS JOIN main.event ON event.seq = way.seq
     WHERE way.seq > ?2 AND event.parent < event.seq
)
SELECT events.id
  FROM way CROSS JOIN main.events ON events.seq = way.seq
 ORDER BY way.depth DESC
