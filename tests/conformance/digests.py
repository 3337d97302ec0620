#!/usr/bin/env python3
"""Checks that the digests in a store are those that docs/format.md defines: tools/recompute-digests.py, which shares no
code with the library, computes them again for every case, and finds the same damage as `eventure verify`.

    digests.py PROGRAM SCRATCH
"""

import pathlib
import shutil
import sqlite3
import subprocess
import sys

from program import Failure, Program

HERE = pathlib.Path(__file__).resolve().parent
RECOMPUTE = HERE.parent.parent / "tools" / "recompute-digests.py"


def recompute(store, exit_code=0):
    done = subprocess.run([sys.executable, RECOMPUTE, store], capture_output=True, text=True, check=False)
    if done.returncode != exit_code:
        raise Failure(f"{RECOMPUTE.name} {store} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def check_case(program, case, store):
    program.run("import", store, case / "history.jsonl")
    program.run("verify", store)
    said = program.run("digest", store).decode().split()
    if not (case / "history.jsonl").stat().st_size:
        return
    answer = recompute(store)
    if f"run {said[1]}, full {said[3]}" not in answer:
        raise Failure(f"{case.name}: the program says {said}, recomputed are {answer}")


def check_damage(program, store):
    """Checks that both programs find a changed timestamp, which changes only the full digest."""
    database = sqlite3.connect(store)
    database.execute("DROP TRIGGER events_update")
    database.execute("UPDATE events SET timestamp = timestamp + 1 WHERE seq = (SELECT max(seq) / 2 FROM events)")
    database.commit()
    database.close()
    _, said = program.run_both("verify", store, exit_code=1)
    if b"full digest is not that of its timestamps" not in said:
        raise Failure(f"verify says {said}")
    recompute(store, exit_code=1)


def main(program_path, scratch):
    program = Program(program_path)
    scratch = pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    cases = sorted(path for path in (HERE / "cases").iterdir() if path.is_dir())
    for case in cases:
        check_case(program, case, scratch / f"{case.name}.db")
    check_damage(program, scratch / "wide.db")
    print(f"{len(cases)} cases: all digests as recomputed")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(f"digests.py: {failure}")
