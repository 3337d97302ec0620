-- The archived events that are still known by their ids, because they caused events that are here.
CREATE VIEW archived_events AS
SELECT archived_event.seq AS seq,
       coalesce((SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = archived_event.seq),
                archived_event.tick || '-' || type.hash || '-' || archived_event.ordinal) AS id,
       archived_event.tick AS tick,
       type.name AS type,
       archived_event.parent AS parent_seq,
       (SELECT archive.file FROM archive WHERE archive.last_seq >= archived_event.seq ORDER BY archive.before_tick LIMIT 1)
           AS archive
  FROM archived_event JOIN type ON type.id = archived_event.type;
