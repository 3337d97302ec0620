"""The classes of the pure-Python package: Event, EventLog, EventBus, EventQuery."""

import functools
import io
import json
import os
import pathlib
import pickle
import tempfile
import unittest
from typing import Any, Dict, List

import eventure
from eventure import Event, EventBus, EventLog, EventQuery

CASES = pathlib.Path(__file__).resolve().parents[3] / "tests" / "conformance" / "cases"


class Events(unittest.TestCase):
    def test_fields_and_equality(self) -> None:
        event = Event(tick=3, timestamp=1.5, type="a.b", data={"x": [1]}, id="own", parent_id="other")
        self.assertEqual((event.tick, event.timestamp, event.type), (3, 1.5, "a.b"))
        self.assertEqual((event.data, event.id, event.parent_id), ({"x": [1]}, "own", "other"))
        self.assertEqual(event, Event(3, 1.5, "a.b", {"x": [1]}, "own", "other"))
        self.assertNotEqual(event, Event(3, 1.5, "a.b", {"x": [2]}, "own", "other"))
        self.assertNotEqual(event, "own")
        self.assertEqual(pickle.loads(pickle.dumps(event)), event)
        self.assertEqual(
            repr(event),
            "Event(tick=3, timestamp=1.5, type='a.b', data={'x': [1]}, id='own', parent_id='other')",
        )

    def test_events_cannot_be_changed(self) -> None:
        event = Event(0, 0.0, "a.b", {})
        with self.assertRaises(AttributeError):
            event.tick = 4  # type: ignore[misc]

    def test_generated_ids_count_by_tick_and_hash(self) -> None:
        Event._event_sequences = {}
        ids = [Event(7, 0.0, type, {}).id for type in ("a.b", "a.b", "c.d")]
        hash = eventure.type_hash("a.b")
        self.assertEqual(ids[:2], [f"7-{hash}-1", f"7-{hash}-2"])
        self.assertTrue(ids[2].endswith("-1"))

    def test_json_line(self) -> None:
        event = Event(1, 2.5, "a.b", {"ü": None}, "x", None)
        self.assertEqual(Event.from_json(event.to_json()), event)
        self.assertEqual(json.loads(event.to_json())["event_id"], "x")


class Logs(unittest.TestCase):
    def test_ids_are_counted_in_each_log(self) -> None:
        self.assertEqual(EventLog().add_event("a.b", {}).id, EventLog().add_event("a.b", {}).id)

    def test_a_file_is_continued(self) -> None:
        path = eventure.scratch()
        log = EventLog(path)
        first = log.add_event("a.b", {"n": 1})
        log.advance_tick()
        log.advance_tick()
        log.close()
        log = EventLog(path)
        self.assertEqual(log.current_tick, 2)
        self.assertEqual(log.get_event_by_id(first.id), first)
        log.close()

    def test_a_log_without_a_path_leaves_nothing(self) -> None:
        log = EventLog()
        path = log.path
        self.assertTrue(os.path.exists(path))
        log.add_event("a.b", {})
        del log
        self.assertFalse(os.path.exists(os.path.dirname(path)))

    def test_events_as_a_list(self) -> None:
        log = EventLog()
        made = [log.add_event("a.b", {"n": n}) for n in range(3000)]
        self.assertEqual(len(log.events), 3000)
        self.assertEqual(log.events[0], made[0])
        self.assertEqual(log.events[-1], made[-1])
        self.assertEqual(log.events[10:13], made[10:13])
        self.assertEqual(log.events[5:0:-2], made[5:0:-2])
        self.assertEqual(log.events[2998:9999], made[2998:])
        self.assertEqual(list(log.events), made)
        self.assertIn(made[7], log.events)
        self.assertEqual(log.events, made)
        with self.assertRaises(IndexError):
            log.events[3000]
        with self.assertRaises(IndexError):
            log.events[-3001]

    def test_iterating_sees_what_is_appended_meanwhile(self) -> None:
        log = EventLog()
        log.add_event("a.b", {})
        seen = 0
        for event in log.events:
            seen += 1
            if seen < 3:
                log.add_event("a.c", {}, event)
        self.assertEqual(seen, 3)

    def test_a_parent_of_another_log_is_kept(self) -> None:
        parent = EventLog().add_event("a.b", {})
        log = EventLog()
        child = log.add_event("c.d", {}, parent_event=parent)
        self.assertEqual(child.parent_id, parent.id)
        self.assertEqual(log.events[0].parent_id, parent.id)
        self.assertEqual(child.parent_seq, 0)
        out = io.StringIO()
        EventQuery(log).print_event_cascade(out)
        self.assertIn("  └─ c.d\n", out.getvalue())

    def test_save_and_load(self) -> None:
        log = EventLog()
        root = log.add_event("a.b", {"text": "ü\u2028\n", "list": [1, {"x": None}], "big": 2**70})
        log.advance_tick()
        log.add_event("c.d", {}, root)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log.jsonl")
            log.save_to_file(path)
            with open(path, encoding="ascii") as file:
                lines = file.readlines()
            self.assertEqual([json.loads(line)["event_id"] for line in lines], [event.id for event in log.events])
            loaded = EventLog.load_from_file(path)
        self.assertEqual(list(loaded.events), list(log.events))
        self.assertEqual(loaded.current_tick, 1)

    def test_a_line_may_have_no_id_and_no_parent(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "history.jsonl"
            path.write_text('{"tick": 0, "timestamp": 1.0, "type": "a.b", "data": {}}\n'
                            '{"tick": 0, "timestamp": 2.0, "type": "a.b", "data": {}, "event_id": null}\n')
            log = EventLog.load_from_file(path)
        self.assertEqual([event.id for event in log.events], ["0-EBFC-1", "0-EBFC-2"])
        self.assertEqual([event.parent_id for event in log.events], [None, None])

    def test_unknown_ids(self) -> None:
        log = EventLog()
        self.assertIsNone(log.get_event_by_id("9-NONE-1"))
        self.assertEqual(log.get_event_cascade("9-NONE-1"), [])
        foreign = Event(0, 0.0, "a.b", {}, "9-NONE-1")
        self.assertEqual(EventQuery(log).get_child_events(foreign), [])
        self.assertEqual(EventQuery(log).get_cascade_events(foreign), [foreign])

    def test_bad_input(self) -> None:
        log = EventLog()
        for type, data in ((1, {}), ("a.b", [1]), ("a.b", "x")):
            with self.subTest(type=type, data=data), self.assertRaises(TypeError):
                log.add_event(type, data)  # type: ignore[arg-type]
        for type in ("", "x" * 256, "a\0b"):
            with self.subTest(type=type), self.assertRaises(eventure.TypeNameError):
                log.add_event(type, {})
        with self.assertRaises(ValueError):
            log.add_event("a.b", {"x": float("nan")})
        with self.assertRaises(TypeError):
            log.add_event("a.b", {"x": object()})
        self.assertEqual(len(log.events), 0)

    def test_data_comes_back_as_it_was(self) -> None:
        log = EventLog()
        cases: List[Dict[str, Any]] = [
            {},
            {"": 0},
            {"i": -(2**63), "j": 2**63 - 1, "k": 2**64, "f": 1.0, "e": 1e300, "z": -0.0},
            {"t": True, "f": False, "n": None, "s": "", "u": "日本\U0001f600", "nul": "a\0b"},
            {"nested": {"a": [1, 2.5, "x", None, {"b": []}]}},
            {"k\0ey": 1},
            {f"key{n}": n for n in range(100)},
        ]
        for data in cases:
            with self.subTest(data=data):
                event = log.add_event("a.b", data)
                stored = log.events[-1]
                self.assertEqual(event.data, data)
                self.assertEqual(stored.data, data)
                self.assertEqual(list(stored.data), list(data))
                self.assertEqual([type(value) for value in stored.data.values()], [type(v) for v in data.values()])
                for key, value in data.items():
                    self.assertEqual(log.events[-1][key], value)
                self.assertNotIn("missing", log.events[-1])

    def test_later_changes_of_the_dict_do_not_reach_the_log(self) -> None:
        log = EventLog()
        data = {"n": 1}
        event = log.add_event("a.b", data)
        data["n"] = 2
        self.assertEqual((event.data, log.events[0].data), ({"n": 1}, {"n": 1}))


class Buses(unittest.TestCase):
    def setUp(self) -> None:
        self.log = EventLog()
        self.bus = EventBus(self.log)

    def test_order_of_handlers(self) -> None:
        heard: List[Any] = []
        for pattern in ("*", "*.b", "a.*", "a.b"):
            self.bus.subscribe(pattern, functools.partial(lambda pattern, event: heard.append(pattern), pattern))
        self.bus.publish("a.b", {})
        self.assertEqual(heard, ["a.b", "a.*", "*.b", "*"])

    def test_handlers_of_an_event_get_the_same_object(self) -> None:
        heard: List[Any] = []
        self.bus.subscribe("a.b", heard.append)
        self.bus.subscribe("*", heard.append)
        event = self.bus.publish("a.b", {"x": 1})
        self.assertIs(heard[0], heard[1])
        self.assertIs(heard[0], event)

    def test_nested_publishing_is_depth_first(self) -> None:
        heard: List[Any] = []

        def outer(event: Event) -> None:
            inner = self.bus.publish("c.d", {"n": 2}, event)
            heard.append((event.type, inner.parent_id == event.id))

        self.bus.subscribe("a.b", outer)
        self.bus.subscribe("*", lambda event: heard.append(event.type))
        self.bus.publish("a.b", {"n": 1})
        self.assertEqual(heard, ["c.d", ("a.b", True), "a.b"])

    def test_exceptions_come_out(self) -> None:
        def fail(event: Event) -> None:
            raise KeyError("mine")

        unsubscribe = self.bus.subscribe("a.*", fail)
        with self.assertRaisesRegex(KeyError, "mine"):
            self.bus.publish("a.b", {})
        self.assertEqual(len(self.log.events), 1)
        unsubscribe()
        unsubscribe()
        self.bus.publish("a.b", {})

    def test_a_handler_may_catch_what_an_inner_one_raises(self) -> None:
        caught: List[Any] = []

        def outer(event: Event) -> None:
            try:
                self.bus.publish("bad.one", {})
            except ZeroDivisionError as error:
                caught.append(error)

        self.bus.subscribe("a.b", outer)
        self.bus.subscribe("bad.one", lambda event: 1 / 0)
        self.bus.publish("a.b", {})
        self.assertEqual(len(caught), 1)

    def test_unsubscribing_inside_a_handler(self) -> None:
        heard: List[Any] = []
        ends: List[Any] = []

        def first(event: Event) -> None:
            heard.append("first")
            ends[0]()
            ends[1]()

        ends.append(self.bus.subscribe("a.b", first))
        ends.append(self.bus.subscribe("a.b", lambda event: heard.append("second")))
        self.bus.publish("a.b", {})
        self.bus.publish("a.b", {})
        self.assertEqual(heard, ["first"])

    def test_bad_patterns_are_refused(self) -> None:
        for pattern in ("", "a*", "*b", "a.*.b", "**"):
            with self.subTest(pattern=pattern), self.assertRaises(ValueError):
                self.bus.subscribe(pattern, print)

    def test_a_bus_without_a_log_only_dispatches(self) -> None:
        bus = EventBus(None)
        heard: List[Any] = []
        bus.subscribe("a.b", heard.append)
        event = Event(0, 0.0, "a.b", {"x": 1})
        bus.dispatch(event)
        self.assertIs(heard[0], event)
        with self.assertRaises(ValueError):
            bus.publish("a.b", {})

    def test_endless_publishing_ends_with_an_error(self) -> None:
        self.bus.subscribe("a.b", lambda event: self.bus.publish("a.b", {}))
        with self.assertRaises((eventure.LimitError, RecursionError)):
            self.bus.publish("a.b", {})
        self.bus.publish("c.d", {})


class Conformance(unittest.TestCase):
    """The recorded results of the reference."""

    def ask(self, log: EventLog, question: Dict[str, Any]) -> object:
        query = EventQuery(log)
        kind = question["ask"]
        if kind == "by_type":
            return [event.id for event in query.get_events_by_type(question["type"])]
        if kind == "by_data":
            return [event.id for event in query.get_events_by_data(question["key"], question["value"])]
        if kind == "at_tick":
            return [event.id for event in query.get_events_at_tick(question["tick"])]
        if kind == "roots":
            return [event.id for event in query.get_root_events(question["tick"])]
        if kind == "count_by_type":
            return query.count_events_by_type()
        event = log.get_event_by_id(question["id"])
        assert event is not None
        if kind == "by_id":
            return json.loads(event.to_json())
        if kind == "children":
            return [child.id for child in query.get_child_events(event)]
        if kind == "cascade":
            return [each.id for each in query.get_cascade_events(event)]
        if kind == "cascade_ordered":
            return [each.id for each in log.get_event_cascade(event.id)]
        out = io.StringIO()
        getattr(query, kind)(event, file=out)
        return out.getvalue()

    def test_all_cases(self) -> None:
        cases = sorted(path for path in CASES.iterdir() if (path / "answers.json").exists())
        self.assertTrue(cases)
        for case in cases:
            log = EventLog.load_from_file(case / "history.jsonl")
            questions = json.loads((case / "answers.json").read_text(encoding="utf-8"))
            for question in questions:
                with self.subTest(case=case.name, question=question["ask"]):
                    expected = next(question[name] for name in ("ids", "counts", "event", "text") if name in question)
                    self.assertEqual(self.ask(log, question), expected)
            for name, data in (("cascade.txt", True), ("cascade-bare.txt", False)):
                out = io.StringIO()
                EventQuery(log).print_event_cascade(out, data)
                self.assertEqual(out.getvalue(), (case / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
