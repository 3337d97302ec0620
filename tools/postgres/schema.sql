-- The schema `eventure`: the histories of any number of runs on a PostgreSQL server. `eventure ship` makes it, and
-- fills it; docs/fleet.md describes it. The tables `run`, `part`, `event` and `tick` are filled by the shipper. Users
-- query the views `runs`, `events`, `ticks` and `types`, and call the functions in questions.sql.
--
-- :partitions is replaced by the number of partitions.

CREATE SCHEMA eventure;

COMMENT ON SCHEMA eventure IS 'format 1, :partitions partitions';

-- One row for each run. The position (last_tick, last_seq and the digests) changes in the transaction that adds the
-- events up to it, under the lock of this row.
CREATE TABLE eventure.run
(
    run          uuid PRIMARY KEY,             -- store.uuid
    shipper      name NOT NULL DEFAULT session_user, -- the role that ships the run
    created      double precision NOT NULL,    -- store.created: seconds since the Unix epoch
    foreign_ids  boolean NOT NULL,             -- store.foreign_ids
    record       text NOT NULL DEFAULT '{}',   -- the record of the run: a JSON object, as it is in the store
    origins      text NOT NULL DEFAULT '[]',   -- the rows of the table `origin`, as JSON
    origin_run   uuid,                         -- the run that this one was forked from; NULL: none
    origin_tick  bigint,                       -- the current tick of the fork when it was made
    origin_seq   bigint,                       -- the newest event that both have in common
    current_tick bigint NOT NULL DEFAULT 0,    -- the current tick of the store when it was shipped
    last_seq     bigint NOT NULL DEFAULT 0,    -- position: the newest event on the server; 0: none
    last_tick    bigint NOT NULL DEFAULT -1,   -- its tick; -1: none
    is_open      boolean NOT NULL DEFAULT false, -- whether that tick may still grow; it is then replaced as a whole
    run_digest   bytea,                        -- the digests of that tick
    full_digest  bytea,
    shipped      timestamptz NOT NULL DEFAULT now()
);

-- The parts of which a run consists: the events of `part` after after_seq up to last_seq. A fork has the parts of its
-- origin up to the last tick that they have in common, and itself after that. The last part of a run is the run itself.
CREATE TABLE eventure.part
(
    run       uuid NOT NULL REFERENCES eventure.run ON DELETE CASCADE,
    part      uuid NOT NULL,
    after_seq bigint NOT NULL,
    last_seq  bigint NOT NULL, -- of the last part: run.last_seq
    PRIMARY KEY (run, after_seq, part)
);

CREATE INDEX ON eventure.part (part);

-- The events, in partitions by run. A partition has its own indexes, because a partition may be on another server.
CREATE TABLE eventure.event
(
    run               uuid NOT NULL,
    seq               bigint NOT NULL,
    tick              bigint NOT NULL,
    timestamp         double precision NOT NULL, -- seconds since the Unix epoch
    timestamp_integer bigint,        -- the timestamp of an event that was imported with an integer; NULL otherwise
    type              text COLLATE "C" NOT NULL,
    id                text COLLATE "C" NOT NULL,
    parent_seq        bigint,
    parent_id         text COLLATE "C",
    data              jsonb,         -- NULL: JSON that jsonb cannot contain, such as the character U+0000
    data_text         text NOT NULL  -- the data as it is in the store: numbers and the order of keys are unchanged
) PARTITION BY HASH (run);

-- The ticks that have events, with their digests.
CREATE TABLE eventure.tick
(
    run         uuid NOT NULL,
    tick        bigint NOT NULL,
    first_seq   bigint NOT NULL,
    last_seq    bigint NOT NULL,
    run_digest  bytea,
    full_digest bytea
) PARTITION BY HASH (run);

DO $$
BEGIN
    FOR i IN 0 .. :partitions - 1 LOOP
        EXECUTE format('CREATE TABLE eventure.event_%1$s PARTITION OF eventure.event '
                       'FOR VALUES WITH (MODULUS :partitions, REMAINDER %1$s)', i);
        EXECUTE format('ALTER TABLE eventure.event_%1$s ADD PRIMARY KEY (run, seq)', i);
        EXECUTE format('CREATE UNIQUE INDEX ON eventure.event_%1$s (run, id)', i);
        EXECUTE format('CREATE INDEX ON eventure.event_%1$s (run, tick)', i);
        EXECUTE format('CREATE INDEX ON eventure.event_%1$s (run, type)', i);
        EXECUTE format('CREATE INDEX ON eventure.event_%1$s (run, parent_seq) WHERE parent_seq IS NOT NULL', i);
        EXECUTE format('CREATE INDEX ON eventure.event_%1$s (run, parent_id) WHERE parent_id IS NOT NULL', i);
        EXECUTE format('CREATE TABLE eventure.tick_%1$s PARTITION OF eventure.tick '
                       'FOR VALUES WITH (MODULUS :partitions, REMAINDER %1$s)', i);
        EXECUTE format('ALTER TABLE eventure.tick_%1$s ADD PRIMARY KEY (run, tick)', i);
        EXECUTE format('CREATE UNIQUE INDEX ON eventure.tick_%1$s (run, last_seq)', i);
    END LOOP;
END $$;

-- The runs, with their records.
CREATE VIEW eventure.runs AS
SELECT run, record::json ->> 'name' AS name, record::json -> 'parameters' AS parameters,
       record::json ->> 'seed' AS seed, record::json ->> 'version' AS version, record::json ->> 'host' AS host,
       record::json ->> 'started' AS started, record::json ->> 'finished' AS finished,
       record::json -> 'outcome' AS outcome, record::json AS record, origin_run, origin_tick, origin_seq,
       current_tick, last_tick, last_seq AS events, encode(run_digest, 'hex') AS run_digest,
       encode(full_digest, 'hex') AS full_digest, shipped
  FROM eventure.run;

-- The events of each run, those that a fork has in common with its origin included. The first half is the own part of
-- each run: in a query on one run, the condition on `run` is then a condition on event.run, so that PostgreSQL plans
-- for the partition of this run only. The second half reads nothing when the run is not a fork.
CREATE VIEW eventure.events AS
SELECT event.run, event.seq, event.id, event.tick, event.timestamp, event.timestamp_integer, event.type,
       event.parent_seq, event.parent_id, event.data, event.data_text
  FROM eventure.part
  JOIN eventure.event ON event.run = part.run AND event.seq > part.after_seq AND event.seq <= part.last_seq
 WHERE part.part = part.run
UNION ALL
SELECT part.run, event.seq, event.id, event.tick, event.timestamp, event.timestamp_integer, event.type,
       event.parent_seq, event.parent_id, event.data, event.data_text
  FROM eventure.part
  JOIN eventure.event ON event.run = part.part AND event.seq > part.after_seq AND event.seq <= part.last_seq
 WHERE part.part <> part.run;

-- OFFSET 0 makes the second half a look-up for each part: a query on one fork does not read all ticks.
CREATE VIEW eventure.ticks AS
SELECT tick.run, tick.tick, tick.last_seq - tick.first_seq + 1 AS count, tick.first_seq, tick.last_seq,
       encode(tick.run_digest, 'hex') AS run_digest, encode(tick.full_digest, 'hex') AS full_digest
  FROM eventure.part
  JOIN eventure.tick ON tick.run = part.run AND tick.last_seq > part.after_seq AND tick.last_seq <= part.last_seq
 WHERE part.part = part.run
UNION ALL
SELECT part.run, tick.tick, tick.last_seq - tick.first_seq + 1 AS count, tick.first_seq, tick.last_seq,
       encode(tick.run_digest, 'hex') AS run_digest, encode(tick.full_digest, 'hex') AS full_digest
  FROM eventure.part
 CROSS JOIN LATERAL (SELECT *
                       FROM eventure.tick
                      WHERE tick.run = part.part AND tick.last_seq > part.after_seq AND tick.last_seq <= part.last_seq
                     OFFSET 0) AS tick
 WHERE part.part <> part.run;

CREATE VIEW eventure.types AS
SELECT run, type, count(*) AS count, min(tick) AS first_tick, max(tick) AS last_tick
  FROM eventure.events
 GROUP BY run, type;
