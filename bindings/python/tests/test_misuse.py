"""Calls every function with arguments of every kind: it may raise an exception, but must not crash."""

import os
import random
import tempfile
import unittest
from typing import Any, List

import eventure
from eventure import _eventure

CALLS = 4000
SPECIAL = ("__getitem__", "__contains__", "__eq__", "__hash__", "__repr__", "__init__", "__reduce__", "__len__")
# Methods that end the objects, that wait, or that programs must not call.
LEFT_OUT = ("close", "next", "scratch", "_set_errors")


class Misuse(unittest.TestCase):
    def objects(self, folder: str) -> List[Any]:
        log = eventure.open(os.path.join(folder, "a.db"), sync="off")
        log.append_batch([("a.b", {"n": n}) for n in range(6)])
        log.commit()
        history = eventure.read(log.path)
        reducer = eventure.Reducer(lambda state, event: state)
        fold = _eventure.Fold(reducer, lambda state, event: state, [], "n", 1, True)
        playback = log._playback(fold)
        follower = _eventure.Follower(log.path, None, {}, False, None)
        projection = eventure.Projection("p", "-- @setup\nCREATE TABLE t (x);\n")
        return [log, history, log.bus, log[1], log.events(), log._cursor({}), fold, playback, follower, projection, _eventure]

    def test_arguments_of_every_kind(self) -> None:
        chance = random.Random(20)
        values: List[Any] = [
            None, 0, -1, 2**40, 2**70, 1.5, float("nan"), "", "a.b", "*", "x\0y", "\ud800", b"x", [], [1], ("a.b", {}),
            {}, {"a": 1}, {1: 2}, {"k": object()}, object(), len, slice(1, 2), range(3), True, type,
            lambda *arguments: 1 / 0, lambda *arguments: None, eventure.Event(0, 0.0, "a.b", {}),
        ]  # fmt: skip
        here = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)  # a call may interpret a text as a path
            try:
                objects = self.objects(folder)
                values += objects
                for _ in range(CALLS):
                    one = chance.choice(objects)
                    names = [n for n in dir(one) if n not in LEFT_OUT and (not n.startswith("__") or n in SPECIAL)]
                    name = chance.choice(names)
                    arguments = [chance.choice(values) for _ in range(chance.randint(0, 7))]
                    if name == "_next":
                        arguments = [0]
                    try:
                        getattr(one, name)(*arguments)
                    except Exception:
                        pass
                self.assertEqual(objects[0].closed, False)
                self.assertTrue(objects[1].verify())
                del objects, values
            finally:
                os.chdir(here)


if __name__ == "__main__":
    unittest.main()
