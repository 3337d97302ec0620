"""Shared by the tests of exports: a store with texts that are hard to write, and a store with a real history."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REAL = ROOT / "examples" / "data" / "eventure-commits.jsonl"
SKIPPED = 77

# Types, ids and keys that a format must not interpret as its own syntax.
ODD_TEXTS = [
    "plain.text", 'quote".mark', "back\\slash.n\\n", "comma,semi;colon", "line\nfeed.x", "carriage\r\nreturn", "tab\t.x",
    "escape\x1b[31m.red", "delete\x7f.x", "c1\x85.x", "a&b<c>d.x", "#35;.x", "`back`.quote", "[box](round){brace}",
    "-->", "end", "%% comment", "größer.als", "日本語.型", "emoji.\U0001f409", "separator\u2028.x", "bidi\u202e.x",
    "nonchar\ufffe.x", "zero\u200bwidth", "'single'", "--dashes", "$dollar{x}", "\\N.\\G", "&amp;", "\ufeffbom.x",
    "'=1+1", " blank ", "\u0001control.x",
]
NUMBERS = ["0", "-0", "1.0", "9007199254740993", "1e400", "0.1000000000000000055511151231257827", "-1.5E-10"]
TIMESTAMPS = [0.0, -0.0, 1700000000.0000255, 1e-07, -0.5, 253402300799.0, 253402300800.0, 4e18, 951782400.25,
              1709164800.125, 0.1, 5e-324]


def odd_lines():
    """Lines of a history: each text as a type, an id, a key and a value; parents in, and outside, the store."""
    lines = []
    for i, text in enumerate(ODD_TEXTS):
        data = {text: text, "n": i, "": None, "nul": "a\x00b", "list": [text, {text: True}], "empty": ""}
        encoded = json.dumps(data)[:-1] + ", \"number\": " + NUMBERS[i % len(NUMBERS)] + "}"
        parent = json.dumps(f"{i - 1}:{ODD_TEXTS[i - 1]}") if i % 3 else ("null" if i % 2 else json.dumps("out:" + text))
        lines.append(f'{{"tick": {i // 4}, "timestamp": {TIMESTAMPS[i % len(TIMESTAMPS)]!r}, '
                     f'"type": {json.dumps(text)}, "data": {encoded}, "event_id": {json.dumps(f"{i}:{text}")}, '
                     f'"parent_id": {parent}}}\n')
    lines.append('{"tick": 9223372036854775807, "timestamp": 1.5, "type": "last.tick", "data": {}, '
                 '"event_id": "9223372036854775807-ACB-1", "parent_id": null}\n')
    return "".join(lines)


class World:
    """A scratch directory with odd.db and real.db."""

    def __init__(self):
        self.program = os.environ["EVENTURE"]
        self.scratch = tempfile.TemporaryDirectory(prefix="eventure-export-")
        self.path = pathlib.Path(self.scratch.name)
        (self.path / "odd.jsonl").write_text(odd_lines(), encoding="utf-8")
        self.run("import", "odd.db", "odd.jsonl", "--external-parents")
        self.run("import", "real.db", REAL)

    def run(self, *arguments, code=0):
        """Runs the program. Returns its output as bytes."""
        done = subprocess.run([self.program, *map(str, arguments)], cwd=self.path, capture_output=True, timeout=120,
                              check=False)
        if done.returncode != code:
            raise AssertionError(f"eventure {arguments}: exit code {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def export(self, db, name, *options):
        """An export, as bytes."""
        return self.run("export", db, "--format", name, *options)

    def events(self, db, *options):
        """The events of a store, as values."""
        return [json.loads(line) for line in self.run("export", db, *options).splitlines()]


def skip(why):
    """Ends the test as one that could not run."""
    print(f"skipped: {why}")
    sys.exit(SKIPPED)
