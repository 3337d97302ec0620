#!/usr/bin/env python3
"""The queries in tools/postgres/questions.sql, compared with the results of the store: each conformance case, the small
real histories, causes after their effects, and forks; and the partitions and indexes that PostgreSQL reads."""

import contextlib
import json
import lzma
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

from cluster import SOURCE, Cluster, Database, Store, quote, server_programs

PROGRAM = os.environ["EVENTURE"]
CASES = SOURCE / "tests" / "conformance" / "cases"
HISTORIES = SOURCE / "tests" / "data" / "histories"
PARTITIONS = 8
# Each query for a type runs several processes, so only some types are tested.
MOST_TYPES = 6


def eventure(*arguments, **options):
    """Runs the program; it must end with 0."""
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True, **options).stdout


def lines(*arguments):
    return eventure(*arguments, "--ids").splitlines()


class Questions:
    """The queries of one run on the server, in a session."""

    def __init__(self, session, run):
        self.session = session
        self.run = quote(run)

    def ids(self, name, *values):
        """Returns the ids in the result of a function of the schema eventure."""
        arguments = "".join(f", {value if isinstance(value, int) else quote(value)}" for value in values)
        return self.session.column(f"SELECT id FROM eventure.{name}({self.run}{arguments})")

    def where(self, condition):
        return self.session.column(f"SELECT id FROM eventure.events WHERE run = {self.run} AND {condition} ORDER BY seq")

    # The kinds of queries of a conformance case.

    def by_type(self, question):
        return self.ids("by_type", question["type"]), question["ids"]

    def by_data(self, question):
        value = quote(question["value_text"])
        return self.where(f"data -> {quote(question['key'])} = {value}::jsonb"), question["ids"]

    def at_tick(self, question):
        return self.ids("at_tick", question["tick"]), question["ids"]

    def roots(self, question):
        return self.ids("roots", *([] if question["tick"] is None else [question["tick"]])), question["ids"]

    def children(self, question):
        return self.ids("children", question["id"]), question["ids"]

    def cascade(self, question):
        return self.ids("cascade", question["id"]), question["ids"]

    def cascade_ordered(self, question):
        return self.ids("cascade_by_id", question["id"]), question["ids"]

    def count_by_type(self, question):
        rows = self.session.rows(f"SELECT type, count FROM eventure.count_by_type({self.run})")
        return [(name, int(count)) for name, count in rows], list(question["counts"].items())

    def by_id(self, question):
        (row,) = self.session.rows(
            "SELECT tick, timestamp, type, data_text, id, parent_id FROM eventure.events "
            f"WHERE run = {self.run} AND id = {quote(question['id'])}")
        event = question["event"]
        return ([int(row[0]), float(row[1]), row[2], json.loads(row[3]), *row[4:]],
                [event["tick"], event["timestamp"], event["type"], event["data"], question["id"], event["parent_id"]])


def questions_of(folder):
    """Returns the queries of a case. The value of by_data is also kept in its spelling."""
    text = (folder / "answers.json").read_text(encoding="utf-8")
    exact = json.loads(text, parse_float=lambda digits: digits, parse_int=lambda digits: digits)
    for question, other in zip(json.loads(text), exact):
        if question["ask"] == "by_data":
            written = other["value"]
            question["value_text"] = json.dumps(written) if isinstance(question["value"], str) else str(written)
            if isinstance(question["value"], bool) or question["value"] is None:
                question["value_text"] = json.dumps(question["value"])
        yield question


@unittest.skipIf(server_programs() is None, "no PostgreSQL server")
class OnServer(unittest.TestCase):
    """A cluster, and a database with the schema and the stores that a test brings."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = pathlib.Path(cls.stack.enter_context(tempfile.TemporaryDirectory(prefix="eventure-postgres-")))
        cls.cluster = cls.stack.enter_context(Cluster())
        cls.database = cls.cluster.new_database()
        cls.database.make_schema(PARTITIONS)
        cls.session = cls.stack.enter_context(cls.database.session())

    def import_text(self, name, text, *options):
        store = self.folder / f"{name}.db"
        eventure("import", *options, store, "-", input=text)
        return store

    def ship(self, store):
        """Ships a store to the server with the program, and returns its uuid."""
        eventure("ship", store, "--to", self.database.connection())
        return Store(store).uuid

    def check(self, store, questions, ids, ticks):
        """Compares the results of the server with those of the program for the store."""
        for event_id in ids:
            self.assertEqual(questions.ids("cascade", event_id), lines("cascade", store, event_id), event_id)
            self.assertEqual(questions.ids("cascade_by_id", event_id), lines("cascade", store, event_id, "--order", "id"))
            self.assertEqual(questions.ids("children", event_id), lines("children", store, event_id), event_id)
            self.assertEqual(questions.ids("ancestors", event_id), lines("ancestors", store, event_id), event_id)
        for tick in ticks:
            self.assertEqual(questions.ids("at_tick", tick), lines("log", store, "--tick", tick))
            self.assertEqual(questions.ids("until_tick", tick), lines("log", store, "--tick", f"..{tick}"))
            self.assertEqual(questions.ids("roots", tick), lines("log", store, "--roots", "--tick", tick))
        self.assertEqual(questions.ids("roots"), lines("log", store, "--roots"))
        stats = json.loads(eventure("stats", store, "--json"))
        counts = questions.session.rows(f"SELECT * FROM eventure.count_by_type({questions.run})")
        self.assertEqual([[name, int(count)] for name, count in counts], [list(x) for x in stats["count_by_type"].items()])
        for name in list(stats["count_by_type"])[:MOST_TYPES]:
            patterns = {name, name.split(".")[0] + ".*", "*." + name.split(".")[-1], "*"}
            for pattern in patterns:
                self.assertEqual(questions.ids("by_type", pattern), lines("log", store, "--type", pattern), pattern)


class Conformance(OnServer):
    def test_cases(self):
        folders = sorted(path.parent for path in CASES.glob("*/answers.json"))
        self.assertEqual(len(folders), 11)
        asked = 0
        for folder in folders:
            store = self.import_text(folder.name, (folder / "history.jsonl").read_text(encoding="utf-8"))
            questions = Questions(self.session, self.ship(store))
            for question in questions_of(folder):
                ask = getattr(questions, question["ask"], None)
                if ask is None:
                    self.assertIn(question["ask"], ("print_single_cascade", "print_event_details"))
                    continue
                answer, expected = ask(question)
                self.assertEqual(answer, expected, f"{folder.name}: {question}")
                asked += 1
        self.assertGreater(asked, 900)

    def test_real_histories(self):
        chance = random.Random(1)
        for path in sorted(HISTORIES.glob("*.jsonl.xz")):
            store = self.import_text(path.name, lzma.decompress(path.read_bytes()).decode())
            questions = Questions(self.session, self.ship(store))
            events = [line.split("\t") for line in self.database.column(
                f"SELECT id || chr(9) || tick FROM eventure.events WHERE run = {questions.run} ORDER BY seq")]
            chosen = chance.sample(events, 2) + events[:1]
            with self.subTest(path.name):
                self.check(store, questions, [event[0] for event in chosen], sorted({int(event[1]) for event in chosen}))

    def test_late_causes(self):
        def line(event_id, parent, tick):
            return json.dumps({"tick": tick, "timestamp": 1.0, "type": f"span.{event_id}", "data": {}, "event_id": event_id,
                               "parent_id": parent}) + "\n"
        # A cause after its effect, a chain across it, an event that descends from itself, and a cause that does not
        # exist.
        text = "".join(line(*row) for row in [("query", "handler", 1), ("handler", "request", 1), ("job", "far", 1),
                                              ("request", None, 2), ("log", "query", 2), ("a", "c", 3), ("b", "a", 3),
                                              ("c", "b", 4), ("d", "c", 4), ("job-2", "job", 4), ("far-2", "far", 5)])
        store = self.import_text("late", text, "--external-parents")
        questions = Questions(self.session, self.ship(store))
        ids = ["query", "handler", "request", "log", "a", "b", "c", "d", "job"]
        self.check(store, questions, ids, range(6))
        for command in ("cascade", "children"):
            self.assertEqual(questions.ids(command, "far"), lines(command, store, "far"))
            self.assertEqual(questions.ids(command, "no such id"), [])
        self.assertEqual(questions.ids("cascade", "far"), ["job", "far-2", "job-2"])
        self.assertEqual(questions.ids("ancestors", "no such id"), [])

    def test_id_order_of_other_ids(self):
        names = ["1-AAAA-1", "01-BBBB-1", "1-BBBB-10", "1-BBBB-9", "1-BBBB-9223372036854775807",
                 "1-BBBB-9223372036854775808", "1-ABCDE-1", "1--1", "x", "1-B-2", "1-BB-2", "1-BB-0", "1-bb-3"]
        parents = ["root"] + ["root"] * (len(names) - 1)
        rows = [("root", None, "begin")] + [(name, parent, f"t{at % 3}") for at, (name, parent)
                                            in enumerate(zip(names, parents))]
        text = "".join(json.dumps({"tick": 1, "timestamp": 1, "type": kind, "data": {}, "event_id": name,
                                   "parent_id": parent}) + "\n" for name, parent, kind in rows)
        store = self.import_text("ids", text)
        questions = Questions(self.session, self.ship(store))
        self.check(store, questions, ["root"], [1])


class Forks(OnServer):
    """A fork, a fork of this fork, and their origin each show their whole history."""

    def test_forks(self):
        case = (CASES / "crossing" / "history.jsonl").read_text(encoding="utf-8")
        trunk = self.import_text("trunk", case)
        ticks = sorted({json.loads(line)["tick"] for line in case.splitlines()})
        middle, early, later = ticks[len(ticks) // 2], ticks[3], ticks[-3]
        fork, early_fork, second = (self.folder / f"{name}.db" for name in ("fork", "early", "second"))
        eventure("fork", trunk, fork, "--tick", middle)
        first, last = lines("log", fork)[0], lines("log", fork)[-1]
        for at in range(5):
            # The third event ends its tick; the tick of the last event may still grow.
            eventure("append", fork, "fork.step", json.dumps({"at": at}), "--parent", last if at % 2 else first,
                     *(["--advance"] if at == 2 else []))
        closed = int(self.ticks_of(fork)[-2])
        eventure("fork", fork, second, "--tick", closed)
        eventure("append", second, "second.step", "{}", "--parent", last)
        eventure("fork", fork, early_fork, "--tick", early)
        eventure("append", early_fork, "early.step", "{}", "--parent", first)
        run = self.database.ship(trunk)
        runs = [(trunk, run)]
        forked = self.database.ship(fork, run, middle, is_open=True)
        runs.append((fork, forked))
        runs.append((second, self.database.ship(second, forked, closed)))
        runs.append((early_fork, self.database.ship(early_fork, forked, early)))
        counts = self.database.rows("SELECT run, count(*) FROM eventure.event GROUP BY run")
        own = {name: int(count) for name, count in counts}
        self.assertEqual([own[name] for _, name in runs], [150, 5, 1, 1])
        self.assertEqual(len(self.database.rows("SELECT * FROM eventure.part")), 1 + 2 + 3 + 2)
        for store, name in runs:
            with self.subTest(store.name):
                questions = Questions(self.session, name)
                every = lines("log", store)
                self.assertEqual(questions.where("true"), every)
                self.check(store, questions, every[:4] + every[-6:], [early, middle, middle + 1, later, 10**9])
                digests = self.database.rows(f"SELECT tick, run_digest, full_digest FROM eventure.ticks WHERE run = {quote(name)} "
                                             "ORDER BY tick")
                (newest,) = self.database.rows(f"SELECT last_tick, run_digest, full_digest FROM eventure.runs WHERE run = {quote(name)}")
                self.assertEqual(digests[-1], newest)
                self.assertEqual([row[0] for row in digests], self.ticks_of(store))

    @staticmethod
    def ticks_of(store):
        return eventure("sql", store, "SELECT tick FROM tick ORDER BY tick", "--format", "csv").split()[1:]


class Plans(OnServer):
    """The reads of PostgreSQL: one partition for each part, by an index."""

    RUNS = 40

    def setUp(self):
        self.runs = [f"00000000-0000-4000-8000-{at:012d}" for at in range(self.RUNS)]
        self.database.execute("TRUNCATE eventure.run, eventure.part, eventure.event, eventure.tick")
        for at, run in enumerate(self.runs):
            self.database.execute(f"""
                SELECT eventure.begin_ship('{run}', 1.5, false);
                INSERT INTO eventure.event
                SELECT '{run}', at, at / 10, at, NULL, 'type.' || at % 7, at::text, nullif(at / 3, 0), nullif(at / 3, 0)::text,
                       '{{}}', '{{}}'
                  FROM generate_series(1, {1000 + at}) AS at;
                INSERT INTO eventure.tick
                SELECT run, tick, min(seq), max(seq), '\\x01', '\\x02' FROM eventure.event WHERE run = '{run}' GROUP BY run, tick;
                SELECT eventure.end_ship('{run}', {1000 + at}, {(1000 + at) // 10}, false, '\\x01', '\\x02', 200, false,
                                         '{{}}', '[]', NULL, NULL, NULL)""")

    def scans(self, query):
        """Runs a query, and returns the scans of event and tick that were executed, as (type, relation, index)."""
        text = "\n".join(self.database.column(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}"))
        found = []

        def visit(node):
            relation = node.get("Relation Name", "")
            if re.fullmatch(r"(event|tick)_\d+", relation) and node["Actual Loops"] > 0:
                found.append((node["Node Type"], relation, node.get("Index Name")))
            for child in node.get("Plans", []):
                visit(child)
        visit(json.loads(text)[0]["Plan"])
        return found

    def check_plans(self):
        whole = ("roots(RUN)", "count_by_type(RUN)", "by_type(RUN, '*')")
        asked = ["cascade(RUN, '7')", "cascade_by_id(RUN, '7')", "ancestors(RUN, '777')", "children(RUN, '7')",
                 "at_tick(RUN, 50)", "until_tick(RUN, 5)", "roots(RUN, 50)", "by_type(RUN, 'type.3')", *whole]
        queries = {f"SELECT * FROM eventure.{question}": question in whole for question in asked}
        queries["SELECT * FROM eventure.events WHERE run = RUN AND seq BETWEEN 10 AND 20"] = False
        queries["SELECT * FROM eventure.events WHERE run = RUN AND id = '10'"] = False
        queries["SELECT * FROM eventure.events WHERE run = RUN AND parent_id = '10'"] = False
        queries["SELECT * FROM eventure.ticks WHERE run = RUN"] = True
        for query, is_whole in queries.items():
            for run in self.runs[:3]:
                event = self.database.column(f"SELECT tableoid::regclass::text FROM eventure.event WHERE run = '{run}' LIMIT 1")
                partition = event[0].rpartition("_")[2]
                scans = self.scans(query.replace("RUN", f"'{run}'"))
                with self.subTest(query):
                    self.assertTrue(scans)
                    self.assertEqual({relation.rpartition("_")[2] for _, relation, _ in scans}, {partition}, scans)
                    if not is_whole:
                        for kind, relation, index in scans:
                            # A bitmap heap scan reads the rows that the index scan below it found.
                            self.assertIn(kind, ("Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan"),
                                          (query, relation, index))

    def test_without_statistics(self):
        self.check_plans()

    def test_with_statistics(self):
        self.database.execute("ANALYZE")
        self.check_plans()


if __name__ == "__main__":
    unittest.main()
