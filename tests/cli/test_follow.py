#!/usr/bin/env python3
"""`eventure log --follow`: its output while another process appends, and its end."""

import os
import signal
import subprocess
import time
import unittest

from clitest import Scratch, environment, program

PATIENCE_SECONDS = 20


class Follower:
    """A running `eventure log --follow` whose output is read line by line."""

    def __init__(self, scratch, *options):
        command = [str(program()), "log", "game.db", "--follow", *options]
        self.process = subprocess.Popen(command, cwd=scratch.path, env=environment(), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def lines(self, count):
        """The next lines."""
        return [self.process.stdout.readline().rstrip("\n") for _ in range(count)]

    def end(self, number=None):
        """Ends the follower by a signal, or waits for its end. Returns (exit code, the rest of its output, its
        errors)."""
        if number is not None:
            self.process.send_signal(number)
        out, errors = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, out, errors


class FollowTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch().__enter__()
        self.addCleanup(self.scratch.__exit__)
        self.scratch.run("eventure import game.db story.jsonl")

    def append(self, kind):
        code, out, errors = self.scratch.run(f"eventure append game.db --advance {kind}")
        self.assertEqual((code, errors), (0, b""))
        return out.decode().strip()

    def test_new_events_are_printed_when_they_are_committed(self):
        follower = Follower(self.scratch, "--ids", "--tick", "4..")
        self.assertEqual(follower.lines(2), ["4-EAAF-1", "4-EDDA-1"])
        for _ in range(5):
            began = time.monotonic()
            self.assertEqual([self.append("a.b")], follower.lines(1))
            self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(follower.end(signal.SIGINT), (0, "", ""))

    def test_it_ends_in_good_order_by_each_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            follower = Follower(self.scratch, "--ids")
            follower.lines(12)
            self.assertEqual(follower.end(number), (0, "", ""))

    def test_it_ends_when_nobody_reads_any_more(self):
        follower = Follower(self.scratch, "--ids")
        follower.lines(12)
        follower.process.stdout.close()
        self.assertEqual(follower.process.wait(timeout=PATIENCE_SECONDS), 0)
        self.assertEqual(follower.process.stderr.read(), "")
        follower.process.stderr.close()

    def test_filters_json_and_a_limit(self):
        follower = Follower(self.scratch, "--json", "--type", "x.*", "--limit", "2")
        self.append("a.b")
        self.append("x.a")
        self.append("a.b")
        self.append("x.b")
        code, out, errors = follower.end()
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual([line.split('"type": ')[1][:5] for line in out.splitlines()], ['"x.a"', '"x.b"'])

    def test_a_limit_ends_it_at_once_when_there_are_enough(self):
        follower = Follower(self.scratch, "--ids", "--limit", "3")
        self.assertEqual(follower.end(), (0, "0-CBCC-1\n0-FADA-1\n1-ECBC-1\n", ""))

    def test_only_new_ones(self):
        follower = Follower(self.scratch, "--ids", "--from-end", "--limit", "1")
        time.sleep(1)
        appended = self.append("a.b")
        self.assertEqual(follower.end(), (0, appended + "\n", ""))

    def test_the_table_has_one_line_of_titles(self):
        follower = Follower(self.scratch, "--tick", "4..", "--limit", "3")
        self.assertEqual([line.split()[0] for line in follower.lines(3)], ["SEQ", "11", "12"])
        self.append("a.b")
        code, out, errors = follower.end()
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(out.split()[0], "13")

    def test_a_name_goes_on_where_it_ended_even_when_killed(self):
        follower = Follower(self.scratch, "--ids", "--name", "a friend")
        follower.lines(12)
        path = self.scratch.path / "game.db-follow-a%20friend"
        end = time.monotonic() + PATIENCE_SECONDS
        while not path.exists() and time.monotonic() < end:
            time.sleep(0.02)
        follower.end(signal.SIGKILL)
        appended = self.append("a.b")
        follower = Follower(self.scratch, "--ids", "--name", "a friend", "--limit", "1")
        self.assertEqual(follower.end(), (0, appended + "\n", ""))

    def test_one_at_a_time_uses_a_name(self):
        follower = Follower(self.scratch, "--ids", "--name", "x")
        follower.lines(12)
        code, _, errors = Follower(self.scratch, "--ids", "--name", "x").end()
        self.assertEqual(code, 3)
        self.assertIn("another follower uses this name", errors)
        self.assertEqual(follower.end(signal.SIGTERM)[0], 0)

    def test_what_does_not_go_together_is_refused(self):
        for options, text in ((("--reverse",), "--follow and --reverse"), (("--name", ""), "has no name"),
                              (("--parent", "7-ABCD-1"), "there is no event 7-ABCD-1"),
                              (("--type", "a*b"), "a*b")):
            code, out, errors = Follower(self.scratch, *options).end()
            self.assertIn(code, (1, 2))
            self.assertIn(text, errors)
            self.assertEqual(out, "")
        code, _, errors = self.scratch.run("eventure log game.db --name x")
        self.assertEqual(code, 2)
        self.assertIn(b"--name and --from-end are for --follow", errors)
        code, _, errors = self.scratch.run("eventure log missing.db --follow")
        self.assertEqual((code, errors), (3, b"eventure: open missing.db: there is no such file\n"))
        code, _, errors = self.scratch.run("eventure children game.db 0-CBCC-1 --follow")
        self.assertEqual(code, 2)
        self.assertFalse(os.path.exists(self.scratch.path / "missing.db"))


if __name__ == "__main__":
    unittest.main()
