#!/usr/bin/env python3
"""Runs the cookbook (examples/sql) in the sqlite3 shell, read-only, and compares the results.

usage: cookbook.py PROGRAM EXTENSION SCRATCH_DIR [--write]

Each file runs unchanged on a real history; when this result shows little, it also runs with parameters on another
history. examples/sql/expected contains the expected results, and the plan must use indexes. --write writes these files
again. Without a sqlite3 shell, the test prints that there is none and is skipped.
"""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COOKBOOK = ROOT / "examples" / "sql"
COMMITS = ROOT / "examples" / "data" / "eventure-commits.jsonl"
CROSSING = ROOT / "tests" / "conformance" / "cases" / "crossing" / "history.jsonl"
SKIPPED = 77

# Files whose result on that history is empty.
ELSEWHERE = ("cascades-with-a-without-b", "tick-gaps")

# Files that query all events, as their head comments state; no other file may read the whole history.
OF_ALL = ("longest-chains",)

# Further runs: the file, the store, the name of the expected result, and parameters.
FURTHER = (
    ("cascades-with-a-without-b", "crossing", {"root": "room.move", "with": "order.filled", "without": "enemy.update"}),
    ("latency", "crossing", {"cause": "room.move", "effect": "order.filled"}),
    ("longest-chains", "crossing", {"limit": 3}),
    ("rate-per-bucket", "crossing", {"bucket": 10, "type": "*.update"}),
    ("top-causes", "crossing", {"type": "order.filled"}),
    ("tick-gaps", "changes", {"least": 1}),
    ("last-value-per-key", "crossing", {"key": 'q"q', "types": "*", "tick": 4}),
)


def cut(lines, keep):
    """Returns the lines to keep, as bytes."""
    return b"".join(line for line in lines if keep(line))


def make_stores(program, scratch):
    """commits: how this project began. other: the same, except for an event, and only to tick 14. changes: only its
    changes of files, so that ticks and causes are missing. crossing: a conformance case."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    lines = COMMITS.read_bytes().splitlines(keepends=True)
    other = cut(lines[:300], lambda line: b'"event_id": "12-AEFE-4"' not in line)
    changes = cut(lines, lambda line: b'"type": "file.changed"' in line)
    for name, text, options in (("commits", COMMITS.read_bytes(), ()), ("crossing", CROSSING.read_bytes(), ()),
                                ("other", other, ()), ("changes", changes, ("--external-parents",))):
        (scratch / f"{name}.jsonl").write_bytes(text)
        subprocess.run([program, "import", *options, scratch / f"{name}.db", scratch / f"{name}.jsonl"], check=True,
                       capture_output=True)


def literal(value):
    """A value as the shell's .parameter wants it."""
    text = str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def run(name, store, parameters, extension, scratch, before=""):
    """Returns the result of a file of the cookbook; `before` is executed before its statement."""
    commands = [f".load {extension}", "ATTACH 'file:other.db?mode=ro' AS other"]
    commands += [f".parameter set :{key} {literal(value)}" for key, value in parameters.items()]
    arguments = [argument for command in commands for argument in ("-cmd", command)]
    text = before + (COOKBOOK / f"{name}.sql").read_text(encoding="utf-8")
    done = subprocess.run(["sqlite3", "-readonly", "-batch", "-bail", "-header", *arguments, f"{store}.db"],
                          cwd=scratch, input=text, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout + done.stderr


def check_head(path):
    """Checks that a file begins with a comment that describes its result."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines[0].startswith("-- ") or not lines[0].endswith((".", ":")) and not lines[1].startswith("-- "):
        return f"{path.name}: no comment at the head"
    return None


def check_plan(name, extension, scratch):
    """Checks that the plan uses indexes, and no automatic index."""
    plan = run(name, "commits", {}, extension, scratch, "EXPLAIN QUERY PLAN\n")
    for line in plan.splitlines():
        words = line.lstrip("|-` ").split()
        scans = words[:1] == ["SCAN"] and words[1] in ("events", "child", "parent", "main.events")
        if "AUTOMATIC" in words or (scans and "COVERING" not in words and name not in OF_ALL):
            return f"{name}.sql reads the whole history: {line}\n{plan}"
    if "QUERY PLAN" not in plan:
        return f"{name}.sql has no plan: {plan}"
    return None


def compare(name, store, parameters, extension, scratch, write):
    """Runs a file. Returns the failure, or None."""
    answer = run(name, store, parameters, extension, scratch)
    kept = COOKBOOK / "expected" / (f"{name}.{store}.txt" if store != "commits" else f"{name}.txt")
    if write:
        kept.write_text(answer, encoding="utf-8")
    expected = kept.read_text(encoding="utf-8") if kept.exists() else "(there is no such file)"
    if answer != expected:
        return f"{name}.sql on {store}:\n{answer}instead of {kept.name}:\n{expected}"
    return None


def main():
    program, extension, scratch = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    if shutil.which("sqlite3") is None:
        print("skipped: there is no sqlite3 shell")
        return SKIPPED
    make_stores(program, scratch)
    names = sorted(path.stem for path in COOKBOOK.glob("*.sql"))
    runs = [(name, "commits", {}) for name in names if name not in ELSEWHERE] + list(FURTHER)
    findings = [check_head(COOKBOOK / f"{name}.sql") for name in names]
    findings += [check_plan(name, extension, scratch) for name in names]
    findings += [compare(*each, extension, scratch, "--write" in sys.argv) for each in runs]
    findings = [finding for finding in findings if finding]
    print("\n".join(findings) if findings else f"{len(runs)} runs of {len(names)} files answered what was expected")
    return 1 if findings or not names else 0


if __name__ == "__main__":
    sys.exit(main())
