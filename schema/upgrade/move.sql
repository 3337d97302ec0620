-- Upgrade from the formats 1 to 5, second part: fills the new tables. The old formats keep the type of an event, an
-- imported id, and a parent outside the store in tables of their own. The id of an event, unless it is an explicit one,
-- is composed of its tick, the HASH of its type and its ordinal.
CREATE TEMP TABLE old_id (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, tick INTEGER, type TEXT, parent INTEGER);

INSERT INTO old_id (seq, id, tick, type, parent)
SELECT event.seq, coalesce(foreign_id.id, event.tick || '-' || type.hash || '-' || event.ordinal), event.tick, type.name,
       event.parent
  FROM event CROSS JOIN type ON type.id = event.type LEFT JOIN foreign_id ON foreign_id.seq = event.seq
 ORDER BY event.seq;

INSERT INTO old_id (seq, id, tick, type, parent)
SELECT archived_event.seq,
       coalesce(foreign_id.id, archived_event.tick || '-' || type.hash || '-' || archived_event.ordinal),
       archived_event.tick, type.name, archived_event.parent
  FROM archived_event CROSS JOIN type ON type.id = archived_event.type
  LEFT JOIN foreign_id ON foreign_id.seq = archived_event.seq
 ORDER BY archived_event.seq;

INSERT INTO events (seq, id, tick, timestamp, type, parent_seq, parent_id, data)
SELECT event.seq, old_id.id, event.tick, event.timestamp, old_id.type, event.parent,
       coalesce(cause.id, external_parent.parent_id), event.data
  FROM event CROSS JOIN old_id ON old_id.seq = event.seq
  LEFT JOIN old_id AS cause ON cause.seq = event.parent
  LEFT JOIN external_parent ON external_parent.seq = event.seq
 ORDER BY event.seq;

INSERT INTO archived_events (seq, id, tick, type, parent_seq, parent_id)
SELECT archived_event.seq, old_id.id, archived_event.tick, old_id.type, archived_event.parent,
       coalesce(cause.id, external_parent.parent_id)
  FROM archived_event CROSS JOIN old_id ON old_id.seq = archived_event.seq
  LEFT JOIN old_id AS cause ON cause.seq = archived_event.parent
  LEFT JOIN external_parent ON external_parent.seq = archived_event.seq
 ORDER BY archived_event.seq;

INSERT INTO store (id, uuid, created, current_tick, digests, foreign_ids)
SELECT id, uuid, created, current_tick, digests,
       EXISTS (SELECT 1 FROM foreign_id UNION ALL SELECT 1 FROM external_parent)
  FROM old_store;
