-- The types in the order in which they first appeared. Reads the index on types.
SELECT counted.type, event_type_hash(counted.type), counted.count,
       (SELECT events.tick FROM main.events WHERE events.seq = counted.first_seq),
       (SELECT events.tick FROM main.events WHERE events.seq = counted.last_seq)
  FROM (SELECT events.type AS type, count(*) AS count, min(events.seq) AS first_seq, max(events.seq) AS last_seq
          FROM main.events
         GROUP BY events.type) AS counted
 ORDER BY counted.first_seq
