-- Every event with all columns that its digests cover, and the id of its parent, in the order of the store.
SELECT events.seq, events.tick, events.type, events.parent_seq, events.timestamp, events.data, events.id,
       events.parent_id, coalesce(parent.id, archived_events.id)
  FROM events
  LEFT JOIN events AS parent ON parent.seq = events.parent_seq
  LEFT JOIN archived_events ON archived_events.seq = events.parent_seq
 ORDER BY events.seq
