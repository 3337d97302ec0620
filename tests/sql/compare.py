#!/usr/bin/env python3
"""Compares the times of the queries of questions.sql on a store and on a table made by hand, with stock sqlite3.

usage: compare.py PROGRAM HISTORY [--json FILE] [--runs N] [--limit SECONDS] [--questions FILE] [--scratch DIR]

Imports HISTORY (JSON Lines, also packed as .xz) with PROGRAM, and inserts it into a table made by hand; then runs each
query on both in turns, and takes the median of the runs. A time below 0.3 ms counts as 0.3 ms.

Prints one line for each query (ms of the store, ms by hand, their ratio; for queries that search effects by id also the
time in passes over the store), the geometric mean of the ratios, and the worst ratio. Ends with 1 when a result differs
or exceeds the time limit.
"""

import argparse
import json
import math
import os
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import time

import natural

FLOOR = 0.0003
# One pass over the store: reads each event, in its order.
ONE_PASS = "SELECT count(data), max(timestamp) FROM events"
# Queries that take longer than this many seconds run once.
LONG = 2.0


class Measured:
    """The times of a query, in seconds."""

    def __init__(self, question, store, by_hand, same):
        self.question = question
        self.store = store
        self.by_hand = by_hand
        self.same = same

    @property
    def ratio(self):
        """The time of the store divided by the time by hand."""
        return max(self.store, FLOOR) / max(self.by_hand, FLOOR)

    def figures(self, one_pass):
        """The figures for --json."""
        found = {"name": self.question.name, "store_ms": round(self.store * 1e3, 4),
                 "by_hand_ms": round(self.by_hand * 1e3, 4), "ratio": round(self.ratio, 4), "same": self.same}
        if self.question.by_id:
            found["passes"] = round(self.store / one_pass, 4)
        return found


def measure(question, values, store, by_hand, options):
    """Runs a query on both, in turns."""
    sql = question.filled(values)
    times, answers = ([], []), [None, None]
    for run in range(options.runs):
        # The two take turns in being the first.
        for place in ((0, 1), (1, 0))[run % 2]:
            seconds, rows = natural.ask((store, by_hand)[place], sql, options.limit)
            times[place].append(seconds)
            answers[place] = None if rows is None else natural.comparable(rows)
        if max(times[0][0], times[1][0]) > LONG:
            break
    same = answers[0] is not None and answers[0] == answers[1]
    return Measured(question, statistics.median(times[0]), statistics.median(times[1]), same)


def summary(measured, one_pass, size_ratio):
    """The figures of all queries."""
    # Queries of effects by id have a separate goal, in passes, although the table by hand has an index for them, too.
    plain = [one for one in measured if not one.question.by_id]
    by_id = [one for one in measured if one.question.by_id]

    def mean(some):
        return math.exp(sum(math.log(one.ratio) for one in some) / len(some)) if some else 1.0

    worst = max(plain, key=lambda one: one.ratio, default=None)
    most = max(by_id, key=lambda one: one.store, default=None)
    return {
        "questions": len(measured),
        "geometric_mean": round(mean(plain), 4), "geometric_mean_all": round(mean(measured), 4),
        "worst_ratio": round(worst.ratio, 4) if worst else None, "worst": worst.question.name if worst else None,
        "over_3": sum(one.ratio > 3 for one in measured), "different": sum(not one.same for one in measured),
        "one_pass_ms": round(one_pass * 1e3, 4),
        "most_passes": round(most.store / one_pass, 4) if most else None,
        "most_passes_of": most.question.name if most else None,
        "size_ratio": round(size_ratio, 4),
    }


def print_table(measured, one_pass, total):
    """Prints the table."""
    print(f"{'store ms':>10} {'by hand':>10} {'ratio':>8} {'passes':>7}  question")
    for one in measured:
        passes = f"{one.store / one_pass:7.2f}" if one.question.by_id else " " * 7
        print(f"{one.store * 1e3:10.2f} {one.by_hand * 1e3:10.2f} {one.ratio:8.2f} {passes}  {one.question.name}"
              f"{'' if one.same else '   ANSWERS DIFFER, OR TOOK TOO LONG'}")
    print(f"one pass over the store: {total['one_pass_ms']:.1f} ms; "
          f"size: {total['size_ratio']:.2f} of the table by hand")
    print(f"geometric mean {total['geometric_mean']:.2f} (with effects by id {total['geometric_mean_all']:.2f}), "
          f"worst {total['worst_ratio']:.2f} ({total['worst']}), over 3: {total['over_3']} of {total['questions']}, "
          f"answers that differ: {total['different']}")
    print(f"effects by id: at most {total['most_passes']:.2f} passes over the store ({total['most_passes_of']})")


def compare(options, scratch):
    """Makes both databases, measures and prints. Returns the figures."""
    store_path, hand_path = scratch / "store.db", scratch / "hand.db"
    natural.import_store(options.program, options.history, store_path, scratch)
    rows = natural.read_history(options.history)
    natural.build_by_hand(hand_path, rows)
    values = natural.placeholders(rows)
    del rows
    store, by_hand = natural.connect(store_path), natural.connect(hand_path)
    one_pass = statistics.median(natural.ask(store, ONE_PASS, options.limit)[0] for _ in range(max(3, options.runs)))
    one_pass = max(one_pass, FLOOR)
    questions = natural.read_questions(options.questions)
    measured = [measure(question, values, store, by_hand, options) for question in questions]
    total = summary(measured, one_pass, os.path.getsize(store_path) / os.path.getsize(hand_path))
    print_table(measured, one_pass, total)
    return {"history": options.history.name, "sqlite": sqlite3.sqlite_version, "runs": options.runs, "summary": total,
            "questions": [one.figures(one_pass) for one in measured]}


def parse(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("history", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=20.0, help="stop a question after so many seconds")
    parser.add_argument("--questions", type=pathlib.Path, default=natural.QUESTIONS)
    parser.add_argument("--scratch", type=pathlib.Path, help="where the two files are made for the while")
    return parser.parse_args(arguments)


def main():
    """Compares."""
    if sqlite3.sqlite_version_info < natural.OLDEST_SQLITE:
        print(f"skipped: Python's SQLite is {sqlite3.sqlite_version}")
        return 77
    options = parse(sys.argv[1:])
    if options.scratch:
        options.scratch.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        try:
            figures = compare(options, pathlib.Path(scratch))
        except (natural.Failure, sqlite3.Error) as failure:
            print(f"FAILED: {failure}", file=sys.stderr)
            return 1
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"{time.monotonic() - began:.1f} s in all", file=sys.stderr)
    return 1 if figures["summary"]["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
