-- How many events each type has, in the order in which the types first appeared. Reads the index on types; the order costs
-- a look-up for each type, where a minimum would cost one more value for each event.
SELECT counted.type, counted.count
  FROM (SELECT events.type AS type, count(*) AS count FROM events GROUP BY events.type) AS counted
 ORDER BY (SELECT events.seq FROM events WHERE events.type = counted.type ORDER BY events.seq LIMIT 1)
