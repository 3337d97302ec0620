-- How many events each type has, in the order in which the types first appeared.
CREATE VIEW type_counts AS
SELECT counted.type AS type,
       counted.count AS count,
       (SELECT events.tick FROM events WHERE events.seq = counted.first_seq) AS first_tick,
       (SELECT events.tick FROM events WHERE events.seq = counted.last_seq) AS last_tick
  FROM (SELECT type, count(*) AS count, min(seq) AS first_seq, max(seq) AS last_seq FROM events GROUP BY type) AS counted
 ORDER BY counted.first_seq;
