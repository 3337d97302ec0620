-- How many events each type has, in the order in which the types first appeared. Reads the index on types.
SELECT events.type, count(*) FROM events GROUP BY events.type ORDER BY min(events.seq)
