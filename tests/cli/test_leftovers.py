#!/usr/bin/env python3
"""Commands that only read leave no file behind: at their end, after an error or a signal, and for any user."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from clitest import Scratch, environment, program

PATIENCE_SECONDS = 30
OWNER, OTHER, GROUP = 1001, 1002, 100
ENDLESS = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c"
SILENT = f"SELECT count(*) FROM ({ENDLESS})"

# Every command that only reads. ID is an event of the store.
READING = [
    ["log", "game.db"], ["log", "game.db", "--json"], ["log", "game.db", "--ids", "--reverse"],
    ["show", "game.db", "ID"], ["cascade", "game.db"], ["children", "game.db", "ID"], ["ancestors", "game.db", "ID"],
    ["stats", "game.db"], ["explain", "game.db"], ["index", "game.db", "list"], ["verify", "game.db"],
    ["digest", "game.db"], ["diff", "game.db", "game.db"], ["saves", "game.db"],
    ["sql", "game.db", "SELECT * FROM events"], ["export", "game.db"], ["export", "game.db", "--format", "csv"],
    ["export", "game.db", "--format", "dot"], ["log", "no.db"], ["show", "game.db", "9-ABCD-9"],
    ["sql", "game.db", "SELEC"], ["sql", "game.db", "DELETE FROM events"],
]
if shutil.which("sqlite3"):
    READING += [["shell", "game.db", "SELECT * FROM events"], ["shell", "game.db", "SELEC"]]

# Commands that write more than a pipe can hold, or nothing for a long time.
LONG = [["sql", "game.db", "--format", "csv", ENDLESS], ["sql", "game.db", SILENT],
        ["sql", "game.db", "--timeout-ms", "60000", SILENT], ["log", "game.db"], ["log", "game.db", "--json"],
        ["export", "game.db"], ["sql", "game.db", "SELECT * FROM events"]]
if shutil.which("sqlite3"):
    LONG += [["shell", "game.db", SILENT]]


class LeftoversTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch().__enter__()
        cls.addClassCleanup(cls.scratch.__exit__)
        with open(cls.scratch.path / "long.jsonl", "w", encoding="ascii") as lines:
            for i in range(3000):
                lines.write(f'{{"tick": {i // 10}, "timestamp": {i}, "type": "a.b", "data": {{"i": {i}}}, '
                            f'"event_id": "{i // 10}-EBBA-{i % 10 + 1}", "parent_id": null}}\n')
        code, _, errors = cls.scratch.run("eventure import game.db long.jsonl")
        assert code == 0, errors
        code, out, _ = cls.scratch.run("eventure log game.db --ids --limit 1")
        cls.event = out.decode().strip()
        cls.files = sorted(os.listdir(cls.scratch.path))

    def command(self, words):
        return [str(program())] + [self.event if word == "ID" else word for word in words]

    def start(self, words):
        return subprocess.Popen(self.command(words), cwd=self.scratch.path, env=environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def check_files(self):
        self.assertEqual(sorted(os.listdir(self.scratch.path)), self.files)

    def test_to_the_end_and_with_errors(self):
        for words in READING:
            with self.subTest(words=words):
                process = self.start(words)
                process.communicate(timeout=PATIENCE_SECONDS)
                self.assertGreaterEqual(process.returncode, 0)
                self.check_files()

    def test_with_a_pipe_that_nobody_reads_any_more(self):
        for words in READING + LONG:
            if SILENT in words:
                continue
            with self.subTest(words=words):
                process = self.start(words)
                os.read(process.stdout.fileno(), 1)
                process.stdout.close()
                process.wait(timeout=PATIENCE_SECONDS)
                process.stderr.close()
                self.check_files()

    def test_such_a_pipe_ends_it_as_it_ends_other_programs(self):
        process = self.start(["sql", "game.db", "--format", "csv", ENDLESS])
        os.read(process.stdout.fileno(), 1)
        process.stdout.close()
        self.assertEqual((process.wait(timeout=PATIENCE_SECONDS), process.stderr.read()), (-signal.SIGPIPE, b""))
        process.stderr.close()

    def wait_until_it_works(self, process):
        """Waits until the process has opened the store."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and not (self.scratch.path / "game.db-shm").exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(0.05)

    def test_by_each_signal_in_the_middle(self):
        for words in LONG:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(words=words, number=number):
                    process = self.start(words)
                    self.wait_until_it_works(process)
                    process.send_signal(number)
                    process.wait(timeout=PATIENCE_SECONDS)
                    process.stdout.close()
                    process.stderr.close()
                    if words[0] != "shell" or number == signal.SIGTERM: # sqlite3 uses SIGINT to end a query only
                        self.assertEqual(process.returncode, -number)
                    self.check_files()

    def test_what_a_killed_writer_left_is_brought_into_the_file(self):
        code, _, errors = self.scratch.run("cp game.db killed.db")
        self.addCleanup(lambda: self.scratch.run("rm -f killed.db*"))
        self.assertEqual((code, errors), (0, b""))
        script = ("import os, sqlite3; c = sqlite3.connect('killed.db', isolation_level=None); "
                  "c.execute('CREATE TABLE note (x)'); os.kill(os.getpid(), 9)")
        subprocess.run(["python3", "-c", script], cwd=self.scratch.path, check=False)
        self.assertGreater((self.scratch.path / "killed.db-wal").stat().st_size, 0)
        code, _, errors = self.scratch.run("eventure log killed.db")
        self.assertEqual((code, errors), (0, b""))
        left = sorted(name for name in os.listdir(self.scratch.path) if name.startswith("killed.db"))
        self.assertEqual(left, ["killed.db"])


@unittest.skipUnless(os.geteuid() == 0, "only root can be other users")
class OtherUserTest(unittest.TestCase):
    """A folder that all users may write to, with the store of one user, which another user reads."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="eventure-users-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.folder.chmod(0o755)
        self.shared = self.folder / "shared"
        self.shared.mkdir()
        self.shared.chmod(0o777)
        self.program = self.folder / "eventure"
        shutil.copy(program(), self.program)
        self.program.chmod(0o755)
        if subprocess.run([str(self.program), "--version"], user=OTHER, group=GROUP, extra_groups=[],
                          capture_output=True, env=environment(), check=False).returncode != 0:
            self.skipTest("another user cannot run the program from here")

    def run_as(self, user, *words, umask=0o022):
        done = subprocess.run([str(self.program), *words], cwd=self.shared, user=user, group=GROUP, extra_groups=[],
                              umask=umask, env=environment(), capture_output=True, timeout=PATIENCE_SECONDS,
                              check=False)
        return done.returncode, done.stdout, done.stderr

    def append(self, umask=0o022):
        code, _, errors = self.run_as(OWNER, "append", "game.db", "a.b", "--advance", umask=umask)
        self.assertEqual((code, errors), (0, b""))

    def files(self):
        return sorted(os.listdir(self.shared))

    def test_who_only_reads_leaves_nothing(self):
        for umask in (0o022, 0o027):
            for words in READING:
                with self.subTest(umask=umask, words=words):
                    self.append(umask)
                    code, _, errors = self.run_as(OTHER, *[w if w != "ID" else "0-EBFC-1" for w in words], umask=umask)
                    self.assertGreaterEqual(code, 0, errors)
                    self.assertEqual(self.files(), ["game.db"])
            self.append(umask)
            os.unlink(self.shared / "game.db")

    def follower(self):
        return subprocess.Popen([str(self.program), "log", "game.db", "--follow", "--ids"], cwd=self.shared,
                                user=OTHER, group=GROUP, extra_groups=[], env=environment(), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_who_follows_sees_what_comes_and_leaves_nothing(self):
        self.append()
        follower = self.follower()
        self.assertEqual(follower.stdout.readline(), "0-EBFC-1\n")
        for tick in range(1, 4):
            self.append()
            self.assertEqual(follower.stdout.readline(), f"{tick}-EBFC-1\n")
        follower.send_signal(signal.SIGTERM)
        self.assertEqual((follower.communicate(timeout=PATIENCE_SECONDS), follower.returncode), (("", ""), 0))
        self.append()
        self.assertEqual(self.files(), ["game.db"])

    def leave_a_log(self):
        script = ("import os, sqlite3; c = sqlite3.connect('game.db', isolation_level=None); "
                  "c.execute('CREATE TABLE note (x)'); os.kill(os.getpid(), 9)")
        subprocess.run(["python3", "-c", script], cwd=self.shared, check=False, umask=0o022)
        for name in self.files():
            os.chown(self.shared / name, OWNER, GROUP)
        self.assertGreater((self.shared / "game.db-wal").stat().st_size, 0)

    def test_what_a_killed_writer_left_is_read_and_stays(self):
        self.append()
        self.leave_a_log()
        before = {name: (self.shared / name).stat().st_uid for name in self.files()}
        code, out, errors = self.run_as(OTHER, "sql", "game.db", "SELECT name FROM sqlite_schema WHERE name = 'note'")
        self.assertEqual((code, errors), (0, b""))
        self.assertIn(b"note", out)
        self.assertEqual({name: (self.shared / name).stat().st_uid for name in self.files()}, before)
        self.append()
        self.assertEqual(self.files(), ["game.db"])

    def test_a_log_without_its_index_is_an_error_that_says_who_helps(self):
        self.append()
        self.leave_a_log()
        os.unlink(self.shared / "game.db-shm")
        code, _, errors = self.run_as(OTHER, "log", "game.db")
        self.assertEqual(code, 3)
        self.assertIn(b"game.db-shm: No such file or directory; its owner brings them into the file", errors)
        self.assertEqual(self.files(), ["game.db", "game.db-wal"])
        self.assertEqual(self.run_as(OWNER, "log", "game.db")[0], 0)
        self.assertEqual(self.files(), ["game.db"])
        self.assertEqual(self.run_as(OTHER, "log", "game.db")[0], 0)

    def test_what_may_not_be_read_is_said(self):
        self.append(0o077)
        code, _, errors = self.run_as(OTHER, "log", "game.db")
        self.assertEqual((code, errors), (3, b"eventure: open game.db: Permission denied\n"))

    def test_the_owner_reads_a_read_only_file_and_leaves_nothing(self):
        self.append()
        os.chmod(self.shared / "game.db", 0o444)
        for user in (OWNER, OTHER, 0):
            self.assertEqual(self.run_as(user, "log", "game.db")[0], 0)
            self.assertEqual(self.files(), ["game.db"])


if __name__ == "__main__":
    unittest.main()
