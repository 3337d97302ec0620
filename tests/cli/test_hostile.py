#!/usr/bin/env python3
"""Read-only is read-only: hostile statements, through `sql` and through `shell`, change no byte and get an error."""

import hashlib
import unittest

from clitest import Scratch

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
STATEMENTS = [
    "DELETE FROM events", "DELETE FROM archived_events", "DELETE FROM events WHERE seq = 1 RETURNING *", "DROP TABLE events",
    "DROP VIEW roots", "DROP TRIGGER events_delete", "DROP INDEX events_type", "UPDATE events SET tick = 9",
    "UPDATE events SET type = 'x'", "UPDATE store SET current_tick = 99, foreign_ids = 1", "UPDATE OR REPLACE events SET seq = 1",
    "INSERT INTO events VALUES (99, 'x', 99, 1.0, 'x', NULL, NULL, '{}')", "INSERT INTO events (id) VALUES ('x')",
    "INSERT INTO tick VALUES (99, 1, 1, 1, NULL, NULL)", "INSERT INTO archived_events VALUES (1, 'x', 0, 'x', NULL, NULL)", "DELETE FROM tick",
    "UPDATE archived_events SET tick = 9", "REPLACE INTO tick VALUES (1, 1, 1, 1, NULL, NULL)",
    "INSERT INTO events SELECT * FROM events", "INSERT INTO store VALUES (1, 'x', 0, 0, 'none', 0) ON CONFLICT DO NOTHING",
    "WITH gone AS (SELECT 1) DELETE FROM events", "WITH x AS (SELECT seq FROM events) UPDATE events SET tick = 0",
    "WITH x (a) AS (VALUES (1)) INSERT INTO save_point SELECT 'x', 0, 0, NULL, 0 FROM x", "DELETE FROM snapshot",
    "INSERT INTO snapshot (name, version, tick, seq, created, state) VALUES ('x', 1, 1, 1, 1, x'00')",
    "ALTER TABLE events RENAME TO other", "ALTER TABLE events ADD COLUMN x", "ALTER TABLE events DROP COLUMN data",
    "CREATE TABLE x (a)", "CREATE TABLE x AS SELECT * FROM events", "CREATE INDEX x ON events (data)",
    "CREATE VIEW x AS SELECT 1", "CREATE TRIGGER x AFTER INSERT ON events BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE x USING dbstat", "CREATE TEMP TRIGGER x AFTER INSERT ON events BEGIN SELECT 1; END",
    "ATTACH 'game.db' AS again", "ATTACH 'file:game.db?mode=rw' AS again", "ATTACH 'other.db' AS other",
    "DETACH main", "VACUUM", "VACUUM INTO 'other.db'", "REINDEX", "ANALYZE", "PRAGMA writable_schema = ON",
    "PRAGMA writable_schema = RESET", "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 99",
    "PRAGMA application_id = 1", "PRAGMA query_only = OFF", "PRAGMA main.schema_version = 1",
    "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA incremental_vacuum",
    "PRAGMA optimize", "PRAGMA page_size = 512", "PRAGMA temp_store_directory = 'x'", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE",
    "SAVEPOINT x", "UPDATE sqlite_schema SET sql = ''", "DELETE FROM sqlite_schema", "INSERT INTO sqlite_schema VALUES (1)",
    "SELECT load_extension('x')", "SELECT writefile('other.db', 'x')", "SELECT edit('x', 'touch other.db')",
    "SELECT * FROM events; DELETE FROM events", "DELETE FROM sqlite_sequence", "SELECT fts3_tokenizer('x', x'00')",
    ENDLESS + "DELETE FROM events WHERE seq IN (SELECT i FROM n)", "EXPLAIN DELETE FROM events; DELETE FROM events",
]
# Not among them: .trace and .testcase, which write a file even in the safe mode of sqlite3 3.40, as the help documents.
DOT_COMMANDS = [
    ".open game.db", ".open --new game.db", ".shell touch other.db", ".system touch other.db", ".output other.db",
    ".once other.db", ".import story.jsonl events", ".restore story.jsonl", ".backup other.db", ".save other.db",
    ".clone other.db", ".load x", ".cd /", ".log other.db", ".excel", ".recover --lost-and-found x", ".archive -c x",
    ".dbconfig defensive off", ".filectrl data_version 1", ".read story.jsonl",
    ".unmodule --allexcept x", ".session open main x",
]
# Statements that the shell accepts without an error and without a change.
QUIET_IN_SHELL = ("PRAGMA", "BEGIN", "SAVEPOINT", "EXPLAIN", "SELECT fts3", "ANALYZE", "REINDEX", "CREATE TEMP")


def contents(scratch):
    """Returns the bytes of the store, and the names of all files except those that reading makes beside it."""
    names = {path.name for path in scratch.path.iterdir()} - {"game.db-wal", "game.db-shm"}
    return hashlib.sha256((scratch.path / "game.db").read_bytes()).hexdigest(), names


class HostileTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch()
        self.scratch.__enter__()
        self.assertEqual(self.scratch.run("eventure import game.db story.jsonl")[0], 0)
        self.before = contents(self.scratch)

    def tearDown(self):
        self.scratch.__exit__()

    def ask(self, command, statement):
        code, out, err = self.scratch.run(f'{command} game.db -- "$STATEMENT"', STATEMENT=statement) \
            if command != "eventure shell" else self.scratch.run('eventure shell game.db', statement.encode() + (b"\n" if statement[0] == "." else b";\n"))
        self.assertEqual(contents(self.scratch), self.before, statement)
        return code, out, err.decode()

    def test_there_are_enough_of_them(self):
        self.assertGreaterEqual(len(set(STATEMENTS)), 50)

    def test_sql_refuses_every_one(self):
        for statement in STATEMENTS:
            with self.subTest(statement):
                code, out, err = self.ask("eventure sql --timeout-ms 20000", statement)
                self.assertEqual((code, out), (1, b""))
                self.assertRegex(err, "^eventure: sql: .+\n$")
                self.assertNotRegex(err, "no such|has no column", "it is refused for another reason than what it does")

    def test_the_shell_changes_nothing(self):
        for statement in STATEMENTS:
            with self.subTest(statement):
                code, _, err = self.ask("eventure shell", statement)
                if not statement.startswith(QUIET_IN_SHELL):
                    self.assertNotEqual(code, 0)
                    self.assertRegex(err, "(?i)error|cannot|prohibited|safe mode")

    def test_commands_of_the_shell_change_nothing(self):
        for command in DOT_COMMANDS:
            with self.subTest(command):
                self.ask("eventure shell", command)

    def test_what_never_ends_is_stopped(self):
        for statement in (ENDLESS + "SELECT max(i) FROM n", ENDLESS + "SELECT i FROM n WHERE i < 0",
                          "SELECT count(*) FROM events a, events b, events c, events d, events e, events f, events g",
                          ENDLESS + "SELECT count(*) FROM (SELECT i FROM n ORDER BY -i)"):
            with self.subTest(statement):
                code, out, err = self.ask("eventure sql --timeout-ms 100", statement)
                self.assertEqual((code, out), (1, b""))
                self.assertRegex(err, "--timeout-ms")


if __name__ == "__main__":
    unittest.main()
