     LIMIT (SELECT coalesce((SELECT max(events.seq) FROM main.events), (SELECT max(archive.last_seq) FROM main.archive), 1))
)
SELECT events.seq, events.id, events.tick, events.timestamp, events.type, events.data, events.parent_id,
       events.parent_seq, cascade.depth
  FROM cascade CROSS JOIN main.events ON events.seq = cascade.seq
