#!/usr/bin/env python3
"""Graphs: `dot -Tsvg` draws the export, and a parser of Mermaid from npm reads it."""

import html
import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

from export_world import HERE, World

SVG = "{http://www.w3.org/2000/svg}"


def shown(text):
    """Returns the text of a label."""
    hidden = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
    return hidden.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def edges_of(events, limit):
    kept = {event["event_id"] for event in events[:limit]}
    return {(e["parent_id"], e["event_id"]) for e in events[:limit] if e["parent_id"] in kept}


class GraphTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()

    def drawn(self, source):
        """The nodes' lines by name, and the edges, as Graphviz drew them."""
        if not shutil.which("dot"):
            self.skipTest("no dot: the package graphviz is not installed")
        done = subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        nodes, edges = {}, set()
        for group in ElementTree.fromstring(done.stdout).iter(SVG + "g"):
            title = group.findtext(SVG + "title")
            if group.get("class") == "node":
                nodes[title] = [text.text for text in group.iter(SVG + "text")]
            elif group.get("class") == "edge":
                edges.add(tuple(title.split("->")))
        return nodes, edges

    def test_dot_draws_every_text(self):
        nodes, _ = self.drawn(self.world.export("odd.db", "dot"))
        for seq, event in enumerate(self.world.events("odd.db"), 1):
            wanted = [shown(event["type"]), shown(event["event_id"])]
            got = [text.replace("\xa0", " ") for text in nodes[f"n{seq}"]]
            self.assertEqual([text.strip() for text in got], [text.strip() for text in wanted])

    def test_dot_draws_the_causes(self):
        for limit in (5, 40, 10000):
            source = self.world.export("real.db", "dot", "--max-nodes", limit)
            events = self.world.events("real.db")
            if limit > len(events):
                self.assertNotIn(b"left_out", source)
                continue
            nodes, edges = self.drawn(source)
            names = {name: lines[1] for name, lines in nodes.items() if name[0] == "n"}
            self.assertEqual(list(names.values()), [event["event_id"] for event in events[:limit]])
            self.assertEqual({(names[a], names[b]) for a, b in edges if a in names and b in names},
                             edges_of(events, limit))
            self.assertEqual(nodes["left_out"], [f"{len(events) - limit} later events are not shown"])
            for name in (name for name in nodes if name[0] == "m"):
                children = [e for e in events[limit:] if e["parent_id"] == names["n" + name[1:]]]
                self.assertEqual(nodes[name], [f"{len(children)} more"])

    def test_a_cascade_is_a_tree(self):
        root = next(event for event in self.world.events("real.db") if event["parent_id"] is None)["event_id"]
        nodes, edges = self.drawn(self.world.export("real.db", "dot", "--cascade", root, "--max-nodes", 60))
        self.assertIn(root, nodes["n" + min((n[1:] for n in nodes if n[0] == "n"), key=int)])
        inner = [edge for edge in edges if edge[1][0] == "n"]
        self.assertEqual(len(inner), len([n for n in nodes if n[0] == "n"]) - 1)

    def test_mermaid_holds_what_dot_does(self):
        for db in ("odd.db", "real.db"):
            source = self.world.export(db, "mermaid", "--max-nodes", 50).decode()
            events = self.world.events(db)
            nodes = dict(re.findall(r'^  (n\d+)\["(.*)"\]$', source, re.MULTILINE))
            edges = set(re.findall(r"^  (n\d+) --> (n\d+)$", source, re.MULTILINE))
            plain = {name: html.unescape(re.sub(r"#(\d+);", r"&#\1;", label)).split("<br/>")
                     for name, label in nodes.items()}
            self.assertTrue(source.isascii())
            for seq, event in enumerate(events[:50], 1):
                self.assertEqual(plain[f"n{seq}"], [shown(event["type"]), shown(event["event_id"])])
            ids = {name: lines[1] for name, lines in plain.items()}
            wanted = {(shown(a), shown(b)) for a, b in edges_of(events, 50)}
            self.assertEqual({(ids[a], ids[b]) for a, b in edges}, wanted)

    def test_mermaid_is_parsed(self):
        modules = os.environ.get("EVENTURE_NODE_MODULES", "")
        if not shutil.which("node") or not all(os.path.isdir(os.path.join(modules, name)) for name in ("mermaid", "jsdom")):
            self.skipTest("no packages mermaid and jsdom of npm: name their node_modules with EVENTURE_NODE_MODULES")
        for db in ("odd.db", "real.db"):
            done = subprocess.run(["node", HERE / "parse_mermaid.mjs", modules],
                                  input=self.world.export(db, "mermaid", "--max-nodes", 100), capture_output=True,
                                  timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stderr.decode()[:2000])
            parsed = json.loads(done.stdout)
            events = self.world.events(db)[:100]
            self.assertLessEqual(len(events), parsed["nodes"])
            self.assertGreaterEqual(parsed["edges"], len(edges_of(events, 100)))


if __name__ == "__main__":
    unittest.main()
