#!/usr/bin/env python3
"""The program on a terminal: width, colour, progress, interruption. Each test has a pseudo-terminal."""

import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
import unicodedata
import unittest

from clitest import Scratch, TIMEOUT_SECONDS, environment, is_written, program

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from terminals import LAST, need_terminals  # noqa: E402  (after the line above, which says where it is)

ESCAPE = re.compile("\033\\[[0-9;]*[mK]")


def read_terminal(descriptor):
    """Returns the bytes that are written to a terminal before LAST."""
    output = b""
    while not output.endswith(LAST):
        output += os.read(descriptor, 65536)
    return output[:-len(LAST)]


def on_terminal(scratch, arguments, columns=80, stream="stdout", stdin=None, rows=24, **env):
    """Runs the program with one stream on a terminal. Returns (exit code, the output on the terminal, the other
    stream)."""
    outside, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: inside}
    with subprocess.Popen([str(program())] + arguments, cwd=scratch.path, stdin=stdin or subprocess.DEVNULL,
                          env=environment(**env), **streams) as process:
        other = []

        def finish():
            other.append((process.stderr if stream == "stdout" else process.stdout).read().decode())
            process.wait()
            os.write(inside, LAST)

        finishing = threading.Thread(target=finish)
        finishing.start()
        seen = read_terminal(outside).decode().replace("\r\n", "\n")
        finishing.join(TIMEOUT_SECONDS)
    os.close(inside)
    os.close(outside)
    return process.returncode, seen, other[0]


def columns_of(line):
    """Returns the width of a line in columns, according to Python."""
    plain = ESCAPE.sub("", line)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in plain)


class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch().__enter__()
        self.addCleanup(self.scratch.__exit__)
        for name in ("story", "odd"):
            self.assertEqual(self.scratch.run(f"eventure import {name}.db {name}.jsonl")[0], 0)

    def show(self, arguments, **more):
        code, seen, errors = on_terminal(self.scratch, arguments, **more)
        self.assertEqual((code, errors), (0, ""))
        return seen

    def test_lines_of_the_table_are_cut_to_the_terminal(self):
        for width in (5, 17, 18, 19, 20, 21, 22, 23, 24, 25, 40, 60, 72, 200):
            for store in ("story.db", "odd.db"):
                with self.subTest(width=width, store=store):
                    seen = self.show(["log", store], columns=width)
                    lines = seen.rstrip("\n").split("\n")
                    self.assertEqual(len(lines), 13 if store == "story.db" else 4)
                    whole = self.show(["log", store], columns=500).split("\n")
                    for line, all_of_it in zip(lines, whole):
                        plain = ESCAPE.sub("", line)
                        self.assertLessEqual(columns_of(line), width, line)
                        self.assertEqual(plain.endswith("…"), plain != ESCAPE.sub("", all_of_it), line)
                    self.assertEqual("…" in seen, width < 200)

    def test_a_line_that_just_fits_is_not_cut(self):
        widest = max(columns_of(line) for line in self.show(["log", "story.db"], columns=500).split("\n"))
        self.assertNotIn("…", self.show(["log", "story.db"], columns=widest))
        self.assertIn("…", self.show(["log", "story.db"], columns=widest - 1))

    def test_columns_stand_below_each_other_whatever_the_characters(self):
        self.scratch.run("eventure append wide.db 日本語.試験 '{}' && eventure append wide.db e\u0301.a '{}'")
        lines = ESCAPE.sub("", self.show(["log", "wide.db"])).rstrip("\n").split("\n")
        starts = {columns_of(line[:line.rindex("{}")]) for line in lines[1:]}
        self.assertEqual(starts, {columns_of(lines[0][:lines[0].index("DATA")])})

    def test_answers_of_sql_are_cut_too(self):
        seen = self.show(["sql", "story.db", "SELECT seq, data FROM events"], columns=30)
        self.assertIn("…", seen)
        self.assertLessEqual(max(columns_of(line) for line in seen.split("\n")), 30)

    def test_columns_of_the_environment_count_when_the_terminal_has_none(self):
        lines = self.show(["log", "story.db"], columns=0, COLUMNS="50").split("\n")
        self.assertEqual(max(columns_of(line) for line in lines), 50)
        lines = self.show(["log", "story.db"], columns=0).split("\n")
        self.assertEqual(max(columns_of(line) for line in lines), 80)

    def test_a_terminal_has_colour_unless_it_is_not_wanted(self):
        for arguments in (["log", "story.db"], ["cascade", "story.db"], ["show", "story.db", "0-CBCC-1"],
                          ["children", "story.db", "0-CBCC-1"], ["sql", "story.db", "SELECT 1 AS a"]):
            with self.subTest(arguments):
                self.assertIn("\033[", self.show(arguments))
                self.assertIn("\033[", self.show(arguments, NO_COLOR=""))
                self.assertNotIn("\033", self.show(arguments, NO_COLOR="1"))
                self.assertNotIn("\033", self.show(arguments, TERM="dumb"))
                if arguments[0] != "sql":
                    self.assertNotIn("\033", self.show(arguments + ["--color=never"]))
                    self.assertIn("\033[", self.show(arguments + ["--color=always"], NO_COLOR="1"))

    def test_colour_changes_nothing_but_the_colour(self):
        for arguments in (["log", "story.db"], ["cascade", "story.db"]):
            self.assertEqual(ESCAPE.sub("", self.show(arguments)), self.show(arguments + ["--color=never"]))

    def test_what_is_stored_does_not_drive_the_terminal(self):
        for arguments in (["log", "odd.db"], ["log", "odd.db", "--ids"], ["log", "odd.db", "--json"],
                          ["cascade", "odd.db"], ["show", "odd.db", "second\a"], ["stats", "odd.db"],
                          ["stats", "odd.db", "--json"], ["sql", "odd.db", "SELECT * FROM events"],
                          ["sql", "odd.db", "SELECT * FROM events", "--format=csv"],
                          ["sql", "odd.db", "SELECT * FROM events", "--format=json"]):
            with self.subTest(arguments):
                seen = self.show(arguments, NO_COLOR="1")
                bad = [c for c in seen if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c == "\u202e"]
                self.assertEqual([c for c in bad if c != "\r"], [])

    def test_messages_do_not_drive_the_terminal(self):
        code, seen, _ = on_terminal(self.scratch, ["show", "odd.db", "\033[31m\u009b"], stream="stderr")
        self.assertEqual((code, seen), (1, "eventure: there is no event \\u001b[31m\\u009b\n"))

    def write_history(self, events):
        with open(self.scratch.path / "big.jsonl", "w", encoding="utf-8") as out:
            for i in range(events):
                out.write(f'{{"tick": {i // 10}, "timestamp": 0.0, "type": "a.b", "data": {{}}, '
                          f'"event_id": "e{i}", "parent_id": null}}\n')

    def test_import_and_export_show_how_far_they_are(self):
        self.write_history(30000)
        code, seen, out = on_terminal(self.scratch, ["import", "big.db", "big.jsonl"], stream="stderr")
        self.assertEqual((code, out), (0, ""))
        self.assertRegex(seen, r"^\rimport: \d+ events, tick \d+\033\[K")
        self.assertTrue(seen.endswith("\r\033[K30000 events, 3000 ticks\n"), seen[-80:])
        code, seen, out = on_terminal(self.scratch, ["export", "big.db", "out.jsonl"], stream="stderr")
        self.assertEqual((code, out), (0, ""))
        self.assertRegex(seen, r"^\rexport: \d+ (of \d+ )?events, tick \d+\033\[K")
        self.assertTrue(seen.endswith("\r\033[K30000 events, 3000 ticks\n"), seen[-80:])

    def test_progress_is_for_terminals_only(self):
        self.write_history(30000)
        code, _, errors = on_terminal(self.scratch, ["import", "big.db", "big.jsonl"], stream="stdout")
        self.assertEqual((code, errors), (0, "30000 events, 3000 ticks\n"))

    def test_an_interrupted_import_leaves_nothing(self):
        before = self.scratch.run("eventure export story.db")[1]
        line = b'{"tick": 9, "timestamp": 0.0, "type": "a", "data": {}, "event_id": "x", "parent_id": null}\n'
        for store, number in (("new.db", signal.SIGINT), ("new.db", signal.SIGTERM), ("story.db", signal.SIGINT)):
            with self.subTest(store=store, number=number):
                with subprocess.Popen([str(program()), "import", store], cwd=self.scratch.path, env=environment(),
                                      stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                    process.stdin.write(line)
                    process.stdin.flush()
                    self.wait_for_log(self.scratch.path / store)
                    process.send_signal(number)
                    process.wait(TIMEOUT_SECONDS)
                    self.assertEqual(process.stderr.read(), b"")
                self.assertEqual(process.returncode, -number)
                left = sorted(path.name for path in self.scratch.path.glob("new.db*"))
                self.assertEqual(left, [])
        self.assertEqual(self.scratch.run("eventure export story.db")[1], before)

    def test_what_is_no_json_does_not_drive_the_terminal(self):
        db = sqlite3.connect(self.scratch.path / "story.db")
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("UPDATE events SET data = ? WHERE seq = 1", ('{"x":\033]0;owned\a}',))
        db.execute("UPDATE events SET data = ? WHERE seq = 2", ('{"x":\x9b31m}',))
        db.execute("UPDATE events SET data = ? WHERE seq = 3", ('{"x":1}\033[31m',))
        an_id = db.execute("SELECT id FROM events WHERE seq = 1").fetchone()[0]
        db.commit()
        db.close()
        raw = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f]")
        for command in (["log", "--json"], ["log"], ["export"], ["export", "--format", "cloudevents"],
                        ["export", "--format", "chrome"], ["export", "--format", "csv"], ["export", "--format", "dot"],
                        ["export", "--format", "mermaid"], ["cascade"], ["show", "--json"], ["show"], ["sql"]):
            operands = {"show": [an_id], "sql": ["SELECT data FROM events"]}.get(command[0], [])
            with self.subTest(command):
                _, seen, _ = on_terminal(self.scratch, command + ["story.db"] + operands, columns=500, NO_COLOR="1")
                self.assertEqual(raw.findall(seen), [])

    def test_json_on_a_terminal_is_the_same_json(self):
        for command in (["log", "--json", "odd.db"], ["export", "odd.db"],
                        ["export", "--format", "cloudevents", "odd.db"]):
            with self.subTest(command):
                seen = self.show(command, columns=500).splitlines()
                piped = self.scratch.run("eventure " + " ".join(command))[1].decode().splitlines()
                self.assertEqual([json.loads(line) for line in seen], [json.loads(line) for line in piped])

    def test_what_a_copy_says_at_its_end_has_a_line_of_its_own(self):
        for command, text in ((["copy", "story.db", "copy.db"], "12 events\n"),
                              (["fork", "story.db", "fork.db", "--tick", "4"], "12 events\n"),
                              (["copy", "story.db", "copy.db"], "eventure: copy: the file copy.db exists\n")):
            with self.subTest(command):
                _, seen, _ = on_terminal(self.scratch, command, stream="stderr")
                self.assertEqual(seen.split("\033[K")[-1], text)
                self.assertTrue(seen == text or seen.endswith("\r\033[K" + text), seen)

    def test_copies_that_are_interrupted_say_just_that(self):
        with open(self.scratch.path / "big.jsonl", "w", encoding="utf-8") as out:
            for i in range(100000):
                out.write(f'{{"tick": {i // 10}, "timestamp": {i}.0, "type": "a.b", "data": {{}}, "event_id": "e{i}", '
                          '"parent_id": null}\n')
        self.assertEqual(self.scratch.run("eventure import big.db big.jsonl")[0], 0)
        for command in (["copy", "source.db", "new.db"], ["fork", "source.db", "new.db", "--tick", "7000"],
                        ["archive", "source.db", "new.db", "--before", "7000"]):
            with self.subTest(command):
                for _ in range(50):
                    shutil.copy(self.scratch.path / "big.db", self.scratch.path / "source.db")
                    with subprocess.Popen([str(program())] + command, cwd=self.scratch.path, env=environment(),
                                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
                        while not os.path.exists(self.scratch.path / "new.db-new") and process.poll() is None:
                            pass
                        process.send_signal(signal.SIGINT)
                        errors = process.stderr.read()
                        process.wait(TIMEOUT_SECONDS)
                    if errors == b"eventure: interrupted\n":
                        break
                    self.assertNotIn(b"callback", errors)  # the command had ended already, or had not started
                    for path in self.scratch.path.glob("new.db*"):
                        path.unlink()
                self.assertEqual((process.returncode, errors), (-signal.SIGINT, b"eventure: interrupted\n"))
                self.assertEqual(list(self.scratch.path.glob("new.db*")), [])

    def test_an_import_that_is_busy_can_be_interrupted(self):
        self.write_history(300000)
        with subprocess.Popen([str(program()), "import", "new.db", "big.jsonl"], cwd=self.scratch.path,
                              env=environment(), stderr=subprocess.PIPE) as process:
            self.wait_for_log(self.scratch.path / "new.db")
            process.send_signal(signal.SIGINT)
            process.wait(TIMEOUT_SECONDS)
            self.assertEqual((process.returncode, process.stderr.read()), (-signal.SIGINT, b""))
        self.assertEqual(list(self.scratch.path.glob("new.db*")), [])

    def wait_for_log(self, path):
        for _ in range(500):
            if is_written(path):
                return
            time.sleep(0.02)
        self.fail(f"no log has {path} open")

    # --- The pager ---

    def test_a_pager_shows_long_answers_on_a_terminal(self):
        pager = "echo paged; cat"
        for command in (["log", "story.db"], ["cascade", "story.db"], ["show", "story.db", "1-EBDB-1"], ["help", "log"],
                        ["children", "story.db", "1-ECBC-1"], ["explain", "story.db"], ["diff", "story.db", "story.db"],
                        ["sql", "story.db", "SELECT id FROM events"], ["help"], []):
            with self.subTest(command):
                plain = self.show(command)
                self.assertEqual(self.show(command, EVENTURE_PAGER=pager), "paged\n" + plain)
                self.assertEqual(self.show(["--no-pager"] + command, EVENTURE_PAGER=pager), plain)
                code, _, out = on_terminal(self.scratch, command, stream="stderr", EVENTURE_PAGER=pager)
                self.assertEqual(code, 0)
                self.assertNotIn("paged", out)
        self.assertEqual(self.show(["log", "story.db", "--no-pager"], EVENTURE_PAGER=pager), self.show(["log", "story.db"]))

    def test_which_pager_is_used(self):
        plain = self.show(["log", "story.db"])
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER="cat"), plain)
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER="", PAGER="echo no"), plain)
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER="echo one; cat >drain", PAGER="echo two"), "one\n")
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER="echo $LESS; cat >drain"), "FRX\n")
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER="echo $LESS; cat >drain", LESS="i"), "i\n")

    def test_less_is_the_pager_where_the_terminal_tells_its_size(self):
        less = self.scratch.path / "less"
        less.write_text("#!/bin/sh\necho paged\ncat\n")
        less.chmod(0o755)
        path = f"{self.scratch.path}:{os.environ['PATH']}"
        plain = self.show(["log", "story.db"], EVENTURE_PAGER="cat")
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER=None, PATH=path), "paged\n" + plain)
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER=None, PATH=path, rows=0), plain)
        self.assertEqual(self.show(["log", "story.db"], EVENTURE_PAGER=None, PATH=path, rows=0, PAGER="echo mine; cat"), "mine\n" + plain)

    def test_an_error_comes_after_the_pager_and_starts_none(self):
        for command, said in ((["log", "none.db"], "there is no such file"), (["log", "story.db", "--frob"], "unknown option"),
                              (["show", "story.db", "none"], "there is no event")):
            code, seen, errors = on_terminal(self.scratch, command, EVENTURE_PAGER="cat; echo end")
            self.assertNotEqual(code, 0)
            self.assertIn(said, errors)
            self.assertIn(seen, ("", "end\n"))

    def test_a_reader_that_leaves_the_pager_ends_the_program(self):
        code, seen, errors = on_terminal(self.scratch, ["log", "story.db"], EVENTURE_PAGER="head -n 1")
        self.assertEqual((seen.count("\n"), errors), (1, ""))
        self.assertIn(code, (0, 3, -13))

    def test_help_is_wrapped_to_a_narrow_terminal(self):
        for name in ("log", "eventure", "import", "sql", "state", "stats"):
            whole = self.show(["help", name], columns=80)
            for width in (30, 41, 60, 79):
                seen = self.show(["help", name], columns=width)
                flowing = seen.partition("DESCRIPTION\n")[2]
                for line in flowing.split("\n"):
                    if not line.startswith("        ") and "$ " not in line and " " in line.strip():
                        self.assertLessEqual(columns_of(line), max(width, 34), line)
                self.assertEqual(re.sub(r"\s+", " ", seen), re.sub(r"\s+", " ", whole))
            self.assertEqual(self.show(["help", name], columns=200), whole)


if __name__ == "__main__":
    need_terminals()
    unittest.main()
