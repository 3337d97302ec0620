#!/usr/bin/env python3
"""The functions in tools/postgres/shipping.sql and the roles in roles.sql: the rights of a shipper and an analyst, the
tick that may still grow, rows beyond the position, and the deletion of a run."""

import contextlib
import threading
import unittest

from cluster import SQL, Cluster, SqlError, server_programs

RUN, FORK, SECOND = (f"00000000-0000-4000-8000-00000000000{at}" for at in (1, 2, 3))
REFUSED, IN_USE, NOT_READY, NOT_FOUND, WRONG = "42501", "55006", "55000", "P0002", "22023"


def begin(run):
    return f"SELECT * FROM eventure.begin_ship('{run}', 1.5, false);"


def insert(run, first_tick, last_tick, seq=None):
    """Returns SQL that inserts ticks of two events each; the digests of a tick are its number."""
    seq = 2 * first_tick + 1 if seq is None else seq
    return f"""
        INSERT INTO eventure.event
        SELECT '{run}', {seq} + at, {first_tick} + at / 2, 0, NULL, 'a', ({seq} + at)::text, NULL, NULL, '{{}}', '{{}}'
          FROM generate_series(0, {2 * (last_tick - first_tick) + 1}) AS at;
        INSERT INTO eventure.tick
        SELECT '{run}', {first_tick} + at, {seq} + 2 * at, {seq} + 2 * at + 1, decode(to_hex({first_tick} + at + 256), 'escape'),
               decode(to_hex({first_tick} + at + 256), 'escape')
          FROM generate_series(0, {last_tick - first_tick}) AS at;"""


def digest(tick):
    return f"decode(to_hex({tick} + 256), 'escape')"


def end(run, tick, is_open=False, seq=None):
    seq = 2 * tick + 2 if seq is None else seq
    return f"""SELECT eventure.end_ship('{run}', {seq}, {tick}, {is_open}, {digest(tick)}, {digest(tick)}, {tick + 1}, false,
                                        '{{"seed":{tick}}}', '[]', NULL, NULL, NULL);"""


def ship(run, first_tick, last_tick, is_open=False):
    return f"BEGIN; {begin(run)} {insert(run, first_tick, last_tick)} {end(run, last_tick, is_open)} COMMIT;"


def set_fork(run, origin, tick):
    return f"SELECT eventure.set_fork('{run}', '{origin}', {2 * tick + 2}, {tick}, {digest(tick)}, {digest(tick)});"


@unittest.skipIf(server_programs() is None, "no PostgreSQL server")
class Shipping(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.cluster = stack.enter_context(Cluster())
        cls.admin = cls.cluster.new_database()
        cls.admin.make_schema(4)
        cls.admin.execute("CREATE ROLE one LOGIN; CREATE ROLE two LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE other LOGIN;"
                          "CREATE ROLE one_too LOGIN; GRANT one TO one_too; "
                          "GRANT eventure_shipper TO one, two; GRANT eventure_analyst TO reader;")
        cls.one, cls.two, cls.reader, cls.other, cls.one_too = (
            cls.admin.as_role(name) for name in ("one", "two", "reader", "other", "one_too"))

    def setUp(self):
        self.admin.execute("TRUNCATE eventure.run, eventure.part, eventure.event, eventure.tick")

    def refuse(self, database, script, state, text=""):
        with self.assertRaises(SqlError) as caught:
            database.execute(script)
        self.assertEqual(caught.exception.state, state, str(caught.exception))
        self.assertIn(text, str(caught.exception))

    def position(self, run=RUN):
        (row,) = self.admin.rows(f"SELECT last_seq, last_tick, is_open, run_digest = {digest('last_tick')} FROM eventure.run "
                                 f"WHERE run = '{run}'")
        return row

    def seqs(self, run=RUN):
        return [int(seq) for seq in self.admin.column(f"SELECT seq FROM eventure.events WHERE run = '{run}' ORDER BY seq")]

    def ticks(self, run=RUN):
        return [int(tick) for tick in self.admin.column(f"SELECT tick FROM eventure.ticks WHERE run = '{run}' ORDER BY tick")]

    def parts(self, run):
        rows = self.admin.rows(f"SELECT part, after_seq, last_seq FROM eventure.part WHERE run = '{run}' ORDER BY after_seq, "
                               f"part = '{run}'")
        return [(part, int(after), int(last)) for part, after, last in rows]

    # The position.

    def test_position_moves_with_the_events(self):
        first = self.one.rows(f"{begin(RUN)}")
        self.assertEqual(first, [["0", "-1", "f", None, None, "t"]])
        self.one.execute(ship(RUN, 0, 4))
        self.assertEqual(self.position(), ["10", "4", "f", "t"])
        self.one.execute(ship(RUN, 5, 6))
        self.assertEqual(self.seqs(), list(range(1, 15)))
        self.assertEqual(self.ticks(), list(range(7)))
        self.assertEqual(self.parts(RUN), [(RUN, 0, 14)])
        row = self.one.rows(begin(RUN))[0]
        self.assertEqual((row[:3], row[5]), (["14", "6", "f"], "f"))
        self.assertEqual(self.admin.column("SELECT record ->> 'seed' FROM eventure.runs"), ["6"])

    def test_rows_beyond_the_position(self):
        """The state after a commit on another server that was not followed by the local commit."""
        self.one.execute(ship(RUN, 0, 4))
        self.one.execute(insert(RUN, 5, 9))
        self.assertEqual(self.seqs(), list(range(1, 11)))
        self.assertEqual(self.ticks(), list(range(5)))
        self.one.execute(ship(RUN, 5, 6))
        self.assertEqual(self.seqs(), list(range(1, 15)))
        self.assertEqual(self.ticks(), list(range(7)))
        self.assertEqual(self.admin.column("SELECT count(*) FROM eventure.event"), ["14"])

    def test_end_is_a_tick_that_is_there(self):
        self.one.execute(ship(RUN, 0, 4))
        self.refuse(self.one, f"{begin(RUN)} {end(RUN, 5)}", WRONG, "has no tick 5")
        self.refuse(self.one, f"{begin(RUN)} {end(RUN, 3)}", NOT_READY, "has 10 events already")
        self.refuse(self.one, end(FORK, 3), NOT_FOUND, "there is no run")
        self.refuse(self.one, f"BEGIN; {begin(RUN)} {insert(RUN, 5, 5)} {end(RUN, 5, seq=11)}", WRONG)

    def test_two_shippers_of_one_run(self):
        """The lock of the row makes one wait for the other, so that no event is stored twice."""
        self.one.execute(begin(RUN))
        failures = []

        def work():
            # Continues from the position, in one transaction; psql's variables contain the position.
            script = f"""
                BEGIN;
                SELECT last_tick + 1 AS next, 2 * last_tick + 3 AS seq FROM eventure.begin_ship('{RUN}', 1.5, false) \\gset
                INSERT INTO eventure.event VALUES ('{RUN}', :seq, :next, 0, NULL, 'a', :seq, NULL, NULL, '{{}}', '{{}}'),
                    ('{RUN}', :seq + 1, :next, 0, NULL, 'a', :seq + 1, NULL, NULL, '{{}}', '{{}}');
                INSERT INTO eventure.tick VALUES ('{RUN}', :next, :seq, :seq + 1, '\\x01', '\\x01');
                SELECT eventure.end_ship('{RUN}', :seq + 1, :next, false, '\\x01', '\\x01', :next, false, '{{}}', '[]', NULL,
                                         NULL, NULL);
                COMMIT;"""
            try:
                for _ in range(10):
                    self.one.execute(script)
            except SqlError as error:
                failures.append(error)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(self.seqs(), list(range(1, 81)))
        self.assertEqual(self.ticks(), list(range(40)))

    # The tick that may still grow.

    def test_open_tick_is_replaced(self):
        self.one.execute(ship(RUN, 0, 4, is_open=True))
        drop = f"BEGIN; {begin(RUN)} SELECT eventure.drop_open_tick('{RUN}'); COMMIT"
        self.one.execute(drop)
        self.assertEqual(self.position(), ["8", "3", "f", "t"])
        self.assertEqual(self.seqs(), list(range(1, 9)))
        self.assertEqual(self.ticks(), list(range(4)))
        self.one.execute(drop)
        self.assertEqual(self.position(), ["8", "3", "f", "t"])
        self.one.execute(ship(RUN, 4, 5))
        self.assertEqual(self.seqs(), list(range(1, 13)))

    def test_only_tick_is_open(self):
        self.one.execute(ship(RUN, 0, 0, is_open=True))
        self.assertEqual(self.one.rows(f"SELECT * FROM eventure.shipped_tick('{RUN}', 5)"), [])
        self.one.execute(f"SELECT eventure.drop_open_tick('{RUN}')")
        self.assertEqual(self.position(), ["0", "-1", "f", None])
        self.assertEqual((self.seqs(), self.ticks()), ([], []))
        self.one.execute(ship(RUN, 0, 1))
        self.assertEqual(self.seqs(), [1, 2, 3, 4])

    def test_open_tick_lost_some_rows(self):
        """The state when another server committed the removal, and this one did not."""
        self.one.execute(ship(RUN, 0, 4, is_open=True))
        self.admin.execute(f"DELETE FROM eventure.event WHERE seq = 10; DELETE FROM eventure.tick WHERE tick = 4;"
                           f"INSERT INTO eventure.event SELECT '{RUN}', 11, 4, 0, NULL, 'a', 'x', NULL, NULL, NULL, ''")
        self.one.execute(f"{begin(RUN)} SELECT eventure.drop_open_tick('{RUN}')")
        self.assertEqual(self.position(), ["8", "3", "f", "t"])
        self.assertEqual(self.admin.column("SELECT count(*) FROM eventure.event"), ["8"])

    # Forks.

    def test_forks_of_forks(self):
        self.one.execute(ship(RUN, 0, 9))
        self.one.execute(f"{begin(FORK)} {set_fork(FORK, RUN, 5)}")
        self.assertEqual(self.position(FORK), ["12", "5", "f", "t"])
        self.assertEqual(self.parts(FORK), [(RUN, 0, 12), (FORK, 12, 12)])
        self.one.execute(ship(FORK, 6, 7))
        self.one.execute(f"{begin(SECOND)} {set_fork(SECOND, FORK, 6)}")
        self.assertEqual(self.parts(SECOND), [(RUN, 0, 12), (FORK, 12, 14), (SECOND, 14, 14)])
        self.one.execute(ship(SECOND, 7, 7))
        self.assertEqual(self.seqs(SECOND), list(range(1, 17)))
        self.assertEqual(self.ticks(SECOND), list(range(8)))
        self.assertEqual(self.parts(RUN), [(RUN, 0, 20)])
        self.assertEqual(self.seqs(RUN), list(range(1, 21)))
        for at_most in range(-1, 12):
            for run, newest in ((RUN, 9), (FORK, 7), (SECOND, 7)):
                tick = min(at_most, newest)
                rows = self.one.rows(f"SELECT tick, first_seq, last_seq FROM eventure.shipped_tick('{run}', {at_most})")
                self.assertEqual(rows, [[str(tick), str(2 * tick + 1), str(2 * tick + 2)]] if tick >= 0 else [])

    def test_fork_before_or_within_the_part_of_the_origin(self):
        self.one.execute(ship(RUN, 0, 9))
        self.one.execute(f"{begin(FORK)} {set_fork(FORK, RUN, 5)} {ship(FORK, 6, 7)}")
        self.one.execute(f"{begin(SECOND)} {set_fork(SECOND, FORK, 2)}")
        self.assertEqual(self.parts(SECOND), [(RUN, 0, 6), (SECOND, 6, 6)])

    def test_fork_of_an_open_tick(self):
        self.one.execute(ship(RUN, 0, 4, is_open=True))
        self.refuse(self.one, f"{begin(FORK)} {set_fork(FORK, RUN, 4)}", NOT_READY, "may still grow")
        self.assertEqual(self.one.column(f"SELECT tick FROM eventure.shipped_tick('{RUN}', 9)"), ["3"])
        self.one.execute(f"BEGIN; {begin(FORK)} {set_fork(FORK, RUN, 3)} {end(FORK, 3, is_open=True)} COMMIT")
        # The fork stops sharing the open tick of its origin.
        self.one.execute(f"SELECT eventure.drop_open_tick('{FORK}')")
        self.assertEqual(self.parts(FORK), [(RUN, 0, 6), (FORK, 6, 6)])
        self.assertEqual(self.position(FORK), ["6", "2", "f", "t"])
        self.one.execute(f"SELECT eventure.drop_open_tick('{RUN}')")
        self.assertEqual(self.ticks(FORK), [0, 1, 2])

    def test_open_tick_in_a_fork(self):
        """This state needs a change by hand; the call refuses it, because the fork would lose events."""
        self.one.execute(ship(RUN, 0, 4))
        self.one.execute(f"{begin(FORK)} {set_fork(FORK, RUN, 4)}")
        self.admin.execute(f"UPDATE eventure.run SET is_open = true WHERE run = '{RUN}'")
        self.refuse(self.one, f"SELECT eventure.drop_open_tick('{RUN}')", IN_USE, FORK)

    def test_set_fork_refuses(self):
        self.one.execute(ship(RUN, 0, 4))
        self.one.execute(ship(FORK, 0, 1))
        self.refuse(self.one, set_fork(FORK, RUN, 3), NOT_READY, "has events already")
        self.refuse(self.one, f"{begin(SECOND)} {set_fork(SECOND, RUN, 7)}", WRONG, "has no tick 7")
        self.refuse(self.one, f"{begin(SECOND)} {set_fork(SECOND, SECOND, 3)}", NOT_READY)
        third, fourth = RUN[:-1] + "4", RUN[:-1] + "5"
        self.two.execute(begin(fourth))
        self.refuse(self.two, set_fork(fourth, RUN, 3), REFUSED)
        # An empty run that was shipped before its origin.
        self.one.execute(f"BEGIN; {begin(third)} {end(third, -1)} COMMIT; {set_fork(third, RUN, 3)}")
        self.assertEqual(self.parts(third), [(RUN, 0, 8), (third, 8, 8)])

    # The deletion of a run.

    def test_drop_run(self):
        self.one.execute(ship(RUN, 0, 4))
        self.one.execute(f"{begin(FORK)} {set_fork(FORK, RUN, 2)} {ship(FORK, 3, 3)}")
        self.one.execute(ship(SECOND, 0, 1))
        self.refuse(self.one, f"SELECT eventure.drop_run('{RUN}')", IN_USE, FORK)
        self.refuse(self.two, f"SELECT eventure.drop_run('{RUN}')", REFUSED, "the role one")
        self.refuse(self.reader, f"SELECT eventure.drop_run('{RUN}')", REFUSED)
        self.one.execute(f"SELECT eventure.drop_run('{FORK}')")
        self.one.execute(f"SELECT eventure.drop_run('{RUN}')")
        self.refuse(self.one, f"SELECT eventure.drop_run('{RUN}')", NOT_FOUND)
        self.assertEqual(self.admin.column("SELECT DISTINCT run FROM eventure.event"), [SECOND])
        for table in ("run", "part", "tick"):
            self.assertEqual(self.admin.column(f"SELECT DISTINCT run FROM eventure.{table}"), [SECOND])

    # Roles.

    def test_shipper_reads_nothing(self):
        self.one.execute(ship(RUN, 0, 4))
        for database in (self.one, self.two, self.other):
            for name in ("run", "part", "event", "tick", "runs", "events", "ticks", "types", "event_0"):
                self.refuse(database, f"SELECT * FROM eventure.{name}", REFUSED, "permission denied")
            for call in ("cascade({})", "roots({})", "at_tick({}, 1)", "count_by_type({})"):
                call = call.replace("{}", f"'{RUN}'" + (", '1'" if "cascade" in call else ""))
                self.refuse(database, f"SELECT * FROM eventure.{call}", REFUSED, "permission denied")

    def test_shipper_changes_nothing_of_others(self):
        self.one.execute(ship(RUN, 0, 4, is_open=True))
        for script in (begin(RUN), end(RUN, 9), f"SELECT eventure.drop_open_tick('{RUN}')",
                       f"SELECT eventure.drop_run('{RUN}')"):
            self.refuse(self.two, script, REFUSED, f"run {RUN} is shipped by the role one, and the role two is not a member")
        self.assertEqual(self.two.rows(f"SELECT * FROM eventure.shipped_tick('{RUN}', 3)"), [])
        for script in ("DELETE FROM eventure.event", "UPDATE eventure.event SET type = 'b'", "TRUNCATE eventure.event",
                       "DELETE FROM eventure.tick", "UPDATE eventure.run SET shipper = 'two'",
                       f"INSERT INTO eventure.part VALUES ('{RUN}', '{RUN}', 3, 4)",
                       f"SELECT eventure.lock_run('{RUN}')", f"SELECT * FROM eventure.newest_tick('{RUN}', 3)",
                       "DROP TABLE eventure.event", "CREATE TABLE eventure.x ()",
                       "ALTER TABLE eventure.tick DISABLE TRIGGER ALL"):
            self.refuse(self.two, script, REFUSED)
        self.one_too.execute(begin(RUN))

    def test_rows_for_the_run_of_another(self):
        """Rows that a shipper inserts for the run of another role are not visible, and are removed."""
        self.one.execute(ship(RUN, 0, 4))
        self.one.execute(f"{begin(FORK)} {set_fork(FORK, RUN, 2)} {ship(FORK, 3, 3)}")
        event = "INSERT INTO eventure.event VALUES ('{}', {}, {}, 0, NULL, 'evil', '{}', NULL, NULL, '{{}}', '{{}}')"
        self.two.execute(event.format(RUN, 11, 5, "x"))
        self.two.execute(event.format(RUN, 0, 0, "y"))
        self.two.execute(event.format(FORK, 3, 1, "9"))
        self.refuse(self.two, event.format(RUN, 3, 1, "z"), "23505")
        for tick, first, last in ((2, 5, 6), (7, 11, 12), (1000, 1, 10)):
            self.refuse(self.two, f"INSERT INTO eventure.tick VALUES ('{RUN}', {tick}, {first}, {last}, '\\x', '\\x')", REFUSED)
            self.refuse(self.two, f"INSERT INTO eventure.tick VALUES ('{SECOND}', {tick}, {first}, {last}, '\\x', '\\x')", REFUSED)
        self.refuse(self.one, f"INSERT INTO eventure.tick VALUES ('{RUN}', 1000, 9, 10, '\\x', '\\x')", REFUSED)
        self.assertEqual(self.admin.column("SELECT DISTINCT type FROM eventure.events"), ["a"])
        self.one.execute(ship(RUN, 5, 6))
        self.one.execute(ship(FORK, 4, 6))
        self.assertEqual(self.admin.column("SELECT DISTINCT type FROM eventure.event"), ["a"])
        self.assertEqual(self.seqs(FORK), list(range(1, 15)))

    def test_search_path_of_the_caller(self):
        """The functions do not use objects of the caller that have the same names as theirs."""
        self.one.execute(ship(RUN, 0, 4))
        self.admin.execute("CREATE SCHEMA trap; GRANT ALL ON SCHEMA trap TO two")
        self.two.execute("CREATE FUNCTION trap.pg_has_role(name, oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
                         "CREATE FUNCTION trap.coalesce(boolean, boolean) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
                         "CREATE VIEW trap.pg_roles AS SELECT 10::oid AS oid, 'one'::name AS rolname")
        self.refuse(self.two, f"SET search_path = trap, pg_catalog; {begin(RUN)}", REFUSED)
        self.refuse(self.two, f"SET SESSION AUTHORIZATION one; {begin(RUN)}", REFUSED)
        self.refuse(self.two, f"SET ROLE one; {begin(RUN)}", REFUSED)

    def test_dropped_role(self):
        self.admin.execute("CREATE ROLE leaving LOGIN; GRANT eventure_shipper TO leaving")
        self.admin.as_role("leaving").execute(ship(RUN, 0, 1))
        self.admin.execute("DROP ROLE leaving")
        self.refuse(self.one, begin(RUN), REFUSED, "the role leaving")
        self.admin.execute(f"SELECT eventure.drop_run('{RUN}')")

    def test_analyst_reads_and_does_not_write(self):
        self.one.execute(ship(RUN, 0, 4))
        for name in ("run", "part", "event", "tick", "runs", "events", "ticks", "types"):
            self.assertTrue(self.reader.rows(f"SELECT * FROM eventure.{name}"), name)
        for call in ("cascade('{}', '1')", "cascade_by_id('{}', '1')", "roots('{}')", "roots('{}', 1)", "at_tick('{}', 1)",
                     "until_tick('{}', 1)", "by_type('{}', 'a')", "count_by_type('{}')"):
            self.assertTrue(self.reader.rows(f"SELECT * FROM eventure.{call.format(RUN)}"), call)
        self.assertEqual(self.reader.rows(f"SELECT * FROM eventure.children('{RUN}', '1')"), [])
        self.assertEqual(self.reader.rows(f"SELECT * FROM eventure.ancestors('{RUN}', '1')"), [])
        for script in (begin(SECOND), begin(RUN), end(RUN, 9), "DELETE FROM eventure.event", "TRUNCATE eventure.tick",
                       "UPDATE eventure.run SET record = ''", f"SELECT eventure.drop_run('{RUN}')",
                       f"SELECT * FROM eventure.shipped_tick('{RUN}', 3)", insert(RUN, 5, 5), "CREATE TABLE eventure.x ()"):
            self.refuse(self.reader, script, REFUSED)

    def test_roles_can_be_made_again(self):
        self.admin.execute((SQL / "roles.sql").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
