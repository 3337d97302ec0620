#!/usr/bin/env python3
"""Measures how many small errors in the library the tests notice.

    tools/mutation.py [--count N] [--seconds S] [--seed N] [--tests REGEX] [--jobs N] ...

Copies the tree into a scratch directory, builds it, and runs the tests, which must pass. Then changes one place of
src/ at a time (a mutant), builds, runs the tests up to the first that fails, and puts the place back:

    comparison   < becomes <=, == becomes !=, ...
    condition    && becomes ||, and the condition of an if or a while is negated
    arithmetic   + becomes -, << becomes >>, ++ becomes --, ...
    constant     an integer becomes one more or 0, true becomes false
    call         a call whose result is not used is dropped
    return       a status that is returned becomes another one

Comments, texts, #include, attributes and assertions are left alone. A mutant that does not compile, or whose object
file is the same as before, is not counted. A mutant whose tests take too long counts as noticed.

Prints one line a mutant, the share that was noticed, and each survivor as a diff. Ends with 0; with 1 when the share is
below --min-score; with 2 when the copy does not build or its tests fail without a change.

The mutants depend on the seed and on the text of src/ only. Nothing is written into the tree.
"""

import argparse
import dataclasses
import difflib
import hashlib
import json
import os
import pathlib
import queue
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

DEFAULT_TESTS = r"^(unit|cli|conformance)\."
KINDS = ("comparison", "condition", "arithmetic", "constant", "call", "return")
COMPARISONS = {"==": ("!=",), "!=": ("==",), "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<")}
ARITHMETIC = {"+": "-", "-": "+", "%": "/", "+=": "-=", "-=": "+=", "++": "--", "--": "++", "<<": ">>", ">>": "<<"}
TOKEN = re.compile(
    r"[A-Za-z_]\w*|(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\w*"
    r"|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\S")
# What a mutant may take: its memory and its files are bounded, so that an endless loop cannot fill the machine.
MEMORY_BYTES = 8 << 30
FILE_BYTES = 4 << 30


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change: the text from start to end of a file is replaced."""
    kind: str
    file: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def apply(self, text):
        """The file's text with the change."""
        return text[:self.start] + self.after + text[self.end:]


def mask(text):
    """The text with comments, strings, characters and directives blanked out; as long as before, with the same lines.

    Of a #define, what follows the name stays.
    """
    def blank(match):
        found = match.group(0)
        if found.startswith("#") or found[0] in " \t" and found.lstrip().startswith("#"):
            define = re.match(r"[ \t]*#[ \t]*define[ \t]+\w+(?:\([^)]*\))?", found)
            if define:
                return re.sub(r"[^\n]", " ", define.group(0)) + mask(found[define.end():]).replace("\\", " ")
        return re.sub(r"[^\n]", " ", found)

    pattern = (r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
               r"|^[ \t]*#(?:[^\n\\]|\\.)*(?=\n|\Z)")
    return re.sub(pattern, blank, text, flags=re.S | re.M)


def blank_calls(masked, names):
    """The text without the calls of these names, their arguments included."""
    for match in re.finditer(rf"\b(?:{names})\s*\(", masked):
        end = closing(masked, match.end() - 1)
        masked = masked[:match.start()] + re.sub(r"[^\n]", " ", masked[match.start():end]) + masked[end:]
    return masked


def closing(text, opening):
    """The offset behind the parenthesis that closes the one at `opening`."""
    depth = 0
    for offset in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[offset], 0)
        if depth == 0:
            return offset + 1
    return len(text)


def is_value_end(token):
    """Whether a token can end a value, so that an operator after it has two operands."""
    return token in (")", "]") or re.match(r"\w", token) and token not in ("return", "case", "sizeof", "else")


def other_number(literal):
    """What a literal may become."""
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|[1-9]\d*|0)([uUlL]*)", literal)
    if not match:
        return ()
    value, suffix = int(match.group(1), 0), match.group(2)
    if value == 0:
        return ("1" + suffix,)
    return (f"{value + 1}{suffix}", "0" + suffix)


def token_mutations(masked):
    """Kind, start, end and replacements of the changes of one token."""
    tokens = [(match.group(0), match.start()) for match in TOKEN.finditer(masked)]
    for index, (token, start) in enumerate(tokens):
        before = tokens[index - 1][0] if index else ""
        after = tokens[index + 1][0] if index + 1 < len(tokens) else ""
        end = start + len(token)
        if token in COMPARISONS:
            yield "comparison", start, end, COMPARISONS[token]
        elif token in ("&&", "||") and is_value_end(before):
            yield "condition", start, end, ("||" if token == "&&" else "&&",)
        elif token in ("++", "--"):
            yield "arithmetic", start, end, (ARITHMETIC[token],)
        elif token in ARITHMETIC and is_value_end(before):
            yield "arithmetic", start, end, (ARITHMETIC[token],)
        elif token in ("true", "false"):
            yield "constant", start, end, ("false" if token == "true" else "true",)
        elif token[0].isdigit():
            # The length of an array that is declared: a larger one changes nothing that a test could see.
            declared = before == "[" and after == "]" and index >= 3 and re.match(r"\w|\*", tokens[index - 3][0])
            if not declared and other_number(token):
                yield "constant", start, end, other_number(token)


def statement_mutations(masked):
    """Kind, start, end and replacements of the changes of a statement."""
    for match in re.finditer(r"\b(?:if|while)\s*\(", masked):
        opening = match.end() - 1
        end = closing(masked, opening)
        yield "condition", opening, end, (None,)
    # A statement that is a call and no more. It follows the end of another statement, or a condition.
    for match in re.finditer(r"(?<=[;{})])(\s*\n\s*)(?:\(void\)\s*)?([A-Za-z_]\w*)\s*\(", masked):
        if match.group(2) in ("if", "while", "for", "switch", "return", "sizeof", "do"):
            continue
        end = closing(masked, match.end() - 1)
        if masked[end:end + 1] == ";" and inside_function(masked, match.start()):
            yield "call", match.end(1), end, ("",)
    for match in re.finditer(r"\breturn\s+([A-Za-z_]\w*)\s*;", masked):
        name = match.group(1)
        if name.startswith("EVENTURE_ERROR_"):
            yield "return", match.start(1), match.end(1), ("EVENTURE_OK",)
        elif name in ("EVENTURE_OK", "EVENTURE_ROW", "EVENTURE_DONE"):
            yield "return", match.start(1), match.end(1), ("EVENTURE_ERROR_IO",)
        elif re.fullmatch(r"(?:\w+_)?(?:status|code|rc|result)", name):
            yield "return", match.start(1), match.end(1), ("0",)


def inside_function(masked, offset):
    """Whether an offset is within braces, so that the text there is a statement and not a declaration."""
    return masked.count("{", 0, offset) > masked.count("}", 0, offset)


def mutants_of(name, text):
    """Each place of a file that can be changed, as a list of mutants: one for each way."""
    masked = blank_calls(mask(text), r"assert|static_assert|_Static_assert|__attribute__")
    places = []
    for kind, start, end, replacements in [*token_mutations(masked), *statement_mutations(masked)]:
        before = text[start:end]
        line = text.count("\n", 0, start) + 1
        # A condition that is negated keeps its text.
        afters = [f"(!{before})" if after is None else after for after in replacements]
        places.append([Mutant(kind, name, line, start, end, before, after) for after in afters])
    return places


def choose(texts, seed):
    """All places of the files (a dict of name and text), one mutant each, in an order that the seed decides.

    The kinds take turns, as some are much more frequent than others.
    """
    chance = random.Random(seed)
    by_kind = {kind: [] for kind in KINDS}
    for name in sorted(texts):
        for ways in mutants_of(name, texts[name]):
            by_kind[ways[0].kind].append(ways)
    for kind in KINDS:
        chance.shuffle(by_kind[kind])
    order = []
    while any(by_kind.values()):
        for kind in KINDS:
            if by_kind[kind]:
                order.append(chance.choice(by_kind[kind].pop()))
    return order


def bound_resources():
    """Bounds what this process and its children may take."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Tree:
    """A copy of the tree with a build of its own."""

    def __init__(self, root, files, directory, arguments, stopped):
        self.source = directory
        self.build = directory / "build/mutation"
        self.arguments = arguments
        self.environment = {**os.environ, "EVENTURE_SOAK_SECONDS": "0"}
        self.children = set()
        self.stopped = stopped  # an event, the same for all trees
        for name in files:
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target, follow_symlinks=False)

    def run(self, command, seconds=None):
        """Status and output of a command; None when it took too long. What it started is ended with it."""
        with subprocess.Popen(command, cwd=self.source, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as child:
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

    @staticmethod
    def kill(child):
        """Ends a child and what is in its process group."""
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def stop(self):
        """Ends all children. While the event `stopped` is set, later ones are ended as soon as they are started."""
        for child in list(self.children):
            self.kill(child)

    def must(self, command, what):
        """Runs what cannot fail unless the tree is broken."""
        status, output = self.run(command)
        if status != 0:
            raise RuntimeError(f"{what} failed:\n{output[-4000:]}")
        return output

    def configure(self):
        """Configures, and finds the programs that the tests need. Without symbols, as that links faster."""
        self.must(["cmake", "-S", ".", "-B", str(self.build), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                   "-DCMAKE_C_FLAGS_DEBUG=-O1", "-DCMAKE_CXX_FLAGS_DEBUG=-O1"], "configuring the copy")
        outputs = self.must(["ninja", "-C", str(self.build), "-t", "targets", "all"], "listing the targets")
        known = set(re.findall(r"^(\S+): [A-Z]+_(?:EXECUTABLE|SHARED_LIBRARY|MODULE_LIBRARY)_LINKER", outputs, re.M))
        text = "".join(path.read_text(encoding="utf-8") for path in self.build.rglob("CTestTestfile.cmake"))
        listed = self.must(["ctest", "--test-dir", str(self.build), "--show-only=json-v1", "-R", self.arguments.tests],
                           "listing the tests")
        names = {test["name"] for test in json.loads(listed)["tests"]}
        if not names:
            raise RuntimeError(f"no test is named {self.arguments.tests}")
        self.names = sorted(names)
        # What a test is and what it is given: each path below the build that the build can make.
        targets = set()
        for match in re.finditer(r'^(?:add_test|set_tests_properties)\((?:\[=*\[|"?)([^\s"\]]+)(.*?)\)$', text, re.M | re.S):
            if match.group(1) in names:
                paths = re.findall(re.escape(str(self.build)) + r"/([^\s\";\]]+)", match.group(2))
                targets |= known & set(paths)
        self.targets = sorted(targets)

    def compile(self, seconds=None):
        """Builds what the tests need."""
        return self.run(["ninja", "-C", str(self.build), "-j", str(self.arguments.threads), *self.targets], seconds)

    def test(self, names, seconds=None, every=False):
        """Status and output of the tests of these names, up to the first that fails."""
        pattern = "^(" + "|".join(re.escape(name) for name in names) + ")$"
        command = ["ctest", "--test-dir", str(self.build), "-R", pattern, "-j", str(self.arguments.threads),
                   "--timeout", str(self.arguments.each), "--output-on-failure"]
        return self.run(command if every else [*command, "--stop-on-failure"], seconds)

    def test_in_stages(self, mutant):
        """Runs the tests up to the first that fails: those of the file first, and those that take long at the end.
        Returns what noticed the mutant, or None."""
        stem = pathlib.PurePosixPath(mutant.file).stem
        times = self.arguments.times
        names = sorted(times, key=times.get)
        related = [name for name in names if re.search(rf"(?:^|[._]){re.escape(stem)}(?:$|_)", name)]
        others = [name for name in names if name not in related]
        quick = []
        while others and sum(map(times.get, quick)) + times[others[0]] <= sum(times.values()) / 5:
            quick.append(others.pop(0))
        end = time.monotonic() + self.arguments.limit
        for stage in (related, quick, others):
            if not stage:
                continue
            # An endless loop should not cost more than it must: each stage is bounded by what it took.
            enough = 3 * sum(times[name] for name in stage) + 20
            status, output = self.test(stage, seconds=max(1, min(enough, end - time.monotonic())))
            if status is None:
                return "the time limit"
            if status != 0:
                failed = failed_tests(output)
                return f"{failed[0][0]} ({failed[0][1].lower()})" if failed else "ctest"
        return None

    def object_digest(self, name):
        """A digest of the object files of a source file, or None for a header, which has none of its own."""
        digest = hashlib.sha256()
        objects = sorted(self.build.rglob(pathlib.PurePosixPath(name).name + ".o"))
        objects = [path for path in objects if name.removeprefix("src/") in str(path)]
        for path in objects:
            digest.update(path.read_bytes())
        return digest.digest() if objects else None

    def judge(self, mutant):
        """Applies a mutant, and says what became of it: a word, and by what."""
        path = self.source / mutant.file
        original = path.read_text(encoding="utf-8")
        digest = self.object_digest(mutant.file)
        write(path, mutant.apply(original))
        try:
            status, _ = self.compile(seconds=self.arguments.limit)
            if status != 0:
                return "invalid", "does not compile"
            if digest is not None and self.object_digest(mutant.file) == digest:
                return "equivalent", "compiles to the same object"
            by = self.test_in_stages(mutant)
            return ("survived", "") if by is None else ("noticed", by)
        finally:
            write(path, original)


def failed_tests(output):
    """Names and reasons of the tests that failed, from what ctest prints at its end."""
    return [found for found in re.findall(r"^\s*\d+ - (\S+) \(([^)]+)\)", output, re.M)
            if found[1] not in ("Not Run", "Skipped", "Disabled")]


def write(path, text):
    """Writes a source file, never with the time it had, or the build would miss the change."""
    path.write_text(text, encoding="utf-8")
    now = time.time_ns()
    os.utime(path, ns=(now, now))


class Run:
    """Hands mutants to the trees, and counts."""

    def __init__(self, arguments, order, texts):
        self.arguments = arguments
        self.order = iter(order)
        self.texts = texts
        self.counts = dict.fromkeys(("noticed", "survived", "invalid", "equivalent"), 0)
        self.survivors = []
        self.lock = threading.Lock()
        self.deadline = time.monotonic() + arguments.seconds
        self.running = 0

    def next(self):
        """The next mutant, or None when there is enough."""
        with self.lock:
            counted = self.counts["noticed"] + self.counts["survived"]
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
                self.counts[result] += 1
                if result == "survived":
                    self.survivors.append(mutant)
                print(f"{result:<10}  {mutant.file}:{mutant.line}  {mutant.kind}: {shown(mutant)}"
                      f"{'  by ' + by if result == 'noticed' else ''}  ({time.monotonic() - began:.0f} s)", flush=True)

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
        return share


def shown(mutant):
    """A change on one line."""
    texts = [re.sub(r"\s+", " ", text) for text in (mutant.before, mutant.after)]
    texts = [text if len(text) <= 60 else text[:57] + "..." for text in texts]
    return f"dropped {texts[0]}" if mutant.kind == "call" else f"{texts[0]} -> {texts[1]}"


def tree_files(root):
    """The files of the tree: those that git tracks, or, outside a clone, all but builds."""
    listing = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=False)
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
        names = [name for name in names if not name.startswith(("build/", ".git/"))]
    return [name for name in names if (root / name).is_file()]


def parse(words):
    """The command line."""
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="decides which mutants, and in which order (default 1)")
    parser.add_argument("--count", type=int, default=50, help="at most so many mutants (default 50)")
    parser.add_argument("--seconds", type=int, default=3600, help="begin none after this time (default 3600)")
    parser.add_argument("--tests", default=DEFAULT_TESTS, help="ctest's names of the tests (default %(default)s)")
    parser.add_argument("--files", default=r"\.[ch]$", help="only files of src/ whose path matches (default %(default)s)")
    parser.add_argument("--limit", type=int, default=0, help="seconds for a mutant's tests (default 3 times those without a change)")
    parser.add_argument("--jobs", type=int, default=max(1, cores // 2), help="copies that work at once (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of the build and the tests in each copy (default 2)")
    parser.add_argument("--min-score", type=float, help="end with 1 when a smaller share, in percent, is noticed")
    parser.add_argument("--list", action="store_true", help="only print the mutants")
    arguments = parser.parse_args(words)
    for name in ("count", "jobs", "threads"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} must be at least 1, it is {getattr(arguments, name)}")
    for name in ("seconds", "limit"):
        if getattr(arguments, name) < 0:
            parser.error(f"--{name} must not be negative, it is {getattr(arguments, name)}")
    for name in ("tests", "files"):
        try:
            re.compile(getattr(arguments, name))
        except re.error as error:
            parser.error(f"--{name} is not a regular expression: {error}")
    return arguments


def prepare(trees):
    """Builds the copies, and runs the tests once; sets the time limits from that."""
    for tree in trees:
        tree.configure()
        status, output = tree.compile()
        if status != 0:
            raise RuntimeError(f"building the copy failed:\n{output[-4000:]}")
    arguments = trees[0].arguments
    arguments.each = 600
    began = time.monotonic()
    status, output = trees[0].test(trees[0].names, every=True)
    seconds = time.monotonic() - began
    arguments.times = {name: float(found) for name, result, found in re.findall(
        r"Test +#\d+: (\S+) [ .]*(\S+) +(\d+\.\d+) sec", output) if result == "Passed"}
    # A test that fails once and then passes says nothing of a mutant.
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
    print(f"{len(trees[0].targets)} programs; the tests take {seconds:.0f} s, a mutant at most {arguments.limit} s",
          flush=True)


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
        except RuntimeError:
            if not interrupted.is_set():
                raise
        if interrupted.is_set():
            raise KeyboardInterrupt
        return run


def judge_all(run, trees, stop):
    """Judges in all trees at once; returns when all have ended. The first that fails stops the others."""
    failures = queue.SimpleQueue()

    def worker(tree):
        try:
            run.work(tree)
        except BaseException as error:  # handed to the main thread
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
    order = choose(texts, arguments.seed)
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
