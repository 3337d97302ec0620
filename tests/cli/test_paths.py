#!/usr/bin/env python3
"""A path is the name of a file in every command: no other file is opened, made or overwritten. A file at a path where
Eventure keeps a file beside a store is used only when Eventure made it. Only users who may read a store may read the
files that are made from it."""

import os
import shutil
import subprocess
import unittest

from clitest import TIMEOUT_SECONDS, Scratch, environment

NAMES = ["file:victim.db", "file:victim.db?x=", "file:other.db?mode=memory", ":memory:",
         "a?mode=ro.db", "victim%2edb", "a#b.db", "a\nb.db", "-a.db"]
PROJECTION = "-- @setup\nCREATE TABLE seen (id TEXT);\n-- @on *\nINSERT INTO seen VALUES (:event_id);\n"
LINE = '{"tick": 0, "timestamp": 1, "type": "a.b", "data": {}, "event_id": "x", "parent_id": null}\n'

# The commands that make the file NAME from game.db, and the number of events in it (None: it is not a store).
MAKERS = [
    (["append", "--", "NAME", "made"], 1),
    (["import", "--", "NAME", "line.jsonl"], 1),
    (["copy", "--", "game.db", "NAME"], 3),
    (["fork", "--tick", "1", "--", "game.db", "NAME"], 2),
    (["archive", "--before", "1", "--", "game.db", "NAME"], 1),
    (["repair", "--", "game.db", "NAME"], 3),
    (["export", "--format", "sqlite", "--", "game.db", "NAME"], 3),
    (["project", "--projection", "seen.sql", "--into=NAME", "game.db"], None),
]
# The commands that read the store NAME, or change it.
USERS = [
    ["append", "--advance", "--", "NAME", "more"], ["log", "--", "NAME"], ["cascade", "--", "NAME"],
    ["stats", "--", "NAME"], ["verify", "--", "NAME"], ["digest", "--", "NAME"], ["explain", "--", "NAME"],
    ["saves", "--", "NAME"], ["diff", "--", "NAME", "NAME"], ["sql", "--", "NAME", "SELECT count(*) FROM events"],
    ["save", "--", "NAME", "here"], ["index", "--", "NAME", "add", "key"],
    ["snapshot", "--projection", "seen.sql", "--every-events", "1", "--", "NAME"],
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

    def attempt(self, *command):
        done = subprocess.run(["eventure", *command], cwd=self.work, stdin=subprocess.DEVNULL, capture_output=True,
                              env=environment(), timeout=TIMEOUT_SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def run_ok(self, *command):
        code, out, errors = self.attempt(*command)
        self.assertEqual(code, 0, errors)
        return out

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

    def plant(self, how, name):
        place = self.work / name
        if how == "fifo":
            os.mkfifo(place)
        elif how == "hard link":
            os.link(self.work / "precious", place)
        else:
            os.symlink(how, place)

    def test_what_is_planted_beside_a_store_is_neither_followed_nor_waited_for(self):
        follow = ["log", "game.db", "--follow", "--name", "n", "--limit", "1"]
        uses = [("c.db-writer", ["copy", "game.db", "c.db"]),
                ("c.db-new", ["copy", "game.db", "c.db"]), ("c.db-new", ["fork", "game.db", "c.db", "--tick", "1"]),
                ("c.db-new", ["archive", "game.db", "c.db", "--before", "1"]),
                ("c.db-new", ["export", "--format", "sqlite", "game.db", "c.db"]),
                ("game.db-follow-n", follow), ("game.db-follow-n-writer", follow), ("game.db-follow-n-new", follow),
                ("game.db-wal", ["append", "game.db", "a.b"]), ("game.db-wal", ["log", "game.db"]),
                ("game.db-journal", ["append", "game.db", "a.b"]), ("game.db-shm", ["append", "game.db", "a.b"]),
                ("n.db-wal", ["append", "n.db", "a.b"]), ("c.db-wal", ["copy", "game.db", "c.db"])]
        for how in ("precious", "nowhere", "fifo", "hard link"):
            for name, command in uses:
                with self.subTest(how=how, name=name, command=command):
                    self.begin()
                    (self.work / "precious").write_bytes(b"precious")
                    self.plant(how, name)
                    code, _, errors = self.attempt(*command)
                    self.assertEqual((self.work / "precious").read_bytes(), b"precious")
                    self.assertFalse((self.work / "nowhere").exists())
                    # A regular file PATH-new is a leftover, and is removed.
                    if how != "hard link" or not name.endswith("-new"):
                        self.assertNotEqual(code, 0)
                        self.assertIn(name, errors)
                        self.assertTrue(os.path.lexists(self.work / name))

    def test_a_file_that_is_no_lock_is_neither_truncated_nor_removed(self):
        self.begin()
        for text in (b"the novel", b"\xfe\xe1\n", b"1" * 40):  # another program's file, or one left by a power cut
            (self.work / "c.db-writer").write_bytes(text)
            self.run_ok("copy", "--force", "game.db", "c.db")
            self.assertEqual((self.work / "c.db-writer").read_bytes(), text)
        for left in (b"", b"4711\n", bytes(5)):  # by a program that was killed, and by a power cut
            (self.work / "c.db-writer").write_bytes(left)
            self.run_ok("copy", "--force", "game.db", "c.db")
            self.assertFalse((self.work / "c.db-writer").exists())
        (self.work / "game.db-writer").write_bytes(b"4711\n")  # the lock of an earlier version
        self.run_ok("append", "game.db", "a.b")
        self.assertTrue((self.work / "game.db-writer").exists())

    def test_a_fifo_is_no_store_and_is_not_waited_for(self):
        self.begin()
        os.mkfifo(self.work / "pipe.db")
        for command in (["log", "pipe.db"], ["append", "pipe.db", "a.b"], ["sql", "pipe.db", "SELECT 1"]):
            self.assertEqual(self.attempt(*command), (3, b"", "eventure: open pipe.db: it is not a regular file\n"))

    def test_what_is_made_of_a_store_has_its_permission_bits(self):
        for mode in (0o600, 0o640, 0o664, 0o444):
            self.begin()
            os.chmod(self.work / "game.db", mode)
            self.run_ok("copy", "game.db", "copy.db")
            self.run_ok("fork", "game.db", "fork.db", "--tick", "1")
            self.run_ok("export", "--format", "sqlite", "game.db", "export.db")
            self.run_ok("repair", "game.db", "repaired.db")
            made = ["game.db", "copy.db", "fork.db", "export.db", "repaired.db"]
            if mode != 0o444:
                self.run_ok("archive", "game.db", "archive.db", "--before", "1")
                made.append("archive.db")
            for name in made:
                with self.subTest(name=name, mode=oct(mode)):
                    self.assertEqual(oct(os.stat(self.work / name).st_mode & 0o777), oct(mode))


if __name__ == "__main__":
    unittest.main()
