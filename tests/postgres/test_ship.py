#!/usr/bin/env python3
"""`eventure ship` and `eventure fetch`: the shipped content, forks, archives, ticks that grow, other histories under
the same uuid, and bad input. EVENTURE names the program."""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

import cluster

PROGRAM = os.environ["EVENTURE"]
HARD_DATA = ['{"z":1,"a":2,"z":3}', '{"n":1.0,"e":1E5,"big":123456789012345678901234567890}', '{"t":"a\\u0000b"}',
             '{"e":1e400,"small":1e-400}', '{"e":1e99999}', '{"t":"tab\\t newline\\n backslash\\\\ N\\\\N é 日本 \U0001f600"}',
             '{"deep":' + "[" * 500 + "]" * 500 + "}", "{}"]


def setUpModule():
    if cluster.server_programs() is None:
        raise unittest.SkipTest("the programs of the PostgreSQL server are not installed")
    ShipTest.running = cluster.Cluster()
    ShipTest.running.__enter__()


def tearDownModule():
    if getattr(ShipTest, "running", None) is not None:
        ShipTest.running.__exit__()


class ShipTest(unittest.TestCase):
    running = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.database = self.running.new_database()

    def path(self, name):
        return self.folder / name

    def run_program(self, *arguments, code=0):
        """Runs the program; returns its standard output, or for another code its standard error."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def ship(self, *stores, code=0, options=()):
        return self.run_program("ship", *stores, "--to", self.database.connection(), *options, code=code)

    def make(self, name, ticks=5, *, last_is_open=False, data="{}"):
        """Makes a store with one event per tick."""
        for tick in range(ticks):
            advance = [] if last_is_open and tick == ticks - 1 else ["--advance"]
            self.run_program("append", self.path(name), "a.b", data, "--timestamp", tick, *advance)
        return self.path(name)

    def append(self, store, kind="a.c", advance=True):
        self.run_program("append", store, kind, *(["--advance"] if advance else []))

    def uuid(self, store):
        return sqlite3.connect(store).execute("SELECT uuid FROM store").fetchone()[0]

    def assert_comes_back(self, store):
        back = self.path(f"back-{time.monotonic_ns()}.db")
        self.run_program("fetch", self.database.connection(), self.uuid(store), back)
        self.run_program("verify", back)
        self.run_program("diff", store, back)
        self.assertEqual(self.run_program("digest", store), self.run_program("digest", back))
        self.assertEqual(self.run_program("info", store, "--json"), self.run_program("info", back, "--json"))
        ask = "SELECT uuid, created FROM store UNION ALL SELECT uuid, created FROM origin"
        self.assertEqual(*[sqlite3.connect(path).execute(ask).fetchall() for path in (store, back)])
        return back

    def count(self, table="event"):
        return int(self.database.column(f"SELECT count(*) FROM eventure.{table}")[0])

    def test_data_ids_and_timestamps_come_back_as_they_were(self):
        store = self.path("hard.db")
        lines = [f'{{"tick": {i}, "timestamp": {timestamp}, "type": "a.é", "data": {data}, "event_id": "id\\t{i}\\\\N", '
                 f'"parent_id": {parent}}}'
                 for i, (data, timestamp, parent) in enumerate(zip(
                     HARD_DATA, ["5", "1.5", "-0.0", "0.1", "9007199254740993", "1e-9", "1700000000.0000255", "-7"],
                     ["null", '"id\\t0\\\\N"', '"not here"', '"id\\t7\\\\N"'] + ["null"] * 4))]
        self.path("hard.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.run_program("import", store, self.path("hard.jsonl"), "--external-parents")
        self.run_program("info", store, 'name="hard ö"', "seed=12345678901234567890", 'text="a\\u0000b"')
        self.ship(store)
        back = self.assert_comes_back(store)
        self.assertEqual(self.run_program("export", store), self.run_program("export", back))
        rows = self.database.rows("SELECT data IS NULL, data_text FROM eventure.events ORDER BY seq")
        self.assertEqual([row[1] for row in rows], HARD_DATA)
        self.assertEqual([i for i, row in enumerate(rows) if row[0] == "t"], [2, 4])

    def test_only_new_ticks_are_shipped_and_twice_is_once(self):
        store = self.make("a.db")
        self.ship(store)
        self.ship(store, store)
        self.assertEqual(self.count(), 5)
        self.append(store)
        self.ship(store)
        self.assertEqual((self.count(), self.count("tick")), (6, 6))
        self.assert_comes_back(store)

    def test_a_tick_that_grows_is_replaced(self):
        store = self.make("a.db", 3, last_is_open=True)
        self.ship(store)
        self.append(store, advance=False)
        self.ship(store)
        self.assertEqual((self.count(), self.count("tick")), (4, 3))
        self.assert_comes_back(store)
        self.append(store)
        self.append(store)
        self.ship(store)
        self.assertEqual((self.count(), self.count("tick")), (6, 4))
        self.assert_comes_back(store)

    def test_a_fork_ships_only_its_own(self):
        store = self.make("a.db", 6)
        self.ship(store)
        self.run_program("fork", store, self.path("fork.db"), "--tick", 3, "--set", "seed=2")
        self.append(self.path("fork.db"))
        self.run_program("fork", self.path("fork.db"), self.path("second.db"), "--tick", 2)
        self.append(self.path("second.db"))
        self.append(store)
        self.ship(store, self.path("fork.db"), self.path("second.db"))
        self.assertEqual(self.count(), 6 + 1 + 1 + 1)
        for name in ("a.db", "fork.db", "second.db"):
            self.assert_comes_back(self.path(name))

    def test_a_fork_of_an_open_tick_and_one_without_its_origin(self):
        store = self.make("a.db", 4, last_is_open=True)
        self.ship(store)
        self.run_program("fork", store, self.path("fork.db"), "--tick", 3)
        self.ship(self.path("fork.db"))
        self.append(store)
        self.ship(store)
        self.append(self.path("fork.db"))
        self.ship(self.path("fork.db"))
        alone = self.make("alone.db", 4)
        self.run_program("fork", alone, self.path("child.db"), "--tick", 2)
        self.ship(self.path("child.db"))
        for name in ("a.db", "fork.db", "child.db"):
            self.assert_comes_back(self.path(name))

    def test_an_archive_is_shipped_before_the_rest(self):
        store = self.make("a.db", 8)
        shutil.copy(store, self.path("whole.db"))
        self.run_program("archive", store, "--before", 5, self.path("old.db"))
        self.assertIn("ship the archive with the events before first", self.ship(store, code=1))
        self.ship(self.path("old.db"), store)
        self.assertIn("ends at tick 4", self.ship(self.path("old.db"), code=1))
        self.ship(self.path("old.db"), options=["--allow-older"])
        self.assert_comes_back(self.path("whole.db"))

    def test_another_history_under_the_uuid_is_refused_where_it_diverges(self):
        store = self.make("a.db", 20)
        shutil.copy(store, self.path("rewound.db"))
        for _ in range(10):
            self.append(store)
        self.ship(store)
        self.assertIn("ends at tick 19", self.ship(self.path("rewound.db"), code=1))
        for _ in range(15):
            self.append(self.path("rewound.db"), "b.other")
        self.assertIn("it diverges at tick 20", self.ship(self.path("rewound.db"), code=1))
        self.assertEqual(self.count(), 30)
        self.assert_comes_back(store)

    def test_one_bad_store_does_not_stop_the_others(self):
        good = self.make("good.db")
        self.path("text.db").write_text("no store", encoding="utf-8")
        said = self.ship(self.path("text.db"), self.path("nothing.db"), good, code=3)
        self.assertIn("text.db", said)
        self.assertIn("nothing.db: there is no such file", said)
        self.assertEqual(self.count(), 5)

    def test_the_record_follows(self):
        store = self.make("a.db")
        self.ship(store)
        self.run_program("info", store, 'outcome="won"')
        self.ship(store)
        self.assertEqual(self.database.column("SELECT outcome FROM eventure.runs"), ['"won"'])

    def test_events_changed_on_the_server_do_not_come_back(self):
        store = self.make("a.db")
        self.ship(store)
        for change in ("UPDATE eventure.event SET data_text = '{\"x\":1}' WHERE seq = 3",
                       "DELETE FROM eventure.event WHERE seq = 5"):
            self.database.execute(change)
            said = self.run_program("fetch", self.database.connection(), self.uuid(store), self.path("new.db"), code=1)
            self.assertIn("some were changed", said)
            self.assertEqual(sorted(path.name for path in self.folder.glob("new*")), [])

    def test_a_schema_of_another_version_or_owner(self):
        store = self.make("a.db")
        self.database.execute("CREATE SCHEMA eventure")
        self.assertIn("was not made by eventure", self.ship(store, code=3))
        self.database.execute("COMMENT ON SCHEMA eventure IS 'format 99, 16 partitions'")
        self.assertIn("has format 99", self.ship(store, code=3))
        self.database.execute("DROP SCHEMA eventure")
        self.assertIn("has no schema eventure",
                      self.run_program("fetch", self.database.connection(), "abcd", self.path("x.db"), code=3))
        self.ship(store)
        self.database.execute("ALTER TABLE eventure.event DROP COLUMN data CASCADE")
        self.append(store)
        self.assertIn("the schema was changed by hand", self.ship(store, code=3))

    def test_wrong_connections(self):
        store = self.make("a.db", 1)
        for conninfo, code, words in (("host=/nonexistent", 3, "No such file or directory"),
                                      ("nonsense=1", 2, "invalid connection option"),
                                      ("host=/tmp password=secret", 2, ".pgpass"),
                                      ("postgresql://me:secret@localhost/x", 2, ".pgpass"),
                                      (self.database.connection() + " user=nobody_here", 3, "nobody_here")):
            said = self.run_program("ship", store, "--to", conninfo, code=code)
            self.assertIn(words, said)
            self.assertNotIn("secret", said)

    def test_a_shipper_with_the_least_rights(self):
        store, other = self.make("a.db"), self.make("b.db")
        self.ship(store)
        self.database.execute((cluster.SQL / "roles.sql").read_text(encoding="utf-8"))
        self.database.execute("CREATE ROLE machine1 LOGIN IN ROLE eventure_shipper")
        as_machine = self.database.as_role("machine1")
        to = ["--to", as_machine.connection()]
        self.run_program("ship", other, *to)
        self.append(other)
        self.run_program("ship", other, *to)
        self.append(store)
        self.assertIn("run", self.run_program("ship", store, *to, code=3))
        with self.assertRaises(cluster.SqlError):
            as_machine.rows("SELECT * FROM eventure.event")
        self.assert_comes_back(other)

    def test_following_ships_each_tick_and_reports_its_state(self):
        store = self.make("a.db", 3)
        with open(self.path("log"), "wb") as log, subprocess.Popen(
                [PROGRAM, "ship", store, "--to", self.database.connection(), "--follow"], stderr=log) as follower:
            def wait_for(events):
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline:
                    try:
                        if self.count() == events:
                            return
                    except cluster.SqlError:
                        pass
                    time.sleep(0.1)
                self.fail(self.path("log").read_text(encoding="utf-8"))
            wait_for(3)
            self.append(store, advance=False)
            self.append(store)
            wait_for(5)
            follower.send_signal(signal.SIGUSR1)
            deadline = time.monotonic() + 60
            while b"connected" not in self.path("log").read_bytes() and time.monotonic() < deadline:
                time.sleep(0.1)
            store.unlink()
            self.assertEqual(follower.wait(60), 3)
        said = self.path("log").read_text(encoding="utf-8")
        self.assertIn("5 events shipped; 1 of 1 stores; connected", said)
        # The file is removed before it is opened, or during the opening.
        self.assertRegex(said, "the file is gone|[Nn]o such file")


if __name__ == "__main__":
    unittest.main()
