-- The history as people read it. Look-ups by seq, type, tick and parent_seq use indexes; `WHERE id = …` alone must
-- scan, while `WHERE tick = 4 AND id = '4-FADA-1'` does not.
--
-- The tables tick and type_block are joined as indexes are: a tick tells its block, and a type some blocks of ticks; in a
-- block the index event_type leads to the events. That the range of seqs of a tick leaves most events out is all that
-- SQLite has to be told, or it would rather look through all of them for a range of ticks. Each of the plans has a test.
CREATE VIEW events AS
SELECT event.seq AS seq,
       coalesce((SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = event.seq),
                event.tick || '-' || type.hash || '-' || event.ordinal) AS id,
       tick.tick AS tick,
       event.timestamp AS timestamp,
       type.name AS type,
       event.data AS data,
       CASE WHEN event.parent IS NOT NULL
            THEN coalesce((SELECT coalesce((SELECT foreign_id.id FROM foreign_id WHERE foreign_id.seq = parent.seq),
                                           parent.tick || '-' || parent_type.hash || '-' || parent.ordinal)
                             FROM event AS parent JOIN type AS parent_type ON parent_type.id = parent.type
                            WHERE parent.seq = event.parent),
                          (SELECT archived_events.id FROM archived_events WHERE archived_events.seq = event.parent))
            ELSE (SELECT external_parent.parent_id FROM external_parent WHERE external_parent.seq = event.seq)
       END AS parent_id,
       event.parent AS parent_seq
  FROM event
  JOIN tick ON tick.tick = event.tick
           AND likelihood(event.seq >= tick.first_seq, 0.5)
           AND likelihood(event.seq <= tick.last_seq, 0.5)
  JOIN type_block ON type_block.type = event.type
                 AND type_block.block = event.block
                 AND type_block.block = tick.tick / 8
  JOIN type ON type.id = type_block.type;
