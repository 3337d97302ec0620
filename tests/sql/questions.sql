-- Questions about a history, as an analyst types them at stock sqlite3. run.py asks each of a store and of a table made
-- by hand from the same history, and compares the answers; compare.py measures both.
--
-- `-- name: NAME` begins a question. Names that end with "(effects by id)" look for effects by the text id of their
-- cause. Lines that may follow the name:
--   -- index: NAME[, NAME]   the plan on a store names each of these indexes, and nowhere scans `events` without one
--   -- plan: no scan         the plan nowhere walks through all of `events`, not even along an index
--   -- plan: free with statistics   both are asked for only where SQLite has no statistics, which may know better
-- An answer must be determined: a LIMIT follows an order that has no ties.
--
-- Placeholders (natural.py fills them in from the history):
--   {id} {seq}          an event in the middle that has effects
--   {leaf} {leafseq}    an event after the middle that has a cause and no effects
--   {root} {rootseq}    the first event without a cause that has effects
--   {head}              the first characters of {id}
--   {type} {key}        a frequent type, and a numeric member of its data
--   {type2} {rare}      another frequent type; a rare one whose events have causes
--   {cause}             the type that most often causes others
--   {prefix}            the first part of {type}
--   {texttype} {word} {value}   a frequent type, a text member of its data, and a value that it has
--   {t} {t2}            the tick in the middle, and a later one
--   {s1} {s2}           the timestamp in the middle, and a later one
--   {q1} {q2}           the seq in the middle, and a later one

-- One event, or a few of them.

-- name: what happened in this event
-- index: events_id
-- plan: no scan
SELECT * FROM events WHERE id = '{id}';
-- name: the data of an event by its seq
-- plan: no scan
SELECT type, data FROM events WHERE seq = {seq};
-- name: three events by their ids, in order
-- index: events_id
-- plan: no scan
SELECT seq, id, type FROM events WHERE id IN ('{leaf}', '{root}', '{id}', 'nobody has this id') ORDER BY seq;
-- name: three events by their seqs
-- plan: no scan
SELECT seq, id, tick FROM events WHERE seq IN ({leafseq}, {seq}, {rootseq}, -1);
-- name: either of two ids
-- index: events_id
-- plan: no scan
SELECT seq, type FROM events WHERE id = '{id}' OR id = '{leaf}';
-- name: an id or a seq
-- index: events_id
-- plan: no scan
SELECT seq, id FROM events WHERE id = '{id}' OR seq = {leafseq};
-- name: an id that is of this type only
-- index: events_id
-- plan: no scan
SELECT seq FROM events WHERE id = '{id}' AND type = '{type}';
-- name: is there such an event
-- index: events_id
-- plan: no scan
SELECT EXISTS (SELECT 1 FROM events WHERE id = '{id}'), EXISTS (SELECT 1 FROM events WHERE id = 'nobody has this id');
-- name: ids that begin alike, with LIKE
SELECT count(*), min(seq), max(seq) FROM events WHERE id LIKE '{head}%';
-- name: ids that begin alike, with GLOB
-- index: events_id
-- plan: no scan
SELECT count(*), min(seq), max(seq) FROM events WHERE id GLOB '{head}*';
-- name: a range of ids
-- index: events_id
-- plan: no scan
SELECT id, seq FROM events WHERE id >= '{head}' AND id < '{head}z' ORDER BY id LIMIT 25;
-- name: the next ids in the order of text
-- index: events_id
-- plan: no scan
SELECT id FROM events WHERE id > '{id}' ORDER BY id LIMIT 10;

-- Counts.

-- name: how many events, ticks and types
SELECT count(*), count(DISTINCT tick), count(DISTINCT type) FROM events;
-- name: how many have a cause
SELECT count(*), count(parent_seq), count(parent_id), count(DISTINCT parent_seq), count(DISTINCT parent_id) FROM events;
-- name: the types in alphabetical order
-- index: events_type
SELECT DISTINCT type FROM events ORDER BY type;
-- name: the families of types
SELECT substr(type, 1, instr(type || '.', '.') - 1) AS family, count(*) FROM events GROUP BY family;
-- name: the ten most frequent types, and their share
SELECT type, count(*) AS n, round(100.0 * count(*) / (SELECT count(*) FROM events), 3) AS percent
  FROM events GROUP BY type ORDER BY n DESC, type LIMIT 10;
-- name: types that happened exactly once
-- index: events_type
SELECT type FROM events GROUP BY type HAVING count(*) = 1;
-- name: how many of one type
-- index: events_type
SELECT count(*) FROM events WHERE type = '{type}';
-- name: how many of two types
-- index: events_type
SELECT type, count(*) FROM events WHERE type IN ('{type}', '{type2}') GROUP BY type;
-- name: a family of types, with GLOB
-- index: events_type
SELECT type, count(*) FROM events WHERE type GLOB '{prefix}*' GROUP BY type;
-- name: everything but one type
SELECT count(*) FROM events WHERE type <> '{type}';
-- name: when a type first and last happened
SELECT type, min(tick), max(tick), max(tick) - min(tick) FROM events GROUP BY type;
-- name: the first event of each type
SELECT e.seq, e.id, e.type FROM events e JOIN (SELECT min(seq) AS seq FROM events GROUP BY type) f ON f.seq = e.seq;
-- name: how many types in a tick
SELECT tick, count(DISTINCT type) AS kinds FROM events GROUP BY tick ORDER BY kinds DESC, tick LIMIT 15;
-- name: histogram of the sizes of ticks
SELECT n, count(*) FROM (SELECT count(*) AS n FROM events GROUP BY tick) GROUP BY n;
-- name: crowded ticks of one type
SELECT tick, count(*) AS n FROM events WHERE type = '{type}' GROUP BY tick HAVING n > 1 ORDER BY n DESC, tick LIMIT 10;
-- name: events a hundred ticks
SELECT tick / 100 AS century, count(*), sum(type = '{type}') FROM events GROUP BY century;

-- Ranges of ticks, of timestamps, of seqs.

-- name: all of one tick
-- index: events_tick
-- plan: no scan
SELECT seq, id, type FROM events WHERE tick = {t} ORDER BY seq;
-- name: all of a span of ticks
-- index: events_tick
-- plan: no scan
SELECT seq, tick, id, type FROM events WHERE tick BETWEEN {t} AND {t2};
-- name: a span of ticks by type
SELECT type, count(*) FROM events WHERE tick BETWEEN {t} AND {t2} GROUP BY type;
-- name: one type in one tick
-- index: events_tick
-- plan: no scan
SELECT seq, id, data FROM events WHERE type = '{type}' AND tick = {t};
-- name: a few ticks
-- index: events_tick
-- plan: no scan
SELECT tick, count(*) FROM events WHERE tick IN ({t}, {t} + 1, {t2}, -7) GROUP BY tick;
-- name: what happened before a tick
-- index: events_tick
-- plan: no scan
SELECT count(*), max(seq) FROM events WHERE tick < {t};
-- name: a type within a span of ticks
SELECT seq, tick, data FROM events WHERE type = '{type}' AND tick >= {t} AND tick < {t2} ORDER BY seq LIMIT 200;
-- name: the tick after this one
-- index: events_tick
-- plan: no scan
SELECT min(tick) FROM events WHERE tick > {t};
-- name: between two seqs
-- plan: no scan
SELECT type, count(*) FROM events WHERE seq BETWEEN {q1} AND {q2} GROUP BY type;
-- name: everything after a seq that was read already
-- plan: no scan
SELECT seq, id, type FROM events WHERE seq > {q1} ORDER BY seq LIMIT 100;
-- name: between two moments
SELECT count(*), min(seq), max(seq) FROM events WHERE timestamp >= {s1} AND timestamp < {s2};
-- name: moments where the clock went back
SELECT count(*) FROM (SELECT timestamp - lag(timestamp) OVER (ORDER BY seq) AS step FROM events) WHERE step < 0;
-- name: events by the hour of the day
SELECT strftime('%H', timestamp, 'unixepoch') AS hour, count(*) FROM events GROUP BY hour;
-- name: the busiest days
SELECT date(timestamp, 'unixepoch') AS day, count(*) AS n FROM events GROUP BY day ORDER BY n DESC, day LIMIT 10;
-- name: from when to when, in words
SELECT datetime(min(timestamp), 'unixepoch'), datetime(max(timestamp), 'unixepoch'),
       round((max(timestamp) - min(timestamp)) / 86400.0, 3)
  FROM events;

-- First and last, pages.

-- name: the newest events
-- plan: no scan
SELECT seq, id, type FROM events WHERE seq > (SELECT max(seq) FROM events) - 20 ORDER BY seq DESC;
-- name: the oldest twenty
SELECT seq, id, type, data FROM events ORDER BY seq LIMIT 20;
-- name: the last page but one
SELECT seq, id, type FROM events ORDER BY seq DESC LIMIT 20 OFFSET 20;
-- name: newest ticks first, each in its order
SELECT tick, seq, type FROM events ORDER BY tick DESC, seq LIMIT 30;
-- name: newest first by tick and seq
-- index: events_tick
SELECT id, type FROM events ORDER BY tick DESC, seq DESC LIMIT 30 OFFSET 10;
-- name: the latest by the clock
SELECT id, timestamp FROM events ORDER BY timestamp DESC, seq DESC LIMIT 10;
-- name: by type from behind
-- index: events_type
SELECT type, seq FROM events ORDER BY type DESC, seq DESC LIMIT 25;
-- name: by type from the front, a later page
-- index: events_type
SELECT type, seq, id FROM events ORDER BY type, seq LIMIT 25 OFFSET 40;
-- name: the last event of a type
-- index: events_type
-- plan: no scan
SELECT seq, id, tick, data FROM events WHERE type = '{type}' ORDER BY seq DESC LIMIT 1;
-- name: the second event of a type
-- index: events_type
-- plan: no scan
SELECT seq, id, tick FROM events WHERE type = '{type2}' ORDER BY seq LIMIT 1 OFFSET 1;
-- name: the last of a rare type before a moment
SELECT seq, tick, data FROM events WHERE type = '{rare}' AND seq < {q2} ORDER BY seq DESC LIMIT 1;
-- name: the last event before a tick
-- index: events_tick
-- plan: no scan
SELECT seq, id, type FROM events WHERE tick < {t} ORDER BY tick DESC, seq DESC LIMIT 1;
-- name: first and last tick and seq
SELECT (SELECT min(tick) FROM events), (SELECT max(tick) FROM events), (SELECT min(seq) FROM events),
       (SELECT max(seq) FROM events);

-- Causes.

-- name: what caused this event, by id
-- index: events_id
-- plan: no scan
SELECT p.id, p.type, p.tick FROM events c JOIN events p ON p.id = c.parent_id WHERE c.id = '{leaf}';
-- name: what caused this event, by seq
-- index: events_id
-- plan: no scan
SELECT p.id, p.type, p.tick FROM events c JOIN events p ON p.seq = c.parent_seq WHERE c.id = '{leaf}';
-- name: the cause as a subquery
-- index: events_id
-- plan: no scan
SELECT * FROM events WHERE id = (SELECT parent_id FROM events WHERE id = '{leaf}');
-- name: causes of the events of a tick, also of those without
-- index: events_tick, events_id
-- plan: no scan
SELECT c.seq, c.type, p.seq, p.type FROM events c LEFT JOIN events p ON p.id = c.parent_id WHERE c.tick = {t};
-- name: the grandparent by seq
-- plan: no scan
SELECT g.id, g.type FROM events c JOIN events p ON p.seq = c.parent_seq JOIN events g ON g.seq = p.parent_seq
 WHERE c.seq = {leafseq};
-- name: grandparents of a rare type by id
-- index: events_type, events_id
-- plan: no scan
SELECT c.id, g.id, g.type
  FROM events c LEFT JOIN events p ON p.id = c.parent_id LEFT JOIN events g ON g.id = p.parent_id
 WHERE c.type = '{rare}';
-- name: events whose cause is of a type, by seq
SELECT count(*), min(c.seq), max(c.seq) FROM events c JOIN events p ON p.seq = c.parent_seq WHERE p.type = '{cause}';
-- name: events whose cause is of a type, by id
SELECT c.type, count(*) FROM events c JOIN events p ON p.id = c.parent_id WHERE p.type = '{cause}' GROUP BY c.type;
-- name: which type leads to which
SELECT p.type AS cause, c.type AS effect, count(*) AS n FROM events c JOIN events p ON p.seq = c.parent_seq
 GROUP BY cause, effect ORDER BY n DESC, cause, effect LIMIT 40;
-- name: chains of three types
SELECT g.type, p.type, c.type, count(*) AS n
  FROM events c JOIN events p ON p.seq = c.parent_seq JOIN events g ON g.seq = p.parent_seq
 GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2, 3 LIMIT 20;
-- name: how long a cause takes to have an effect
SELECT c.tick - p.tick AS ticks, count(*) FROM events c JOIN events p ON p.id = c.parent_id GROUP BY ticks;
-- name: effects in a later tick than their causes
SELECT count(*) FROM events c WHERE c.tick > (SELECT p.tick FROM events p WHERE p.seq = c.parent_seq);
-- name: causes of the same type as their effects
SELECT c.type, count(*) FROM events c WHERE c.type = (SELECT p.type FROM events p WHERE p.id = c.parent_id)
 GROUP BY c.type;
-- name: the slowest effects
SELECT c.id, p.id, round(c.timestamp - p.timestamp, 6) AS seconds
  FROM events c JOIN events p ON p.seq = c.parent_seq ORDER BY c.timestamp - p.timestamp DESC, c.seq LIMIT 10;

-- Events without a cause.

-- name: how many have no cause, by type
SELECT type, count(*) FROM events WHERE parent_seq IS NULL GROUP BY type;
-- name: the first roots by id
-- index: events_parent_id
-- plan: no scan
SELECT seq, id FROM events WHERE parent_id IS NULL ORDER BY seq LIMIT 10;
-- name: the last roots by seq
-- index: events_parent_seq
-- plan: no scan
SELECT seq, id FROM events WHERE parent_seq IS NULL ORDER BY seq DESC LIMIT 10;
-- name: causes that are not in this file
SELECT seq, id, parent_id FROM events WHERE parent_id IS NOT NULL AND parent_seq IS NULL ORDER BY seq LIMIT 50;
-- name: types that are sometimes caused and sometimes not
SELECT type, count(*), count(parent_id) AS caused FROM events GROUP BY type HAVING caused BETWEEN 1 AND count(*) - 1;
-- name: what begins a tick
SELECT type, count(*) FROM roots GROUP BY type;
-- name: roots of a tick
SELECT seq, id, type, parent_id FROM roots WHERE tick = {t};

-- Effects.

-- name: effects of an event by seq
-- index: events_parent_seq
-- plan: no scan
SELECT seq, id, type FROM events WHERE parent_seq = {seq} ORDER BY seq;
-- name: effects of an event (effects by id)
-- index: events_parent_id
-- plan: no scan
SELECT seq, id, type FROM events WHERE parent_id = '{id}' ORDER BY seq;
-- name: effects of several events (effects by id)
-- index: events_parent_id
-- plan: no scan
SELECT parent_id, count(*) FROM events WHERE parent_id IN ('{id}', '{root}', '{leaf}') GROUP BY parent_id;
-- name: effects of one type by seq
-- index: events_parent_seq
-- plan: no scan
-- plan: free with statistics
SELECT count(*) FROM events WHERE parent_seq = {seq} AND type = '{type}';
-- name: effects of one type (effects by id)
-- index: events_parent_id
-- plan: no scan
-- plan: free with statistics
SELECT count(*) FROM events WHERE parent_id = '{id}' AND type = '{type}';
-- name: list of the effects of one type (effects by id)
-- index: events_parent_id
-- plan: no scan
-- plan: free with statistics
SELECT seq, id, tick FROM events WHERE type = '{type}' AND parent_id = '{id}' ORDER BY seq;
-- name: did events of a tick have effects of a type (effects by id)
-- index: events_tick, events_parent_id
-- plan: no scan
-- plan: free with statistics
SELECT p.seq, EXISTS (SELECT 1 FROM events c WHERE c.parent_id = p.id AND c.type = '{type}') FROM events p
 WHERE p.tick = {t};
-- name: the cause and its effects in one list (effects by id)
-- index: events_id, events_parent_id
-- plan: no scan
SELECT seq, id, type FROM events WHERE id = '{id}' OR parent_id = '{id}';
-- name: how many effects the events of a tick had (effects by id)
-- index: events_tick, events_parent_id
-- plan: no scan
SELECT p.seq, count(c.seq) FROM events p LEFT JOIN events c ON c.parent_id = p.id WHERE p.tick = {t} GROUP BY p.seq;
-- name: siblings of an event by seq
-- index: events_parent_seq
-- plan: no scan
SELECT s.seq, s.type FROM events e JOIN events s ON s.parent_seq = e.parent_seq AND s.seq <> e.seq
 WHERE e.seq = {leafseq};
-- name: siblings of an event (effects by id)
-- index: events_id, events_parent_id
-- plan: no scan
SELECT s.seq, s.type FROM events e JOIN events s ON s.parent_id = e.parent_id WHERE e.id = '{leaf}' AND s.id <> e.id;
-- name: grandchildren (effects by id)
-- index: events_parent_id
-- plan: no scan
SELECT g.seq, g.type FROM events c JOIN events g ON g.parent_id = c.id WHERE c.parent_id = '{id}';
-- name: events of a type that led to nothing, by seq
SELECT count(*) FROM events e
 WHERE e.type = '{type2}' AND NOT EXISTS (SELECT 1 FROM events c WHERE c.parent_seq = e.seq);
-- name: events of a type that led to nothing (effects by id)
-- index: events_parent_id
SELECT count(*), min(e.seq) FROM events e LEFT JOIN events c ON c.parent_id = e.id
 WHERE e.type = '{type2}' AND c.seq IS NULL;
-- name: leaves, with NOT IN
SELECT count(*) FROM events WHERE seq NOT IN (SELECT parent_seq FROM events WHERE parent_seq IS NOT NULL);
-- name: events that caused something, with IN
SELECT count(*) FROM events WHERE id IN (SELECT parent_id FROM events);
-- name: events that caused one of a rare type (effects by id)
SELECT e.seq, e.type FROM events e
 WHERE EXISTS (SELECT 1 FROM events c WHERE c.parent_id = e.id AND c.type = '{rare}') ORDER BY e.seq LIMIT 50;
-- name: the events with most effects, by seq
-- index: events_parent_seq
SELECT parent_seq, count(*) AS n FROM events WHERE parent_seq IS NOT NULL GROUP BY parent_seq
 ORDER BY n DESC, parent_seq LIMIT 10;
-- name: events with five effects or more (effects by id)
-- index: events_parent_id
SELECT parent_id, count(*) AS n FROM events WHERE parent_id IS NOT NULL GROUP BY parent_id HAVING n >= 5
 ORDER BY n DESC, parent_id LIMIT 20;
-- name: the most fertile events with their types (effects by id)
SELECT p.id, p.type, n
  FROM (SELECT parent_id, count(*) AS n FROM events GROUP BY parent_id) c JOIN events p ON p.id = c.parent_id
 ORDER BY n DESC, p.seq LIMIT 10;
-- name: how many effects an event of each type has on average
SELECT p.type, round(1.0 * sum((SELECT count(*) FROM events c WHERE c.parent_seq = p.seq)) / count(*), 4)
  FROM events p GROUP BY p.type;
-- name: types that never have effects
SELECT DISTINCT type FROM events
EXCEPT SELECT p.type FROM events c JOIN events p ON p.seq = c.parent_seq;
-- name: types that are never caused
SELECT type FROM events GROUP BY type HAVING max(parent_seq) IS NULL;
-- name: the last effect of each event of a rare type
SELECT e.seq, (SELECT max(c.seq) FROM events c WHERE c.parent_seq = e.seq) FROM events e WHERE e.type = '{rare}';
-- name: cause and effect with a third between them in the same tick
SELECT count(*) FROM events c JOIN events p ON p.seq = c.parent_seq
 WHERE c.tick = p.tick AND c.seq > p.seq + 1 AND c.tick BETWEEN {t} AND {t2};

-- Up and down the tree.

-- name: the way up by seq
-- plan: no scan
WITH RECURSIVE up(seq, parent_seq, type, depth) AS (
    SELECT seq, parent_seq, type, 0 FROM events WHERE seq = {leafseq}
    UNION ALL SELECT e.seq, e.parent_seq, e.type, up.depth + 1 FROM up JOIN events e ON e.seq = up.parent_seq)
SELECT depth, seq, type FROM up;
-- name: the way up by id
-- index: events_id
-- plan: no scan
WITH RECURSIVE up(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM events WHERE id = '{leaf}'
    UNION ALL SELECT e.id, e.parent_id, up.depth + 1 FROM up JOIN events e ON e.id = up.parent_id)
SELECT id, depth FROM up ORDER BY depth;
-- name: the root of an event
-- plan: no scan
WITH RECURSIVE up(seq) AS (
    VALUES ({leafseq}) UNION ALL
    SELECT e.parent_seq FROM up JOIN events e ON e.seq = up.seq WHERE e.parent_seq IS NOT NULL)
SELECT id, type, tick FROM events WHERE seq = (SELECT min(seq) FROM up);
-- name: all that followed from an event, by seq
-- index: events_parent_seq
-- plan: no scan
WITH RECURSIVE down(seq) AS (
    SELECT {seq} UNION ALL SELECT e.seq FROM down JOIN events e ON e.parent_seq = down.seq)
SELECT e.type, count(*) FROM down JOIN events e ON e.seq = down.seq GROUP BY e.type;
-- name: all that followed from an event (effects by id)
-- index: events_id, events_parent_id
-- plan: no scan
WITH RECURSIVE down(id) AS (
    SELECT id FROM events WHERE id = '{id}' UNION SELECT e.id FROM down JOIN events e ON e.parent_id = down.id)
SELECT count(*) FROM down;
-- name: all that followed from the first root (effects by id)
-- index: events_parent_id
-- plan: no scan
WITH RECURSIVE down(id, depth) AS (
    SELECT '{root}', 0 UNION ALL SELECT e.id, down.depth + 1 FROM down JOIN events e ON e.parent_id = down.id)
SELECT count(*), max(depth) FROM down;
-- name: three levels below an event
-- index: events_parent_seq
-- plan: no scan
WITH RECURSIVE down(seq, depth) AS (
    SELECT {seq}, 0 UNION ALL
    SELECT e.seq, depth + 1 FROM down JOIN events e ON e.parent_seq = down.seq WHERE depth < 3)
SELECT depth, count(*) FROM down GROUP BY depth;
-- name: histogram of depths
WITH RECURSIVE tree(seq, depth) AS (
    SELECT seq, 0 FROM events WHERE parent_seq IS NULL
    UNION ALL SELECT e.seq, tree.depth + 1 FROM tree JOIN events e ON e.parent_seq = tree.seq)
SELECT depth, count(*) FROM tree GROUP BY depth;
-- name: the largest trees
WITH RECURSIVE tree(seq, root) AS (
    SELECT seq, seq FROM events WHERE parent_seq IS NULL
    UNION ALL SELECT e.seq, tree.root FROM tree JOIN events e ON e.parent_seq = tree.seq)
SELECT root, count(*) AS n FROM tree GROUP BY root ORDER BY n DESC, root LIMIT 10;
-- name: what followed from an event within a span of ticks
WITH RECURSIVE down(seq) AS (
    SELECT {seq} UNION ALL SELECT e.seq FROM down JOIN events e ON e.parent_seq = down.seq WHERE e.tick <= {t2})
SELECT count(*), max(seq) FROM down;

-- One event after another.

-- name: ticks between two events of a type
SELECT gap, count(*) FROM (SELECT tick - lag(tick) OVER (ORDER BY seq) AS gap FROM events WHERE type = '{type}')
 WHERE gap IS NOT NULL GROUP BY gap ORDER BY gap LIMIT 30;
-- name: longest silence of each type
SELECT type, max(gap) FROM (SELECT type, tick - lag(tick) OVER (PARTITION BY type ORDER BY seq) AS gap FROM events)
 GROUP BY type;
-- name: running total of a type
SELECT tick, sum(n) OVER (ORDER BY tick)
  FROM (SELECT tick, count(*) AS n FROM events WHERE type = '{type}' GROUP BY tick)
 ORDER BY tick DESC LIMIT 20;
-- name: the first three of each type
SELECT type, seq, id FROM (SELECT *, row_number() OVER (PARTITION BY type ORDER BY seq) AS n FROM events) WHERE n <= 3;
-- name: rank of the types
SELECT type, count(*), dense_rank() OVER (ORDER BY count(*) DESC) FROM events GROUP BY type;
-- name: which type follows which
SELECT a.type, b.type, count(*) AS n FROM events a JOIN events b ON b.seq = a.seq + 1
 GROUP BY a.type, b.type ORDER BY n DESC, a.type, b.type LIMIT 25;
-- name: repeated types, with a window
SELECT type, count(*) FROM (SELECT type, lag(type) OVER (ORDER BY seq) AS before FROM events) WHERE type = before
 GROUP BY type;
-- name: gaps between ticks
SELECT a.tick, min(b.tick) - a.tick AS gap FROM (SELECT DISTINCT tick FROM events WHERE tick < {t2}) a
  JOIN events b ON b.tick = (SELECT min(tick) FROM events WHERE tick > a.tick)
 GROUP BY a.tick ORDER BY gap DESC, a.tick LIMIT 10;
-- name: the event of another type just before each rare one
-- index: events_type
SELECT e.seq, (SELECT max(b.seq) FROM events b WHERE b.type = '{type2}' AND b.seq < e.seq)
  FROM events e WHERE e.type = '{rare}';
-- name: ticks without a type
SELECT count(*), min(tick), max(tick)
  FROM (SELECT tick FROM events EXCEPT SELECT tick FROM events WHERE type = '{type}');
-- name: ticks where two types met
SELECT count(*), min(tick) FROM (SELECT tick FROM events WHERE type = '{type}' INTERSECT
                                 SELECT tick FROM events WHERE type = '{type2}');
-- name: a rare type together with a frequent one in a tick
SELECT DISTINCT r.tick FROM events r WHERE r.type = '{rare}'
   AND r.tick IN (SELECT tick FROM events WHERE type = '{type}');
-- name: rare ones whose tick has a frequent type, too
-- index: events_type, events_tick
-- plan: no scan
SELECT count(*) FROM events r
 WHERE r.type = '{rare}' AND EXISTS (SELECT 1 FROM events o WHERE o.tick = r.tick AND o.type = '{type}');
-- name: ticks without a type, with NOT EXISTS
-- index: events_tick
SELECT count(*) FROM (SELECT DISTINCT tick FROM events) t
 WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.tick = t.tick AND e.type = '{type2}');
-- name: pairs of types in a tick
-- index: events_type, events_tick
-- plan: no scan
SELECT a.seq, b.seq FROM events a JOIN events b ON b.tick = a.tick AND b.type = '{type2}' WHERE a.type = '{rare}'
 ORDER BY a.seq, b.seq LIMIT 100;
-- name: two types in one list
-- index: events_type, events_tick
-- plan: no scan
SELECT 'rare' AS why, seq, id FROM events WHERE type = '{rare}' UNION ALL
SELECT 'tick', seq, id FROM events WHERE tick = {t};
-- name: ticks busier than the average
WITH sizes AS (SELECT tick, count(*) AS n FROM events GROUP BY tick)
SELECT count(*), max(n) FROM sizes WHERE n > (SELECT avg(n) FROM sizes);
-- name: events of the busiest tick
WITH busiest AS (SELECT tick FROM events GROUP BY tick ORDER BY count(*) DESC, tick LIMIT 1)
SELECT e.type, count(*) FROM busiest JOIN events e ON e.tick = busiest.tick GROUP BY e.type;

-- Data.

-- name: sum, smallest and largest of a member
SELECT count(data ->> '{key}'), round(sum(data ->> '{key}'), 3), min(data ->> '{key}'), max(data ->> '{key}')
  FROM events WHERE type = '{type}';
-- name: average of a member by span of ticks
SELECT tick / 500 AS span, round(avg(data ->> '{key}'), 4), count(*) FROM events WHERE type = '{type}' GROUP BY span;
-- name: the most frequent values of a member
SELECT data ->> '{word}' AS value, count(*) AS n FROM events WHERE type = '{texttype}'
 GROUP BY value ORDER BY n DESC, value LIMIT 10;
-- name: events where a member has a value
SELECT seq, tick, data FROM events WHERE type = '{texttype}' AND data ->> '{word}' = '{value}' ORDER BY seq LIMIT 50;
-- name: events of any type where a member has a value
SELECT type, count(*) FROM events WHERE json_extract(data, '$.{word}') = '{value}' GROUP BY type;
-- name: events whose data says a word somewhere
SELECT count(*), min(seq) FROM events WHERE data LIKE '%{value}%';
-- name: the events with the largest value
SELECT seq, data ->> '{key}' AS value FROM events WHERE type = '{type}' AND data ->> '{key}' IS NOT NULL
 ORDER BY value DESC, seq LIMIT 10;
-- name: members of the data of a type
SELECT j.key, j.type, count(*) FROM events e, json_each(e.data) j WHERE e.type = '{type}' GROUP BY j.key, j.type;
-- name: members of the data in a span of seqs
-- plan: no scan
SELECT e.seq, j.key, j.value FROM events e JOIN json_each(e.data) j
 WHERE e.seq BETWEEN {q1} AND {q1} + 30 AND j.atom IS NOT NULL;
-- name: events without data
SELECT type, count(*) FROM events WHERE data = '{}' GROUP BY type;
-- name: sizes of data by type
SELECT type, sum(length(data)), max(length(data)) FROM events GROUP BY type;
-- name: change of a member from one event to the next
SELECT seq, value, value - lag(value) OVER (ORDER BY seq) AS change
  FROM (SELECT seq, data ->> '{key}' AS value FROM events WHERE type = '{type}' AND seq < {q2})
 ORDER BY seq DESC LIMIT 40;

-- The views beside it.

-- name: the ticks with their sizes
SELECT tick, count, first_seq, last_seq FROM ticks ORDER BY count DESC, tick LIMIT 20;
-- name: events of a tick by the range of its seqs
SELECT e.seq, e.type FROM ticks t JOIN events e ON e.seq BETWEEN t.first_seq AND t.last_seq WHERE t.tick = {t};
-- name: the types with their counts
SELECT type, count, first_tick, last_tick FROM type_counts;
-- name: types that ended early
SELECT type, last_tick FROM type_counts WHERE last_tick < {t} ORDER BY last_tick, type;
