-- The longest chain of causes in each run: its number of events, and the event at its end (the first of equals). The
-- search goes from the events without a cause down; LATERAL and OFFSET 0 make each step a look-up in one run.
WITH RECURSIVE reached AS
(
    SELECT run, seq, id, 1 AS length FROM eventure.events WHERE parent_seq IS NULL
    UNION ALL
    SELECT reached.run, effect.seq, effect.id, reached.length + 1
      FROM reached
     CROSS JOIN LATERAL (SELECT events.seq, events.id
                           FROM eventure.events
                          WHERE events.run = reached.run AND events.parent_seq = reached.seq
                         OFFSET 0) AS effect
), longest AS
(
    SELECT DISTINCT ON (run) run, length, id FROM reached ORDER BY run, length DESC, seq
)
SELECT runs.name, longest.length, longest.id
  FROM eventure.runs JOIN longest USING (run)
 ORDER BY longest.length DESC, runs.name COLLATE "C";
