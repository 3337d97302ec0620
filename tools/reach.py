"""Finds which tests call which functions of src/, with gcov. tools/mutation.py uses it: a test that does not call the
changed function cannot notice the change.

The counters of a process that ends by a signal or by _exit are lost, so a test can be missing in the result; a test
in the result has called the function.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

FLAGS = "-O0 --coverage"


class Reach:
    """The functions of the source files, each with the names of the tests that call it."""

    def __init__(self):
        self.functions = {}  # file -> {(first line, last line): names of tests}

    def add(self, test, file, first, last, called):
        """Notes a function of a file, and whether a test called it."""
        tests = self.functions.setdefault(file, {}).setdefault((first, last), set())
        if called:
            tests.add(test)

    def tests(self, file, line):
        """Returns the names of the tests that call the function at a line. None when no function is known there: the
        line is in a table or a macro, or gcov is missing."""
        for (first, last), tests in self.functions.get(file, {}).items():
            if first <= line <= last:
                return tests
        return None


def measure(source, build, names, threads, run):
    """Runs each test of a build that was compiled with FLAGS, and returns a Reach. Without gcov, or with a compiler
    that gcov does not understand, the result is empty.

    `source` and `build` are folders, `names` the tests, `threads` how many run at once, and run(command, environment)
    starts a command.
    """
    reach = Reach()
    if shutil.which("gcov") is None:
        return reach

    def one(name):
        with tempfile.TemporaryDirectory(prefix="reach-", dir=build) as counters:
            run(["ctest", "--test-dir", str(build), "-R", f"^{name.replace('.', '[.]')}$"],
                {"GCOV_PREFIX": counters})
            return name, list(functions_called(source, build, pathlib.Path(counters)))

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for name, called in pool.map(one, names):
            for function in called:
                reach.add(name, *function)
    return reach


def functions_called(source, build, counters):
    """Yields file, first line, last line and whether it was called, for each function of src/ that has counters."""
    files = []
    for path in counters.rglob("*.gcda"):
        notes = pathlib.Path("/", path.relative_to(counters)).with_suffix(".gcno")
        if notes.is_relative_to(build) and notes.exists():
            os.symlink(notes, path.with_suffix(".gcno"))
            files.append(str(path))
    if not files:
        return
    found = subprocess.run(["gcov", "--json-format", "--stdout", *files], cwd=counters, capture_output=True,
                           check=False)
    for line in found.stdout.splitlines():
        if not line.startswith(b"{"):
            continue
        for file in json.loads(line)["files"]:
            path = pathlib.Path(os.path.normpath(source / file["file"]))
            if path.is_relative_to(source / "src"):
                for function in file["functions"]:
                    yield (path.relative_to(source).as_posix(), function["start_line"], function["end_line"],
                           function["execution_count"] > 0)
