-- The roles for the schema `eventure`. Runs after schema.sql, shipping.sql and questions.sql, as a role that may create
-- roles. It can be run again: a role that exists is kept.
--
-- eventure_shipper may ship runs, and continue and drop its own: it inserts events and ticks, and calls the functions
-- in shipping.sql. It can read no table. The runs of a role are those that it began; the members of eventure_shipper
-- cannot change the runs of each other. eventure_analyst may read everything and change nothing.
--
--     CREATE ROLE laboratory_3 LOGIN;
--     GRANT eventure_shipper TO laboratory_3;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['eventure_shipper', 'eventure_analyst'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA eventure TO eventure_shipper, eventure_analyst;

GRANT INSERT ON eventure.event, eventure.tick TO eventure_shipper;
GRANT EXECUTE ON FUNCTION eventure.begin_ship, eventure.drop_open_tick, eventure.shipped_tick, eventure.set_fork,
    eventure.end_ship, eventure.drop_run TO eventure_shipper;

GRANT SELECT ON ALL TABLES IN SCHEMA eventure TO eventure_analyst;
GRANT EXECUTE ON FUNCTION eventure.newest_tick TO eventure_analyst;
