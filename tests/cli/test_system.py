#!/usr/bin/env python3
"""The program when system calls fail, or when other programs use the store at the same time."""

import os
import shutil
import signal
import stat
import subprocess
import time
import unittest

from clitest import Scratch, TIMEOUT_SECONDS, environment, is_written, program

# Every command that writes to standard output, with its operands.
WRITING = ["--help", "--version", "help log", "log --help", "log story.db", "log story.db --json", "log story.db --ids",
           "show story.db 0-CBCC-1", "show story.db 0-CBCC-1 --json", "cascade story.db", "cascade story.db 0-CBCC-1",
           "cascade story.db 0-CBCC-1 --ids", "children story.db 0-CBCC-1", "ancestors story.db 4-EDDA-1",
           "stats story.db", "stats story.db --json", "export story.db", "append story.db a.b",
           "sql story.db 'SELECT * FROM events'", "sql story.db 'SELECT * FROM events' --format=csv",
           "sql story.db 'SELECT * FROM events' --format=json"]
LINE = '{{"tick": {0}, "timestamp": 0.0, "type": "a.b", "data": {{}}, "event_id": "e{1}", "parent_id": null}}\n'


def can_mount():
    """Whether a small file system can be mounted in a namespace of its own."""
    try:
        done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"],
                              capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except OSError:
        return False
    return done.returncode == 0


class SystemTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch().__enter__()
        self.addCleanup(self.scratch.__exit__)
        self.run_ok("eventure import story.db story.jsonl")
        self.before = (self.scratch.path / "story.jsonl").read_bytes()

    def run_ok(self, command):
        code, out, err = self.scratch.run(command)
        self.assertEqual(code, 0, err)
        return out

    def write_history(self, events, first_tick=9):
        with open(self.scratch.path / "big.jsonl", "w", encoding="utf-8") as out:
            for i in range(events):
                out.write(LINE.format(first_tick + i // 10, i))

    def assert_story_is_whole(self, events=12):
        lines = self.run_ok("eventure export story.db").splitlines(keepends=True)
        self.assertEqual(len(lines), events)
        self.assertEqual(b"".join(lines[:12]), self.before)

    def test_memory_that_runs_out_in_a_table_is_an_error(self):
        if self.scratch.run("ulimit -v 100000 && eventure --version")[0] != 0:
            self.skipTest("memory cannot be limited here, or the program needs much of it")
        failed = 0
        for kib in range(30000, 150000, 8000):
            query = "SELECT printf('%.*c', 10000000, 'x'), zeroblob(5000000)"
            code, _, err = self.scratch.run(f"ulimit -v {kib}; eventure sql story.db \"{query}\" > /dev/null")
            if code == 0:
                break
            with self.subTest(kib=kib):
                failed += 1
                self.assertLess(code, 126, err)
                self.assertNotEqual(err, b"")
        self.assertGreater(failed, 0)

    def test_a_full_disk_at_standard_output_is_said_once(self):
        for command in WRITING:
            with self.subTest(command):
                code, _, err = self.scratch.run(f"eventure {command} > /dev/full")
                self.assertEqual(err.decode(), "eventure: cannot write standard output: No space left on device\n")
                self.assertEqual(code, 3)

    def test_a_closed_standard_output_is_said(self):
        for command in WRITING:
            with self.subTest(command):
                code, _, err = self.scratch.run(f"eventure {command} >&-")
                self.assertEqual(err.decode(), "eventure: cannot write standard output: Bad file descriptor\n")
                self.assertEqual(code, 3)
        self.assert_story_is_whole(13)

    def test_a_closed_standard_input_is_said_and_is_no_empty_history(self):
        code, _, err = self.scratch.run("eventure import new.db <&-")
        self.assertEqual((code, list(self.scratch.path.glob("new.db*"))), (3, []))
        self.assertIn(b"Bad file descriptor", err)
        code, _, err = self.scratch.run("eventure append new.db a.b - <&-")
        self.assertEqual((code, list(self.scratch.path.glob("new.db*"))), (3, []))
        self.assertEqual(err, b"eventure: read standard input: Bad file descriptor\n")

    def test_with_all_streams_closed_the_store_is_not_written_to_by_mistake(self):
        code, _, _ = self.scratch.run("eventure import story.db nonsense.jsonl <&- >&- 2>&-")
        self.assertEqual(code, 3)
        code, _, _ = self.scratch.run("eventure append story.db 'a' '[]' <&- >&- 2>&-")
        self.assertEqual(code, 1)
        self.assert_story_is_whole()

    def test_a_reader_that_goes_away_is_no_reason_for_words(self):
        self.write_history(20000)
        self.run_ok("eventure import story.db big.jsonl")
        for command in ("log story.db", "log story.db --json", "log story.db --ids", "cascade story.db",
                        "export story.db", "sql story.db 'SELECT * FROM events'",
                        "sql story.db 'SELECT * FROM events' --format=csv",
                        "sql story.db 'SELECT * FROM events' --format=json"):
            for ignored, expected in (("", 128 + signal.SIGPIPE), ("trap '' PIPE; ", 3)):
                with self.subTest(command, ignored=ignored):
                    code, out, err = self.scratch.run(
                        f"{{ ({ignored}eventure {command}); echo $? > code; }} | head -n 1 > /dev/null; cat code")
                    self.assertEqual((code, err), (0, b""))
                    self.assertEqual(int(out), expected)

    def test_a_file_that_may_not_grow_ends_an_import_without_a_trace(self):
        self.write_history(20000)
        code, _, err = self.scratch.run("ulimit -f 300; eventure import new.db big.jsonl")
        self.assertEqual(code, 3, err)
        self.assertRegex(err.decode(), r"^eventure: .*new\.db.*\n$")
        self.assertEqual(list(self.scratch.path.glob("new.db*")), [])
        code, _, err = self.scratch.run("ulimit -f 300; eventure import story.db big.jsonl")
        self.assertEqual(code, 3, err)
        self.assert_story_is_whole()

    def test_a_file_that_may_not_grow_ends_an_export_without_a_trace(self):
        self.write_history(20000)
        self.run_ok("eventure import new.db big.jsonl && echo old > out.jsonl")
        names = sorted(os.listdir(self.scratch.path))
        code, _, err = self.scratch.run("ulimit -f 300; eventure export new.db out.jsonl")
        self.assertEqual((code, err), (3, b"eventure: write out.jsonl: File too large\n"))
        self.assertEqual((self.scratch.path / "out.jsonl").read_bytes(), b"old\n")
        left = sorted(name for name in os.listdir(self.scratch.path) if not name.endswith(("-wal", "-shm")))
        self.assertEqual(left, names)

    def test_a_full_disk_ends_import_and_export_without_a_trace(self):
        if not can_mount():
            self.skipTest("no small file system can be mounted here")
        self.write_history(20000)
        script = """set -e
mkdir disk
mount -t tmpfs -o size=600k none disk
cp story.db disk
code=0; eventure import disk/story.db big.jsonl || code=$?
echo import $code
eventure export disk/story.db | cmp - story.jsonl
rm -f disk/story.db-*
code=0; eventure import disk/new.db big.jsonl || code=$?
echo new $code $(ls disk)
eventure import new.db big.jsonl
echo old > disk/out.jsonl
code=0; eventure export new.db disk/out.jsonl || code=$?
echo export $code $(cat disk/out.jsonl) $(ls disk)
"""
        (self.scratch.path / "script").write_text(script, encoding="utf-8")
        code, out, err = self.scratch.run("unshare --user --map-root-user --mount sh script")
        self.assertEqual(code, 0, err)
        self.assertEqual(out.decode(), "import 3\nnew 3 story.db\nexport 3 old out.jsonl story.db\n")
        messages = [line for line in err.decode().splitlines() if line.startswith("eventure: ")]
        self.assertEqual(len(messages), 3)
        self.assertRegex(messages[0], r"story\.db.*full")
        self.assertRegex(messages[1], r"new\.db.*full")
        self.assertRegex(messages[2], r"out\.jsonl: No space left on device")

    def test_a_store_in_a_directory_without_the_right_to_write_can_be_read(self):
        user = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        folder = self.scratch.path / "folder"
        folder.mkdir()
        shutil.copy(self.scratch.path / "story.db", folder)
        (folder / "story.db").chmod(0o444)
        folder.chmod(0o555)
        self.scratch.path.chmod(0o755)
        # The other user may have no access to the folder of the program under test, so the test makes a copy.
        copy = self.scratch.path / "eventure"
        shutil.copy(program(), copy)
        copy.chmod(0o755)

        def run(*arguments):
            done = subprocess.run([str(copy), *arguments], cwd=folder, env=environment(), capture_output=True,
                                  timeout=TIMEOUT_SECONDS, check=False, **user)
            return done.returncode, done.stdout.decode(), done.stderr.decode()

        if subprocess.run(["test", "-x", str(copy)], cwd="/", check=False, **user).returncode != 0:
            self.skipTest(f"another user cannot reach {self.scratch.path}")
        self.assertEqual(run("export", "story.db"), (0, self.before.decode(), ""))
        self.assertEqual(run("sql", "story.db", "SELECT count(*) AS n FROM events"), (0, " n\n12\n", ""))
        self.assertEqual(run("sql", str(folder / "story.db"), "SELECT 1 AS n"), (0, "n\n1\n", ""))
        for arguments in (["append", "story.db", "a"], ["import", "story.db", "../story.jsonl"]):
            code, out, err = run(*arguments)
            self.assertEqual((code, out), (3, ""))
            self.assertRegex(err, r"^eventure: open story\.db: .*\n$")
        code, out, err = run("export", "story.db", "out.jsonl")
        self.assertEqual((code, out, err), (3, "", "eventure: open out.jsonl: Permission denied\n"))
        self.assertEqual(sorted(os.listdir(folder)), ["story.db"])

    def test_a_companion_that_is_not_installed(self):
        folder = self.scratch.path / "bin"
        folder.mkdir()
        shutil.copy(program(), folder / "eventure")
        for command, companion, library in (("serve story.db", "eventure-serve", "libmicrohttpd"),
                                            ("ship --to x story.db", "eventure-postgres", "libpq"),
                                            ("fetch x y z.db", "eventure-postgres", "libpq")):
            code, out, err = self.scratch.run(f"bin/eventure {command}")
            self.assertEqual((code, out), (3, b""))
            self.assertEqual(err.decode(), f"eventure: {command.split()[0]}: the program {companion} is not installed "
                                           f"with this one; it is built when {library} is found\n")
            # One that cannot be executed.
            (folder / companion).write_bytes(b"no program")
            code, out, err = self.scratch.run(f"bin/eventure {command}")
            self.assertEqual((code, out), (3, b""))
            self.assertRegex(err.decode(), rf"^eventure: {command.split()[0]}: cannot start .*/{companion}: "
                                           r"Permission denied\n$")
            (folder / companion).unlink()

    def start_import(self, store):
        """Starts an import, and waits until it waits for more input."""
        process = subprocess.Popen([str(program()), "import", store], cwd=self.scratch.path, env=environment(),
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(LINE.format(9, 1).encode())
        process.stdin.flush()
        for _ in range(500):
            if is_written(self.scratch.path / store):
                return process
            time.sleep(0.02)
        process.kill()
        self.fail("the import did not begin")

    def test_one_at_a_time_writes_and_all_may_read(self):
        process = self.start_import("story.db")
        for command in ("append story.db a.b", "import story.db story.jsonl"):
            begin = time.monotonic()
            code, out, err = self.scratch.run(f"eventure {command}")
            self.assertEqual((code, out), (3, b""))
            self.assertIn(b"another log writes this store", err)
            self.assertLess(time.monotonic() - begin, 4)
        self.assert_story_is_whole()
        self.assertEqual(self.run_ok("eventure sql story.db 'SELECT count(*) AS n FROM events'"), b" n\n12\n")
        _, err = process.communicate(timeout=TIMEOUT_SECONDS)
        self.assertEqual((process.returncode, err), (0, b"1 event, 1 tick\n"))
        self.assert_story_is_whole(13)

    def test_a_killed_import_leaves_the_store_as_it_was(self):
        process = self.start_import("story.db")
        time.sleep(0.1)
        process.kill()
        process.communicate(timeout=TIMEOUT_SECONDS)
        self.assert_story_is_whole()
        self.run_ok("eventure append story.db a.b")
        self.assert_story_is_whole(13)

    def test_an_exported_file_gets_the_permissions_of_the_store_or_keeps_its_own(self):
        def mode():
            return stat.S_IMODE((self.scratch.path / "out.jsonl").stat().st_mode)

        self.run_ok("chmod 640 story.db; umask 0; eventure export story.db out.jsonl")
        self.assertEqual(mode(), 0o640)
        self.run_ok("chmod 604 out.jsonl; eventure export story.db out.jsonl")
        self.assertEqual(mode(), 0o604)

    def test_the_answer_does_not_depend_on_the_locale(self):
        expected = self.run_ok("eventure log story.db; eventure sql story.db 'SELECT 0.5 AS x'")
        for locale in ("C", "C.UTF-8", "POSIX", "de_DE.UTF-8", "no_such"):
            with self.subTest(locale):
                _, out, err = self.scratch.run("eventure log story.db; eventure sql story.db 'SELECT 0.5 AS x'",
                                               LC_ALL=locale)
                self.assertEqual((out, err), (expected, b""))


if __name__ == "__main__":
    unittest.main()
