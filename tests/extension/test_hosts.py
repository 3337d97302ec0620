#!/usr/bin/env python3
"""The extension in other programs: Python's sqlite3, and the sqlite3 shell.

usage: test_hosts.py PROGRAM EXTENSION SCRATCH_DIR

SQL must return the results of the reference (conformance cases); statements that would change a file change no byte;
and the extension file does not link SQLite. Python's part needs an interpreter whose sqlite3 loads extensions: this
one, or the system's; where there is none, it prints that.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys

CASES = pathlib.Path(__file__).resolve().parents[1] / "conformance" / "cases"

# Statements for a host that has opened a store for reading only. ID is an id of it.
HOSTILE = """
INSERT INTO event_children('ID') VALUES (1)
INSERT INTO event_cascade (seq) VALUES (1)
INSERT INTO events_at SELECT * FROM events_at(0)
UPDATE event_cascade SET data = '{}'
UPDATE event_cascade('ID') SET data = '{}'
UPDATE events_until SET tick = 0 WHERE until_tick = 9
DELETE FROM event_roots
DELETE FROM events_at WHERE at_tick = 0
DELETE FROM event_types
DROP TABLE event_types
DROP TABLE event_cascade
ALTER TABLE event_roots RENAME TO roots2
CREATE VIRTUAL TABLE mine USING event_cascade
CREATE VIRTUAL TABLE mine USING events_at(3)
CREATE VIRTUAL TABLE temp.mine USING event_types
CREATE INDEX i ON event_types (type)
CREATE INDEX i ON events (event_data(data, 'a'))
CREATE TABLE t AS SELECT * FROM event_cascade('ID')
CREATE VIEW v AS SELECT * FROM event_types
CREATE TRIGGER t AFTER INSERT ON events BEGIN SELECT event_tree('ID'); END
INSERT INTO events SELECT seq + 1000, id || 'x', tick, 1.0, type, NULL, NULL, data FROM event_children('ID')
WITH c AS (SELECT * FROM event_cascade('ID')) INSERT INTO events (seq) SELECT seq FROM c
WITH c AS (SELECT seq FROM event_cascade('ID')) DELETE FROM events WHERE seq IN c
WITH c AS (SELECT seq FROM events_at(0)) UPDATE events SET data = '{}' WHERE seq IN c
UPDATE events SET data = event_data(data, 'a')
DELETE FROM events WHERE event_matches(type, '*')
DELETE FROM archived_events WHERE id = event_type_hash(type)
UPDATE tick SET last_seq = 0 WHERE tick IN (SELECT tick FROM events_until(5))
DELETE FROM store WHERE EXISTS (SELECT 1 FROM event_types)
REPLACE INTO archived_events SELECT 1, hash, 0, type, NULL, NULL FROM event_types
SELECT * FROM event_cascade('ID''; DROP TABLE events; --')
SELECT * FROM event_cascade('ID', 'id; DELETE FROM events')
SELECT * FROM event_cascade('ID', 'id', 'main"; DROP TABLE events; --')
SELECT * FROM event_types WHERE in_schema = 'main.events; DROP TABLE events; --'
SELECT * FROM events_at(0, 'temp')
SELECT * FROM events_at(0, 'nowhere')
SELECT * FROM event_timeline('1; DROP TABLE events')
SELECT event_tree('ID', '1; DROP TABLE events')
SELECT event_tree('ID''; DROP TABLE events; --')
SELECT event_matches('a', '*.*.*')
SELECT event_data('{"a":1', 'a')
SELECT event_data_equals('{"a":1}', 'a', '1;')
SELECT load_extension('nothing.so', event_tree('ID'))
SELECT writefile('stolen', event_tree('ID'))
VACUUM
VACUUM main
PRAGMA user_version = 0
PRAGMA application_id = 0
PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name IN (SELECT type FROM event_types)
PRAGMA journal_mode = DELETE; DELETE FROM events WHERE seq IN (SELECT seq FROM events_at(0))
REINDEX events_type
ANALYZE event_types
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n, event_types
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT count(event_tree('ID')) FROM n
SELECT count(*) FROM event_roots a, event_roots b, event_roots c, event_roots d, event_roots e, event_roots i
"""


class Failure(Exception):
    """An expectation that was not met."""


def expect(actual, expected, what):
    if actual != expected:
        raise Failure(f"{what}: {str(actual)[:500]} instead of {str(expected)[:500]}")


def find_python():
    """This interpreter, or the system's, if its sqlite3 can load extensions; else None."""
    for python in (sys.executable, "/usr/bin/python3"):
        probe = "import sqlite3; sqlite3.connect(':memory:').enable_load_extension(True)"
        if shutil.which(python):
            if subprocess.run([python, "-c", probe], capture_output=True, check=False).returncode == 0:
                return python
    return None


def digest(folder):
    """Returns a digest of the files of a folder. SQLite's write-ahead log, which any reader makes, must be empty; its
    index is ignored."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())
            if not path.name.endswith("-shm") and not (path.name.endswith("-wal") and path.stat().st_size == 0)}


def make_store(program, history, folder, name="store.db"):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([program, "import", folder / name, history], check=True, capture_output=True)
    return folder / name


# --- Python ---

def connect(path, extension):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(extension)
    db.enable_load_extension(False)
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def ids(db, sql, *values):
    return [row[0] for row in db.execute(sql, values)]


def check_answer(db, answer):
    """Checks one query of the reference."""
    ask, wanted = answer["ask"], answer.get("ids")
    if ask == "cascade":
        expect(ids(db, "SELECT id FROM event_cascade(?)", answer["id"]), wanted, answer)
    elif ask == "cascade_ordered":
        expect(ids(db, "SELECT id FROM event_cascade(?, 'id')", answer["id"]), wanted, answer)
    elif ask == "children":
        expect(ids(db, "SELECT id FROM event_children(?)", answer["id"]), wanted, answer)
    elif ask == "roots":
        expect(ids(db, "SELECT id FROM event_roots(?)", answer["tick"]), wanted, answer)
    elif ask == "at_tick":
        expect(ids(db, "SELECT id FROM events_at(?)", answer["tick"]), wanted, answer)
    elif ask == "by_type":
        sql = "SELECT id FROM events WHERE event_matches(type, ?) ORDER BY seq"
        expect(ids(db, sql, answer["type"]), wanted, answer)
    elif ask == "by_data":
        sql = "SELECT id FROM events WHERE event_data_equals(data, ?, ?) ORDER BY seq"
        expect(ids(db, sql, answer["key"], json.dumps(answer["value"])), wanted, answer)
    elif ask == "count_by_type":
        counts = db.execute("SELECT type, count FROM event_types()").fetchall()
        expect(counts, [tuple(pair) for pair in (answer["counts"].items() if isinstance(answer["counts"], dict)
                                                 else answer["counts"])], answer)
    elif ask == "by_id":
        check_event(db, answer)
    else:
        return 0
    return 1


def check_event(db, answer):
    """A whole event, member by member."""
    event = answer["event"]
    rows = db.execute("SELECT id, tick, timestamp, type, data, parent_id FROM event_cascade(?) WHERE depth = 0",
                      (answer["id"],)).fetchall()
    if event is None:
        expect(rows, [], answer)
        return
    row = rows[0]
    members = ("event_id", "tick", "timestamp", "type", "data", "parent_id")
    expect((row[0], row[1], row[2], row[3], json.loads(row[4]), row[5]), tuple(event[name] for name in members), answer)
    for key, value in event["data"].items():
        found = db.execute("SELECT event_data(?, ?)", (row[4], key)).fetchone()[0]
        found = json.loads(found) if isinstance(value, (list, dict)) else found
        expect(found, value, f"{answer['id']}, member {key!r}")


def check_cases(program, extension, scratch):
    """Every conformance case, through Python's sqlite3."""
    for case in sorted(path for path in CASES.iterdir() if path.is_dir()):
        store = make_store(program, case / "history.jsonl", scratch / "case")
        db = connect(store, extension)
        answers = json.loads((case / "answers.json").read_text(encoding="utf-8"))
        checked = sum(check_answer(db, answer) for answer in answers)
        db.close()
        print(f"Python {sqlite3.sqlite_version}: {case.name}: {checked} of the reference's answers are the same")


def check_python_hostile(store, extension, an_id):
    """Every hostile statement ends with an error or returns its result; the host stops a statement that would not
    end."""
    refused = 0
    statements = [line for line in HOSTILE.splitlines() if line]
    for statement in statements:
        db = connect(store, extension)
        calls = [0]

        def stop(calls=calls):
            calls[0] += 1
            return calls[0] > 20

        db.set_progress_handler(stop, 10000)
        try:
            for part in re.split(r"; (?=DELETE FROM (?:sqlite_schema|events) WHERE)", statement.replace("ID", an_id)):
                db.execute(part).fetchall()
        except sqlite3.Error as error:
            refused += 1
            if not str(error):
                raise Failure(f"{statement}: no message") from error
        else:
            print(f"not refused: {statement}")
        db.close()
    print(f"Python: {refused} of {len(statements)} hostile statements were refused")
    expect(refused, len(statements), "hostile statements that were refused")


# --- The shell ---

def shell(store, extension, sql, *options):
    """Asks the shell; its output and errors."""
    done = subprocess.run(["sqlite3", "-batch", *options, str(store), "-cmd", f".load {extension}", sql],
                          capture_output=True, text=True, check=False, timeout=60)
    return done.stdout, done.stderr


def check_shell(store, extension, an_id):
    """Checks that the name without its ending is sufficient, and that the entry point is found by it."""
    for name in (extension, extension.removesuffix(".so")):
        out, errors = shell(store, name, f"SELECT id FROM event_cascade('{an_id}') LIMIT 1;", "-readonly")
        expect((out, errors), (an_id + "\n", ""), "sqlite3 -readonly")
    out, errors = shell(":memory:", extension, "SELECT * FROM event_types;")
    expect(out, "", "a database that is not a store")
    if "not an Eventure store" not in errors:
        raise Failure(f"a database that is not a store: {errors}")
    out, errors = shell(store, extension, f"SELECT event_tree('{an_id}');", "-readonly", "-safe")
    print("sqlite3: the extension loads and answers" if errors == "" or "safe" in errors else errors)


def check_shell_hostile(store, extension, an_id):
    """As with Python, except for statements that never end, which the shell does not stop."""
    statements = [line for line in HOSTILE.splitlines() if line and "RECURSIVE" not in line and " i" != line[-2:]]
    for statement in statements:
        if "writefile" not in statement: # the shell's own, which is not the extension's to refuse
            shell(store, extension, statement.replace("ID", an_id) + ";", "-readonly")
    print(f"sqlite3: {len(statements)} hostile statements were tried")


def check_eventure_shell(program, store, extension):
    """Checks that `eventure shell` has the functions, and no function or table that writes a file, such as zipfile."""
    made = store.parent / "made.zip"
    env = dict(os.environ, EVENTURE_EXTENSION=str(extension))
    for sql, answer in (("SELECT count(*) > 0 FROM event_types", "1\n"),
                        (f"CREATE VIRTUAL TABLE temp.z USING zipfile('{made}'); "
                         "INSERT INTO z (name, data) VALUES ('a', 'b')", ""),
                        (f"PRAGMA query_only = OFF; SELECT * FROM zipfile('{made}')", "")):
        for given, typed in (([sql], ""), ([], sql + ";\n")):
            done = subprocess.run([program, "shell", store] + given, input=typed, capture_output=True, text=True,
                                  env=env, check=False)
            expect(done.stdout, answer, f"eventure shell: {sql}: {done.stderr}")
            expect(made.exists(), False, f"a file made by {sql}")


# --- The file ---

def check_links(extension):
    """Checks that the file contains and links no SQLite, and exports only its entry points."""
    symbols = subprocess.run(["nm", "-D", extension], check=True, capture_output=True, text=True).stdout
    named = [line.split() for line in symbols.splitlines()]
    sqlite_names = [words[-1] for words in named if words[-1].startswith("sqlite3")]
    expect(sqlite_names, ["sqlite3_eventure_init", "sqlite3_eventure_shell_init"], "names of SQLite that do not come from the host")
    defined = [words[-1] for words in named if len(words) == 3 and words[1] in "TDBR"]
    expect(defined, ["sqlite3_eventure_init", "sqlite3_eventure_shell_init"], "names that it shows")
    linked = subprocess.run(["ldd", extension], check=True, capture_output=True, text=True).stdout
    if "sqlite" in linked or "cjson" in linked:
        raise Failure(f"linked to what it must not need: {linked}")
    print("the file shows its entry points only, and links no SQLite")


def run_python_part(program, extension, scratch):
    """Runs the part of the test that needs a sqlite3 with extensions."""
    check_cases(program, extension, scratch)
    store = make_store(program, CASES / "crossing" / "history.jsonl", scratch / "hostile")
    before = digest(store.parent)
    check_python_hostile(store, extension, "0-ECDA-1")
    expect(digest(store.parent), before, "the bytes after hostile statements")


def main():
    program, extension, scratch = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    if sys.argv[4:] == ["--python-part"]:
        run_python_part(program, extension, scratch)
        return 0
    check_links(extension)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    python = find_python()
    if python is None:
        print("Python: skipped: no interpreter here has an sqlite3 that loads extensions")
    else:
        subprocess.run([python, __file__, *sys.argv[1:4], "--python-part"], check=True)
    if shutil.which("sqlite3") is None:
        print("sqlite3: skipped: there is no such program")
        return 0
    store = make_store(program, CASES / "crossing" / "history.jsonl", scratch / "shell")
    before = digest(store.parent)
    check_shell(store, extension, "0-ECDA-1")
    check_shell_hostile(store, extension, "0-ECDA-1")
    check_eventure_shell(program, store, extension)
    expect(digest(store.parent), before, "the bytes after hostile statements in the shell")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failure, subprocess.CalledProcessError) as failure:
        print(f"FAILED: {failure}")
        sys.exit(1)
