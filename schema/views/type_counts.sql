-- The number of events of each type, in the order in which the types first appeared.
CREATE VIEW type_counts AS
SELECT counted.type AS type,
       counted.count AS count,
       (SELECT events.tick FROM events WHERE events.type = counted.type ORDER BY events.seq LIMIT 1) AS first_tick,
       (SELECT events.tick FROM events WHERE events.type = counted.type ORDER BY events.seq DESC LIMIT 1) AS last_tick
  FROM (SELECT type, count(*) AS count FROM events GROUP BY type) AS counted
 ORDER BY (SELECT events.seq FROM events WHERE events.type = counted.type ORDER BY events.seq LIMIT 1);
