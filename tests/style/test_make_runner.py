#!/usr/bin/env python3
"""Tests tests/support/make_runner.py, which makes the main functions of the C tests, on small files."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).parent.parent / "support" / "make_runner.py"


def make(text):
    """Returns the exit code, the message and the runner for a test file test_boat.c with this text."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = pathlib.Path(folder, "test_boat.c"), pathlib.Path(folder, "runners", "test_boat.c")
        source.write_text(text, encoding="utf-8")
        output.parent.mkdir()
        done = run(output.parent, source)
        runner = output.read_text(encoding="utf-8") if output.exists() else ""
        return done.returncode, done.stderr.removeprefix(f"{source}:"), runner


def run(directory, *sources):
    """Runs the program, and returns what subprocess.run returns."""
    return subprocess.run([sys.executable, "-B", str(PROGRAM), str(directory), *map(str, sources)],
                          capture_output=True, text=True, check=False)


class RunnerTest(unittest.TestCase):
    """Tests the text of a runner, and test files that are refused."""

    def test_each_test_is_listed(self):
        code, message, runner = make("START_TEST(it_floats)\n{\n}\nLOOP_TEST(it_sinks, COUNT_OF(holes))\n{\n}\n")
        self.assertEqual((code, message), (0, ""))
        self.assertIn("        {it_floats, 1},\n        {it_sinks, COUNT_OF(holes)},\n", runner)
        self.assertIn('{"boat", NULL, NULL, NULL, RUN_TESTS_TIMEOUT}', runner)

    def test_settings_are_passed(self):
        code, message, runner = make("TEST_FIXTURE(launch, NULL);\nTEST_PREPARE(build);\nTEST_TIMEOUT(300);\n"
                                     "START_TEST(it_floats)\n{\n}\n")
        self.assertEqual((code, message), (0, ""))
        self.assertIn('{"boat", build, launch, NULL, 300}', runner)

    def test_what_could_leave_a_test_out_is_refused(self):
        for text, message in {
                "": "1: no test\n",
                "static START_TEST(a)\n": "1: not a test or a setting in a line of its own: static START_TEST(a)\n",
                "START_TEST(a) {}\n": "1: not a test or a setting in a line of its own: START_TEST(a) {}\n",
                "START_TEST(a)\nSTART_TEST(a)\n": "2: a is there twice\n",
                "LOOP_TEST(a)\n": "1: not a test or a setting in a line of its own: LOOP_TEST(a)\n",
                "TEST_TIMEOUT(1);\nTEST_TIMEOUT(2);\n": "2: TIMEOUT is there twice\n",
                "START_TEST(a)\nint main(void)\n": "2: not a test or a setting in a line of its own: int main(void)\n",
        }.items():
            with self.subTest(text=text):
                self.assertEqual(make(text), (1, message, ""))

    def test_only_what_changed_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            sources = [pathlib.Path(folder, name) for name in ("test_boat.c", "test_raft.c")]
            runners = pathlib.Path(folder, "runners")
            runners.mkdir()
            for source in sources:
                source.write_text("START_TEST(it_floats)\n", encoding="utf-8")
            self.assertEqual(run(runners, *sources).returncode, 0)
            for source in sources:
                os.utime(runners / source.name, ns=(1, 1))
            sources[1].write_text("START_TEST(it_sinks)\n", encoding="utf-8")
            self.assertEqual(run(runners, *sources).returncode, 0)
            self.assertEqual((runners / "test_boat.c").stat().st_mtime_ns, 1)
            self.assertIn("{it_sinks, 1}", (runners / "test_raft.c").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
