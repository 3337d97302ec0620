#!/usr/bin/env python3
"""Chrome traces: the field rules of "Trace Event Format", which Perfetto follows. (Its trace processor is in no package
of the registries; the rules are checked one by one instead.)"""

import json
import random
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

    def check(self, db, *options, by_tick=True):
        """Checks the rules; returns the slices by id, and the arrows."""
        trace = self.trace(db, "chrome", *options, *(("--clock", "tick") if by_tick else ()))
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
                self.assertGreaterEqual(event["dur"], 0)
                self.assertEqual(names[event["tid"]], event["name"].split(".")[0])
                self.assertEqual(event["cat"], names[event["tid"]])
                slices[event["args"]["id"]] = event
            else:
                (begins if event["ph"] == "s" else ends)[event["id"]] = event
        self.assertEqual(set(begins), set(ends))
        self.assertEqual(len(set(names.values())), len(names))
        arrows = set()
        if not by_tick:
            self.check_arrows(slices, begins, ends)
            return slices, set(begins)
        at = {(s["tid"], s["ts"]): s for s in slices.values()}
        self.assertEqual(len(at), len(slices), "slices of a track overlap")
        for key, begin in begins.items():
            cause, effect = (at[end["tid"], end["ts"]] for end in (begin, ends[key]))
            self.assertLess(cause["ts"], effect["ts"])
            arrows.add((cause["args"]["id"], effect["args"]["id"]))
        return slices, arrows

    def check_arrows(self, slices, begins, ends):
        """Checks that each arrow begins in the slice of the cause, and ends in the slice of the effect."""
        of_effect = {event: piece for event, piece in slices.items() if piece["args"].get("parent_id") in slices}
        self.assertEqual(len(begins), len(of_effect))
        for piece in of_effect.values():
            cause = slices[piece["args"]["parent_id"]]
            pairs = [key for key, end in ends.items() if (end["tid"], end["ts"]) == (piece["tid"], piece["ts"]) and
                     (begins[key]["tid"], begins[key]["ts"]) == (cause["tid"], cause["ts"])]
            self.assertGreater(len(pairs), 0, piece)

    def timed(self, name, rows):
        """A store of rows (timestamp, type, data, parent); returns its path."""
        lines = [json.dumps({"tick": 0, "timestamp": timestamp, "type": kind, "data": data, "event_id": f"e{i}",
                             "parent_id": parent}) for i, (timestamp, kind, data, parent) in enumerate(rows)]
        (self.world.path / "timed.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.world.run("import", name, "timed.jsonl")
        return name

    def test_by_timestamp_times_and_durations_are_those_of_the_history(self):
        chance = random.Random(15)
        rows = []
        for i in range(300):
            timestamp = chance.choice((i, i + chance.randrange(1000) / 1000, 1700000000 + i, -i, i / 8))
            data = chance.choice(({}, {"trace": {"ph": "X", "dur": chance.randrange(10 ** 6) / 8}},
                                  {"took": {"s": chance.randrange(1000) / 64}}, {"took": "long"}))
            rows.append((timestamp, chance.choice(("a.b", "a.c", "b", "c.d.e")), data,
                         None if i == 0 or chance.random() < 0.3 else f"e{chance.randrange(i)}"))
        db = self.timed("timed.db", rows)
        for options, path in (((), None), (("--duration", "took.s"), "took")):
            slices, _ = self.check(db, *options, by_tick=False)
            self.assertEqual(len(slices), len(rows))
            for i, (timestamp, kind, data, _) in enumerate(rows):
                piece = slices[f"e{i}"]
                self.assertAlmostEqual(piece["ts"], timestamp * 1e6, delta=0.001 * max(1, abs(timestamp) / 1e6))
                took = data.get("took")
                wanted = took["s"] * 1e6 if path and isinstance(took, dict) else \
                    data["trace"]["dur"] if "trace" in data else 0.001
                self.assertEqual(piece["dur"], wanted)
                self.assertEqual(piece["name"], kind)

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
        output = self.world.export("odd.db", "chrome", "--clock", "tick").decode()
        self.assertIn('"ts": 9223372036854775807000.000', output)


if __name__ == "__main__":
    unittest.main()
