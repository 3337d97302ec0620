#!/usr/bin/env python3
"""Natural SQL: the queries of an analyst with stock sqlite3 have the right results, are fast, and use an index.

usage: run.py PROGRAM SCRATCH_DIR [--real] [--large] [--cases] [--skip N] [--limit SECONDS] [HISTORY]...

Each history (JSON Lines, also packed as .xz) is imported with PROGRAM, and put into a table made by hand; every
question of questions.sql is asked of both, and the answers must be equal. The plans that questions.sql requires are
checked in a new store, after ANALYZE, after PRAGMA optimize, with its statistics emptied, and in a store of few events
(there without statistics only: those rightly say that few events are read soonest from end to end). Before that, the
test shows that it can fail: it damages copies of a store, and must find each damage.

--real     the small histories of tests/data/histories
--cases    the histories of tests/conformance/cases
--large    the packed ones of $EVENTURE_DATA or ../shared/data, when EVENTURE_SQL_LARGE is set; else skipped, saying so
--skip N   without the first N events of each: their effects have a parent_id, and no parent_seq
"""

import argparse
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import time

import natural
from natural import Failure

SKIPPED = 77
ROOT = natural.HERE.parents[1]
FEW_EVENTS = 12
# With fewer events, the statistics of ANALYZE may rightly prevent SQLite from using an index.
ENOUGH_EVENTS = 400
# A scan or a search in the output of EXPLAIN QUERY PLAN, which contained "TABLE" and "AS" up to 3.35.
STEP = re.compile(r"(SCAN|SEARCH) (?:TABLE )?(\w+)(?: AS (\w+))?(.*)")
NO_ALIAS = {"where", "join", "left", "inner", "cross", "on", "using", "group", "having", "window", "order", "limit",
            "union", "except", "intersect"}


# Answers.

class Hand:
    """The results of the table made by hand."""

    def __init__(self, path, questions, values, limit):
        db = natural.connect(path)
        self.events = db.execute("SELECT count(*) FROM events").fetchone()[0]
        self.answers = {}
        for question in questions:
            seconds, rows = natural.ask(db, question.filled(values), limit)
            if rows is None:
                raise Failure(f"{question.name}: not even the table made by hand answers within {seconds:.0f} s")
            self.answers[question.name] = natural.comparable(rows)
        db.close()


def answer_faults(store, questions, values, hand, limit):
    """Returns the queries whose results differ between a store and the table made by hand."""
    db = natural.connect(store)
    for question in questions:
        try:
            seconds, rows = natural.ask(db, question.filled(values), limit)
        except sqlite3.Error as error:
            yield f"{question.name}: {error}"
            continue
        if rows is None:
            yield f"{question.name}: stopped after {seconds:.1f} s"
            continue
        if seconds > limit:
            yield f"{question.name}: took {seconds:.1f} s"
        found, expected = natural.comparable(rows), hand.answers[question.name]
        if found != expected:
            missing = [row for row in expected if row not in set(found)][:2]
            wrong = [row for row in found if row not in set(expected)][:2]
            yield (f"{question.name}: {len(found)} rows instead of {len(expected)}; not there: {missing}; "
                   f"not expected: {wrong}")[:600]
    db.close()


# Plans.

def names_of_events(sql):
    """The names that a statement uses for the table events."""
    found = re.findall(r"\bevents\b(?:\s+(?:AS\s+)?(\w+))?", sql, re.I)
    return {"events"} | {name for name in found if name and name.lower() not in NO_ALIAS}


def faults_of_plan(question, steps):
    """Returns the faults of the steps of a plan."""
    names = names_of_events(question.sql)
    used = set()
    for step in steps:
        used.update(re.findall(r"\bINDEX (\w+)", step))
        match = STEP.match(step)
        if not match or (match.group(3) or match.group(2)) not in names:
            continue
        along_index = re.search(r"\bUSING (COVERING )?INDEX\b", match.group(4))
        if "AUTOMATIC" in match.group(4):
            yield f"makes an index of its own: {step}"
        elif match.group(1) == "SCAN" and (question.no_scan or not along_index):
            yield f"walks through all events: {step}"
    for index in question.indexes:
        if index not in used:
            yield f"does not use {index}: {'; '.join(steps)}"


def has_statistics(db):
    """Whether the database has statistics of ANALYZE."""
    return (db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'").fetchone()[0] > 0
            and db.execute("SELECT count(*) FROM sqlite_stat1").fetchone()[0] > 0)


def plan_faults(store, questions, values):
    """Returns the queries whose plans on a store do not meet the requirements of questions.sql."""
    db = natural.connect(store)
    informed = has_statistics(db)
    for question in questions:
        if (question.indexes or question.no_scan) and not (informed and question.free_with_statistics):
            steps = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + question.filled(values))]
            for fault in faults_of_plan(question, steps):
                yield f"{question.name}: {fault}"
    db.close()


# States of a store.

def changed_copy(store, path, change):
    """A copy of a store, in which `change` was done with an ordinary SQLite connection."""
    pathlib.Path(path).unlink(missing_ok=True)
    source, target = natural.connect(store), sqlite3.connect(path)
    source.backup(target)
    source.close()
    change(target)
    target.commit()
    target.close()
    return path


def analyse(db):
    """Lets SQLite make its statistics."""
    db.execute("ANALYZE")


def optimise(questions, values):
    """Runs all queries, and then PRAGMA optimize."""
    def change(db):
        for question in questions:
            db.execute(question.filled(values)).fetchall()
        db.execute("PRAGMA optimize")
    return change


def empty_statistics(db):
    """Deletes all statistics, but not their tables."""
    for name, in db.execute("SELECT name FROM sqlite_schema WHERE name IN ('sqlite_stat1', 'sqlite_stat4')").fetchall():
        db.execute(f"DELETE FROM {name}")


def without_index(name):
    """Drops an index."""
    return lambda db: db.execute(f"DROP INDEX {name}")


def with_another_parent(db):
    """Removes the cause of the newest event that has one."""
    for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    db.execute("UPDATE events SET parent_id = NULL"
               " WHERE seq = (SELECT max(seq) FROM events WHERE parent_id IS NOT NULL)")


def expect_failure(what, faults):
    """Checks that a damaged store has at least one fault."""
    found = list(faults)
    if not found:
        raise Failure(f"the test finds nothing wrong {what}")
    print(f"  found as it should be, {what}: {len(found)}, the first one {found[0][:100]}")


# The test.

class Test:
    """The program, the queries, and the folder for files."""

    def __init__(self, options):
        self.program = options.program
        self.scratch = pathlib.Path(options.scratch)
        self.limit = options.limit
        self.skip = options.skip
        self.questions = natural.read_questions()
        self.faults = 0

    def report(self, where, faults):
        """Prints the faults and counts them."""
        for fault in faults:
            self.faults += 1
            print(f"FAILED {where}: {fault}", flush=True)

    def stores(self, history, count=None):
        """(store, values, hand) of a history, or of its first events."""
        store, by_hand = self.scratch / "store.db", self.scratch / "hand.db"
        for path in self.scratch.glob("*.db*"):
            path.unlink()
        natural.import_store(self.program, history, store, self.scratch, self.skip, count)
        rows = natural.read_history(history, self.skip, count)
        natural.build_by_hand(by_hand, rows)
        values = natural.placeholders(rows)
        return store, values, Hand(by_hand, self.questions, values, 3 * self.limit)

    def check(self, name, store, values, hand):
        """Answers and plans of a store in each of its states."""
        analysed = changed_copy(store, self.scratch / "analysed.db", analyse)
        optimised = changed_copy(store, self.scratch / "optimised.db", optimise(self.questions, values))
        emptied = changed_copy(analysed, self.scratch / "emptied.db", empty_statistics)
        enough = hand.events >= ENOUGH_EVENTS
        states = [("fresh", store, True), ("after ANALYZE", analysed, enough),
                  ("after PRAGMA optimize", optimised, enough), ("statistics emptied", emptied, True)]
        for state, path, has_plans in states:
            self.report(f"{name}, {state}", answer_faults(path, self.questions, values, hand, self.limit))
            if has_plans:
                self.report(f"{name}, {state}, plan", plan_faults(path, self.questions, values))

    def history(self, history):
        """A history, whole, and its first few events."""
        name = history.parent.name if history.name.startswith("history.") else history.name.split(".")[0]
        began = time.monotonic()
        self.check(name, *self.stores(history))
        self.check(f"{name}, the first {FEW_EVENTS} events", *self.stores(history, FEW_EVENTS))
        print(f"{name}: {len(self.questions)} questions, {time.monotonic() - began:.1f} s", flush=True)

    def can_fail(self, history):
        """Damages copies of a store; each damage must be found."""
        store, values, hand = self.stores(history)
        for index in ("events_parent_id", "events_parent_seq", "events_id", "events_type", "events_tick"):
            damaged = changed_copy(store, self.scratch / "damaged.db", without_index(index))
            expect_failure(f"without {index}", plan_faults(damaged, self.questions, values))
        damaged = changed_copy(store, self.scratch / "damaged.db", with_another_parent)
        expect_failure("with another parent", answer_faults(damaged, self.questions, values, hand, self.limit))
        expect_failure("with no time", answer_faults(store, self.questions[:3], values, hand, 0.0))


def real_histories():
    """The histories that belong to the tests."""
    folder = ROOT / "tests" / "data" / "histories"
    found = sorted(path for path in folder.glob("*.jsonl*") if path.name.endswith((".jsonl", ".jsonl.xz")))
    if not found:
        raise Failure(f"no history in {folder}")
    return found


def large_histories():
    """The histories that are too large for the repository; none unless they exist and are requested."""
    named = os.environ.get("EVENTURE_DATA")
    folder = pathlib.Path(named) if named else ROOT.parent / "shared" / "data"
    found = sorted(folder.glob("*.jsonl.xz"))
    if not os.environ.get("EVENTURE_SQL_LARGE"):
        print("skipped: the large histories; set EVENTURE_SQL_LARGE to have them")
        return []
    if not found:
        print("skipped: no large histories in ../shared/data")
    return found


def chosen_histories(options):
    """The histories that the command line names."""
    histories = list(options.history)
    if options.cases:
        histories += sorted((ROOT / "tests" / "conformance" / "cases").glob("*/history.jsonl"))
    if options.real:
        histories += real_histories()
    if options.large:
        histories += large_histories()
    return histories


def parse(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("scratch")
    for name in ("--real", "--cases", "--large"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("history", nargs="*", type=pathlib.Path)
    return parser.parse_args(arguments)


def main():
    """Runs the test."""
    if sqlite3.sqlite_version_info < natural.OLDEST_SQLITE:
        print(f"skipped: Python's SQLite is {sqlite3.sqlite_version}")
        return SKIPPED
    options = parse(sys.argv[1:])
    shutil.rmtree(options.scratch, ignore_errors=True)
    os.makedirs(options.scratch)
    try:
        histories = chosen_histories(options)
        if not histories:
            return SKIPPED
        test = Test(options)
        # Damage is found best in the largest of the small histories, and fastest in the smallest of the large ones.
        pick = max if options.cases else min
        test.can_fail(pick(histories, key=lambda path: path.stat().st_size))
        for history in histories:
            test.history(history)
    except (Failure, sqlite3.Error) as failure:
        print(f"FAILED: {failure}")
        return 1
    shutil.rmtree(options.scratch, ignore_errors=True)
    print(f"natural SQL: {len(histories)} histories, {test.faults} faults")
    return 1 if test.faults else 0


if __name__ == "__main__":
    sys.exit(main())
