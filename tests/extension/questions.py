#!/usr/bin/env python3
"""Random questions to real histories (see questions.c), and to the conformance cases.

usage: questions.py QUESTIONS EXTENSION SCRATCH_DIR COUNT

The folder with the real histories is $EVENTURE_DATA, or ../shared/data beside the repository. Where there is none, the
conformance cases alone are asked, which is said.
"""

import os
import pathlib
import subprocess
import sys

REAL = ("hearthstone-small.jsonl", "sqlite-history-small.jsonl", "showdown-small.jsonl", "freedoom-midi-song.jsonl",
        "wyscout-final.jsonl")


def find_real():
    """The real histories that are there."""
    root = pathlib.Path(__file__).resolve().parents[2]
    named = os.environ.get("EVENTURE_DATA")
    folder = pathlib.Path(named) if named else root.parent / "shared" / "data"
    return [folder / name for name in REAL if (folder / name).is_file()]


def main():
    program, extension, scratch, count = sys.argv[1:]
    cases = sorted(pathlib.Path(__file__).resolve().parents[1].glob("conformance/cases/*/history.jsonl"))
    real = find_real()
    if not cases:
        print("no conformance case was found")
        return 1
    if not real:
        print("no real histories (name their folder with EVENTURE_DATA): the conformance cases alone")
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    failed = 0
    for seed, history in enumerate(real + cases, 1):
        for old in scratch.glob("questions.db*"):
            old.unlink()
        number = count if history in real else str(int(count) // 5)
        failed += subprocess.run([program, extension, history, scratch / "questions.db", number, str(seed)],
                                 check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
