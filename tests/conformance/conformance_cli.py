"""Compares the command line and stock SQL with the histories and results of the reference (cases/, see its README.md).

usage: conformance_cli.py PROGRAM SCRATCH_DIR
"""

import contextlib
import pathlib
import re
import shutil
import sqlite3
import sys

from program import Failure, Number, Program, expect, read_json, write_json

CASES = pathlib.Path(__file__).parent / "cases"


def counted(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class Case:
    """One imported history, with methods for its queries."""

    def __init__(self, program, folder, scratch):
        self.program = program
        self.folder = folder
        self.history = (folder / "history.jsonl").read_bytes()
        self.line_of = {read_json(line).get("event_id"): line for line in self.history.splitlines()}
        self.db = scratch / f"{folder.name}.db"
        _, errors = program.run_both("import", self.db, folder / "history.jsonl")
        ticks = {read_json(line).get("tick") for line in self.line_of.values()}
        summary = f"{counted(len(self.line_of), 'event')}, {counted(len(ticks), 'tick')}"
        if summary not in errors.decode():
            raise Failure(f"import: no '{summary}' in {errors!r}")

    def ids(self, *arguments):
        """The ids that a command lists."""
        return self.program.lines(*arguments, "--ids")

    def check_files(self, scratch):
        """Checks export and viewer, byte for byte, with each way to name the output."""
        expect(self.program.run("export", self.db), self.history, "export")
        target = scratch / f"{self.folder.name}.jsonl"
        self.program.run("export", self.db, target)
        expect(target.read_bytes(), self.history, "export to a file")
        copy = scratch / f"{self.folder.name}-copy.db"
        self.program.run("import", copy, "-", stdin=self.history)
        expect(self.program.run("export", copy, "-"), self.history, "export of an import from standard input")
        expect(self.program.run("log", self.db, "--json"), self.history, "log --json")
        expect(self.program.run("cascade", self.db), (self.folder / "cascade.txt").read_bytes(), "cascade")
        expect(self.program.run("cascade", self.db, "--no-data"), (self.folder / "cascade-bare.txt").read_bytes(),
               "cascade --no-data")

    # One method for each kind of query.

    def by_type(self, question):
        expect(self.ids("log", self.db, "--type", question.get("type")), question.get("ids"), "by_type")

    def by_data(self, question):
        key, value = question.get("key"), question.get("value")
        expect(self.ids("log", self.db, "--data", f"{key}={write_json(value)}"), question.get("ids"), "by_data")
        if not isinstance(value, Number) and re.fullmatch("[A-Za-z][A-Za-z ]*", value):
            if value not in ("true", "false", "null"):
                expect(self.ids("log", self.db, "--data", f"{key}={value}"), question.get("ids"), "by_data, bare word")

    def at_tick(self, question):
        expect(self.ids("log", self.db, "--tick", question.get("tick")), question.get("ids"), "at_tick")

    def roots(self, question):
        tick = question.get("tick")
        ticks = [] if tick is None else ["--tick", tick]
        expect(self.ids("log", self.db, "--roots", *ticks), question.get("ids"), "roots")

    def children(self, question):
        event_id = question.get("id")
        expect(self.ids("children", self.db, event_id), question.get("ids"), "children")
        expect(self.ids("log", self.db, "--parent", event_id), question.get("ids"), "log --parent")

    def cascade(self, question):
        event_id = question.get("id")
        expect(self.ids("cascade", self.db, event_id), question.get("ids"), "cascade")
        expect(self.ids("cascade", self.db, event_id, "--order", "breadth"), question.get("ids"), "cascade, breadth")

    def cascade_ordered(self, question):
        expect(self.ids("cascade", self.db, question.get("id"), "--order", "id"), question.get("ids"), "cascade by id")

    def count_by_type(self, question):
        stats = read_json(self.program.run("stats", self.db, "--json"))
        expect(stats.get("count_by_type"), question.get("counts"), "count_by_type")

    def by_id(self, question):
        event_id = question.get("id")
        line = self.program.run("show", self.db, event_id, "--json")
        expect(line, self.line_of[event_id] + b"\n", "show --json")
        expect(read_json(line), question.get("event"), "by_id")

    def print_single_cascade(self, question):
        expect(self.program.run("cascade", self.db, question.get("id")).decode(), question.get("text"),
               "cascade of one event")

    def print_event_details(self, question):
        expect(self.program.run("show", self.db, question.get("id")).decode(), question.get("text"), "show")


class SqlCase:
    """The same history through the `events` view, as stock SQLite reads it."""

    ROOT = "parent_seq IS NULL OR (SELECT tick FROM events AS parent WHERE parent.seq = events.parent_seq) < tick"

    def __init__(self, connection):
        self.connection = connection

    def ids(self, where, *values):
        """The ids of the events for which the condition holds."""
        return [row[0] for row in self.connection.execute(f"SELECT id FROM events WHERE {where} ORDER BY seq", values)]

    def by_type(self, question):
        expect(self.ids("type = ?", question.get("type")), question.get("ids"), "SQL by_type")

    def at_tick(self, question):
        expect(self.ids("tick = ?", int(question.get("tick"))), question.get("ids"), "SQL at_tick")

    def roots(self, question):
        tick = question.get("tick")
        bound = (-1, -1) if tick is None else (int(tick), int(tick))
        expect(self.ids(f"(tick = ? OR ? = -1) AND ({self.ROOT})", *bound), question.get("ids"), "SQL roots")
        rows = self.connection.execute("SELECT id FROM roots WHERE tick = ? OR ? = -1 ORDER BY seq", bound)
        expect([row[0] for row in rows], question.get("ids"), "SQL view roots")

    def children(self, question):
        expect(self.ids("parent_id = ?", question.get("id")), question.get("ids"), "SQL children by parent_id")
        expect(self.ids("parent_seq = (SELECT seq FROM events WHERE id = ?)", question.get("id")), question.get("ids"),
               "SQL children by parent_seq")

    def count_by_type(self, question):
        counts = list(question.get("counts"))
        for sql in ("SELECT type, count(*) FROM events GROUP BY type ORDER BY min(seq)",
                    "SELECT type, count FROM type_counts"):
            rows = [(name, Number(count)) for name, count in self.connection.execute(sql)]
            expect(rows, counts, sql)

    def by_id(self, question):
        event = question.get("event")
        columns = "tick, timestamp, type, data, id, parent_id"
        rows = list(self.connection.execute(f"SELECT {columns} FROM events WHERE id = ?", (question.get("id"),)))
        data = event.get("data")
        wanted = [int(event.get("tick")), float(event.get("timestamp")), event.get("type"), data, question.get("id"),
                  event.get("parent_id")]
        expect([[*row[:3], read_json(row[3]), *row[4:]] for row in rows], [wanted], "SQL by_id")


def check_case(program, folder, scratch):
    """Returns the number of queries."""
    case = Case(program, folder, scratch)
    case.check_files(scratch)
    asked = 0
    with contextlib.closing(sqlite3.connect(f"file:{case.db}?mode=ro", uri=True)) as connection:
        in_sql = SqlCase(connection)
        for question in read_json((folder / "answers.json").read_text(encoding="utf-8")):
            form = question.get("ask")
            getattr(case, form)(question)
            if hasattr(in_sql, form):
                getattr(in_sql, form)(question)
            asked += 1
    return asked


def main():
    program = Program(sys.argv[1])
    scratch = pathlib.Path(sys.argv[2])
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    folders = sorted(path.parent for path in CASES.glob("*/answers.json"))
    failed = 0
    if len(folders) != 11:
        print(f"there are {len(folders)} cases instead of 11")
        failed += 1
    for folder in folders:
        try:
            print(f"{folder.name}: {check_case(program, folder, scratch)} questions answered as by the reference")
        except Failure as failure:
            print(f"{folder.name}: FAILED: {failure}")
            failed += 1
    shutil.rmtree(scratch, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
