#!/usr/bin/env python3
"""The partitions on three servers (tools/postgres/foreign.sh): a sweep of 160 runs, in the soak 300, is shipped through
one of them, every query has the same result, and runs on the servers that have the run."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from cluster import SOURCE, SQL, Cluster, SqlError, Store, quote, server_programs
from sweep import RATES, VERSIONS, Sweep, as_texts, eventure, question

sys.path.insert(0, str(SOURCE / "tests" / "support"))
from soak import SOAKS  # noqa: E402  (after the line above, which says where it is)

PARTITIONS = 12
SERVERS = 3
SEEDS = 37 if SOAKS else 20
RUN_QUESTIONS = ("cascade({}, 'e1')", "cascade_by_id({}, 'e2')", "ancestors({}, 'e30')", "children({}, 'e2')", "roots({})",
                 "roots({}, 4)", "at_tick({}, 4)", "until_tick({}, 4)", "by_type({}, 'clock.tick')", "count_by_type({})")


@unittest.skipIf(server_programs() is None, "no PostgreSQL server")
class Foreign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eventure-foreign-")))
        cls.clusters = [stack.enter_context(Cluster()) for _ in range(SERVERS)]
        cls.databases = [cluster.new_database() for cluster in cls.clusters]
        cls.main = cls.databases[0]
        cls.spread(*cls.databases)
        cls.main.execute((SQL / "roles.sql").read_text(encoding="utf-8") +
                         "CREATE ROLE one LOGIN; GRANT eventure_shipper TO one; CREATE ROLE two LOGIN;"
                         "GRANT eventure_shipper TO two; CREATE ROLE reader LOGIN; GRANT eventure_analyst TO reader")
        cls.sweep = Sweep(cls.folder, SEEDS)
        eventure("ship", *cls.sweep.stores, "--to", cls.main.as_role("one").connection())
        # As autovacuum does.
        for database in cls.databases[1:]:
            database.execute("ANALYZE")
        cls.main.execute("ANALYZE eventure.run, eventure.part")
        cls.reader = cls.main.as_role("reader")

    @classmethod
    def spread(cls, *arguments):
        words = [word.connection() if hasattr(word, "connection") else str(word) for word in arguments]
        environment = {**os.environ, "PATH": f"{cls.clusters[0].programs}:{os.environ['PATH']}"}
        return subprocess.run([SQL / "foreign.sh", *words], check=True, capture_output=True, text=True, env=environment)

    def partition(self, run):
        """The number of the partition of a run."""
        (name,) = self.main.column(f"SELECT tableoid::regclass::text FROM eventure.tick WHERE run = {quote(run)} LIMIT 1")
        return int(name.rpartition("_")[2])

    def scanned(self, query):
        """Runs a query, and returns the numbers of the partitions that were read."""
        plan = json.loads("\n".join(self.main.column(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {query}")))
        found = set()

        def visit(node):
            relation = re.fullmatch(r"(?:event|tick)_(\d+)", node.get("Relation Name", ""))
            if relation and node["Actual Loops"] > 0:
                found.add(int(relation.group(1)))
            for child in node.get("Plans", []):
                visit(child)
        visit(plan[0]["Plan"])
        return found

    def test_rows_are_on_three_servers(self):
        self.assertGreater(len(self.sweep.runs), len(RATES) * len(VERSIONS) * SEEDS)
        for number, database in enumerate(self.databases):
            names = [name for at in range(PARTITIONS) if at % SERVERS == number for name in (f"event_{at}", f"tick_{at}")]
            found = database.column("SELECT relname FROM pg_class WHERE relnamespace = 'eventure'::regnamespace "
                                    "AND relkind = 'r' AND relname ~ '_' ORDER BY 1")
            self.assertEqual(found, sorted(names))
            rows = [int(database.column(f"SELECT count(*) FROM eventure.{name}")[0]) for name in names]
            self.assertTrue(all(rows), rows)
            indexes = database.column("SELECT tablename FROM pg_indexes WHERE schemaname = 'eventure' AND tablename ~ '_'")
            self.assertEqual(sorted(indexes), sorted(names[::2] * 6 + names[1::2] * 2))

    def test_cookbook(self):
        for name, variables, expected in self.sweep.answers():
            with self.subTest(name, **variables):
                self.assertEqual(self.reader.rows(question(name, variables)), as_texts(expected))

    def test_questions_about_a_run(self):
        forks = [run for run in self.sweep.runs if run.origin]
        for run in self.sweep.runs[:3] + forks[:3]:
            for command, event_id in (("cascade", "e2"), ("children", "e2"), ("ancestors", f"e{len(run.events)}")):
                self.assertEqual(self.reader.column(f"SELECT id FROM eventure.{command}('{run.uuid}', '{event_id}')"),
                                 eventure(command, run.store, event_id, "--ids").split(), command)
            self.assertEqual(self.reader.column(f"SELECT id FROM eventure.roots('{run.uuid}')"),
                             eventure("log", run.store, "--roots", "--ids").split())
            self.assertEqual(self.reader.column(f"SELECT id FROM eventure.until_tick('{run.uuid}', 6)"),
                             eventure("log", run.store, "--tick", "..6", "--ids").split())

    def test_one_run_is_asked_of_its_servers(self):
        forks = [run for run in self.sweep.runs if run.origin]
        for run in self.sweep.runs[:4] + forks[:2]:
            parts = [run.uuid] + ([run.origin.uuid] if run.origin else [])
            allowed = {self.partition(part) for part in parts if self.main.column(
                f"SELECT 1 FROM eventure.tick WHERE run = {quote(part)} LIMIT 1")}
            for call in RUN_QUESTIONS:
                found = self.scanned(f"SELECT * FROM eventure.{call.format(quote(run.uuid))}")
                # The own part of a fork that repeats all of its origin is empty, but it is still read.
                self.assertLessEqual(len(found), len(parts), call)
                self.assertLessEqual(allowed, found, call)
            for view in ("events", "ticks"):
                found = self.scanned(f"SELECT * FROM eventure.{view} WHERE run = {quote(run.uuid)}")
                self.assertLessEqual(allowed, found)
                if run.origin is None:
                    self.assertEqual(allowed, found, view)

    def test_cookbook_asks_the_servers_it_needs(self):
        first, second = self.sweep.runs[0], self.sweep.runs[1]
        script = question("two_runs", {}).replace(":'first'", quote(first.name)).replace(":'second'", quote(second.name))
        self.assertEqual(self.scanned(script), {self.partition(run.uuid) for run in (first, second)})
        forks = [run for run in self.sweep.runs if run.origin]
        needed = {self.partition(run.uuid) for fork in forks for run in (fork, fork.origin)
                  if run.origin is None or run.first_difference(run.origin) is not None}
        found = self.scanned(question("forks", {}))
        self.assertLessEqual(needed, found)
        self.assertLessEqual(len(found), 2 * len(forks))
        for name in ("outcome_by_rate", "unfinished", "events_per_day"):
            self.assertEqual(self.scanned(question(name, {})), set(), name)

    def test_the_query_on_a_server_uses_an_index(self):
        """The query that a server receives for one run contains all conditions, so that it can use an index."""
        run = next(run for run in self.sweep.runs if self.partition(run.uuid) % SERVERS == 1)
        plan = self.main.execute(f"EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM eventure.children('{run.uuid}', 'e2')")
        (remote,) = re.findall(r"Remote SQL: (SELECT .*event_" + str(self.partition(run.uuid)) + r" .*)", plan)
        self.assertIn("parent_id = 'e2'", remote)
        self.assertRegex(remote, r"\$\d::uuid = run|run = \$\d::uuid")

    def test_a_server_that_does_not_answer(self):
        """A query fails or returns its complete result; a shipment fails, and continues without a loss when the server
        is available again. Look-ups in the partition of another server still work."""
        stopped = self.clusters[2]
        away, near = (next(run for run in self.sweep.runs if self.partition(run.uuid) % SERVERS == number
                           and run.origin is None and run.seed > 1) for number in (2, 1))
        destination = self.main.as_role("one").connection()
        stopped.run("pg_ctl", "-D", stopped.folder / "data", "-m", "immediate", "-w", "stop")
        try:
            for run in (near, away):
                eventure("append", run.store, "late.event", "{}", "--advance")
                with contextlib.suppress(SqlError):
                    self.assertEqual(self.reader.column(f"SELECT id FROM eventure.roots('{run.uuid}')"),
                                     eventure("log", run.store, "--roots", "--ids").split()[:-1])
            self.assertEqual(self.reader.column(f"SELECT id FROM eventure.event WHERE run = '{near.uuid}' AND id = 'e2'"), ["e2"])
            with self.assertRaises(SqlError):
                self.reader.column(f"SELECT id FROM eventure.roots('{away.uuid}')")
            with self.assertRaises(subprocess.CalledProcessError):
                eventure("ship", away.store, "--to", destination)
        finally:
            stopped.run("pg_ctl", "-D", stopped.folder / "data", "-l", stopped.folder / "log", "-w", "start")
        eventure("ship", near.store, away.store, "--to", destination)
        for run in (near, away):
            ids = eventure("log", run.store, "--ids").split()
            self.assertEqual(self.reader.column(f"SELECT id FROM eventure.events WHERE run = '{run.uuid}' ORDER BY seq"), ids)
            # As before, for the other tests.
            self.main.execute(f"SELECT eventure.drop_run('{run.uuid}')")
            run.make_store(self.folder, f"again-{self.sweep.runs.index(run)}")
            eventure("ship", run.store, "--to", destination)

    def test_refusals(self):
        for words in ((), (self.main,), ("--partitions", "x", *self.databases), (self.main, "host=x password=y dbname=z"),
                      (self.main, "host=x")):
            with self.assertRaises(subprocess.CalledProcessError) as caught:
                self.spread(*words)
            self.assertEqual(caught.exception.returncode, 2)
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            self.spread(self.main, self.databases[1])
        self.assertIn("has a schema eventure already", caught.exception.stderr)
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            eventure("ship", self.sweep.stores[0], "--to", self.databases[1].connection())
        self.assertIn("was not made by eventure", caught.exception.stderr)

    def test_another_shipper(self):
        """Rows that another role inserts are not visible, and have no effect."""
        run = next(run for run in self.sweep.runs if self.partition(run.uuid) % SERVERS == 1)
        two = self.main.as_role("two")
        newest = Store(run.store).tick(None)
        two.execute(f"INSERT INTO eventure.event VALUES ('{run.uuid}', {newest['last_seq'] + 1}, 99, 0, NULL, 'evil', 'evil', "
                    "NULL, NULL, '{}', '{}')")
        with self.assertRaises(SqlError):
            two.execute(f"INSERT INTO eventure.tick VALUES ('{run.uuid}', 99, 999, 999, '\\x', '\\x')")
        self.assertEqual(self.reader.column("SELECT count(*) FROM eventure.events WHERE type = 'evil'"), ["0"])
        eventure("ship", run.store, "--to", self.main.as_role("one").connection())
        self.assertEqual(self.main.column("SELECT count(*) FROM eventure.event WHERE type = 'evil'"), ["0"])


if __name__ == "__main__":
    unittest.main()
