#!/usr/bin/env python3
"""A path is the name of a file, in every command: nothing else is opened, made or overwritten."""

import os
import shutil
import subprocess
import unittest

from clitest import TIMEOUT_SECONDS, Scratch, environment

NAMES = ["file:victim.db", "file:victim.db?x=", "file:other.db?mode=memory", ":memory:",
         "a?mode=ro.db", "victim%2edb", "a#b.db", "a\nb.db", "-a.db"]
PROJECTION = "-- @setup\nCREATE TABLE seen (id TEXT);\n-- @on *\nINSERT INTO seen VALUES (:event_id);\n"
LINE = '{"tick": 0, "timestamp": 1, "type": "a.b", "data": {}, "event_id": "x", "parent_id": null}\n'

# What makes the file NAME of game.db, and how many events it then holds (None: it is no store).
MAKERS = [
    (["append", "--", "NAME", "made"], 1),
    (["import", "--", "NAME", "line.jsonl"], 1),
    (["copy", "--", "game.db", "NAME"], 3),
    (["fork", "--at", "1", "--", "game.db", "NAME"], 2),
    (["archive", "--before", "1", "--", "game.db", "NAME"], 1),
    (["repair", "--", "game.db", "NAME"], 3),
    (["export", "--format", "sqlite", "--", "game.db", "NAME"], 3),
    (["project", "--projection", "seen.sql", "--into=NAME", "game.db"], None),
]
# What looks at the store NAME, or changes it.
USERS = [
    ["append", "--advance", "--", "NAME", "more"], ["log", "--", "NAME"], ["cascade", "--", "NAME"],
    ["stats", "--", "NAME"], ["verify", "--", "NAME"], ["digest", "--", "NAME"], ["explain", "--", "NAME"],
    ["saves", "--", "NAME"], ["diff", "--", "NAME", "NAME"], ["sql", "--", "NAME", "SELECT count(*) FROM events"],
    ["save", "--", "NAME", "here"], ["index", "--", "NAME", "add", "key"],
    ["snapshot", "--projection", "seen.sql", "--every", "1", "--", "NAME"],
    ["state", "--projection", "seen.sql", "--", "NAME"], ["copy", "--", "NAME", "new.db"],
    ["repair", "--", "NAME", "new.db"], ["export", "--", "NAME", "new.jsonl"],
    ["archive", "--before", "1", "--", "NAME", "new.db"],
]
if shutil.which("sqlite3"):
    USERS.append(["shell", "--", "NAME", "SELECT count(*) FROM events"])


class PathsTest(unittest.TestCase):
    def setUp(self):
        scratch = Scratch().__enter__()
        self.addCleanup(scratch.__exit__)
        self.template = scratch.path / "template"
        self.work = scratch.path / "work"
        os.mkdir(self.template)
        (self.template / "seen.sql").write_text(PROJECTION, encoding="utf-8")
        (self.template / "line.jsonl").write_text(LINE, encoding="utf-8")
        self.work, where = self.template, self.work
        for _ in range(3):
            self.run_ok("append", "game.db", "step", "--advance")
        self.run_ok("append", "victim.db", "precious", "--advance")
        self.work = where
        self.precious = (self.template / "victim.db").read_bytes()

    def run_ok(self, *command):
        done = subprocess.run(["eventure", *command], cwd=self.work, stdin=subprocess.DEVNULL, capture_output=True,
                              env=environment(), timeout=TIMEOUT_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def begin(self):
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.template, self.work)

    def check(self, *expected):
        self.assertEqual((self.work / "victim.db").read_bytes(), self.precious)
        known = ("seen.sql", "line.jsonl", "game.db", "victim.db") + expected
        own = {name + ending for name in known for ending in ("", "-wal", "-shm")}
        self.assertEqual(set(os.listdir(self.work)) - own, set())

    def test_what_makes_a_file_makes_it_under_the_name_that_was_given(self):
        for name in NAMES:
            for command, count in MAKERS:
                command = [word.replace("NAME", name) for word in command]
                with self.subTest(command):
                    self.begin()
                    self.run_ok(*command)
                    self.check(name)
                    self.assertTrue((self.work / name).is_file())
                    if count is not None:
                        os.rename(self.work / name, self.work / "plain.db")
                        self.assertEqual(self.run_ok("log", "plain.db", "--ids").count(b"\n"), count)

    def test_what_uses_a_store_uses_the_file_of_that_name(self):
        for name in NAMES:
            for command in USERS:
                command = [word.replace("NAME", name) for word in command]
                with self.subTest(command):
                    self.begin()
                    os.rename(self.work / "game.db", self.work / name)
                    self.run_ok(*command)
                    self.check(name, "new.db", "new.jsonl")


if __name__ == "__main__":
    unittest.main()
