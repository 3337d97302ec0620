-- The newest event of each value of a key, like a table that contains the current state.
--
-- Needs the extension. :key is a key of the data, in any spelling ('path' when it is not given); :types a type or a
-- pattern ('file.*'); :tick the tick of which the state is wanted (the last one). The types are found by a pass over
-- the index on types, and their events by look-ups in it; to ask for one value often, make an index on the key, or a
-- projection, which keeps such a table up to date.
WITH told AS
(
    SELECT seq, tick, type, event_data(data, coalesce(:key, 'path')) AS about, data
      FROM events
     WHERE type IN (SELECT type FROM event_types() WHERE event_matches(type, coalesce(:types, 'file.*')))
       AND tick <= coalesce(:tick, 9223372036854775807)
),
numbered AS
(
    SELECT *, row_number() OVER (PARTITION BY about ORDER BY seq DESC) AS newest,
           count(*) OVER (PARTITION BY about) AS times
      FROM told
     WHERE about IS NOT NULL
)
SELECT about, times, type AS last_type, tick AS last_tick, data AS last_data
  FROM numbered
 WHERE newest = 1
 ORDER BY times DESC, about
 LIMIT 10;
