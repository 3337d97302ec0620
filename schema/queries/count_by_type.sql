-- The number of events of each type, in the order in which the types first appeared. Reads the index on types. The
-- order costs one look-up for each type; a minimum would cost one more value for each event.
SELECT counted.type, counted.count
  FROM (SELECT events.type AS type, count(*) AS count FROM events GROUP BY events.type) AS counted
 ORDER BY (SELECT events.seq FROM events WHERE events.type = counted.type ORDER BY events.seq LIMIT 1)
