#!/usr/bin/env python3
"""Export of a part of a history into a store: the same lines, a sound file, and no incomplete file."""

import sqlite3
import unittest

from export_world import World


class StoreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()

    def part(self, db, *options):
        for old in self.world.path.glob("part.db*"):
            old.unlink()
        self.world.run("export", db, "part.db", "--format", "sqlite", *options)
        self.assertEqual(sorted(path.name for path in self.world.path.glob("part.db*")), ["part.db"])

    def test_the_lines_are_the_same(self):
        ticks = self.world.events("real.db")[60]["tick"]
        for db in ("odd.db", "real.db"):
            for options in ((), ("--tick", f"{ticks}.."), ("--limit", "7"), ("--type", "*.x"), ("--type", "file.*")):
                self.part(db, *options)
                self.assertEqual(self.world.run("export", "part.db"), self.world.run("export", db, *options))
                self.assertIn(b"sound", self.world.run("verify", "part.db"))

    def test_a_parent_that_was_left_out_is_external(self):
        event = next(event for event in self.world.events("real.db") if event["parent_id"])
        self.part("real.db", "--parent", event["parent_id"])
        with sqlite3.connect(f"file:{self.world.path / 'part.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT DISTINCT parent_id, parent_seq FROM events").fetchall()
            self.assertEqual(rows, [(event["parent_id"], None)])
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchone(), ("ok",))

    def test_a_cascade(self):
        root = next(event for event in self.world.events("real.db") if event["parent_id"] is None)["event_id"]
        self.part("real.db", "--cascade", root)
        cascade = {line for line in self.world.run("cascade", "real.db", root, "--ids").split()} \
            if b"--ids" in self.world.run("cascade", "--help") else None
        got = {event["event_id"] for event in self.world.events("part.db")}
        self.assertIn(root, got)
        if cascade is not None:
            self.assertEqual({name.decode() for name in cascade}, got)

    def test_a_file_that_is_there_stays(self):
        (self.world.path / "there.db").write_text("precious")
        self.world.run("export", "real.db", "there.db", "--format", "sqlite", code=1)
        self.assertEqual((self.world.path / "there.db").read_text(), "precious")
        self.world.run("export", "real.db", "there.db", "--format", "sqlite", "--force")
        self.assertEqual(self.world.run("export", "there.db"), self.world.run("export", "real.db"))

    def test_an_error_leaves_nothing_behind(self):
        self.world.run("export", "real.db", "none.db", "--format", "sqlite", "--cascade", "no-such-id", code=1)
        self.assertEqual(list(self.world.path.glob("none.db*")), [])


if __name__ == "__main__":
    unittest.main()
