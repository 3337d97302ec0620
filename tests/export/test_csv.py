#!/usr/bin/env python3
"""CSV, read back by Python's csv module."""

import csv
import io
import json
import unittest

from export_world import ODD_TEXTS, World


def rows_of(output):
    """The rows, as that module reads them; strictly."""
    return list(csv.reader(io.StringIO(output.decode("utf-8"), newline=""), strict=True))


class CsvTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()

    def test_every_value_comes_back(self):
        for db in ("odd.db", "real.db"):
            rows = rows_of(self.world.export(db, "csv"))
            events = self.world.events(db)
            self.assertEqual(rows[0], ["seq", "id", "tick", "timestamp", "type", "parent_id", "data"])
            self.assertEqual(len(rows) - 1, len(events))
            for seq, (row, event) in enumerate(zip(rows[1:], events), 1):
                self.assertEqual(row[:3], [str(seq), event["event_id"], str(event["tick"])])
                self.assertEqual(float(row[3]), event["timestamp"])
                self.assertEqual(row[4:6], [event["type"], event["parent_id"] or ""])
                self.assertEqual(json.loads(row[6]), event["data"])

    def test_lines_end_with_cr_lf(self):
        output = self.world.export("real.db", "csv")
        self.assertTrue(output.endswith(b"\r\n"))
        self.assertEqual(output.count(b"\r\n"), output.count(b"\n"))

    def test_keys_become_columns(self):
        for text in ODD_TEXTS:
            option = text.replace("\\", "\\\\").replace(",", "\\,")
            rows = rows_of(self.world.export("odd.db", "csv", f"--columns={option},n", "--columns", "nul,missing,list"))
            self.assertEqual(rows[0][6:], [text, "n", "nul", "missing", "list"])
            mine = rows[1 + ODD_TEXTS.index(text)]
            self.assertEqual(mine[6:8], [text, str(ODD_TEXTS.index(text))])
            self.assertEqual(mine[8:10], ['"a\\u0000b"', ""])
            self.assertEqual(json.loads(mine[10]), [text, {text: True}])

    def test_an_empty_string_is_not_a_missing_key(self):
        output = self.world.export("odd.db", "csv", "--columns", "empty", "--limit", "1")
        self.assertTrue(output.endswith(b',""\r\n'))


if __name__ == "__main__":
    unittest.main()
