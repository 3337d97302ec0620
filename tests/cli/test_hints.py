#!/usr/bin/env python3
"""Hints on a terminal: why a result is empty, and which index would help a query. Other outputs have no hints."""

import json
import pathlib
import sys
import unittest

from clitest import Scratch
from test_terminal import on_terminal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from terminals import need_terminals  # noqa: E402  (after the line above, which says where it is)

MANY = 100_001


def write_history(path, count):
    with open(path, "w", encoding="utf-8") as out:
        for i in range(count):
            event = {"tick": i // 100, "timestamp": float(i), "type": "a.b" if i % 2 else "a.c", "data": {"n": i},
                     "event_id": f"e{i}", "parent_id": None}
            out.write(json.dumps(event) + "\n")


class HintsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch().__enter__()
        cls.addClassCleanup(cls.scratch.__exit__)
        for name, count in (("few", 50), ("many", MANY)):
            write_history(cls.scratch.path / f"{name}.jsonl", count)
            code, _, errors = cls.scratch.run(f"eventure import {name}.db {name}.jsonl")
            assert code == 0, errors

    def hint(self, *arguments):
        """Returns what a command writes to standard error when that is a terminal."""
        code, seen, _ = on_terminal(self.scratch, list(arguments), columns=200, stream="stderr")
        self.assertEqual(code, 0, seen)
        lines = [line for line in seen.replace("\033[K", "").splitlines() if "hint:" in line]
        self.assertLessEqual(len(lines), 1, seen)
        return lines[0].partition("hint: ")[2] if lines else None

    def test_a_type_that_occurs_nowhere_is_named(self):
        for command in (["log", "few.db", "--type", "x.y"], ["explain", "few.db", "--type", "x.y"],
                        ["sql", "few.db", "SELECT 1 FROM events e WHERE e.type = 'x.y'"],
                        ["sql", "few.db", "SELECT 1 FROM events WHERE type='x.y' AND tick > 3"]):
            self.assertEqual(self.hint(*command), "no event of the store has the type 'x.y'", command)
        self.assertEqual(self.hint("log", "few.db", "--type", "x.*"), "no event of the store has the type 'x.*'")
        self.assertIsNone(self.hint("log", "few.db", "--type", "a.*"))
        self.assertIsNone(self.hint("sql", "few.db", "SELECT count(*) FROM events WHERE type = 'a.b'"))
        self.assertIsNone(self.hint("sql", "few.db", "SELECT 'type = ''x.y''', subtype = 'x.y' FROM "
                                                     "(SELECT 1 AS subtype)"))

    def test_a_key_that_no_event_has_is_named(self):
        said = "no event of the store has the key 'hp'"
        self.assertEqual(self.hint("log", "few.db", "--data", "hp=3"), said)
        self.assertEqual(self.hint("sql", "few.db", "SELECT sum(data ->> 'hp') FROM events"), said)
        self.assertEqual(self.hint("sql", "few.db", "SELECT json_extract(data, '$.hp') FROM events LIMIT 1"), said)
        self.assertIsNone(self.hint("log", "few.db", "--data", "n=3000"))
        self.assertIsNone(self.hint("sql", "few.db", "SELECT sum(data ->> 'n') FROM events"))
        self.assertEqual(self.hint("log", "few.db", "--data", "hp>3"), said)
        self.assertEqual(self.hint("log", "few.db", "--data", "pos.x=3"), "no event of the store has the key 'pos.x'")
        self.assertIsNone(self.hint("export", "few.db", "few.csv", "--format", "csv", "--columns", "n"))

    def test_a_scan_of_a_large_store_names_the_index(self):
        wanted = f"this query reads {MANY} events; 'eventure index add many.db n' makes it a look-up"
        self.assertEqual(self.hint("log", "many.db", "--data", "n=7"), wanted)
        self.assertEqual(self.hint("explain", "many.db", "--data", "n=7"), wanted)
        self.assertIsNone(self.hint("log", "many.db", "--data", "n=7", "--tick", "0..9"))
        self.assertIsNone(self.hint("log", "many.db", "--limit", "1"))
        bounds = "; --tick A..B limits the work"
        self.assertEqual(self.hint("log", "many.db", "--data", "n>7", "--count"), f"this query reads {MANY} events, "
                         "because no index covers a comparison other than KEY=JSON" + bounds)
        self.assertEqual(self.hint("stats", "many.db", "--since", "5", "--until", "7"),
                         f"this query reads {MANY} events, because no index covers a time" + bounds)
        self.assertIsNone(self.hint("log", "many.db", "--since", "5", "--tick", "0..9"))
        self.assertEqual(self.hint("export", "many.db", "out.jsonl", "--data", "n=7"), wanted)
        self.assertEqual(self.hint("cascade", "many.db", "--data", "n=7", "--count"), wanted)
        self.assertIn("'eventure index add many.db n'",
                      self.hint("sql", "many.db", "SELECT seq FROM events WHERE data ->> 'n' = 7"))
        self.assertIsNone(self.hint("sql", "many.db", "SELECT data ->> 'n' FROM events WHERE id = 'e7'"))
        self.assertIsNone(self.hint("sql", "many.db", "SELECT max(timestamp) FROM events"))
        self.assertEqual(self.scratch.run("eventure copy many.db indexed.db")[0], 0)
        self.assertEqual(self.scratch.run("eventure index add indexed.db n")[0], 0)
        self.assertIsNone(self.hint("log", "indexed.db", "--data", "n=7"))

    def test_nothing_is_said_where_standard_error_is_no_terminal(self):
        for command in ("log few.db --type x.y", "log few.db --data hp=3", "explain many.db --data n=7",
                        "sql few.db \"SELECT 1 FROM events WHERE type = 'x.y'\""):
            code, _, errors = self.scratch.run(f"eventure {command}")
            self.assertEqual((code, errors), (0, b""), command)


if __name__ == "__main__":
    need_terminals()
    unittest.main()
