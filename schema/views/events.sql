-- The history as people read it. Look-ups by seq, type, tick and parent_seq use indexes; `WHERE id = …` alone must
-- scan, while `WHERE tick = 4 AND id = '4-FADA-1'` does not.
--
-- The tables tick and type_block are joined as indexes are: a tick is a range of seqs, a type some blocks of ticks. How
-- likely the conditions are said to be is what makes SQLite take the one or the other, and neither where the seq or the
-- parent is known; so do the pluses and the IS, which keep it from looking for a block when it has no type. Each of these
-- plans has a test.
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
           AND likelihood(event.seq >= tick.first_seq, 0.0016)
           AND likelihood(event.seq <= tick.last_seq, 0.0016)
  JOIN type_block ON type_block.type = event.type
                 AND type_block.block = +event.block
                 AND type_block.block IS tick.tick / 8
                 AND likelihood(event.block = +type_block.block, 0.0000005)
  JOIN type ON type.id = type_block.type;
