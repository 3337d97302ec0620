"""Shared by the tests of the example programs: the paths of the programs, and functions that run them."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"
TIMEOUT_SECONDS = 60


def program(name):
    """The program whose path is in the environment variable of this name."""
    path = os.environ.get(name, "")
    if not os.access(path, os.X_OK):
        raise SystemExit(f"set {name} to the path of the program")
    return str(pathlib.Path(path).resolve())


def environment(**more):
    """Returns an environment that does not depend on the user who runs the test."""
    kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE", "GCOV_PREFIX", "TMPDIR",
            "LD_LIBRARY_PATH")
    return {"LC_ALL": "C", "TZ": "UTC", "TERM": "xterm", **{k: os.environ[k] for k in kept if k in os.environ}, **more}


class ExampleTest(unittest.TestCase):
    """A test with a directory of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="eventure-example-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_program(self, name, *arguments, stdin=b""):
        """Runs a program: (exit code, standard output, standard error)."""
        done = subprocess.run([program(name), *map(str, arguments)], cwd=self.folder, input=stdin, env=environment(),
                              capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def expect(self, name, *arguments, stdin=b""):
        """Runs a program that must succeed; returns its output. Only the tool may have remarks on standard error."""
        code, output, errors = self.run_program(name, *arguments, stdin=stdin)
        self.assertEqual(code, 0, (arguments, errors))
        if name != "EVENTURE":
            self.assertEqual(errors, "", arguments)
        return output

    def tick(self, store):
        """The current tick of a store; -1 when there is none yet, or it has no event."""
        if not (self.folder / store).exists():
            return -1
        db = sqlite3.connect(self.folder / store)
        try:
            if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'events'").fetchone()[0] == 0:
                return -1
            newest = db.execute("SELECT max(tick) FROM events").fetchone()[0]
            return -1 if newest is None else newest
        finally:
            db.close()

    def events(self, store):
        """All events of a store, as they are exported, timestamps apart."""
        lines = self.expect("EVENTURE", "export", store, "-").splitlines()
        return [line.split(', "type": ', 1)[1] + line.split(', "timestamp"', 1)[0] for line in lines]

    def assert_equal_histories(self, one, other):
        """Asserts that two stores have the same history except for timestamps, by their digests and their exports."""
        self.assertIn("equal: ", self.expect("EVENTURE", "diff", one, other))
        self.assertEqual(self.events(one), self.events(other))
