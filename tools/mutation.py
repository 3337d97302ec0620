#!/usr/bin/env python3
"""Measures how many small errors in the library the tests notice ("kill", in the literature on mutation testing).

    tools/mutation.py [--count N] [--seconds S] [--seed N] [--tests REGEX] [--jobs N] ...

Copies the tree into a scratch directory, builds it, runs the tests, which must pass, and measures which functions
each test calls (tools/reach.py). Then changes one place of src/ at a time (a mutant), builds, runs the quick tests that
call the changed function up to the first that fails, and puts the place back:

    comparison   < becomes <=, == becomes !=, ...
    condition    && becomes ||, and the condition of an if or a while is negated
    arithmetic   + becomes -, << becomes >>, ++ becomes --, ...
    constant     an integer becomes one more or 0, true becomes false
    call         a call whose result is not used is dropped
    return       a status that is returned becomes another one

Comments, texts, #include, attributes and assertions are left alone (tools/mutants.py). A mutant that does not compile,
or whose object file is the same as before, is not counted. A mutant whose tests exceed the time limit counts as
noticed.

The mutants that the quick tests did not notice are then made all at once, and the slow tests are run: one that passes
notices none of them. Those that fail are run again with each mutant alone. (Two changes whose effects cancel each other
would be missed.) Those that are left are built with the address and the undefined-behaviour sanitizer, as tools/test.sh
builds the tests, and the quickest tests are run again.

Prints one line a mutant, the share that was noticed, and each survivor as a diff. Ends with 0; with 1 when the share is
below --min-score; with 2 when the copy does not build or its tests fail without a change.

The mutants depend on the seed and on the text of src/ only. Nothing is written into the tree.
"""

import argparse
import contextlib
import difflib
import hashlib
import itertools
import json
import os
import pathlib
import queue
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import mutants
import reach

# The last tests are the fault tests, in which each call below an operation fails in turn.
DEFAULT_TESTS = r"^(unit|extension|cli|export|conformance|crash\.operations)\."
# With the address sanitizer the tests take three times as long, so that only the mutants that are left are built with it.
SANITIZERS = "leak"
MORE_SANITIZERS = "address,undefined"
# The limits of memory and of file size for a mutant, so that an endless loop cannot exhaust the memory or the disk.
MEMORY_MIB = 4096
FILE_BYTES = 4 << 30


def bound_resources():
    """Limits the size of the files of this process and its children. The sanitizer limits their memory."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def scratch_of(build):
    """Returns all that is in the scratch folders of the tests of a build, with the content of a folder before it."""
    return sorted((path for scratch in build.glob("tests/*/scratch") for path in scratch.rglob("*")), reverse=True)


def clear_scratch(build, kept):
    """Removes all from the scratch folders of the tests but the paths in `kept`. What a test leaves when it fails could
    make it fail again, with mutants that it does not notice."""
    for path in scratch_of(build):
        if path in kept:
            continue
        with contextlib.suppress(OSError):  # a folder that contains what is kept
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()


class Tree:
    """A copy of the tree with a build of its own."""

    def __init__(self, root, files, directory, arguments, stopped):
        self.source = directory
        self.build = directory / "build/mutation"
        self.sanitized = directory / "build/sanitized"
        self.arguments = arguments
        self.environment = {**os.environ, "EVENTURE_SOAK_SECONDS": "0",
                            "LSAN_OPTIONS": f"hard_rss_limit_mb={MEMORY_MIB}"}
        self.scratch = {}  # of each build: what is in the scratch folders of the tests after configuring
        self.children = set()
        self.stopped = stopped  # an event, the same for all trees
        for name in files:
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target, follow_symlinks=False)

    def run(self, command, seconds=None, more=None):
        """Runs a command, and returns its status (None when it exceeded the time limit) and its output. All processes
        that it started end with it. `more` is a dict of variables that are added to its environment."""
        with subprocess.Popen(command, cwd=self.source, env={**self.environment, **(more or {})},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              start_new_session=True) as child:
            self.children.add(child)
            if self.stopped.is_set():
                self.kill(child)
            try:
                output = child.communicate(timeout=seconds)[0]
                status = child.returncode
            except subprocess.TimeoutExpired:
                self.kill(child)
                output = child.communicate()[0]
                status = None
            finally:
                self.children.discard(child)
        return status, output.decode(errors="replace")

    def kill(self, child):
        """Ends a child and its process group, and the programs of this tree: a test can have a process group of its
        own, which would otherwise continue to run."""
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if pathlib.Path(os.readlink(process / "exe")).is_relative_to(self.source):
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:
                continue

    def stop(self):
        """Ends all children. While the event `stopped` is set, later ones are ended as soon as they are started."""
        for child in list(self.children):
            self.kill(child)

    def must(self, command, what):
        """Runs a command, and returns its output. Raises RuntimeError when it fails: the tree is then broken."""
        status, output = self.run(command)
        if status != 0:
            raise RuntimeError(f"{what} failed:\n{output[-4000:]}")
        return output

    def generate(self, build, flags, sanitizers=""):
        """Configures a build, without symbols, because it links faster."""
        self.must(["cmake", "-S", ".", "-B", str(build), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                   f"-DCMAKE_C_FLAGS_DEBUG={flags}", f"-DCMAKE_CXX_FLAGS_DEBUG={flags}",
                   f"-DEVENTURE_SANITIZE={sanitizers}"], "configuring the copy")
        self.scratch[build] = set(scratch_of(build))

    def configure(self):
        """Configures, and finds the programs that each test needs."""
        self.generate(self.build, "-O1", SANITIZERS)
        outputs = self.must(["ninja", "-C", str(self.build), "-t", "targets", "all"], "listing the targets")
        known = set(re.findall(r"^(\S+): [A-Z]+_(?:EXECUTABLE|SHARED_LIBRARY|MODULE_LIBRARY)_LINKER", outputs, re.M))
        text = "".join(path.read_text(encoding="utf-8") for path in self.build.rglob("CTestTestfile.cmake"))
        listed = self.must(["ctest", "--test-dir", str(self.build), "--show-only=json-v1", "-R", self.arguments.tests],
                           "listing the tests")
        names = {test["name"] for test in json.loads(listed)["tests"]}
        if not names:
            raise RuntimeError(f"no test is named {self.arguments.tests}")
        self.names = sorted(names)
        # The programs that a test needs: each path in its command and its properties that is a target of the build.
        self.programs = {name: set() for name in names}
        for match in re.finditer(r'^(?:add_test|set_tests_properties)\((?:\[=*\[|"?)([^\s"\]]+)(.*?)\)$', text, re.M | re.S):
            if match.group(1) in names:
                paths = re.findall(re.escape(str(self.build)) + r"/([^\s\";\]]+)", match.group(2))
                self.programs[match.group(1)] |= known & set(paths)
        self.targets = sorted(set().union(*self.programs.values()))

    def limit_tests(self):
        """Replaces the time limits of the tests, which are minutes, so that a test that hangs ends soon."""
        def limited(match):
            seconds = self.arguments.times.get(match.group(2))
            return match.group(0) if seconds is None else f"{match.group(1)}{int(3 * seconds) + 20}\""
        for path in self.build.rglob("CTestTestfile.cmake"):
            text = path.read_text(encoding="utf-8")
            changed = re.sub(r'(set_tests_properties\((?:\[=*\[|"?)([^\s"\]]+)[^\n]* TIMEOUT ")\d+"', limited, text)
            path.write_text(changed, encoding="utf-8")

    def compile(self, targets, seconds=None, build=None):
        """Builds these targets."""
        return self.run(["ninja", "-C", str(build or self.build), "-j", str(self.arguments.threads), *targets], seconds)

    def measure_reach(self):
        """Measures which tests call which functions, with a second build, which is removed afterwards."""
        build = self.source / "build/reach"
        self.generate(build, reach.FLAGS)
        status, output = self.compile(self.targets, build=build)
        if status != 0:
            raise RuntimeError(f"building the copy with counters failed:\n{output[-4000:]}")
        found = reach.measure(self.source, build, self.names, self.arguments.jobs * self.arguments.threads,
                              lambda command, more: self.run(command, self.arguments.limit, more))
        shutil.rmtree(build)
        return found

    def test(self, names, seconds=None, every=False, build=None):
        """Runs the tests of these names up to the first that fails. Returns status and output."""
        build = build or self.build
        pattern = "^(" + "|".join(re.escape(name) for name in names) + ")$"
        command = ["ctest", "--test-dir", str(build), "-R", pattern, "-j", str(self.arguments.threads),
                   "--timeout", str(self.arguments.each), "--output-on-failure"]
        status, output = self.run(command if every else [*command, "--stop-on-failure"], seconds)
        if status != 0:
            clear_scratch(build, self.scratch[build])
        return status, output

    def quick_and_slow(self, mutant, seconds=None):
        """Returns two lists of the tests that can notice a mutant, in the order in which they are run: those with the
        name of its file first, then the quick ones, then the fault tests. The first list takes at most `seconds`, which
        are arguments.quick unless given. The times and the reach of the tests are results of prepare, in
        `arguments`."""
        seconds = self.arguments.quick if seconds is None else seconds
        times = self.arguments.times
        reached = self.arguments.reach.tests(mutant.file, mutant.line)
        stem = re.compile(rf"(?:^|[._]){re.escape(pathlib.PurePosixPath(mutant.file).stem)}(?:$|_)")
        names = [name for name in times if reached is None or name in reached]
        names.sort(key=lambda name: (name.startswith("crash."), stem.search(name) is None, times[name]))
        ends = itertools.accumulate(times[name] for name in names)
        count = sum(end <= seconds for end in ends)
        return names[:count], names[count:]

    def programs_of(self, names):
        """Returns the programs that these tests need."""
        return sorted(set().union(*(self.programs[name] for name in names)))

    def test_in_stages(self, names, times=None, build=None):
        """Builds and runs these tests up to the first that fails. Each stage has more tests than the one before,
        because each has to link its programs. `times` are the seconds of the tests without a change, those of prepare
        unless given. Returns the reason why a mutant counts as noticed, or None."""
        times = times or self.arguments.times
        end = time.monotonic() + self.arguments.limit
        size = 6
        while names:
            stage, names, size = names[:size], names[size:], 3 * size
            status, output = self.compile(self.programs_of(stage), build=build)
            if status != 0:
                raise RuntimeError(f"linking failed:\n{output[-4000:]}")
            # Each stage may take 20 s plus three times its time without a change, so that a mutant with an endless loop
            # ends early.
            enough = 3 * sum(times[name] for name in stage) + 20
            status, output = self.test(stage, seconds=max(1, min(enough, end - time.monotonic())), build=build)
            if status is None:
                return "the time limit"
            if status != 0:
                failed = failed_tests(output)
                return f"{failed[0][0]} ({failed[0][1].lower()})" if failed else "ctest"
        return None

    def objects(self, name):
        """Returns the object files of a source file; none for a header."""
        found = sorted(self.build.rglob(pathlib.PurePosixPath(name).name + ".o"))
        return [path for path in found if name.removeprefix("src/") in str(path)]

    def object_digest(self, name):
        """A digest of the object files of a source file, or None for a header."""
        digest = hashlib.sha256()
        objects = self.objects(name)
        for path in objects:
            digest.update(path.read_bytes())
        return digest.digest() if objects else None

    @contextlib.contextmanager
    def changed(self, changes):
        """Applies mutants that do not overlap, and puts the files back at the end."""
        originals = {mutant.file: (self.source / mutant.file).read_text(encoding="utf-8") for mutant in changes}
        texts = dict(originals)
        for mutant in sorted(changes, key=lambda mutant: mutant.start, reverse=True):
            texts[mutant.file] = mutant.apply(texts[mutant.file])
        try:
            for name, text in texts.items():
                write(self.source / name, text)
            yield
        finally:
            for name, text in originals.items():
                write(self.source / name, text)

    def judge(self, mutant):
        """Runs the quick tests with a mutant. Returns its result (noticed, undecided, invalid or equivalent) and what
        noticed it or why it does not count, which is empty for the others."""
        digest = self.object_digest(mutant.file)
        with self.changed([mutant]):
            objects = [str(path.relative_to(self.build)) for path in self.objects(mutant.file)]
            status, _ = self.compile(objects or self.targets, seconds=self.arguments.limit)
            if status != 0:
                return "invalid", "does not compile"
            if digest is not None and self.object_digest(mutant.file) == digest:
                return "equivalent", "compiles to the same object"
            by = self.test_in_stages(self.quick_and_slow(mutant)[0])
        return ("undecided", "") if by is None else ("noticed", by)

    def judge_together(self, undecided):
        """Runs the slow tests with all these mutants, which must not overlap, and those that fail then with each mutant
        alone. Yields each mutant and what noticed it, or None."""
        slow = {mutant: self.quick_and_slow(mutant)[1] for mutant in undecided}
        names = sorted(set().union(*slow.values()))
        failed = set()
        if names:
            with self.changed(undecided):
                status, output = self.compile(self.programs_of(names))
                if status == 0:
                    status, output = self.test(names, every=True)
            if status != 0:
                failed = set(names).difference(passed_tests(output))
        for mutant in undecided:
            with self.changed([mutant]):
                yield mutant, self.test_in_stages([name for name in slow[mutant] if name in failed])

    def judge_sanitized(self, survivors):
        """Runs the quickest tests, a third of the quick ones, with each mutant in a build with more sanitizers. Yields
        each mutant and what noticed it, or None."""
        tests = {mutant: self.quick_and_slow(mutant, self.arguments.quick / 3)[0] for mutant in survivors}
        names = sorted(set().union(*tests.values()))
        passed = {}
        if names:
            self.generate(self.sanitized, "-O1", MORE_SANITIZERS)
            status, output = self.compile(self.programs_of(names), build=self.sanitized)
            if status != 0:
                raise RuntimeError(f"building the copy with sanitizers failed:\n{output[-4000:]}")
            passed = passed_tests(self.test(names, every=True, build=self.sanitized)[1])
        for mutant in survivors:
            with self.changed([mutant]):
                by = self.test_in_stages([name for name in tests[mutant] if name in passed], passed, self.sanitized)
            yield mutant, by and f"{by} with sanitizers"


def without_overlaps(changes):
    """Distributes mutants to lists in which no two change the same place."""
    lists = []
    for mutant in changes:
        for taken in lists:
            if not any(mutant.file == other.file and mutant.start < other.end and other.start < mutant.end
                       for other in taken):
                taken.append(mutant)
                break
        else:
            lists.append([mutant])
    return lists


def passed_tests(output):
    """Returns the names of the passed tests, and their seconds."""
    return {name: float(seconds) for name, seconds in
            re.findall(r"Test +#\d+: (\S+) [ .]*Passed +(\d+\.\d+) sec", output)}


def failed_tests(output):
    """Returns names and reasons of the failed tests, from the summary of ctest."""
    return [found for found in re.findall(r"^\s*\d+ - (\S+) \(([^)]+)\)", output, re.M)
            if found[1] not in ("Not Run", "Skipped", "Disabled")]


def write(path, text):
    """Writes a source file, and sets its time to now, so that the build detects the change."""
    path.write_text(text, encoding="utf-8")
    now = time.time_ns()
    os.utime(path, ns=(now, now))


class Run:
    """Distributes the mutants to the trees, and counts the results."""

    def __init__(self, arguments, order, texts):
        self.arguments = arguments
        self.order = iter(order)
        self.texts = texts
        self.counts = dict.fromkeys(("noticed", "survived", "invalid", "equivalent"), 0)
        self.survivors = []
        self.undecided = []  # not noticed by the quick tests; the slow ones and the sanitizers decide
        self.by_folder = {}  # the first part of a test's name -> how many it noticed first
        self.lock = threading.Lock()
        self.deadline = time.monotonic() + arguments.seconds
        self.running = 0

    def next(self):
        """Returns the next mutant; None when there is none, when enough are counted or running, or when the time is
        over."""
        with self.lock:
            counted = self.counts["noticed"] + self.counts["survived"] + len(self.undecided)
            if time.monotonic() >= self.deadline or counted + self.running >= self.arguments.count:
                return None
            mutant = next(self.order, None)
            self.running += mutant is not None
            return mutant

    def work(self, tree):
        """Judges mutants in one tree until there are no more."""
        while not tree.stopped.is_set() and (mutant := self.next()) is not None:
            began = time.monotonic()
            result, by = tree.judge(mutant)
            if tree.stopped.is_set():
                return
            with self.lock:
                self.running -= 1
                self.add(mutant, result, by, time.monotonic() - began)

    def add(self, mutant, result, by, seconds):
        """Counts and prints a result."""
        if result == "undecided":
            self.undecided.append(mutant)
        else:
            self.counts[result] += 1
        if result == "survived":
            self.survivors.append(mutant)
        if result == "noticed":
            folder = by.split(".")[0]
            self.by_folder[folder] = self.by_folder.get(folder, 0) + 1
        print(f"{result:<10}  {mutant.file}:{mutant.line}  {mutant.kind}: {shown(mutant)}"
              f"{'  by ' + by if result == 'noticed' else ''}  ({seconds:.0f} s)", flush=True)

    def decide(self, tree):
        """Decides about the mutants that the quick tests did not notice."""
        for batch in without_overlaps(self.undecided):
            self.decide_by(tree, tree.judge_together(batch))
        self.decide_by(tree, tree.judge_sanitized(list(self.undecided)))
        if not tree.stopped.is_set():
            for mutant in list(self.undecided):
                self.undecided.remove(mutant)
                self.add(mutant, "survived", "", 0)

    def decide_by(self, tree, judged):
        """Counts the mutants that were noticed, of pairs of a mutant and what noticed it, or None."""
        began = time.monotonic()
        for mutant, by in judged:
            if tree.stopped.is_set():
                return
            if by is not None:
                self.undecided.remove(mutant)
                self.add(mutant, "noticed", by, time.monotonic() - began)
            began = time.monotonic()

    def report(self):
        """Prints the survivors and the share, and returns it in percent; None without any mutant."""
        for mutant in sorted(self.survivors, key=lambda mutant: (mutant.file, mutant.start)):
            text = self.texts[mutant.file]
            sys.stdout.writelines(difflib.unified_diff(
                text.splitlines(True), mutant.apply(text).splitlines(True),
                f"a/{mutant.file}", f"b/{mutant.file}", "", f"survivor: {mutant.kind}"))
        total = self.counts["noticed"] + self.counts["survived"]
        share = 100 * self.counts["noticed"] / total if total else None
        print(f"{total} mutants with seed {self.arguments.seed}: {self.counts['noticed']} noticed"
              f"{f' ({share:.1f} %)' if total else ''}, {self.counts['survived']} survived; not counted:"
              f" {self.counts['invalid']} did not compile, {self.counts['equivalent']} changed no object")
        print("noticed first by: " + ", ".join(f"{folder} {n}" for folder, n in sorted(self.by_folder.items())))
        return share


def shown(mutant):
    """Formats a change as one line."""
    texts = [re.sub(r"\s+", " ", text) for text in (mutant.before, mutant.after)]
    texts = [text if len(text) <= 60 else text[:57] + "..." for text in texts]
    return f"dropped {texts[0]}" if mutant.kind == "call" else f"{texts[0]} -> {texts[1]}"


def tree_files(root):
    """Returns the files of the tree: those that git tracks, or, outside a clone, all except builds."""
    listing = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=False)
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
        names = [name for name in names if not name.startswith(("build/", ".git/"))]
    return [name for name in names if (root / name).is_file()]


def parse(words):
    """Parses the command line."""
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="decides which mutants, and in which order (default 1)")
    parser.add_argument("--count", type=int, default=50, help="at most so many mutants (default 50)")
    parser.add_argument("--seconds", type=int, default=3600, help="begin none after this time (default 3600)")
    parser.add_argument("--tests", default=DEFAULT_TESTS, help="ctest's names of the tests (default %(default)s)")
    parser.add_argument("--files", default=r"\.[ch]$", help="only files of src/ whose path matches (default %(default)s)")
    parser.add_argument("--quick", type=int, default=60, help="seconds of tests that are run with each mutant alone (default %(default)s)")
    parser.add_argument("--limit", type=int, default=0, help="seconds for a mutant's tests (default 3 times those without a change)")
    parser.add_argument("--jobs", type=int, default=max(1, cores // 2), help="copies that work at once (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of the build and the tests in each copy (default 2)")
    parser.add_argument("--min-score", type=float, help="end with 1 when a smaller share, in percent, is noticed")
    parser.add_argument("--list", action="store_true", help="only print the mutants")
    arguments = parser.parse_args(words)
    for name in ("count", "jobs", "threads"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} must be at least 1, it is {getattr(arguments, name)}")
    for name in ("seconds", "quick", "limit"):
        if getattr(arguments, name) < 0:
            parser.error(f"--{name} must not be negative, it is {getattr(arguments, name)}")
    for name in ("tests", "files"):
        try:
            re.compile(getattr(arguments, name))
        except re.error as error:
            parser.error(f"--{name} is not a regular expression: {error}")
    return arguments


def prepare(trees):
    """Builds the copies, and runs the tests once. Stores its results in `arguments`, which all trees share: `times`
    (seconds by the name of each test that passed), `each` (the time limit of one test), `limit` (that of a mutant,
    unless given) and `reach` (which tests call which functions)."""
    for tree in trees:
        tree.configure()
        status, output = tree.compile(tree.targets)
        if status != 0:
            raise RuntimeError(f"building the copy failed:\n{output[-4000:]}")
    arguments = trees[0].arguments
    arguments.each = 600
    began = time.monotonic()
    status, output = trees[0].test(trees[0].names, every=True)
    seconds = time.monotonic() - began
    arguments.times = passed_tests(output)
    # A test that fails once and then passes cannot show whether it notices a mutant.
    failed = [name for name, _ in failed_tests(output)]
    if failed:
        status, output = trees[0].test(failed, every=True)
        if status != 0:
            raise RuntimeError(f"the tests fail without a change:\n{output[-4000:]}")
        print(f"left out, as they failed once without a change: {' '.join(failed)}", flush=True)
    if not arguments.times:
        raise RuntimeError(f"no test passes without a change:\n{output[-4000:]}")
    arguments.each = int(3 * max(arguments.times.values())) + 20
    arguments.limit = arguments.limit or int(3 * seconds) + 60
    arguments.reach = trees[0].measure_reach()
    for tree in trees:
        tree.limit_tests()
    print(f"{len(trees[0].targets)} programs; the tests take {seconds:.0f} s, a mutant at most {arguments.limit} s",
          flush=True)
    if not arguments.reach.functions:
        print("gcov counts nothing here: all tests are run for each mutant", flush=True)


def measure(root, arguments, order, texts):
    """Judges the mutants in copies of the tree. Returns the run."""
    stopped = threading.Event()
    interrupted = threading.Event()
    trees = []

    def stop():
        stopped.set()
        for tree in trees:
            tree.stop()

    def interrupt(*_):
        interrupted.set()
        stop()

    # A handler that raised could interrupt the clean-up, or the start of a thread that is then never joined.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    bound_resources()
    with tempfile.TemporaryDirectory(prefix="eventure-mutation-") as scratch:
        os.chmod(scratch, 0o755)  # tests that become another user must reach it
        files = tree_files(root)
        for number in range(arguments.jobs):
            trees.append(Tree(root, files, pathlib.Path(scratch).resolve() / str(number), arguments, stopped))
        try:
            prepare(trees)
            run = Run(arguments, order, texts)
            judge_all(run, trees, stop)
            run.decide(trees[0])
        except RuntimeError:
            if not interrupted.is_set():
                raise
        if interrupted.is_set():
            raise KeyboardInterrupt
        return run


def judge_all(run, trees, stop):
    """Judges mutants in all trees concurrently; returns when all threads have ended. The first thread that fails stops
    the others."""
    failures = queue.SimpleQueue()

    def worker(tree):
        try:
            run.work(tree)
        except BaseException as error:  # the main thread raises it
            failures.put(error)
            stop()

    threads = [threading.Thread(target=worker, args=(tree,)) for tree in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not failures.empty():
        raise failures.get()


def main():
    """Runs, and reports."""
    arguments = parse(sys.argv[1:])
    root = pathlib.Path(__file__).resolve().parent.parent
    texts = {name: (root / name).read_text(encoding="utf-8") for name in tree_files(root)
             if re.match(r"src/.*\.[ch]$", name) and re.search(arguments.files, name)}
    order = mutants.choose(texts, arguments.seed)
    if not order:
        print(f"mutation.py: no place of src/ can be changed in files that match {arguments.files}", file=sys.stderr)
        return 2
    if arguments.list:
        for mutant in order[:arguments.count]:
            print(f"{mutant.file}:{mutant.line}  {mutant.kind}: {shown(mutant)}")
        return 0
    try:
        run = measure(root, arguments, order, texts)
    except RuntimeError as error:
        print(f"mutation.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("mutation.py: interrupted", file=sys.stderr)
        return 130
    share = run.report()
    if arguments.min_score is not None and (share is None or share < arguments.min_score):
        print(f"mutation.py: less than {arguments.min_score:g} % were noticed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
