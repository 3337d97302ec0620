#!/usr/bin/env python3
"""Random queries on the real histories of tests/data/histories (see questions.c), and on the conformance cases.

usage: questions.py QUESTIONS EXTENSION SCRATCH_DIR COUNT
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from histories import small_histories  # noqa: E402  (after the line above, which says where it is)


def main():
    program, extension, scratch, count = sys.argv[1:]
    cases = sorted(pathlib.Path(__file__).resolve().parents[1].glob("conformance/cases/*/history.jsonl"))
    if not cases:
        print("no conformance case was found")
        return 1
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    real = [history.unpack(scratch) for history in small_histories()]
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
