"""Queries in SQL, and two databases to run them on: a store, and a table made by hand from the same history.

For run.py and compare.py beside it. Stock SQLite only: no extension is loaded.
"""

import itertools
import json
import lzma
import pathlib
import re
import sqlite3
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
QUESTIONS = HERE / "questions.sql"
BY_ID = "(effects by id)"
# STRICT tables came with 3.37, the operator ->> with 3.38.
OLDEST_SQLITE = (3, 38, 0)
# The number of steps of SQLite's machine between two readings of the clock.
STEPS_BETWEEN_LOOKS = 20000

BY_HAND = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tick INTEGER, timestamp REAL, type TEXT,
                     parent_seq INTEGER, parent_id TEXT, data TEXT);
CREATE INDEX by_tick ON events (tick);
CREATE INDEX by_type ON events (type);
CREATE INDEX by_parent ON events (parent_id);
CREATE INDEX by_parent_seq ON events (parent_seq);
CREATE VIEW ticks AS
SELECT tick, count(*) AS count, min(seq) AS first_seq, max(seq) AS last_seq FROM events GROUP BY tick;
CREATE VIEW type_counts AS
SELECT type, count(*) AS count, min(tick) AS first_tick, max(tick) AS last_tick FROM events GROUP BY type;
CREATE VIEW roots AS
SELECT e.* FROM events e LEFT JOIN events p ON p.seq = e.parent_seq WHERE p.seq IS NULL OR p.tick < e.tick;
"""


class Failure(Exception):
    """An expectation that was not met."""


class Number(str):
    """A JSON number as it was written."""


class Question:
    """A query with its name, and its requirements on the plan."""

    def __init__(self, name, text):
        self.name = name
        self.indexes = []
        self.no_scan = False
        self.free_with_statistics = False
        lines = []
        for line in text.splitlines():
            index, plan = re.match(r"-- index: (.*)", line), re.match(r"-- plan: (.*)", line)
            if index:
                self.indexes += [part.strip() for part in index.group(1).split(",")]
            elif plan and plan.group(1) == "no scan":
                self.no_scan = True
            elif plan and plan.group(1) == "free with statistics":
                self.free_with_statistics = True
            elif plan:
                raise Failure(f"{name}: unknown plan: {plan.group(1)}")
            elif not line.startswith("--"):
                lines.append(line)
        self.sql = "\n".join(lines).strip().rstrip(";")

    @property
    def by_id(self):
        """Whether it searches effects by the id of their cause."""
        return self.name.endswith(BY_ID)

    def filled(self, values):
        """The statement, with the history's values for the placeholders."""
        return re.sub(r"\{(\w+)\}", lambda match: str(values[match.group(1)]).replace("'", "''"), self.sql)


def read_questions(path=QUESTIONS):
    """Returns the queries of a file, in its order."""
    parts = re.split(r"^-- name: (.*)$", pathlib.Path(path).read_text(encoding="utf-8"), flags=re.M)
    questions = [Question(parts[at].strip(), parts[at + 1]) for at in range(1, len(parts), 2)]
    if len({question.name for question in questions}) < len(questions):
        raise Failure(f"{path}: a name stands twice")
    return questions


# Histories.

def compact(value):
    """JSON as a store keeps it: no white space, members in their order, numbers in their spelling."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, tuple):
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{compact(part)}" for key, part in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def lines_of(path, skip=0, count=None):
    """The lines of a history that may be packed."""
    opener = lzma.open if str(path).endswith(".xz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from itertools.islice(lines, skip, None if count is None else skip + count)


def read_history(path, skip=0, count=None):
    """The rows of a history's events as (seq, id, tick, timestamp, type, parent_seq, parent_id, data), in their order.

    Without the first `skip` events, and at most `count` of the rest."""
    decoder = json.JSONDecoder(object_pairs_hook=tuple, parse_float=Number, parse_int=Number)
    rows, seqs = [], {}
    for line in lines_of(path, skip, count):
        event = dict(decoder.decode(line.strip()))
        seq = len(rows) + 1
        rows.append((seq, event["event_id"], int(event["tick"]), float(event["timestamp"]), event["type"],
                     seqs.get(event["parent_id"]), event["parent_id"], compact(event["data"])))
        seqs[event["event_id"]] = seq
    return rows


def import_store(program, history, store, scratch, skip=0, count=None):
    """Makes a store of a history with the program `eventure`; parents among the lines left out are external."""
    plain = pathlib.Path(history)
    if skip or count is not None or plain.suffix == ".xz":
        plain = pathlib.Path(scratch) / "history.jsonl"
        with open(plain, "w", encoding="utf-8") as out:
            out.writelines(lines_of(history, skip, count))
    options = ["--external-parents"] if skip else []
    done = subprocess.run([str(program), "import", *options, str(store), str(plain)], capture_output=True, check=False)
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace")[:2000]
        raise Failure(f"import of {history} ended with {done.returncode}: {message}")


def build_by_hand(path, rows):
    """Builds the table that an analyst would make: integer and text keys, each with its index."""
    db = sqlite3.connect(path)
    db.executescript(BY_HAND)
    db.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?)", rows)
    db.commit()
    db.close()


def member_of(rows, kinds, accepted):
    """The first (type, key, value) of data whose value is accepted, from the first type of `kinds` that has one."""
    for kind in kinds:
        for row in (row for row in rows if row[4] == kind):
            for key, value in json.loads(row[7]).items():
                if re.fullmatch(r"[A-Za-z]\w*", key) and accepted(value):
                    return kind, key, value
    return kinds[0], "none", "none"


def placeholders(rows):
    """Returns values for the placeholders, which questions.sql describes."""
    if not rows:
        rows = [(1, "none", 0, 0.0, "none", None, None, "{}")]
    by_seq = {row[0]: row for row in rows}
    counts, effects, causes = {}, {}, {}
    for row in rows:
        counts[row[4]] = counts.get(row[4], 0) + 1
        if row[5] is not None:
            effects[row[5]] = effects.get(row[5], 0) + 1
            kind = by_seq[row[5]][4]
            causes[kind] = causes.get(kind, 0) + 1
    kinds = sorted(counts, key=lambda kind: (-counts[kind], kind))
    caused = {row[4] for row in rows if row[5] is not None}
    later = rows[len(rows) // 2:]
    middle, after = later[0], later[len(later) // 8]
    event = max((row for row in later[:5000]), key=lambda row: (min(effects.get(row[0], 0), 3), -row[0]))
    leaf = next((row for row in later if row[5] is not None and row[0] not in effects), middle)
    root = next((row for row in rows if row[5] is None and row[0] in effects), rows[0])
    numeric = member_of(rows, kinds, lambda value: isinstance(value, (int, float)) and not isinstance(value, bool))
    text = member_of(rows, kinds, lambda value: isinstance(value, str) and re.fullmatch(r"[\w ]+", value))
    return {
        "id": event[1], "seq": event[0], "leaf": leaf[1], "leafseq": leaf[0], "root": root[1], "rootseq": root[0],
        "head": event[1][:max(1, len(event[1]) - 2)],
        "type": numeric[0], "key": numeric[1], "type2": next((kind for kind in kinds if kind != numeric[0]), kinds[0]),
        "rare": next((kind for kind in reversed(kinds) if kind in caused), kinds[-1]),
        "cause": max(causes, key=lambda kind: (causes[kind], kind), default=kinds[0]),
        "prefix": re.split(r"[._]", numeric[0])[0], "texttype": text[0], "word": text[1], "value": text[2],
        "t": middle[2], "t2": after[2], "s1": repr(middle[3]), "s2": repr(after[3]), "q1": middle[0], "q2": after[0],
    }


# Running queries.

def connect(path, writable=False):
    """Opens a connection as stock tools do; by default for reading only."""
    return sqlite3.connect(f"{pathlib.Path(path).resolve().as_uri()}?mode={'rw' if writable else 'ro'}", uri=True)


def ask(db, sql, limit):
    """(seconds, rows); (seconds, None) when the answer took longer than the limit, in seconds."""
    began = time.perf_counter()
    db.set_progress_handler(lambda: time.perf_counter() - began > limit, STEPS_BETWEEN_LOOKS)
    try:
        rows = db.execute(sql).fetchall()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        rows = None
    finally:
        db.set_progress_handler(None, 0)
    return time.perf_counter() - began, rows


def comparable(rows):
    """Rows as a sorted list of texts; sums of doubles may differ in their last digits with the order of the rows."""
    return sorted(repr(tuple(f"{value:.10g}" if isinstance(value, float) else value for value in row)) for row in rows)
