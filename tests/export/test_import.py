#!/usr/bin/env python3
"""Import of files of other programs: records by a map, from JSON and CSV; sorting; Chrome traces."""

import csv
import io
import json
import os
import random
import resource
import subprocess
import unittest

from export_world import World

MAP = "type=name,time=ts,id=span.id,parent=span.parent,tick=step,data=attributes"


def spans(count, seed=3):
    """Returns records, each after its cause, and the expected events."""
    choose = random.Random(seed)
    records, events = [], []
    for n in range(count):
        parent = f"s{choose.randrange(max(0, n - 20), n)}" if n and choose.random() < 0.9 else None
        data = {"n": n, "text": choose.choice(["ü", "a,b", 'say "hi"', "two\nlines", "", "007", "1e5"])}
        step, time, name = n // 50, 1700000000 + n / 100, f"unit.moved{n % 7}"
        records.append({"ts": time, "name": name, "span": {"id": f"s{n}", "parent": parent}, "step": step,
                        "attributes": data, "other": n})
        events.append({"tick": step, "timestamp": time, "type": name, "data": data, "event_id": f"s{n}",
                       "parent_id": parent})
    return records, events


class ImportTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.scratch.cleanup)

    def take(self, text, *options, code=0):
        """Imports text into new.db. Returns the messages."""
        (self.world.path / "in").write_text(text, encoding="utf-8", newline="")
        done = subprocess.run([self.world.program, "import", "new.db", "in", *options], cwd=self.world.path,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr if not done.stdout else done.stdout

    def clear(self):
        for old in self.world.path.glob("new.db*"):
            old.unlink()

    def test_a_map_makes_events_of_records(self):
        records, events = spans(300)
        forms = {"lines": "".join(json.dumps(record) + "\n" for record in records),
                 "an array": json.dumps(records), "a pretty array": json.dumps(records, indent=1),
                 "a mark": "\ufeff" + json.dumps(records), "no line feed": "\n".join(map(json.dumps, records))}
        for name, text in forms.items():
            with self.subTest(name):
                self.clear()
                self.take(text, "--map", MAP)
                self.assertEqual(self.world.events("new.db"), events)

    def test_what_is_not_mapped_is_the_data(self):
        self.take('{"a": {"b": {"c": "x.y", "d": 1}, "e": [5, {"f": "id"}]}, "p.q": 3, "p": {"q": 4}, "k\\"": 1}\n'
                  '{"a": {"b": {"c": "only"}}}\n', "--map", "type=a.b.c,id=a.e[1].f,parent=p.q", "--time", "1.5")
        first, second = self.world.events("new.db")
        self.assertEqual((first["type"], first["event_id"], first["parent_id"]), ("x.y", "id", "3"))
        self.assertEqual(first["data"], {"a": {"b": {"d": 1}, "e": [5, {"f": "id"}]}, "p": {"q": 4}, 'k"': 1})
        self.assertEqual((second["type"], second["data"], second["timestamp"]), ("only", {}, 1.5))

    def test_paths_and_constants(self):
        record = '{"a.b": "flat", "a": {"b": "nested", "c.d": 7}, "list": [{"x": 1}, "two"], "n": 5}\n'
        for wanted, part in {"flat": "a.b", "nested": 'a."b"', "7": 'a."c.d"', "two": "list.1", "1": "list[0].x",
                             "it's, made": "'it''s, made'", "5": "n"}.items():
            with self.subTest(part):
                self.clear()
                self.take(record, "--map", f"time='2021-03-01T10:00:00Z',type={part}")
                self.assertEqual(self.world.events("new.db")[0]["type"], wanted)
                self.assertEqual(self.world.events("new.db")[0]["timestamp"], 1614592800)
        for part, data in {"list": {"list": [{"x": 1}, "two"]}, "a": {"b": "nested", "c.d": 7}, "n": {"n": 5},
                           ".": json.loads(record), "missing": {}}.items():
            self.clear()
            self.take(record, "--map", f"type='t',data={part}")
            self.assertEqual(self.world.events("new.db")[0]["data"], data)

    def test_maps_that_are_wrong_are_refused(self):
        for wrong in ("", "type", "type=", "typ=a", "type=a,type=b", "time=a", "type='a", 'type="a', "type=a..b",
                      "type=a[x]", "type='a'b", "type=a,", "data='{}',type=a", "type=.", "type=a[1", "type=" + "a." * 17 + "a"):
            with self.subTest(wrong):
                self.assertRegex(self.take('{"a": 1}', "--map", wrong, code=2), "map: ")

    def test_times(self):
        seconds = 1700000000.25
        forms = [("auto", "1700000000.25"), ("auto", "1700000000250"), ("auto", "1700000000250000"),
                 ("auto", "1700000000250000000"), ("auto", '"2023-11-14T22:13:20.25Z"'), ("s", '"1700000000.25"'),
                 ("auto", '"2023-11-14T23:13:20.25+01:00"'), ("auto", '"2023-11-14 22:13:20.25"'),
                 ("rfc3339", '"2023-11-14T22:13:20.25"'), ("ms", "1700000000250"), ("us", "1.70000000025e15"),
                 ("ns", "1700000000250000000")]
        for form, text in forms:
            with self.subTest(text):
                self.clear()
                self.take('{"t": %s, "n": "a"}' % text, "--map", "type=n,time=t", "--time-format", form)
                self.assertEqual(self.world.events("new.db")[0]["timestamp"], seconds)
        for form, text in (("ms", "5"), ("auto", '"1969-12-31"')):
            self.clear()
            self.take('{"t": %s, "n": "a"}' % text, "--map", "type=n,time=t", "--time-format", form)
            self.assertEqual(self.world.events("new.db")[0]["timestamp"], 0.005 if form == "ms" else -86400)
        self.clear()
        for form, text in (("auto", '"x"'), ("rfc3339", "5"), ("s", '"2023-11-14T22:13:20Z"'), ("auto", "true"),
                           ("auto", "{}"), ("ms", '"1e"')):
            self.assertRegex(self.take('{"n": "a"}\n{"t": %s, "n": "a"}' % text, "--map", "type=n,time=t",
                                       "--time-format", form, code=1), "^eventure: in:2: time is ")
        self.assertIn("say which", self.take('{"t": 1700000000, "n": "a"}\n{"t": 1700000000000, "n": "a"}', "--map",
                                             "type=n,time=t", code=1))

    def test_ticks(self):
        times = [10, 10.05, 10.1, 10.3, 10.95, 11]
        text = "".join(json.dumps({"n": "a", "t": 1700000000 + time}) + "\n" for time in times)
        wanted = {"100ms": [0, 0, 1, 3, 9, 10], "1s": [0, 0, 0, 0, 0, 1], "line": [0, 1, 2, 3, 4, 5],
                  "2lines": [0, 0, 1, 1, 2, 2]}
        for every, ticks in wanted.items():
            self.clear()
            self.take(text, "--map", "type=n,time=t", "--tick-every", every)
            self.assertEqual([event["tick"] for event in self.world.events("new.db")], ticks)
        # The ticks of a file that has grown continue those of its first part.
        self.clear()
        lines = text.splitlines(keepends=True)
        self.take("".join(lines[:3]), "--map", "type=n,time=t,id=t", "--tick-every", "100ms")
        self.assertIn("3 events were known already",
                      self.take(text, "--map", "type=n,time=t,id=t", "--tick-every", "100ms", "--skip-known"))
        self.assertEqual([event["tick"] for event in self.world.events("new.db")], wanted["100ms"])
        for wrong in ("5", "0s", "s", "1.5s", "1x", "-1s", ""):
            self.take(text, "--map", "type=n", "--tick-every", wrong, code=2)

    def test_records_that_are_wrong_are_refused(self):
        for text, said in {'{"n": ""}': "the type is empty", '{"m": 1}': "the record has no n", '{"n": [1]}': "not a text",
                           '{"n": "%s"}' % ("x" * 256): "256 bytes", '{"n": "a", "i": {}}': "not a text",
                           '{"n": "a", "k": 1.5}': "not an integer", '{"n": "a", "k": -1}': "not an integer",
                           '{"n": "a", "k": "x"}': "not an integer", '{"n": "a\\u0000"}': "a NUL", '[[1]]': "not a JSON object",
                           '{"n": "a"': "truncated", '{"n": "a}\n{"n": "b"}': "no end", '[{"n": "a"}': "no end",
                           '[{"n": "a"},]': "comma", '[{"n": "a"} {"n": "b"}]': "must be followed",
                           '{"n": "a"}}': "instead of", '{"n": "\ud800"}'.encode("utf-8", "replace").decode(): "",
                           '{"n": NaN}': "not a JSON number"}.items():
            if said:
                with self.subTest(text):
                    self.assertIn(said, self.take('{"n": "good"}\n' + text, "--map", "type=n,id=i,tick=k", code=1))
                    self.assertFalse((self.world.path / "new.db").exists())

    def test_csv(self):
        records, events = spans(200)
        for options in ({}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quoting": csv.QUOTE_ALL},
                        {"lineterminator": "\n"}):
            out = io.StringIO()
            writer = csv.writer(out, **options)
            writer.writerow(["ts", "name", "span.id", "span.parent", "step", "attributes"])
            for record in records:
                writer.writerow([record["ts"], record["name"], record["span"]["id"], record["span"]["parent"] or "",
                                 record["step"], json.dumps(record["attributes"])])
            for text in (out.getvalue(), "\ufeff" + out.getvalue(), out.getvalue().rstrip("\r\n")):
                self.clear()
                self.take(text, "--map", MAP, "--format", "csv")
                self.assertEqual(self.world.events("new.db"), events)

    def test_cells(self):
        self.take('n,num,float,exp,hex,zeros,word,empty,quoted,text,"a ""b"""\r\na,1,-1.50,1e+3,12e45,007,true,,"","x\r\n,y",nan\r\n\r\n',
                  "--map", "type=n")
        self.assertEqual(self.world.events("new.db")[0]["data"],
                         {"num": 1, "float": -1.5, "exp": 1000.0, "hex": "12e45", "zeros": "007", "word": True,
                          "quoted": "", "text": "x\r\n,y", 'a "b"': "nan"})
        self.clear()
        for text, said in {"n,m\na\n": "1 cells, and there are 2 titles", "n,n\na,b\n": "two columns", 'n\n"a': "no end",
                           'n\n"a"b\n': "closing quote", "n,m\na,b,c\n": "3 cells"}.items():
            self.assertIn(said, self.take(text, "--map", "type=n", "--format", "csv", code=1))
        self.assertIn("no column has the title m", self.take("n\na\n", "--map", "type=n,id=m", code=2))

    def test_own_csv_comes_back(self):
        text = self.world.export("real.db", "csv").decode()
        self.take(text, "--map", "type=type,time=timestamp,id=id,parent=parent_id,tick=tick,data=data")
        self.assertEqual(self.world.events("new.db"), self.world.events("real.db"))

    def test_sorted_events_find_their_causes(self):
        records, events = spans(5000)
        random.Random(1).shuffle(records)
        text = "".join(json.dumps(record) + "\n" for record in records)
        # With so little memory the sort must merge many runs.
        said = self.take(text, "--map", MAP, "--sort", "--sort-memory", "64K")
        self.assertNotIn("parent", said)
        self.assertEqual(self.world.events("new.db"), events)
        self.assertEqual([path.name for path in self.world.path.iterdir() if "sort" in path.name], [])
        self.world.run("verify", "new.db")
        self.assertIn("64K", self.take(text, "--map", MAP, "--sort", "--sort-memory", "1K", code=2))
        # Lines of the history's own format, too.
        self.clear()
        random.Random(2).shuffle(events)
        self.take("".join(json.dumps(event) + "\n" for event in events), "--sort")
        self.assertEqual(sorted(int(event["event_id"][1:]) for event in events),
                         [int(event["event_id"][1:]) for event in self.world.events("new.db")])

    def test_sorting_is_bounded(self):
        records, events = spans(1)
        lines = 1000000 if os.environ.get("EVENTURE_TEST_LONG") else 100000
        choose = random.Random(4)
        order = list(range(lines))
        choose.shuffle(order)
        with open(self.world.path / "in", "w", encoding="ascii") as out:
            for n in order:
                parent = f'"s{n - 1 - n % 7}"' if n % 10 and n > 7 else "null"
                out.write(f'{{"ts": {1700000000 + n / 64}, "name": "unit.moved{n % 9}", "span_id": "s{n}", '
                          f'"parent_id": {parent}, "attributes": {{"x": {n}, "text": "some more text"}}}}\n')
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        done = subprocess.run([self.world.program, "import", "new.db", "in", "--sort", "--sort-memory", "4M", "--map",
                               "type=name,time=ts,id=span_id,parent=parent_id", "--tick-every", "1s"],
                              cwd=self.world.path, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, f"{lines} events, {(lines + 63) // 64} ticks\n"))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        is_sanitized = "asan" in self.world.program or {"ASAN_OPTIONS", "LSAN_OPTIONS"} & {*os.environ}
        if not is_sanitized and before < 100 * 1024:
            self.assertLessEqual(peak, 100 * 1024, "KiB")
        counts = self.world.run("sql", "new.db", "SELECT count(*) || ' ' || count(parent_seq) || ' ' || count(parent_id) "
                                "FROM events", "--format", "csv").split()
        self.assertEqual(len({*counts[-2:]}), 1 if counts[-2] == counts[-1] else 2)

    def test_late_causes(self):
        records, _ = spans(60)
        records.reverse()
        text = "".join(json.dumps({**record, "step": 0}) + "\n" for record in records) + \
            '{"ts": 1, "name": "x", "span": {"id": "lost", "parent": "far"}, "step": 0}\n'
        self.assertIn("1 parent is not in the store", self.take(text, "--map", MAP))
        children = {}
        for record in records:
            children.setdefault(record["span"]["parent"], set()).add(record["span"]["id"])

        def ids(*arguments):
            return self.world.run(*arguments, "--ids").decode().split()

        def below(id):
            found = {id}
            for child in children.get(id, ()):
                found |= below(child)
            return found

        for record in records:
            own = record["span"]["id"]
            self.assertEqual(set(ids("children", "new.db", own)), children.get(own, set()))
            got = ids("cascade", "new.db", own)
            self.assertEqual((set(got), len(got), got[0]), (below(own), len(below(own)), own))
        self.assertEqual(ids("children", "new.db", "far"), ["lost"])
        self.assertEqual(ids("cascade", "new.db", "far"), ["lost"])
        self.assertIn(b"x (caused by", self.world.run("cascade", "new.db", "far"))
        self.world.run("cascade", "new.db", "no-such-id", code=1)
        self.world.run("children", "new.db", "no-such-id", code=1)
        self.world.run("verify", "new.db")

    def test_events_that_cause_each_other_end(self):
        self.take('{"n": "a", "i": "1", "p": "2"}\n{"n": "b", "i": "2", "p": "3"}\n{"n": "c", "i": "3", "p": "1"}\n'
                  '{"n": "d", "i": "4", "p": "4"}\n{"n": "e", "i": "5", "p": "2"}\n', "--map", "type=n,id=i,parent=p")
        for id, wanted in {"1": "1 3 2 5", "3": "3 2 1 5", "4": "4", "5": "5"}.items():
            got = self.world.run("cascade", "new.db", id, "--ids").decode().split()
            self.assertEqual(sorted(got), sorted(wanted.split()))

    def test_a_dry_run_writes_nothing(self):
        records, events = spans(30)
        text = "".join(json.dumps(record) + "\n" for record in records)
        shown = [json.loads(line) for line in self.take(text, "--map", MAP, "--dry-run").splitlines()]
        self.assertEqual(shown, events[:10])
        self.assertEqual([path.name for path in self.world.path.glob("new.db*")], [])
        self.take("".join(json.dumps(record) + "\n" for record in records[:5]), "--map", MAP)
        before = self.world.export("new.db", "jsonl")
        self.take(text, "--map", MAP, "--dry-run", "--skip-known")
        self.assertEqual(self.world.export("new.db", "jsonl"), before)
        self.assertIn("--skip-known", self.take(text, "--map", MAP, code=1))
        self.assertIn("5 events were known already", self.take(text, "--map", MAP, "--skip-known"))
        self.assertEqual(self.world.events("new.db"), events)


class ChromeTest(unittest.TestCase):
    take = ImportTest.take
    clear = ImportTest.clear

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.scratch.cleanup)

    def make(self, count, seed):
        """Returns a trace of slices, each within a track, and flows; and the expected events."""
        choose = random.Random(seed)
        entries, events = [{"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "x"}}], []
        at = {track: 0 for track in range(4)}
        for n in range(count):
            track = choose.randrange(4)
            begin, dur = at[track] + choose.randrange(1, 900) / 8, choose.randrange(1, 900) / 8
            at[track] = begin + dur
            base = {"name": f"work{n % 5}", "cat": "c", "pid": 1, "tid": track}
            if n % 3 == 0:
                entries.append({**base, "ph": "X", "ts": begin, "dur": dur, "args": {"n": n}})
            elif n % 3 == 1:
                entries.append({**base, "ph": "B", "ts": begin, "args": {"n": n}})
                entries.append({"ph": "E", "pid": 1, "tid": track, "ts": begin + dur, "args": {"end": n}})
            else:
                entries.append({**base, "ph": "i", "s": "t", "ts": begin, "args": {"n": n}})
                dur = None
            cause = None
            earlier = [event for event in events if event["begin"] < begin and event["dur"] is not None]
            if dur is not None and earlier and choose.random() < 0.7:
                cause = choose.choice(earlier[-10:])
                flow = {"name": "f", "cat": "flow", "id": n, "pid": 1}
                entries.append({**flow, "ph": "s", "tid": cause["track"], "ts": cause["begin"] + cause["dur"] / 2})
                entries.append({**flow, "ph": "f", "bp": "e", "tid": track, "ts": begin + dur / 4})
                if entries[-2]["ts"] > entries[-1]["ts"]:
                    del entries[-2:]
                    cause = None
            events.append({"n": n, "begin": begin, "dur": dur, "track": track, "type": base["name"],
                           "cause": cause["n"] if cause else None})
        choose.shuffle(entries)
        return entries, events

    def test_slices_and_flows(self):
        for seed, form in enumerate((lambda entries: json.dumps({"traceEvents": entries, "metadata": {"x": [1]}}),
                                     lambda entries: json.dumps({"a": "[", "traceEvents": entries}, indent=1),
                                     json.dumps, lambda entries: json.dumps(entries)[:-1] + ",\n")):
            entries, events = self.make(400, seed)
            self.clear()
            self.take(form(entries), "--format", "chrome")
            got = self.world.events("new.db")
            numbers = {event["event_id"]: event["data"]["n"] for event in got}
            by_number = {event["data"]["n"]: event for event in got}
            self.assertEqual(len(got), len(events))
            self.assertEqual([event["timestamp"] for event in got], sorted(event["timestamp"] for event in got))
            for event in events:
                back = by_number[event["n"]]
                self.assertEqual(back["type"], event["type"])
                self.assertAlmostEqual(back["timestamp"], event["begin"] / 1e6, 12)
                self.assertEqual(back["data"]["trace"].get("dur"), event["dur"])
                self.assertEqual(numbers.get(back["parent_id"]), event["cause"], event)
            # All events of a second import of the same trace are known.
            self.assertIn("400 events were known", self.take(form(entries), "--format", "chrome", "--skip-known"))

    def test_entries_that_are_wrong_are_refused(self):
        for entry, said in (({"ph": "X", "ts": "1"}, "ts is"), ({"ph": "X"}, "ts is missing"), ({"ts": 1}, "ph is missing"),
                            ({"ph": "X", "ts": 1, "dur": -1}, "dur is"), (5, "not a JSON object")):
            self.assertIn(said, self.take(json.dumps([entry]), "--format", "chrome", code=1))

    def test_a_name_that_is_no_type(self):
        self.take(json.dumps([{"ph": "X", "ts": 1, "name": ""}, {"ph": "X", "ts": 2}, {"ph": "X", "ts": 3, "name": "ü" * 200},
                              {"ph": "X", "ts": 4, "name": "a", "args": {"trace": 1}}, {"ph": "X", "ts": 5, "name": "é" * 200},
                              {"ph": "X", "ts": 6, "name": "x" + "é" * 200}, {"ph": "X", "ts": 7, "name": "y" * 255},
                              {"ph": "X", "ts": 8, "name": "y" * 256}, {"ph": "X", "ts": 9, "name": "ÿ" * 128}]), "--format", "chrome")
        got = self.world.events("new.db")
        self.assertEqual([event["type"] for event in got], ["unnamed", "unnamed", "ü" * 127, "a", "é" * 127, "x" + "é" * 127, "y" * 255,
                                                            "y" * 255, "ÿ" * 127])
        self.assertEqual(got[2]["data"]["trace"]["name"], "ü" * 200)
        self.assertEqual(got[3]["data"]["trace"]["args"], {"trace": 1})


if __name__ == "__main__":
    unittest.main()
