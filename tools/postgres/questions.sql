-- Queries on one run: functions that return events with the columns of the view eventure.events. The results and their
-- order are those of the same query on the store. Runs after schema.sql and shipping.sql.
--
-- Each function finds the parts of the run, and then looks into the event table once for each part. OFFSET 0 keeps the
-- look-up as it is written: the run of the part is then a parameter of the look-up, so that PostgreSQL reads only the
-- partition of this part, by one of its indexes. A join would permit it to read all partitions once instead.

-- The events of a tick, as appended.
CREATE FUNCTION eventure.at_tick(run uuid, tick bigint) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    SELECT part.run, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
           found.parent_seq, found.parent_id, found.data, found.data_text
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT event.*
                           FROM eventure.event
                          WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                            AND event.tick = at_tick.tick
                          OFFSET 0) AS found
     WHERE part.run = at_tick.run
     ORDER BY found.seq
$$;

-- The events up to a tick, that tick included, as appended.
CREATE FUNCTION eventure.until_tick(run uuid, tick bigint) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    SELECT part.run, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
           found.parent_seq, found.parent_id, found.data, found.data_text
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT event.*
                           FROM eventure.event
                          WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                            AND event.seq <= (SELECT newest.last_seq
                                               FROM eventure.newest_tick(until_tick.run, until_tick.tick) AS newest)
                          OFFSET 0) AS found
     WHERE part.run = until_tick.run
     ORDER BY found.seq
$$;

-- The events of a type, or of the types that match a pattern, as appended: `player.*` are the types that begin with
-- `player.`, `*.error` those that end with `.error`, and `*` all types. When the pattern is a constant, PostgreSQL
-- evaluates the conditions of the CASE when it plans, so that only the branch for this pattern remains in the plan.
CREATE FUNCTION eventure.by_type(run uuid, pattern text) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    SELECT part.run, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
           found.parent_seq, found.parent_id, found.data, found.data_text
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT event.*
                           FROM eventure.event
                          WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                            AND CASE WHEN position('*' IN by_type.pattern) = 0 THEN event.type = by_type.pattern
                                      WHEN right(by_type.pattern, 1) = '*'
                                      THEN starts_with(event.type, left(by_type.pattern, -1))
                                      ELSE right(event.type, length(by_type.pattern) - 1) = substr(by_type.pattern, 2)
                                  END
                          OFFSET 0) AS found
     WHERE part.run = by_type.run
     ORDER BY found.seq
$$;

-- The direct children of an event, as appended: the events that name its id as their cause, also when no event of the
-- run has this id.
CREATE FUNCTION eventure.children(run uuid, id text) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    SELECT part.run, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
           found.parent_seq, found.parent_id, found.data, found.data_text
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT event.*
                           FROM eventure.event
                          WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                            AND event.parent_id = children.id
                          OFFSET 0) AS found
     WHERE part.run = children.run
     ORDER BY found.seq
$$;

-- The events with no parent, or with a parent in an earlier tick, as appended. Reads every event of the run.
CREATE FUNCTION eventure.roots(run uuid) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    SELECT part.run, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
           found.parent_seq, found.parent_id, found.data, found.data_text
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT event.*, ticks.first_seq
                           FROM (SELECT *
                                   FROM eventure.event
                                  WHERE event.run = part.part
                                 OFFSET 0) AS event
                           JOIN (SELECT tick.tick, tick.first_seq
                                   FROM eventure.tick
                                  WHERE tick.run = part.part
                                 OFFSET 0) AS ticks
                             ON ticks.tick = event.tick
                          WHERE event.seq > part.after_seq AND event.seq <= part.last_seq
                            AND (event.parent_seq IS NULL OR event.parent_seq < ticks.first_seq)
                         OFFSET 0) AS found
     WHERE part.run = roots.run
     ORDER BY found.seq
$$;

-- As above, for one tick.
CREATE FUNCTION eventure.roots(run uuid, tick bigint) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    SELECT part.run, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
           found.parent_seq, found.parent_id, found.data, found.data_text
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT event.*, ticks.first_seq
                           FROM (SELECT *
                                   FROM eventure.event
                                  WHERE event.run = part.part AND event.tick = roots.tick
                                 OFFSET 0) AS event
                           JOIN (SELECT tick.tick, tick.first_seq
                                   FROM eventure.tick
                                  WHERE tick.run = part.part AND tick.tick = roots.tick
                                 OFFSET 0) AS ticks
                             ON ticks.tick = event.tick
                          WHERE event.seq > part.after_seq AND event.seq <= part.last_seq
                            AND (event.parent_seq IS NULL OR event.parent_seq < ticks.first_seq)
                         OFFSET 0) AS found
     WHERE part.run = roots.run
     ORDER BY found.seq
$$;

-- The parent of an event, its parent, and so on up to the root. A parent_seq is smaller than the seq of its event, so
-- the search ends.
CREATE FUNCTION eventure.ancestors(run uuid, id text) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way AS
    (
        SELECT 0::bigint AS depth, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer,
               found.type, found.parent_seq, found.parent_id, found.data, found.data_text
          FROM eventure.part
         CROSS JOIN LATERAL (SELECT event.*
                               FROM eventure.event
                              WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                                AND event.id = ancestors.id
                              OFFSET 0) AS found
         WHERE part.run = ancestors.run
        UNION ALL
        SELECT way.depth + 1, found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
               found.parent_seq, found.parent_id, found.data, found.data_text
          FROM way
         CROSS JOIN eventure.part
         CROSS JOIN LATERAL (SELECT event.*
                               FROM eventure.event
                              WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                                AND event.seq = way.parent_seq
                              OFFSET 0) AS found
         WHERE part.run = ancestors.run AND way.parent_seq < way.seq
    )
    SELECT ancestors.run, way.seq, way.id, way.tick, way.timestamp, way.timestamp_integer, way.type,
           way.parent_seq, way.parent_id, way.data, way.data_text
      FROM way
     WHERE way.depth > 0
     ORDER BY way.depth
$$;

-- An event and all its descendants, breadth-first, children as appended. The search follows parent_id and not
-- parent_seq, because an imported effect may precede its cause, and so that it also works for an id that no event of
-- the run has. Each event has one parent, so every cycle that the search can enter contains the event `id`; the
-- condition on this id ends it. In a damaged history, in which an id occurs twice, the search ends after as many levels
-- as the run has events.
--
-- The first row of `effects`, at depth 0, is not an event, but only the id; `answer` replaces it by the event, if there
-- is one. `place` is the position of a row within its level: children are ordered by the place of their parent.
CREATE FUNCTION eventure.cascade(run uuid, id text) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE effects AS
    (
        SELECT 0::bigint AS depth, 1::bigint AS place, NULL::bigint AS seq, cascade.id COLLATE "C" AS id,
               NULL::bigint AS tick, NULL::float8 AS timestamp, NULL::bigint AS timestamp_integer,
               NULL COLLATE "C" AS type, NULL::bigint AS parent_seq, NULL COLLATE "C" AS parent_id,
               NULL::jsonb AS data, NULL::text AS data_text
        UNION ALL
        SELECT effects.depth + 1, row_number() OVER (ORDER BY effects.place, found.seq),
               found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
               found.parent_seq, found.parent_id, found.data, found.data_text
          FROM effects
         CROSS JOIN eventure.part
         CROSS JOIN LATERAL (SELECT event.*
                               FROM eventure.event
                              WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                                AND event.parent_id = effects.id AND event.id <> cascade.id
                              OFFSET 0) AS found
         WHERE part.run = cascade.run
           AND effects.depth <= (SELECT run.last_seq FROM eventure.run WHERE run.run = cascade.run)
    ), answer AS
    (
        SELECT 0 AS depth, 0 AS place,
               found.seq, found.id, found.tick, found.timestamp, found.timestamp_integer, found.type,
               found.parent_seq, found.parent_id, found.data, found.data_text
          FROM eventure.part
         CROSS JOIN LATERAL (SELECT event.*
                               FROM eventure.event
                              WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                                AND event.id = cascade.id
                              OFFSET 0) AS found
         WHERE part.run = cascade.run
        UNION ALL
        SELECT effects.depth, effects.place,
               effects.seq, effects.id, effects.tick, effects.timestamp, effects.timestamp_integer, effects.type,
               effects.parent_seq, effects.parent_id, effects.data, effects.data_text
          FROM effects
         WHERE effects.depth > 0
    )
    SELECT cascade.run, answer.seq, answer.id, answer.tick, answer.timestamp, answer.timestamp_integer, answer.type,
           answer.parent_seq, answer.parent_id, answer.data, answer.data_text
      FROM answer
     ORDER BY answer.depth, answer.place
$$;

-- The HASH in the ids of a type.
CREATE FUNCTION eventure.type_hash(type text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN upper(left(translate(md5(convert_to(type_hash.type, 'UTF8')), '0123456789', ''), 4)) COLLATE "C";

-- The HASH and the n of an id of the form `{tick}-{HASH}-{n}`; NULL for any other id.
CREATE FUNCTION eventure.id_parts(id text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN parts[1]::numeric <= 9223372036854775807 AND parts[3]::numeric <= 9223372036854775807
                THEN parts[2:3] END
      FROM regexp_match(id_parts.id, '^(0|[1-9][0-9]{0,18})-([A-F]{0,4})-([1-9][0-9]{0,18})$') AS parts
$$;

-- The same events in the order of ids: tick, HASH, n, seq. An id of another form is sorted by the HASH of its type,
-- before the ids that have an n.
CREATE FUNCTION eventure.cascade_by_id(run uuid, id text) RETURNS SETOF eventure.events
LANGUAGE sql STABLE AS $$
    SELECT answer.*
      FROM eventure.cascade(cascade_by_id.run, cascade_by_id.id) AS answer
     ORDER BY answer.tick, coalesce((eventure.id_parts(answer.id))[1], eventure.type_hash(answer.type)) COLLATE "C",
              (eventure.id_parts(answer.id))[2]::numeric NULLS FIRST, answer.seq
$$;

-- The number of events of each type, in the order in which the types first appeared. Reads an index, not the events.
CREATE FUNCTION eventure.count_by_type(run uuid) RETURNS TABLE (type text, count bigint)
LANGUAGE sql STABLE AS $$
    SELECT found.type, count(*)
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT event.type, event.seq
                           FROM eventure.event
                          WHERE event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
                         OFFSET 0) AS found
     WHERE part.run = count_by_type.run
     GROUP BY found.type
     ORDER BY min(found.seq)
$$;
