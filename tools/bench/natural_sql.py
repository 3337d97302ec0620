#!/usr/bin/env python3
"""Measures natural SQL (tests/sql/compare.py) on several histories, and writes the results as Markdown.

usage: natural_sql.py PROGRAM [--runs N] [--limit SECONDS] [--scratch DIR] [--json FILE] [NAME=]HISTORY...

Prints a table with a line for each history; then every query that takes more than 1.5 times as long as by hand, with
SQLite's plan on the store, and the plan on the table made by hand when it differs. Ends with 77 when Python's SQLite is
too old, and with 1 when a history cannot be measured; results that differ are shown, and reported on stderr.
"""

import argparse
import contextlib
import json
import pathlib
import re
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "sql"))

import compare  # noqa: E402  pylint: disable=wrong-import-position
import natural  # noqa: E402  pylint: disable=wrong-import-position

# The bounds of the goals, and the ratio above which a query is listed.
MEAN_MOST, WORST_MOST, NAMED_ABOVE = 1.0, 3.0, 1.5
# The indexes of the table made by hand (natural.py), with their names in a store, so that plans can be compared.
SAME_INDEX = {"by_tick": "events_tick", "by_type": "events_type", "by_parent": "events_parent_id",
              "by_parent_seq": "events_parent_seq", "sqlite_autoindex_events_1": "events_id"}


def plan_of(database, sql):
    """Returns the lines of SQLite's plan, indented by their depth, with the names that the indexes have in a store."""
    depths, lines = {0: -1}, []
    for number, parent, _, text in database.execute("EXPLAIN QUERY PLAN " + sql):
        depths[number] = depths.get(parent, -1) + 1
        text = re.sub(r"\w+", lambda word: SAME_INDEX.get(word.group(), word.group()), text)
        lines.append("  " * depths[number] + text)
    return lines


def add_plans(figures, history, scratch):
    """Adds the plans to the figures of the listed queries, while the two files exist."""
    slow = {one["name"]: one for one in figures["questions"] if one["ratio"] > NAMED_ABOVE}
    if not slow:
        return
    values = natural.placeholders(natural.read_history(history))
    store, by_hand = natural.connect(scratch / "store.db"), natural.connect(scratch / "hand.db")
    for question in natural.read_questions():
        if question.name in slow:
            one, sql = slow[question.name], question.filled(values)
            one["sql"] = question.sql
            one["plan"], one["plan_by_hand"] = plan_of(store, sql), plan_of(by_hand, sql)
    store.close()
    by_hand.close()


def measure(name, history, options):
    """Returns the figures of compare.py for a history, with its name, its number of events, and the plans."""
    asked = argparse.Namespace(program=options.program, history=history, runs=options.runs, limit=options.limit,
                               questions=natural.QUESTIONS)
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        scratch = pathlib.Path(scratch)
        print(f"natural SQL on {name}", file=sys.stderr)
        with contextlib.redirect_stdout(sys.stderr):
            figures = compare.compare(asked, scratch)
        store = natural.connect(scratch / "store.db")
        figures["history"] = name
        figures["events"] = store.execute("SELECT count(*) FROM events").fetchone()[0]
        store.close()
        add_plans(figures, history, scratch)
    if figures["summary"]["different"]:
        print(f"natural_sql.py: {name}: {figures['summary']['different']} answers differ", file=sys.stderr)
    return figures


# The page.

def judged(value, most):
    """Formats a number, in bold when it exceeds the goal."""
    return f"{value:.2f}" if value <= most else f"**{value:.2f}**"


def print_summary(measured):
    """A line for each history."""
    print(f"| history | events | questions | geometric mean (≤ {MEAN_MOST:.1f}) | with effects by id | "
          f"worst (≤ {WORST_MOST:.0f}) | above {NAMED_ABOVE} | answers that differ | "
          "effects by text id: passes at most (≤ 3) | bytes against by hand |")
    print("| --- " * 10 + "|")
    for figures in measured:
        total = figures["summary"]
        above = sum(one["ratio"] > NAMED_ABOVE for one in figures["questions"])
        worst = "" if total["worst"] is None else f"{judged(total['worst_ratio'], WORST_MOST)} ({total['worst']})"
        passes = ("" if total["most_passes"] is None
                  else f"{judged(total['most_passes'], 3)} ({total['most_passes_of']})")
        print(f"| {figures['history']} | {figures['events']} | {total['questions']} | "
              f"{judged(total['geometric_mean'], MEAN_MOST)} | {total['geometric_mean_all']:.2f} | {worst} | {above} | "
              f"{judged(total['different'], 0) if total['different'] else 0} | {passes} | {total['size_ratio']:.2f} |")


def code(lines):
    """Formats lines of a plan as a cell of a table; protects the indentation, which Markdown would remove."""
    return "<br>".join("`" + line.replace("  ", "· ").replace("|", "\\|") + "`" for line in lines)


def print_named(measured):
    """Prints the queries that take long, the worst first, with a line for each history."""
    worst = {}
    for one in (one for figures in measured for one in figures["questions"]):
        worst[one["name"]] = max(one["ratio"], worst.get(one["name"], 0))
    named = [(figures["history"], one) for figures in measured for one in figures["questions"] if "plan" in one]
    if not named:
        print(f"\nNo question takes more than {NAMED_ABOVE} times as long as by hand.")
        return
    print(f"\nThe questions above {NAMED_ABOVE}:\n")
    print("| question | history | ms | by hand | ratio | plan |")
    print("| --- " * 6 + "|")
    for history, one in sorted(named, key=lambda pair: (-worst[pair[1]["name"]], pair[1]["name"], -pair[1]["ratio"])):
        plan = code(one["plan"])
        plan += ("; by hand the same" if one["plan"] == one["plan_by_hand"]
                 else "<br>by hand:<br>" + code(one["plan_by_hand"]))
        print(f"| {one['name']} | {history} | {one['store_ms']:.2f} | {one['by_hand_ms']:.2f} | "
              f"{judged(one['ratio'], WORST_MOST)} | {plan} |")


def named_history(text):
    """Parses NAME=HISTORY, or a path, whose file name is then the name of the history."""
    name, equals, path = text.partition("=")
    path = pathlib.Path(path if equals else text)
    return (name if equals else path.name.removesuffix(".xz").removesuffix(".jsonl")), path


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("histories", metavar="[NAME=]HISTORY", nargs="+", type=named_history)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=20.0, help="stop a question after so many seconds")
    parser.add_argument("--scratch", type=pathlib.Path, help="where files are made for the while")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every figure")
    options = parser.parse_args()
    if sqlite3.sqlite_version_info < natural.OLDEST_SQLITE:
        print(f"skipped: Python's SQLite is {sqlite3.sqlite_version}", file=sys.stderr)
        return 77
    try:
        measured = [measure(name, history, options) for name, history in options.histories]
    except (natural.Failure, sqlite3.Error, OSError) as failure:
        print(f"natural_sql.py: {failure}", file=sys.stderr)
        return 1
    print(f"Python's SQLite {sqlite3.sqlite_version}. The two programs ran alternately, {options.runs} times each; the table "
          "shows medians.\n")
    print_summary(measured)
    print_named(measured)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
