#!/usr/bin/env python3
"""mutation.py EVENTURE SCRATCH: changes each column of each table of a store, in its first, a middle and its last row,
and drops each object of its schema or defines it differently. It is a failure when the result of a query changes and
verify reports no damage.

The store has a row in every table; tables, columns and objects are read from the file, so that none can be missed.
A third of the values are written into one of the rows of each column; with EVENTURE_SOAK_SECONDS all of them into each
row.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from soak import SOAKS  # noqa: E402  (after the line above, which says where it is)

PROGRAM = sys.argv[1]
SCRATCH = pathlib.Path(sys.argv[2])

PROJECTION = """-- @setup
CREATE TABLE seen (id TEXT, type TEXT, parent TEXT, k);
-- @on *
INSERT INTO seen VALUES (:event_id, :type, :parent_id, :data ->> '$.k');
"""

# Derived and other ids, causes inside and outside the store, and values of each kind under the key that is indexed.
STORY = "\n".join(
    '{"tick": %d, "timestamp": %d.5, "type": "%s", "data": {"k": %s}, "event_id": "%s", "parent_id": %s}' % line
    for line in (
        (0, 1, "a.b", "1", "first", "null"), (0, 2, "c.d", '"two"', "0-EECD-1", '"elsewhere"'),
        (1, 3, "a.b", "3", "second", '"first"'), (1, 4, "c.d", "[4]", "1-EECD-1", '"second"'),
        (2, 5, "a.b", "5", "2-EBFC-1", '"1-EECD-1"'), (2, 6, "e.f", '"six"', "third", '"2-EBFC-1"'),
        (3, 7, "a.b", "7", "3-EBFC-1", '"1-EECD-1"'), (3, 8, "e.f", '"' + 300 * "8" + '"', "3-FBDB-1", '"nowhere"'),
        (5, 9, "a.b", "true", "5-EBFC-1", '"second"'), (5, 10, "c.d", "null", "fourth", '"third"'))) + "\n"

QUESTIONS = (("export", "{db}"), ("log", "{db}"), ("log", "{db}", "--type", "a.*"), ("log", "{db}", "--data", "k=7"),
             ("log", "{db}", "--tick", "3"), ("show", "{db}", "third"), ("stats", "{db}"), ("cascade", "{db}"),
             ("cascade", "{db}", "third"), ("saves", "{db}"), ("digest", "{db}"), ("stats", "{db}", "--json"),
             ("state", "{db}", "--projection", "seen.sql"), ("state", "{db}", "--projection", "seen.sql", "--at", "3"),
             ("index", "{db}", "list"), ("info", "{db}"), ("info", "{db}", "--json"),
             ("sql", "{db}", "SELECT * FROM run"))

# The output of verify when it cannot check all snapshots, because the first events are archived.
NOT_CHECKED = re.compile(r"^snapshots: .*, [1-9][0-9]* not checked", re.MULTILINE)


def run(*command):
    """Exit code and standard output."""
    done = subprocess.run([PROGRAM, *command], capture_output=True, text=True, timeout=60, cwd=SCRATCH, check=False)
    return done.returncode, done.stdout


def make(*command):
    code, _ = run(*command)
    if code != 0:
        sys.exit(f"mutation: eventure {' '.join(command)} exits with {code}")


def answers(name):
    """Returns the output of all commands, except the size of the file."""
    result = {}
    for question in QUESTIONS:
        code, out = run(*(part.format(db=name) for part in question))
        lines = [line for line in out.replace(name, "DB").splitlines() if not line.startswith("disk_bytes")]
        result[" ".join(question)] = (code, lines)
    return result


def make_store():
    (SCRATCH / "story.jsonl").write_text(STORY, encoding="utf-8")
    (SCRATCH / "seen.sql").write_text(PROJECTION, encoding="utf-8")
    make("import", "--external-parents", "source.db", "story.jsonl")
    make("save", "source.db", "early", "--note", "before all else")
    make("fork", "source.db", "middle.db", "--save-point", "early")
    make("save", "middle.db", "chapter", "--note", "two potions left")
    make("fork", "middle.db", "store.db", "--save-point", "chapter")
    for _ in range(3):
        make("append", "store.db", "a.b", '{"k": 7}')
    make("save", "store.db", "later")
    make("index", "store.db", "add", "k")
    make("index", "store.db", "add", "k", "--type", "a.*")
    make("snapshot", "--projection", "seen.sql", "--every", "1", "store.db")
    make("archive", "store.db", "old.db", "--before", "1")
    make("archive", "store.db", "old.db", "--before", "2")
    make("info", "store.db", 'name="a run"', "seed=7", 'parameters={"rate":0.5}', 'outcome="won"')
    make("verify", "store.db", "--projection", "seen.sql")


def connect(name):
    db = sqlite3.connect(SCRATCH / name, isolation_level=None)
    db.execute("PRAGMA journal_mode = DELETE")
    return db


def without_triggers(db):
    for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')


VALUES = ("NULL", "{0} + 1", "{0} - 1", "0", "1", "99", "-1", "2.5", "{0} + 0.25", "'x'", "{0} || 'x'", "''",
          "substr({0}, 2)", "upper({0})", "zeroblob(32)", "zeroblob(length({0}))", "x'00'", "x'00' || {0}",
          "'none'", "'sha512'", "'3-EBFC-1'", "'{{\"k\":8}}'")


def rows_of(db, table):
    """Returns conditions that select the first, the middle and the last row."""
    keyed = db.execute("SELECT wr FROM pragma_table_list WHERE name = ? AND schema = 'main'", (table,)).fetchone()[0]
    key = "rowid"
    if keyed:
        key = ", ".join(name for name, in db.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0", (table,)))
    count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    if count == 0:
        sys.exit(f"mutation: the table {table} has no row: give the store one")
    for place in sorted({0, count // 2, count - 1}):
        yield f"({key}) = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {place})"


def mutations_of_rows(db):
    tables = [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
              if name not in ("sqlite_stat1",)]
    for table in tables:
        rows = list(rows_of(db, table))
        columns = [name for name, in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        for place, row in enumerate(rows):
            yield "row", f"DELETE FROM {table} WHERE {row}"
            for number, column in enumerate(columns):
                for value in VALUES if SOAKS else VALUES[(3 * place + number % 3)::3 * len(rows)]:
                    yield "row", f"UPDATE {table} SET {column} = {value.format(column)} WHERE {row}"


def mutations_of_schema(db):
    for kind, name, table, sql in db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall():
        if name.startswith("sqlite_"):
            continue
        yield "schema", f"DROP {kind} {name}"
        if kind == "view":
            yield "schema", f"DROP VIEW {name}; CREATE VIEW {name} AS SELECT 1 AS id"
        elif kind == "index":
            column = sql[sql.rindex("(") + 1:sql.rindex(")")]
            unique = "" if "UNIQUE" in sql else "UNIQUE "
            yield "schema", f"DROP INDEX {name}; CREATE {unique}INDEX {name} ON {table} ({column})"
            yield "schema", f"DROP INDEX {name}; CREATE INDEX {name} ON {table} ({column.split(',')[0]}) WHERE 0"
            yield "schema", f"DROP INDEX {name}; CREATE INDEX {name} ON {table} (({column.split(',')[0]} || ''))"
        elif kind == "trigger":
            yield "schema", f"DROP TRIGGER {name}; CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN SELECT 1; END"
        else:
            first = db.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchone()[0]
            columns = ", ".join(column for column, in db.execute("SELECT name FROM pragma_table_info(?)", (name,)))
            yield "schema", f"DELETE FROM {name}"
            yield "schema", f"ALTER TABLE {name} ADD COLUMN more"
            yield "schema", f"ALTER TABLE {name} RENAME COLUMN {first} TO other"
            yield "schema", (f"CREATE TABLE copied AS SELECT * FROM {name}; DROP TABLE {name}; "
                             f"ALTER TABLE copied RENAME TO {name}")
            yield "schema", (f"CREATE TABLE copied AS SELECT * FROM {name}; DROP TABLE {name}; "
                             f"CREATE VIEW {name} AS SELECT {columns} FROM copied")


def mutate(name, kind, statement):
    """Runs the statement. Returns whether it succeeded and changed something."""
    shutil.copy(SCRATCH / "store.db", SCRATCH / name)
    db = connect(name)
    try:
        if kind == "row":
            # The triggers are created again, so that only the row differs.
            triggers = [sql for sql, in db.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()]
            db.execute("PRAGMA ignore_check_constraints = ON")
            db.execute("BEGIN")
            without_triggers(db)
            before = db.total_changes
            db.execute(statement)
            changed = db.total_changes > before
            for sql in triggers:
                db.execute(sql)
            db.execute("COMMIT")
            return changed
        if "TRIGGER" not in statement:
            without_triggers(db)
        db.executescript(statement)
        return True
    except sqlite3.Error:
        return False
    finally:
        db.close()


def try_one(job):
    number, kind, statement = job
    name = f"changed{number}.db"
    try:
        if not mutate(name, kind, statement):
            return None
        code, said = run("verify", name, "--projection", "seen.sql")
        if code != 0:
            return "found", statement, []
        result = answers(name)
        different = [question for question in RIGHT if result[question] != RIGHT[question]]
        if different and statement.startswith("UPDATE snapshot") and NOT_CHECKED.search(said):
            return "listed", statement, different
        return ("unnoticed" if different else "harmless"), statement, different
    finally:
        for path in SCRATCH.glob(name + "*"):
            path.unlink()


shutil.rmtree(SCRATCH, ignore_errors=True)
SCRATCH.mkdir(parents=True)
make_store()
connect("store.db").close()
RIGHT = answers("store.db")
if any(code != 0 for code, _ in RIGHT.values()):
    sys.exit("mutation: a question fails on the sound store: " + str([q for q in RIGHT if RIGHT[q][0] != 0]))
store = connect("store.db")
jobs = [(number, *job) for number, job in
        enumerate([*mutations_of_rows(store), *mutations_of_schema(store)])]
store.close()
counts = {"found": 0, "harmless": 0, "listed": 0, "unnoticed": 0}
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for result in pool.map(try_one, jobs):
        if result is None:
            continue
        counts[result[0]] += 1
        if result[0] == "unnoticed":
            print(f"mutation: verify says sound after {result[1]}, which changes {', '.join(result[2])}")
total = sum(counts.values())
print(f"mutation: {total} mutations; verify found {counts['found']}; {counts['harmless']} change no answer; "
      f"{counts['listed']} are of snapshots that it lists as not checked; "
      f"changed answers called sound: {counts['unnoticed']}")
if total < (1000 if SOAKS else 350) or counts["found"] < total // 2:
    sys.exit("mutation: too few mutations could be made, or were found, to prove anything")
sys.exit(1 if counts["unnoticed"] else 0)
