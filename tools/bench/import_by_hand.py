"""Imports JSON Lines as a script would: json.loads for each line, executemany, one transaction, into the table made by
hand with its indexes (id, tick, type, parent).

The benchmark's peer for import: import_by_hand.py LINES DATABASE
"""

import json
import sqlite3
import sys


def rows(lines):
    for line in lines:
        event = json.loads(line)
        yield (
            event["event_id"],
            event["tick"],
            event["timestamp"],
            event["type"],
            json.dumps(event["data"]),
            event["parent_id"],
        )


def main():
    lines_path, database_path = sys.argv[1:]
    database = sqlite3.connect(database_path)
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(
        """
        CREATE TABLE event (id TEXT PRIMARY KEY, tick INTEGER NOT NULL, timestamp REAL NOT NULL, type TEXT NOT NULL,
                            data TEXT NOT NULL, parent_id TEXT);
        CREATE INDEX event_tick ON event (tick);
        CREATE INDEX event_type ON event (type);
        CREATE INDEX event_parent ON event (parent_id);
        """
    )
    with open(lines_path, encoding="utf-8") as lines, database:
        database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", rows(lines))
    database.close()


main()
