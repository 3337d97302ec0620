-- The types in the order in which they first appeared. Reads the index on types.
SELECT counted.type, event_type_hash(counted.type), counted.count,
       (SELECT events.tick FROM main.events WHERE events.type = counted.type ORDER BY events.seq LIMIT 1),
       (SELECT events.tick FROM main.events WHERE events.type = counted.type ORDER BY events.seq DESC LIMIT 1)
  FROM (SELECT events.type AS type, count(*) AS count FROM main.events GROUP BY events.type) AS counted
 ORDER BY (SELECT events.seq FROM main.events WHERE events.type = counted.type ORDER BY events.seq LIMIT 1)
