#!/usr/bin/env python3
"""Chrome traces: the field rules of "Trace Event Format", which Perfetto follows. (Its trace processor is in no package
of the registries; the rules are checked one by one instead.)"""

import json
import unittest

from export_world import World

REQUIRED = {"X": {"name", "cat", "ts", "dur", "pid", "tid", "args"}, "M": {"name", "pid", "args"},
            "s": {"name", "cat", "id", "ts", "pid", "tid"}, "f": {"name", "cat", "id", "ts", "pid", "tid", "bp"}}


class ChromeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()

    def trace(self, *arguments):
        return json.loads(self.world.export(*arguments))["traceEvents"]

    def check(self, db, *options):
        """Checks the rules; returns the slices by id, and the arrows."""
        trace = self.trace(db, "chrome", *options)
        names, slices, begins, ends = {}, {}, {}, {}
        for event in trace:
            self.assertLessEqual(REQUIRED[event["ph"]], set(event))
            self.assertEqual(event["pid"], 1)
            if event["ph"] == "M":
                if event["name"] == "thread_name":
                    self.assertNotIn(event["tid"], names)
                    names[event["tid"]] = event["args"]["name"]
                continue
            self.assertIsInstance(event["tid"], int)
            self.assertIsInstance(event["ts"], (int, float))
            if event["ph"] == "X":
                self.assertGreater(event["dur"], 0)
                self.assertEqual(names[event["tid"]], event["name"])
                slices[event["args"]["id"]] = event
            else:
                (begins if event["ph"] == "s" else ends)[event["id"]] = event
        self.assertEqual(set(begins), set(ends))
        self.assertEqual(len(set(names.values())), len(names))
        at = {(s["tid"], s["ts"]): s for s in slices.values()}
        self.assertEqual(len(at), len(slices), "slices of a track overlap")
        arrows = set()
        for key, begin in begins.items():
            cause, effect = (at[end["tid"], end["ts"]] for end in (begin, ends[key]))
            self.assertLess(cause["ts"], effect["ts"])
            arrows.add((cause["args"]["id"], effect["args"]["id"]))
        return slices, arrows

    def test_the_real_history_is_in_the_trace(self):
        slices, arrows = self.check("real.db")
        events = self.world.events("real.db")
        self.assertEqual(list(slices), [event["event_id"] for event in events])
        self.assertEqual(arrows, {(e["parent_id"], e["event_id"]) for e in events if e["parent_id"] in slices})
        self.assertGreater(len(arrows), 0)
        for event in events:
            piece = slices[event["event_id"]]
            self.assertTrue(event["tick"] * 1000 <= piece["ts"] < (event["tick"] + 1) * 1000)
            self.assertEqual(piece["args"]["data"], event["data"])
            self.assertEqual(piece["name"], event["type"])

    def test_odd_texts_come_back(self):
        trace = [event for event in self.trace("odd.db", "chrome") if event["ph"] == "X"]
        for event, original in zip(trace, self.world.events("odd.db")):
            self.assertEqual(event["name"], original["type"])
            self.assertEqual(event["args"]["id"], original["event_id"])
            self.assertEqual(event["args"]["data"], original["data"])

    def test_a_part_has_no_arrow_from_nowhere(self):
        whole, all_arrows = self.check("real.db")
        some = self.world.events("real.db")[50]["tick"]
        slices, arrows = self.check("real.db", "--tick", f"{some}..")
        self.assertLess(len(slices), len(whole))
        self.assertEqual(arrows, {(a, b) for a, b in all_arrows if a in slices and b in slices})

    def test_the_last_tick_there_is(self):
        output = self.world.export("odd.db", "chrome").decode()
        self.assertIn('"ts": 9223372036854775807000.000', output)


if __name__ == "__main__":
    unittest.main()
