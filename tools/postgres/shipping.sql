-- The functions that `eventure ship` calls. Runs after schema.sql, in the same transaction.
--
-- A shipper has INSERT on eventure.event and eventure.tick, and nothing else on the tables: row level security does not
-- work with COPY FROM, so everything that reads or changes rows of a run is a function here, with the rights of the
-- owner of the schema, for the runs of the caller (session_user) only.
--
-- What a shipper inserts is part of a run only when end_ship moves the position of the run over it, and end_ship does
-- so for the role of the run alone. So an event that a role inserts into the run of another role is never seen: every
-- seq up to the position is in use, and the events of a part begin after its after_seq. begin_ship removes such rows.
-- The ticks have gaps, so a trigger refuses a tick for a run of another role, or at or before the position.
--
-- With partitions on other servers, a crash can commit the part of a transaction there but not the local part. Each
-- function can be repeated then: begin_ship removes rows beyond the position, and drop_open_tick removes the open tick
-- even if some of its rows are missing.

-- Whether the caller may ship, or drop, the runs of the role: it is this role, a member of it, or (a member of) the
-- owner of the schema. A role that was dropped has no members.
CREATE FUNCTION eventure.is_shipper(shipper name) RETURNS boolean
LANGUAGE sql STABLE
RETURN is_shipper.shipper = session_user
    OR pg_has_role(session_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'eventure'), 'MEMBER')
    OR coalesce(pg_has_role(session_user, (SELECT oid FROM pg_roles WHERE rolname = is_shipper.shipper), 'MEMBER'),
                false);

-- Locks the row of the run, and returns it. Refuses the run of another role, and one that does not exist.
CREATE FUNCTION eventure.lock_run(run uuid) RETURNS eventure.run
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    found_run eventure.run;
BEGIN
    SELECT * INTO found_run FROM eventure.run WHERE run.run = lock_run.run FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no run %', lock_run.run USING ERRCODE = 'no_data_found';
    END IF;
    IF NOT eventure.is_shipper(found_run.shipper) THEN
        RAISE EXCEPTION 'run % is shipped by the role %, and the role % is not a member of it', lock_run.run,
            found_run.shipper, session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN found_run;
END $$;

-- The newest tick up to at_most in the parts of the run. (The order of the ticks is that of their last_seq, so both
-- indexes of a partition find the place where a part ends.)
CREATE FUNCTION eventure.newest_tick(run uuid, at_most bigint)
RETURNS TABLE (tick bigint, first_seq bigint, last_seq bigint, run_digest bytea, full_digest bytea)
LANGUAGE sql STABLE AS $$
    SELECT newest.tick, newest.first_seq, newest.last_seq, newest.run_digest, newest.full_digest
      FROM eventure.part
     CROSS JOIN LATERAL (SELECT tick.tick
                           FROM eventure.tick
                          WHERE tick.run = part.part AND tick.last_seq <= part.last_seq
                          ORDER BY tick.last_seq DESC
                          LIMIT 1) AS part_end
     CROSS JOIN LATERAL (SELECT tick.*
                           FROM eventure.tick
                          WHERE tick.run = part.part AND tick.tick <= least(part_end.tick, newest_tick.at_most)
                          ORDER BY tick.tick DESC
                          LIMIT 1) AS newest
     WHERE part.run = newest_tick.run AND newest.last_seq > part.after_seq
     ORDER BY part.after_seq DESC
     LIMIT 1
$$;

-- Refuses a tick of a run of another role, and one that is not beyond the position of its run.
CREATE FUNCTION eventure.check_tick() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM eventure.run
                    WHERE run.run = NEW.run AND run.last_seq < NEW.first_seq
                      AND (run.shipper = session_user OR eventure.is_shipper(run.shipper))) THEN
        RAISE EXCEPTION 'the role % cannot add tick % to run %', session_user, NEW.tick, NEW.run
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER check_tick BEFORE INSERT ON eventure.tick FOR EACH ROW EXECUTE FUNCTION eventure.check_tick();

-- Locks the run, which is added if it is new, and returns its position. Removes inserted rows that are not part of the
-- run: those beyond the position, or before the events of its own part.
CREATE FUNCTION eventure.begin_ship(run uuid, created float8, foreign_ids boolean)
RETURNS TABLE (last_seq bigint, last_tick bigint, is_open boolean, run_digest bytea, full_digest bytea, is_new boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    added    boolean;
    position eventure.run;
    own_after bigint;
BEGIN
    INSERT INTO eventure.run (run, created, foreign_ids)
    VALUES (begin_ship.run, begin_ship.created, begin_ship.foreign_ids)
        ON CONFLICT DO NOTHING;
    added := FOUND;
    position := eventure.lock_run(begin_ship.run);
    own_after := coalesce((SELECT part.after_seq FROM eventure.part
                            WHERE part.run = begin_ship.run AND part.part = begin_ship.run), 0);
    DELETE FROM eventure.event WHERE event.run = begin_ship.run AND event.seq > position.last_seq;
    DELETE FROM eventure.event WHERE event.run = begin_ship.run AND event.seq <= own_after;
    DELETE FROM eventure.tick
     WHERE tick.run = begin_ship.run AND tick.tick >= position.last_tick
       AND (tick.tick > position.last_tick OR tick.last_seq > position.last_seq);
    RETURN QUERY SELECT position.last_seq, position.last_tick, position.is_open, position.run_digest,
                        position.full_digest, added;
END $$;

-- Removes the newest tick of the run when it may still grow, so that it can be shipped again as a whole.
CREATE FUNCTION eventure.drop_open_tick(run uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    position eventure.run;
    before   record;
    fork     uuid;
BEGIN
    position := eventure.lock_run(drop_open_tick.run);
    IF NOT position.is_open THEN
        RETURN;
    END IF;
    SELECT newest.* INTO before FROM eventure.newest_tick(drop_open_tick.run, position.last_tick - 1) AS newest;
    IF NOT FOUND THEN
        SELECT -1 AS tick, 0 AS last_seq, NULL::bytea AS run_digest, NULL::bytea AS full_digest INTO before;
    END IF;
    SELECT part.run INTO fork FROM eventure.part
     WHERE part.part = drop_open_tick.run AND part.run <> drop_open_tick.run AND part.last_seq > before.last_seq
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'tick % of run % cannot be replaced, because its fork % contains it', position.last_tick,
            drop_open_tick.run, fork USING ERRCODE = 'object_in_use';
    END IF;
    DELETE FROM eventure.event WHERE event.run = drop_open_tick.run AND event.seq > before.last_seq;
    DELETE FROM eventure.tick WHERE tick.run = drop_open_tick.run AND tick.tick > before.tick;
    -- The parts of the run must end before the open tick. When a fork has no tick of its own, the open tick belongs to
    -- a part of its origin: that part becomes shorter or is deleted, and the part of the fork itself then begins there,
    -- too.
    DELETE FROM eventure.part
     WHERE part.run = drop_open_tick.run AND part.part <> drop_open_tick.run AND part.after_seq >= before.last_seq;
    UPDATE eventure.part SET last_seq = least(part.last_seq, before.last_seq)
     WHERE part.run = drop_open_tick.run AND part.part <> drop_open_tick.run AND part.last_seq > before.last_seq;
    UPDATE eventure.part SET after_seq = least(part.after_seq, before.last_seq), last_seq = before.last_seq
     WHERE part.run = drop_open_tick.run AND part.part = drop_open_tick.run;
    UPDATE eventure.run
       SET last_seq = before.last_seq, last_tick = before.tick, is_open = false,
           run_digest = before.run_digest, full_digest = before.full_digest
     WHERE run.run = drop_open_tick.run;
END $$;

-- The newest complete tick up to at_most of a run of the caller; no row when there is none, or when the run is not the
-- caller's.
CREATE FUNCTION eventure.shipped_tick(run uuid, at_most bigint)
RETURNS TABLE (tick bigint, first_seq bigint, last_seq bigint, run_digest bytea, full_digest bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT newest.tick, newest.first_seq, newest.last_seq, newest.run_digest, newest.full_digest
      FROM eventure.run
     CROSS JOIN LATERAL eventure.newest_tick(run.run,
                    CASE WHEN run.is_open THEN least(shipped_tick.at_most, run.last_tick - 1)
                         ELSE shipped_tick.at_most END) AS newest
     WHERE run.run = shipped_tick.run AND eventure.is_shipper(run.shipper)
$$;

-- Makes the run, which has no events, begin with the events 1 to after_seq of origin_run. These end a tick that is
-- complete; last_tick and the digests are those of this tick. The row of the origin is locked, so that it is not
-- dropped.
CREATE FUNCTION eventure.set_fork(run uuid, origin_run uuid, after_seq bigint, last_tick bigint, run_digest bytea,
                                  full_digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    fork   eventure.run;
    origin eventure.run;
BEGIN
    origin := eventure.lock_run(set_fork.origin_run);
    fork := eventure.lock_run(set_fork.run);
    IF fork.run = origin.run OR fork.last_seq <> 0 THEN
        RAISE EXCEPTION 'run % has events already', set_fork.run USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF set_fork.after_seq <> 0 THEN
        IF NOT EXISTS (SELECT FROM eventure.newest_tick(set_fork.origin_run, set_fork.last_tick) AS newest
                        WHERE newest.tick = set_fork.last_tick AND newest.last_seq = set_fork.after_seq
                          AND newest.run_digest = set_fork.run_digest
                          AND newest.full_digest = set_fork.full_digest) THEN
            RAISE EXCEPTION 'run % has no tick % that ends with event % and has these digests', set_fork.origin_run,
                set_fork.last_tick, set_fork.after_seq USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF origin.is_open AND set_fork.last_tick = origin.last_tick THEN
            RAISE EXCEPTION 'tick % of run % may still grow, so no fork can contain it', set_fork.last_tick,
                set_fork.origin_run USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'The fork can contain the tick before.';
        END IF;
    END IF;
    DELETE FROM eventure.part WHERE part.run = set_fork.run;
    INSERT INTO eventure.part (run, part, after_seq, last_seq)
    SELECT set_fork.run, part.part, part.after_seq, least(part.last_seq, set_fork.after_seq)
      FROM eventure.part
     WHERE part.run = set_fork.origin_run AND part.after_seq < set_fork.after_seq;
    INSERT INTO eventure.part (run, part, after_seq, last_seq)
    VALUES (set_fork.run, set_fork.run, set_fork.after_seq, set_fork.after_seq);
    UPDATE eventure.run
       SET last_seq = set_fork.after_seq, last_tick = set_fork.last_tick, is_open = false,
           run_digest = set_fork.run_digest, full_digest = set_fork.full_digest
     WHERE run.run = set_fork.run;
END $$;

-- Moves the position of the run over the events that were inserted, and stores the rest of its row. The position is the
-- end of a tick that is on the server.
CREATE FUNCTION eventure.end_ship(run uuid, last_seq bigint, last_tick bigint, is_open boolean, run_digest bytea,
                                  full_digest bytea, current_tick bigint, foreign_ids boolean, record text,
                                  origins text, origin_run uuid, origin_tick bigint, origin_seq bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    position eventure.run;
BEGIN
    position := eventure.lock_run(end_ship.run);
    IF end_ship.last_seq < position.last_seq THEN
        RAISE EXCEPTION 'run % has % events already, not %', end_ship.run, position.last_seq, end_ship.last_seq
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    -- The events of a store with an archive begin later than 1.
    INSERT INTO eventure.part (run, part, after_seq, last_seq)
    SELECT end_ship.run, end_ship.run,
           coalesce((SELECT min(tick.first_seq) - 1 FROM eventure.tick WHERE tick.run = end_ship.run), 0),
           end_ship.last_seq
     WHERE NOT EXISTS (SELECT FROM eventure.part WHERE part.run = end_ship.run AND part.part = end_ship.run);
    UPDATE eventure.part SET last_seq = end_ship.last_seq
     WHERE part.run = end_ship.run AND part.part = end_ship.run;
    IF end_ship.last_seq <> position.last_seq
       AND NOT EXISTS (SELECT FROM eventure.newest_tick(end_ship.run, end_ship.last_tick) AS newest
                        WHERE newest.tick = end_ship.last_tick AND newest.last_seq = end_ship.last_seq
                          AND newest.run_digest = end_ship.run_digest
                          AND newest.full_digest = end_ship.full_digest) THEN
        RAISE EXCEPTION 'run % has no tick % that ends with event % and has these digests', end_ship.run,
            end_ship.last_tick, end_ship.last_seq USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE eventure.run
       SET last_seq = end_ship.last_seq, last_tick = end_ship.last_tick, is_open = end_ship.is_open,
           run_digest = end_ship.run_digest, full_digest = end_ship.full_digest, current_tick = end_ship.current_tick,
           foreign_ids = end_ship.foreign_ids, record = end_ship.record, origins = end_ship.origins,
           origin_run = end_ship.origin_run, origin_tick = end_ship.origin_tick, origin_seq = end_ship.origin_seq,
           shipped = now()
     WHERE run.run = end_ship.run;
END $$;

-- Deletes a run, with its events. Refuses when a fork shares them.
CREATE FUNCTION eventure.drop_run(run uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    fork uuid;
BEGIN
    PERFORM eventure.lock_run(drop_run.run);
    SELECT part.run INTO fork FROM eventure.part
     WHERE part.part = drop_run.run AND part.run <> drop_run.run ORDER BY part.run LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'run % cannot be dropped, because its fork % shares its events', drop_run.run, fork
            USING ERRCODE = 'object_in_use';
    END IF;
    DELETE FROM eventure.event WHERE event.run = drop_run.run;
    DELETE FROM eventure.tick WHERE tick.run = drop_run.run;
    DELETE FROM eventure.run WHERE run.run = drop_run.run;
END $$;

REVOKE EXECUTE ON FUNCTION eventure.begin_ship, eventure.drop_open_tick, eventure.shipped_tick, eventure.set_fork,
    eventure.end_ship, eventure.drop_run, eventure.lock_run, eventure.newest_tick, eventure.is_shipper FROM PUBLIC;
