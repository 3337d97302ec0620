#!/usr/bin/env python3
"""The queries in examples/postgres on a sweep, compared with results that are computed from the events."""

import contextlib
import pathlib
import tempfile
import unittest

from cluster import Cluster, server_programs
from sweep import COOKBOOK, Sweep, as_texts, eventure, question

DAYS = ("2026-03-01 23:30+00", "2026-03-02 00:30+00", "2026-03-04 12:00+00")


@unittest.skipIf(server_programs() is None, "no PostgreSQL server")
class Cookbook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eventure-sweep-")))
        cluster = stack.enter_context(Cluster())
        cls.database = cluster.new_database()
        cls.database.make_schema(8)
        cls.sweep = Sweep(folder, seeds=6)
        eventure("ship", *cls.sweep.stores, "--to", cls.database.connection())

    def test_the_sweep_has_something_to_find(self):
        sweep = self.sweep
        departures = [row[2] for row in sweep.versions_depart()]
        self.assertGreater(len(set(departures)), 2)
        self.assertGreater(len(list(sweep.rare_types())), 1)
        self.assertTrue(any(not run.finished for run in sweep.runs))
        self.assertEqual({row[3] is None for row in sweep.forks()}, {True, False})
        self.assertTrue(any(row[3] is not None and row[3] > row[2] for row in sweep.forks()))

    def test_answers(self):
        asked = set()
        for name, variables, expected in self.sweep.answers():
            with self.subTest(name, **variables):
                self.assertEqual(self.database.rows(question(name, variables)), as_texts(expected))
            asked.add(name)
        self.assertEqual(asked | {"events_per_day"}, {path.stem for path in COOKBOOK.glob("*.sql")})

    def test_events_per_day(self):
        expected = {}
        for at, run in enumerate(self.sweep.runs):
            day = DAYS[at % len(DAYS)]
            self.database.execute(f"UPDATE eventure.run SET shipped = '{day}' WHERE run = '{run.uuid}'")
            own = sum(run.origin is None or event[0] >= run.origin_tick for event in run.events)
            runs, events = expected.get(day[:10], (0, 0))
            expected[day[:10]] = (runs + 1, events + own)
        self.assertEqual(self.database.rows(question("events_per_day", {})),
                         as_texts([day, *counts] for day, counts in sorted(expected.items())))


if __name__ == "__main__":
    unittest.main()
