#!/usr/bin/env python3
"""CloudEvents: the rules of the specification (1.0.2, sections 2 and 3, and its JSON format), the JSON schema below,
which defines the same types, and the import.

The schema was written for this test from the specification. Where the package is installed, the CloudEvents SDK for
JavaScript (npm: cloudevents) reads the events too: see validate_cloudevents.mjs.
"""

import json
import os
import re
import shutil
import subprocess
import unittest

from export_world import HERE, World

STRING = {"type": "string", "minLength": 1}
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "propertyNames": {"pattern": "^[a-z0-9]+$"},
    "properties": {
        "id": STRING, "source": {**STRING, "format": "uri-reference"}, "specversion": {"const": "1.0"}, "type": STRING,
        "time": {**STRING, "format": "date-time"}, "datacontenttype": STRING, "data": {},
    },
    "additionalProperties": {"type": ["boolean", "integer", "string"]},
}
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
RFC3339 = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z")


def foreign_events(count):
    """Valid events, each with a random selection of the optional parts, in spellings that must be kept."""
    random = __import__("random").Random(15)
    times = [None, "2021-03-01T10:00:00Z", "1969-07-20T20:17:40Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z",
             "2024-02-29T12:00:00.250+01:00", "2024-02-29t06:30:00.000000z", "9999-12-31T23:59:59.999999999Z",
             "2021-03-01T10:00:00.123456789012345678901234567890Z", "2016-12-31T23:59:60Z",
             "2021-03-01T10:00:00-00:00", "2021-03-01T10:00:00.1Z"]
    data = [{}, {"x": 1}, {"x": [1, {"y": None}], "é": "ü"}, {"cloudevent": {"source": "/inner"}}, [], [1, "2", None],
            "text", "", 0, -1.5, True, False, None, {"cloudevent": 1, "more": 2}, {"": {"": ""}}, "\u0000\n\"\\"]
    extensions = {"partitionkey": "north", "hops": 3, "sampled": True, "sampledrate": -2147483648, "empty": "",
                  "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "escaped": "id,type",
                  "timestamp": "yesterday", "causationid": "not-here", "seq2": "ünïcode 🐉", "nothing": None}
    events = []
    for n in range(count):
        event = {"specversion": "1.0", "id": random.choice([f"{n}", f"id {n}/ü", "x" * 1500 + str(n)]),
                 "source": random.choice(["/sim", "https://example.com/a?b#c", "urn:uuid:" + "0" * 36]),
                 "type": random.choice(["a.b", "com.example.Größe", "t" * 300, "ü" * 200])}
        if random.random() < 0.8:
            event["time"] = random.choice(times)
        if random.random() < 0.3:
            event["subject"] = random.choice(["unit/7", "ü", None])
        if random.random() < 0.3:
            event["dataschema"] = "https://example.com/unit.json"
        if random.random() < 0.5:
            event["datacontenttype"] = random.choice(["application/json", "text/xml", "application/x+json; charset=a"])
        for name, value in extensions.items():
            if random.random() < 0.2:
                event[name] = value
        if random.random() < 0.2:
            event["tick"] = random.choice(["seven", True, "007", -1, "0"])
        if random.random() < 0.2:
            event["data_base64"] = random.choice(["", "AA==", "iVBORw0KGgo="])
        elif random.random() < 0.9:
            event["data"] = random.choice(data)
        items = list(event.items())
        random.shuffle(items)
        events.append(dict(items))
    return events


class CloudEventsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.events = {db: [json.loads(line) for line in cls.world.export(db, "cloudevents").splitlines()]
                      for db in ("odd.db", "real.db")}

    def test_attributes_follow_the_rules(self):
        for events in self.events.values():
            for event in events:
                attributes = {name: value for name, value in event.items() if name != "data"}
                self.assertLessEqual({"id", "source", "specversion", "type"}, set(attributes))
                for name, value in attributes.items():
                    self.assertRegex(name, "^[a-z0-9]{1,20}$")
                    self.assertIsInstance(value, str)
                    self.assertTrue(value)
                    self.assertIsNone(FORBIDDEN.search(value), value)
                self.assertRegex(event["source"], "^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
                if "time" in event:
                    self.assertIsNotNone(RFC3339.fullmatch(event["time"]), event["time"])
                self.assertEqual("time" in event, "timestamp" not in event)
            self.assertEqual(len({(event["source"], event["id"]) for event in events}), len(events))

    def test_the_schema_holds(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        validator = jsonschema.Draft7Validator(SCHEMA)
        validator.check_schema(SCHEMA)
        self.assertFalse(validator.is_valid({"id": "1", "specversion": "1.0", "type": "x"}))
        self.assertFalse(validator.is_valid({"id": "1", "source": "s", "specversion": "1.0", "type": "x", "Big": "y"}))
        for events in self.events.values():
            for event in events:
                validator.validate(event)

    def test_a_time_is_the_timestamp(self):
        import datetime
        for event, original in zip(self.events["real.db"], self.world.events("real.db")):
            time = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
            self.assertAlmostEqual(time.timestamp(), original["timestamp"], places=5)

    def test_everything_comes_back(self):
        for db in ("odd.db", "real.db"):
            lines = self.world.export(db, "cloudevents")
            (self.world.path / "lines").write_bytes(lines)
            for old in self.world.path.glob("back.db*"):
                old.unlink()
            self.world.run("import", "--format", "cloudevents", "--external-parents", "back.db", "lines")
            self.assertEqual(self.world.export("back.db", "jsonl"), self.world.export(db, "jsonl"))

    def there_and_back(self, text, *options):
        """Imports the text and exports it again. Returns the events as values."""
        for old in self.world.path.glob("foreign.db*"):
            old.unlink()
        (self.world.path / "foreign").write_text(text, encoding="utf-8")
        self.world.run("import", "--format", "cloudevents", *options, "foreign.db", "foreign")
        return [json.loads(line) for line in self.world.export("foreign.db", "cloudevents").splitlines()]

    def check_same(self, events, got):
        """The exported events equal the imported ones, except for the tick, which every exported event has."""
        self.assertEqual(len(got), len(events))
        for event, back in zip(events, got):
            expected = {name: value for name, value in event.items() if value is not None or name == "data"}
            if "tick" not in event:
                self.assertIsInstance(back.pop("tick"), int)
            self.assertEqual(json.dumps(back, sort_keys=True), json.dumps(expected, sort_keys=True))

    def test_events_of_other_producers_come_back_as_they_were(self):
        events = foreign_events(200)
        forms = {
            "lines": "".join(json.dumps(event) + "\n" for event in events),
            "a batch": json.dumps(events),
            "a pretty batch": json.dumps(events, indent=2, ensure_ascii=False),
            "pretty events": "\n".join(json.dumps(event, indent=4) for event in events),
            "batches in lines": "".join(json.dumps(events[i:i + 7]) + "\r\n" for i in range(0, 200, 7)),
        }
        for name, text in forms.items():
            with self.subTest(name):
                self.check_same(events, self.there_and_back(text))
        # Imports the export again.
        again = self.there_and_back(self.world.export("foreign.db", "cloudevents").decode())
        self.check_same(events, again)
        self.world.run("verify", "foreign.db")

    def test_an_id_is_of_its_source(self):
        events = [{"specversion": "1.0", "id": str(n), "source": source, "type": "a.b", "time": "2021-03-01T10:00:00Z"}
                  for n in range(3) for source in ("/x", "/y", "urn:z")]
        events.append({**events[1], "id": "effect", "source": "/y", "causationid": "2"})
        self.check_same(events, self.there_and_back("".join(json.dumps(event) + "\n" for event in events)))
        stored = {event["event_id"] for event in self.world.events("foreign.db")}
        self.assertEqual(len(stored), 10)
        # The cause of an event is searched among the events of its own source.
        effect = self.world.events("foreign.db")[-1]
        self.assertEqual(effect["parent_id"], "/y#2")
        self.world.run("import", "--format", "cloudevents", "foreign.db", "foreign", code=1)
        self.world.run("import", "--format", "cloudevents", "--skip-known", "foreign.db", "foreign")
        self.assertEqual(len(self.world.events("foreign.db")), 10)

    def test_a_time_can_be_given_to_events_without_one(self):
        event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "a.b"}
        self.check_same([event], self.there_and_back(json.dumps(event), "--time", "2021-03-01T10:00:00.5Z"))
        self.assertEqual(self.world.events("foreign.db")[0]["timestamp"], 1614592800.5)

    def test_what_is_no_cloudevent_is_refused(self):
        good = {"specversion": "1.0", "id": "1", "source": "/x", "type": "a.b", "time": "2021-03-01T10:00:00Z"}
        bad = [{"Upper": 1}, {"under_score": 1}, {"number": 1.5}, {"big": 2147483648}, {"list": [1]}, {"object": {}},
               {"data": 1, "data_base64": "AA=="}, {"data_base64": "A"}, {"data_base64": "A==="}, {"data_base64": 1},
               {"data_base64": "A*=="}, {"time": "yesterday"}, {"time": ""}, {"time": 5}, {"subject": ""},
               {"subject": 1}, {"dataschema": True}, {"datacontenttype": ""}, {"id": ""}, {"id": 5}, {"source": ""},
               {"source": None}, {"type": ""}, {"type": None}, {"specversion": "0.3"}, {"specversion": None}, {"": "x"}]
        for members in bad:
            with self.subTest(members):
                text = json.dumps(good) + "\n" + json.dumps({**good, "id": "2", **members}) + "\n"
                (self.world.path / "bad").write_text(text)
                done = subprocess.run([self.world.program, "import", "bad.db", "bad", "--format", "cloudevents"],
                                      cwd=self.world.path, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertRegex(done.stderr, r"^eventure: bad:2: .")
                self.assertFalse((self.world.path / "bad.db").exists())

    def test_the_sdk_takes_them(self):
        modules = os.environ.get("EVENTURE_NODE_MODULES", "")
        if not shutil.which("node") or not os.path.isdir(os.path.join(modules, "cloudevents")):
            self.skipTest("no package cloudevents of npm: name its node_modules with EVENTURE_NODE_MODULES")
        for db in ("odd.db", "real.db"):
            done = subprocess.run(["node", HERE / "validate_cloudevents.mjs", modules],
                                  input=self.world.export(db, "cloudevents"), capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr.decode()[:2000])
            self.assertEqual(int(done.stdout), len(self.events[db]))


if __name__ == "__main__":
    unittest.main()
