"""The golden stores of older formats (tests/data/formats), and looking into stores with stock SQLite."""

import contextlib
import gzip
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "conformance"), str(ROOT / "tests" / "support")]
from program import Failure, Program, expect  # noqa: E402,F401  (after the line above, which says where it is)
from soak import SOAKS  # noqa: E402,F401

FORMATS = ROOT / "tests" / "data" / "formats"
PRESENT = 6


def golden_stores():
    """Returns the recorded output of the old versions, by the name of the store."""
    return json.loads((FORMATS / "expected.json").read_text(encoding="utf-8"))


def unpack(name, path):
    """Writes a golden store to a path."""
    path.write_bytes(gzip.decompress((FORMATS / f"{name}.gz").read_bytes()))
    return path


def exported(name):
    """The export of a golden store by the version that made it."""
    return (FORMATS / name).with_suffix(".jsonl").read_bytes()


def connect(path):
    """Opens a connection to an existing file."""
    return sqlite3.connect(f"file:{path}?mode=rw", uri=True)


def ask(path, sql):
    """Returns all rows of a query."""
    db = connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def change(path, *statements):
    """Runs statements, and leaves one file."""
    db = connect(path)
    try:
        for sql in statements:
            db.execute(sql)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


def format_of(path):
    """PRAGMA user_version."""
    return ask(path, "PRAGMA user_version")[0][0]


def schema_of(path):
    """The schema of a file, without the numbers of the root pages."""
    return ask(path, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")


def rows_of(path):
    """All rows of all tables, by the table's name."""
    db = connect(path)
    try:
        names = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        rows = {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name, in names}
        # Times of 0 and -0 are equal as numbers, but not in the file.
        return {name: [tuple(map(repr, row)) for row in found] for name, found in rows.items()}
    finally:
        db.close()


def remove(folder, beginning):
    """Removes the files whose names begin so."""
    for path in folder.glob(beginning + "*"):
        path.unlink()


def files_beside(path):
    """The names of the files beside a store, without the store's own name."""
    return sorted(found.name[len(path.name):] for found in path.parent.glob(path.name + "?*"))


@contextlib.contextmanager
def scratch_folder(path):
    """A context with an empty folder, in memory if the system supports it, because these tests do not test power cuts.
    The folder is kept for inspection when the test ends with an exception."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="eventure-upgrade-", dir=memory))
    else:
        shutil.rmtree(path, ignore_errors=True)
        folder = pathlib.Path(path)
        folder.mkdir(parents=True)
    try:
        yield folder
    except Exception:
        print(f"see {folder}", flush=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
