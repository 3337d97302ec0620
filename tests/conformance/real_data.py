"""Histories that real programs recorded: each imports, exports back as equal JSON values, and has the statistics that
were computed independently (stats.json).

The small histories are in the repository. The large ones are read where they are found (see histories.py).

usage: real_data.py PROGRAM SCRATCH_DIR [--small]      (--small: without the large ones)
"""

import hashlib
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from histories import large_histories, small_histories  # noqa: E402  (after the line above, which says where it is)
from program import Failure, Program, expect, read_json  # noqa: E402

FIGURES = ("events", "types", "first_tick", "last_tick", "ticks_used", "without_parent", "roots", "max_depth",
           "largest_cascade")


def sha256(path):
    """The digest of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def same_event(exported, original):
    """Whether two lines are equal as JSON values: members in their order, numbers of data as they were written."""
    if exported == original:
        return True
    # Most lines have Python's spelling; comparing the text is then faster than comparing the members.
    value = json.loads(original)
    if json.dumps(value, separators=(",", ":")).encode() == original.rstrip(b"\n") and \
            json.dumps(value).encode() == exported.rstrip(b"\n"):
        return True
    one, other = read_json(exported), read_json(original)
    return all(one.get(key) == other.get(key) for key in ("type", "data", "event_id", "parent_id")) and \
        all(float(one.get(key)) == float(other.get(key)) for key in ("tick", "timestamp")) and \
        {key for key, _ in one} == {key for key, _ in other}


def compare_files(exported, original):
    """Line by line."""
    with open(exported, "rb") as one, open(original, "rb") as other:
        number = 0
        for number, (left, right) in enumerate(zip(one, other), 1):
            if not same_event(left, right):
                raise Failure(f"line {number} was exported as {left[:300]!r} instead of {right[:300]!r}")
        if one.readline() or other.readline():
            raise Failure(f"the export has another number of lines, after {number}")


def check(program, path, wanted, scratch):
    """One history."""
    if sha256(path) != wanted["sha256"]:
        raise Failure("the file is not the one that stats.json is about")
    db, exported = scratch / "real.db", scratch / "exported.jsonl"
    for old in scratch.glob("real.db*"):
        old.unlink()
    _, errors = program.run_both("import", db, path)
    summary = f"{wanted['events']} events, {wanted['ticks_used']} ticks"
    if summary not in errors.decode():
        raise Failure(f"import: no '{summary}' in {errors!r}")
    program.run("export", db, exported)
    if path.name.startswith("hearthstone-native"):
        expect(sha256(exported), wanted["sha256"], "export, byte for byte")
    compare_files(exported, path)
    stats = json.loads(program.run("stats", db, "--json"))
    for figure in FIGURES:
        if stats.get(figure) != wanted[figure]:
            raise Failure(f"stats: {figure} is {stats.get(figure)} instead of {wanted[figure]}")
    expect(list(stats["count_by_type"].items()), list(wanted["count_by_type"].items()), "stats: count_by_type")
    for old in [*scratch.glob("real.db*"), exported]:
        old.unlink()


def main():
    program = Program(sys.argv[1])
    scratch = pathlib.Path(sys.argv[2])
    scratch.mkdir(parents=True, exist_ok=True)
    failed = 0
    for history in small_histories() + large_histories():
        if "--small" in sys.argv and history.large:
            print(f"{history.name}: left out: --small")
            continue
        begin = time.monotonic()
        try:
            check(program, history.unpack(scratch), history.figures, scratch)
            print(f"{history.name}: {history.figures['events']} events were exported unchanged, "
                  f"{time.monotonic() - begin:.1f} s", flush=True)
        except Failure as failure:
            print(f"{history.name}: FAILED: {failure}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
