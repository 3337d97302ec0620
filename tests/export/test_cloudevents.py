#!/usr/bin/env python3
"""CloudEvents: the rules of the specification (1.0.2, sections 2 and 3, and its JSON format), the JSON schema below,
which says the same of the types, and the way back.

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
