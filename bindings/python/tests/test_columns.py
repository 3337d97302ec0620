"""Query results as columns: numpy arrays and pandas frames. Skipped when these are not installed."""

import importlib.util
import math
import unittest
from typing import Any

import eventure

INSTALLED = all(importlib.util.find_spec(name) for name in ("numpy", "pandas"))

if INSTALLED:
    import numpy
    import pandas


@unittest.skipUnless(INSTALLED, "numpy and pandas are not installed")
class Columns(unittest.TestCase):
    def setUp(self) -> None:
        self.log = eventure.open(eventure.scratch(), sync="off", clock=lambda: 1.5)
        self.addCleanup(self.log.close)
        for n in range(1000):
            data: Any = {"n": n, "w": n / 4, "who": "é" if n % 2 else "b"}
            if n % 10 == 9:
                data = {"n": "text"}
            self.log.append("a.b" if n % 3 else "c.d", data, self.log.last_seq or None)

    def test_arrays(self) -> None:
        query = self.log.events()
        numpy.testing.assert_array_equal(query.to_numpy("seq"), numpy.arange(1, 1001))
        numbers = query.to_numpy("n")
        self.assertEqual(numbers.dtype, numpy.float64)
        self.assertTrue(math.isnan(numbers[9]))
        self.assertEqual(numbers[8], 8)
        whole = query.to_numpy("n", int)
        self.assertEqual((whole.dtype, whole[8], whole[9]), (numpy.int64, 8, 0))
        texts = query.to_numpy("who", str)
        self.assertEqual((texts[0], texts[1], texts[9]), ("b", "é", None))
        self.assertEqual(query.to_numpy("type")[0], "c.d")
        self.assertEqual(len(self.log.events("no.such").to_numpy("n")), 0)
        with self.assertRaises(ValueError):
            query.to_numpy("n", complex)

    def test_frames(self) -> None:
        frame = self.log.events(type="a.b").df(columns={"n": int, "w": float, "who": str})
        self.assertEqual(list(frame.columns), ["seq", "tick", "timestamp", "type", "n", "w", "who"])
        self.assertEqual(str(frame["type"].dtype), "category")
        self.assertEqual(len(frame), self.log.events(type="a.b").count())
        expected = [event.get("w") for event in self.log.events(type="a.b")]
        self.assertEqual([None if math.isnan(value) else value for value in frame["w"]], expected)
        self.assertTrue(frame["n"].isna().any())
        everything = self.log.events().df()
        self.assertEqual(everything["id"][3], self.log[4].id)
        self.assertEqual(everything["parent_id"][3], self.log[3].id)
        self.assertEqual(self.log.events().df(["w"], fields=["seq"], index="seq").index.name, "seq")
        empty = self.log.events("no.such").df({"n": int})
        self.assertIsInstance(empty, pandas.DataFrame)
        self.assertEqual(len(empty), 0)
        with self.assertRaises(ValueError):
            self.log.events().df(fields=["nonsense"])
        with self.assertRaises(TypeError):
            self.log.events().df("n")

    def test_batches(self) -> None:
        sizes = [len(batch) for batch in self.log.events().batches({"n": int}, fields=["seq"], rows=300)]
        self.assertEqual(sizes, [300, 300, 300, 100])


if __name__ == "__main__":
    unittest.main()
