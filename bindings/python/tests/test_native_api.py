"""The native API: stores, queries, folding, sessions, exchange, integrity, following."""

import asyncio
import collections
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from typing import Any, Dict, List

import eventure


class Folder(unittest.TestCase):
    """A test with its own folder."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def game(self, name: str = "game.db", ticks: int = 10, **options: Any) -> str:
        """A store with two events a tick: a swing, and the hit that it caused."""
        with eventure.open(self.path(name), clock=lambda: 1.5, **options) as log:
            for tick in range(ticks):
                with log.tick():
                    swing = log.append("combat.swing", {"enemy": "dragon" if tick % 2 else "rat"})
                    log.append("combat.hit", {"damage": tick, "weight": tick / 2}, parent=swing)
        return self.path(name)


def add_damage(state: Dict[str, int], event: eventure.Event) -> None:
    state["damage"] = state.get("damage", 0) + event.get("damage", 0)


class Appending(Folder):
    def test_the_first_data_is_a_condition_with_fields(self) -> None:
        path = self.game()
        for data in (collections.OrderedDict(enemy="elf"), {"enemy\ud800": "elf"}, {1: "elf"}):
            with self.assertRaisesRegex(TypeError, "whose keys are str of valid Unicode"):
                eventure.open(path, first_type="combat.swing", first_data=data)
        for data in ({"enemy": "elf"}, {"enemy\0": "rat"}):
            with self.assertRaises(eventure.Error):
                eventure.open(path, first_type="combat.swing", first_data=data)
        eventure.open(path, first_type="combat.swing", first_data={"enemy": "rat"}).close()

    def test_a_tick_is_all_or_nothing(self) -> None:
        with eventure.open(self.path("a.db")) as log:
            with log.tick() as tick:
                self.assertEqual(tick, 0)
                log.append("a.b")
            with self.assertRaises(KeyError), log.tick():
                log.append("a.c")
                raise KeyError("x")
            self.assertEqual([event.type for event in log], ["a.b"])
            self.assertEqual(log.current_tick, 1)

    def test_parents(self) -> None:
        with eventure.open(self.path("a.db")) as log:
            root = log.append("a.b")
            for parent in (root, root.id, root.seq):
                self.assertEqual(log.append("c.d", parent=parent).parent_id, root.id)
            with self.assertRaises(LookupError):
                log.append("c.d", parent="9-NONE-1")
            with self.assertRaises(LookupError):
                log.append("c.d", parent=99)
            with self.assertRaises(ValueError):
                log.append("c.d", parent=0)
            with self.assertRaises(TypeError):
                log.append("c.d", parent=1.5)
            outside = log.append("c.d", parent="9-NONE-1", external_parent=True)
            self.assertEqual((outside.parent_id, outside.parent_seq, outside.parent), ("9-NONE-1", 0, None))
            self.assertEqual([event.seq for event in root.children()], [2, 3, 4])
            self.assertEqual(log[2].parent, root)

    def test_own_id_and_timestamp(self) -> None:
        with eventure.open(self.path("a.db")) as log:
            event = log.append("a.b", id="mine", timestamp=7.5)
            self.assertEqual((event.id, event.timestamp), ("mine", 7.5))
            self.assertEqual(log["mine"], event)
            with self.assertRaises(eventure.ExistsError) as caught:
                log.append("a.b", id="mine")
            self.assertEqual(caught.exception.status, -12)
            self.assertEqual(caught.exception.name, "EVENTURE_ERROR_EXISTS")
            with self.assertRaises(TypeError):
                log.append("a.b", **{"nonsense": 1})  # type: ignore[arg-type]

    def test_batches(self) -> None:
        with eventure.open(self.path("a.db")) as log:
            seqs = log.append_batch([("a.b", {"n": 1}), ("c.d", {"n": 2}, -1), ["e.f"], ("g.h", None, -3)])
            self.assertEqual(seqs, range(1, 5))
            self.assertEqual([event.parent_seq for event in log], [0, 1, 0, 1])
            self.assertEqual(log.append_batch([]), range(5, 5))
            with self.assertRaises(ValueError):
                log.append_batch([("a.b",), ("a.b", {}, -2)])
            with self.assertRaises(ValueError):
                log.append_batch([("a.b",), ("",)])

            def broken() -> Any:
                yield ("a.b",)
                raise OSError("gone")

            with self.assertRaisesRegex(OSError, "gone"):
                log.append_batch(broken())
            self.assertEqual(len(log), 4)

    def test_background(self) -> None:
        with eventure.open(self.path("a.db"), background=True, sync="normal") as log:
            for _ in range(50):
                log.append("a.b", {"n": 1})
                log.advance_tick()
            log.wait_durable(50)
            self.assertGreaterEqual(log.durable_tick, 50)
            self.assertEqual(log.events().count(), 50)

    def test_the_clock(self) -> None:
        times = iter([1.25, 2.5])
        with eventure.open(self.path("a.db"), clock=lambda: next(times)) as log:
            self.assertEqual(log.append("a.b").timestamp, 1.25)
            self.assertEqual(log.append("a.b").timestamp, 2.5)
            with self.assertRaises(StopIteration):
                log.append("a.b")

    def test_options_are_checked(self) -> None:
        wrong: List[Dict[str, Any]] = [{"sync": "sometimes"}, {"mode": "x"}, {"when_full": "x"}, {"max_depth": -1}]
        for options in wrong:
            with self.subTest(options=options), self.assertRaises(ValueError):
                eventure.open(self.path("a.db"), **options)
        with self.assertRaises(TypeError):
            eventure.open(self.path("a.db"), nonsense=True)
        with self.assertRaises(LookupError):
            eventure.open(self.path("none.db"), mode="existing")
        with self.assertRaisesRegex(ValueError, "mode must be 'create', 'existing', 'new' or 'memory', not 'x'"):
            eventure.open(self.path("a.db"), mode="x")
        path = self.game()
        with self.assertRaises(eventure.FormatError):
            eventure.open(path, first_type="chess.began")

    def test_a_store_in_memory_is_saved_by_a_copy(self) -> None:
        with eventure.open("game", mode="memory") as log:
            log.append("a.b", {"x": 1})
            log.advance_tick()
            self.assertEqual([event.type for event in log.events()], ["a.b"])
            log.copy(self.path("saved.db"))
        with eventure.read(self.path("saved.db")) as history:
            self.assertEqual(history.last_seq, 1)
        self.assertFalse(os.path.exists("game"))


class Asking(Folder):
    def test_conditions(self) -> None:
        with eventure.read(self.game()) as history:
            self.assertEqual(history.events(type="combat.*", ticks=slice(3, 9), data={"enemy": "dragon"}).count(), 3)
            self.assertEqual([event.tick for event in history.events(ticks=4)], [4, 4])
            self.assertEqual(history.events(ticks=slice(8, None)).count(), 4)
            self.assertEqual(history.events(ticks=range(0, 0)).all(), [])
            self.assertEqual(history.events(ticks=slice(5, 5)).count(), 0)
            self.assertEqual(history.events(["combat.hit", "no.such"]).count(), 10)
            self.assertEqual(history.events([]).count(), 0)
            self.assertEqual(history.events("*", exact=True).count(), 0)
            self.assertEqual([e.seq for e in history.events(limit=2, reverse=True)], [20, 19])
            self.assertEqual([e.seq for e in history.events(after=18)], [19, 20])
            self.assertEqual(history.events(roots=True).count(), 10)
            first = history.events().first()
            assert first is not None
            self.assertEqual([e.type for e in first.cascade()], ["combat.swing", "combat.hit"])
            self.assertEqual([e.seq for e in history[2].ancestors()], [1])
            self.assertIn("SELECT", history.events("combat.hit").explain())
            self.assertIsNone(history.events("no.such").first())
            self.assertEqual(history.count_by_type(), {"combat.swing": 10, "combat.hit": 10})
            self.assertEqual(history.get("none", 7), 7)
            self.assertIn(first.id, history)
            self.assertEqual(len(history), 20)

    def test_bad_questions(self) -> None:
        with eventure.read(self.game()) as history:
            questions: List[Dict[str, Any]] = [{"ticks": -1}, {"ticks": slice(0, 9, 2)}, {"order": "x"}, {"limit": -1}]
            for bad in [*questions, {"type": "a*"}]:
                with self.subTest(bad=bad), self.assertRaises(ValueError):
                    history.events(**bad).all()
            with self.assertRaises(LookupError):
                history["9-NONE-1"]
            with self.assertRaises(LookupError):
                list(history.events(cascade_of="9-NONE-1"))
            with self.assertRaises(TypeError):
                history.events(nonsense=1)
            with self.assertRaises(TypeError):
                history.events(data={1: 2}).all()

    def test_a_long_answer_in_pieces(self) -> None:
        with eventure.open(self.path("a.db"), sync="off") as log:
            log.append_batch(("a.b", {"n": n}) for n in range(5000))
            self.assertEqual([event["n"] for event in log], list(range(5000)))
            cursor = iter(log.events())
            self.assertEqual([next(cursor)["n"] for _ in range(100)], list(range(100)))

    def test_a_cursor_keeps_its_store(self) -> None:
        cursor = iter(eventure.read(self.game()).events())
        self.assertEqual(sum(1 for _ in cursor), 20)

    def test_events_outlive_their_store(self) -> None:
        with eventure.read(self.game()) as history:
            events = history.events().all()
        self.assertEqual(events[1]["damage"], 0)
        with self.assertRaises(eventure.HandleError):
            list(events[1].cascade())

    def test_a_read_transaction_sees_one_commit(self) -> None:
        path = self.game()
        with eventure.open(path) as log, eventure.read(path) as history:
            with history.read_transaction():
                before = len(history)
                log.append("a.b")
                log.commit()
                self.assertEqual(len(history), before)
                history.refresh()
                self.assertEqual(len(history), before + 1)


class Buses(Folder):
    def test_decorator_and_fold(self) -> None:
        with eventure.open(self.path("a.db")) as log:
            heard: List[Any] = []

            @log.bus.on("combat.*", "*.hit")
            def hear(event: eventure.Event) -> None:
                heard.append(event["n"])

            total = log.bus.fold(lambda state, event: state + event["n"], initial=0)
            log.bus.publish("combat.hit", {"n": 2})
            log.append("other.thing", {"n": 3})
            self.assertEqual((heard, total.state), ([2, 2], 5))
            log.rollback()
            log.append("a.b", {"n": 1})
            self.assertEqual(total.state, 1)
            with log.bus.subscribe("x.y", heard.append):
                log.bus.publish("x.y", {"n": 0})
            log.bus.publish("x.y", {"n": 0})
            self.assertEqual(len(heard), 3)

    def test_a_reducer_that_fails(self) -> None:
        with eventure.open(self.path("a.db")) as log:
            log.bus.fold(lambda state, event: 1 / 0, initial=0)
            with self.assertRaises(ZeroDivisionError):
                log.bus.publish("a.b")


class Folding(Folder):
    def test_state_at(self) -> None:
        with eventure.read(self.game()) as history:
            self.assertEqual(history.state_at(4, add_damage), {"damage": 10})
            self.assertEqual(history.state(add_damage), {"damage": 45})
            self.assertEqual(history.replay(add_damage, slice(2, 4)), {"damage": 5})
            self.assertEqual(history.replay(add_damage, slice(4, 4)), {})
            rules = eventure.Reducer(initial=list)

            @rules.on("*.swing")
            def swing(state: List[int], event: eventure.Event) -> None:
                state.append(event.tick)

            self.assertEqual(history.state_at(3, rules), [0, 1, 2, 3])

            def stop(state: int, event: eventure.Event) -> int:
                if event.tick == 2:
                    raise StopIteration
                return state + 1

            self.assertEqual(history.state(stop, initial=0), 4)
            with self.assertRaises(ZeroDivisionError):
                history.state(lambda state, event: 1 / 0)
            with self.assertRaises(TypeError):
                history.state(7)
            with self.assertRaises(eventure.TickError):
                history.state_at(-1, add_damage)

    def test_snapshots(self) -> None:
        calls = []

        def count(state: Dict[str, int], event: eventure.Event) -> None:
            calls.append(event.seq)
            state["n"] = state.get("n", 0) + 1

        for format in ("json", "pickle"):
            with self.subTest(format=format):
                reducer = eventure.Reducer(count, name=f"count-{format}", format=format)
                path = self.game(f"{format}.db")
                with eventure.open(path) as log:
                    self.assertEqual(log.build_snapshots(reducer, every_ticks=4), 2)
                    self.assertEqual([each.tick for each in log.snapshots()], [3, 7])
                    calls.clear()
                    self.assertEqual(log.state(reducer), {"n": 20})
                    self.assertEqual(len(calls), 4)
                    self.assertFalse(log.check_snapshots(reducer).differs)
                    follower = log.keep_snapshots(reducer, every_ticks=1, keep_newest=1)
                    with log.tick():
                        log.append("a.b")
                    self.assertEqual(follower.state, {"n": 21})
                    follower.detach()
                    self.assertTrue(log.verify(reducers=[reducer]))
                    self.assertEqual(log.take_snapshot(reducer), {"n": 21})

    def test_a_move_of_a_playback_refuses_another_one_in_its_callback(self) -> None:
        with eventure.read(self.game()) as history:
            playback = history.playback(eventure.Reducer(add_damage), cache_every_events=2, max_cache_bytes=100_000)

            def nested(state: Any, event: eventure.Event) -> bool:
                with self.assertRaisesRegex(eventure.HandleError, "by a callback of its own move"):
                    playback.run(condition=lambda *_: True)
                with self.assertRaisesRegex(eventure.HandleError, "by a callback of its own move"):
                    playback.step_events(1)
                return bool(event.seq == 4)

            self.assertTrue(playback.run(condition=nested))
            self.assertEqual(playback.position.seq, 4)
            self.assertTrue(playback.step_events(1))

    def test_playback(self) -> None:
        with eventure.read(self.game()) as history:
            playback = history.playback(eventure.Reducer(add_damage))
            playback.seek_tick(3)
            self.assertEqual((playback.state, playback.position.tick), ({"damage": 6}, 3))
            self.assertTrue(playback.step_ticks(-1))
            self.assertEqual(playback.state, {"damage": 3})
            self.assertTrue(playback.run(condition=lambda state, event: bool(state.get("damage", 0) > 20)))
            self.assertEqual(playback.state, {"damage": 21})
            self.assertTrue(playback.run(history.events(data={"enemy": "dragon"})))
            assert playback.event is not None
            self.assertEqual(playback.event["enemy"], "dragon")
            self.assertFalse(playback.step_events(1000))
            self.assertTrue(playback.position.at_end)
            playback.seek_seq(0)
            self.assertIsNone(playback.event)
            with self.assertRaises(ZeroDivisionError):
                playback.run(condition=lambda state, event: bool(1 / 0))

    def test_projections(self) -> None:
        text = (
            "-- @setup\nCREATE TABLE hits (n INTEGER);\nINSERT INTO hits VALUES (0);\n"
            "-- @on combat.hit\nUPDATE hits SET n = n + 1;\n"
        )
        with eventure.read(self.game()) as history:
            projection = eventure.Projection("hits", text)
            image = history.state_at(4, projection).image()
            with open(self.path("image.db"), "wb") as file:
                file.write(image)
            self.assertEqual(sqlite3.connect(self.path("image.db")).execute("SELECT n FROM hits").fetchone(), (5,))
            projector = eventure.Projector(history, projection, self.path("model.db"))
            self.assertEqual(projector.update(), 20)
            self.assertEqual((projector.update(), projector.seq), (0, 20))
            projector.close()
            with self.assertRaises(ValueError):
                eventure.Projection("bad", "-- @on a.b\nNONSENSE;\n")


class Sessions(Folder):
    def test_save_points_copies_and_forks(self) -> None:
        with eventure.open(self.game()) as log:
            log.save("here", "a note")
            with self.assertRaises(eventure.ExistsError):
                log.save("here")
            point = log.save_points()[0]
            self.assertEqual((point.name, point.tick, point.seq, point.note), ("here", 10, 20, "a note"))
            with log.tick():
                log.append("late.one")
            log.copy(self.path("copy.db"))
            log.fork(self.path("fork.db"), tick=3)
            log.fork(self.path("saved.db"), save_point="here")
            with self.assertRaises(TypeError):
                log.fork(self.path("x.db"))
            with self.assertRaises(eventure.ExistsError):
                log.copy(self.path("copy.db"))
            log.delete_save_point("here")
            self.assertEqual(log.save_points(), [])
            with eventure.read(self.path("fork.db")) as fork, eventure.read(self.path("copy.db")) as copy:
                self.assertEqual(len(fork), 8)
                self.assertEqual(fork.origin().from_uuid, log.origin().uuid)
                self.assertFalse(copy.diff(log))
                difference = copy.diff(fork)
                self.assertTrue(difference)
                self.assertEqual((difference.common_seq, difference.right), (8, None))
                self.assertEqual(difference.left, copy[9])
            with eventure.read(self.path("saved.db")) as saved:
                self.assertEqual(len(saved), 20)

    def test_the_record_of_the_run(self) -> None:
        with eventure.open(self.path("run.db")) as log:
            self.assertEqual(log.description(), {})
            log.describe({"name": "sweep", "größe": 4}, seed=2**63, parameters={"rate": 0.25})
            log.append("a.b")
            log.describe(outcome=["x"], name=None)
            self.assertEqual(
                log.description(),
                {"größe": 4, "outcome": ["x"], "parameters": {"rate": 0.25}, "seed": 2**63},
            )
            with self.assertRaises(eventure.ArgumentError):
                log.describe({"": 1})
            with self.assertRaises(ValueError):
                log.describe(seed=float("nan"))
            with self.assertRaises(eventure.LimitError):
                log.describe(text="x" * (1 << 20))
            log.fork(self.path("fork.db"), tick=0, record={"seed": 2, "größe": None})
        with eventure.read(self.path("fork.db")) as fork:
            self.assertEqual(fork.description(), {"parameters": {"rate": 0.25}, "seed": 2})

    def test_archive(self) -> None:
        reducer = eventure.Reducer(add_damage)
        with eventure.open(self.game()) as log:
            counts = log.archive(self.path("old.db"), 5, reducers=[reducer])
            self.assertEqual(counts.events, 10)
            self.assertEqual(log.state(reducer), {"damage": 45})
            with self.assertRaises(eventure.ArchivedError):
                log[1]
        with eventure.read(self.path("old.db")) as archive:
            self.assertEqual(len(archive), 10)

    def test_progress(self) -> None:
        with eventure.open(self.path("big.db"), sync="off") as log:
            log.append_batch(("a.b", {"n": n}) for n in range(20000))
            log.commit()
            seen: List[int] = []
            log.verify(progress=lambda done, total, tick: seen.append(done))
            self.assertTrue(seen)
            with self.assertRaises(eventure.InterruptedByCallback):
                log.verify(progress=lambda done, total, tick: False)
            with self.assertRaises(ZeroDivisionError):
                log.export_events(io.BytesIO(), progress=lambda *numbers: bool(1 / 0))


class Exchange(Folder):
    def test_files_and_paths(self) -> None:
        path = self.game()
        with eventure.read(path) as history:
            binary, text = io.BytesIO(), io.StringIO()
            self.assertEqual(history.export_events(binary), (20, 10))
            history.export_events(text)
            history.export_events(self.path("out.jsonl"))
            self.assertEqual(binary.getvalue().decode(), text.getvalue())
            with open(self.path("out.jsonl"), "rb") as file:
                self.assertEqual(file.read(), binary.getvalue())
            part = io.StringIO()
            history.export_events(part, history.events("combat.hit", ticks=3), format="csv", columns=["damage"])
            self.assertEqual(len(part.getvalue().splitlines()), 2)
            self.assertEqual(history.extract(self.path("part.db"), history.events("combat.hit")).events, 10)
            for format in ("cloudevents", "chrome", "dot", "mermaid"):
                out = io.BytesIO()
                history.export_events(out, format=format)
                self.assertTrue(out.getvalue())
            with self.assertRaises(ValueError):
                history.export_events(out, format="xml")
        for source in (self.path("out.jsonl"), io.BytesIO(binary.getvalue()), io.StringIO(text.getvalue())):
            with eventure.open(self.path(f"in-{type(source).__name__}.db")) as log:
                self.assertEqual(log.import_events(source).events, 20)
                self.assertEqual(log.current_tick, 9)

    def test_characters_that_a_buffer_cuts(self) -> None:
        with eventure.open(self.path("a.db"), sync="off") as log:
            log.append_batch(("a.b", {"t": "日本語\U0001f600" * (n % 50), "key": "é" * n}) for n in range(600))
            text, binary = io.StringIO(), io.BytesIO()
            log.print_cascade(text)
            log.print_cascade(binary)
            self.assertEqual(text.getvalue(), binary.getvalue().decode())

    def test_failing_files(self) -> None:
        class Broken(io.RawIOBase):
            def writable(self) -> bool:
                return True

            def readable(self) -> bool:
                return True

            def write(self, data: Any) -> int:
                if isinstance(data, str):
                    raise TypeError("bytes")
                raise PermissionError("not here")

            def read(self, size: int = -1) -> bytes:
                raise PermissionError("not here")

        with eventure.open(self.game()) as log:
            with self.assertRaises(PermissionError):
                log.export_events(Broken())
            with self.assertRaises(PermissionError):
                log.print_cascade(Broken())
            with self.assertRaises(PermissionError):
                log.import_events(Broken())
            with self.assertRaises(AttributeError):
                log.import_events(7)
            with self.assertRaises(eventure.DataError) as caught:
                log.import_events(io.StringIO("nonsense\n"))
            self.assertIn(":1: ", str(caught.exception))
            self.assertEqual(len(log), 20)

    def test_the_viewer(self) -> None:
        with eventure.read(self.game(ticks=2)) as history:
            out = io.StringIO()
            history.print_cascade(out, ticks=1, data=False)
            self.assertIn("TICK 1", out.getvalue())
            self.assertNotIn("TICK 0", out.getvalue())
            out = io.StringIO()
            history.print_cascade(out, event=history[1])
            self.assertIn("combat.hit", out.getvalue())

    def test_an_empty_query_is_not_every_event(self) -> None:
        with eventure.read(self.game()) as history:
            for number, query in enumerate((history.events(ticks=range(5, 5)), history.events().limit(0))):
                self.assertEqual(query.all(), [])
                self.assertEqual(history.extract(self.path(f"{number}.db"), query).events, 0)
                with eventure.read(self.path(f"{number}.db")) as part:
                    self.assertEqual(part.last_seq, 0)
                self.assertFalse(history.playback(eventure.Reducer(add_damage)).run(query))
                self.assertIn("SELECT", query.explain())
            out = io.StringIO()
            history.print_cascade(out, ticks=range(5, 5))
            self.assertNotIn("combat", out.getvalue())

    def test_a_column_is_a_name(self) -> None:
        with eventure.read(self.game()) as history:
            with self.assertRaisesRegex(TypeError, "a column must be a str, not None"):
                history.export_events(io.StringIO(), format="csv", columns=[None])  # type: ignore[list-item]


class Integrity(Folder):
    def test_digests_and_verify(self) -> None:
        with eventure.read(self.game()) as one, eventure.read(self.game("other.db")) as other:
            self.assertEqual(one.digest(), other.digest())
            self.assertNotEqual(one.digest(3).run, one.digest().run)
            self.assertTrue(one.verify())
            self.assertTrue(one.verify(quick=True).is_sound)
            repaired = one.repair(self.path("new.db"), loss=lambda *loss: None)
            self.assertEqual((repaired.events, repaired.lost_events), (20, 0))

    def test_a_damaged_file(self) -> None:
        path = self.path("bad.db")
        with open(path, "wb") as file:
            file.write(b"no store at all" * 100)
        with self.assertRaises(eventure.FormatError) as caught:
            eventure.read(path)
        self.assertIn("bad.db", str(caught.exception))
        self.assertIsInstance(caught.exception, ValueError)

    def test_indexes(self) -> None:
        with eventure.open(self.game()) as log:
            log.add_index("enemy")
            self.assertEqual([(index.key, index.complete) for index in log.data_indexes()], [("enemy", True)])
            self.assertEqual(log.events(data={"enemy": "rat"}).count(), 5)
            log.drop_index("enemy")
            with self.assertRaises(LookupError):
                log.drop_index("enemy")

    def test_upgrade(self) -> None:
        report = eventure.upgrade(self.game())
        self.assertEqual(report.from_format, report.to_format)
        with self.assertRaises(LookupError):
            eventure.upgrade(self.path("none.db"))


class Following(Folder):
    def test_positions(self) -> None:
        path = self.game(ticks=3)
        seen = [event.seq for event in eventure.follow(path, "mailer", timeout=0, type="combat.hit")]
        self.assertEqual(seen, [2, 4, 6])
        self.assertEqual(list(eventure.follow(path, "mailer", timeout=0)), [])
        eventure.follow_forget(path, "mailer")
        with eventure.follow(path, "mailer", timeout=0, commit=False) as follower:
            self.assertEqual(next(follower).seq, 1)
            follower.commit()
        with eventure.follow(path, "mailer", timeout=0) as follower:
            self.assertEqual(next(follower).seq, 2)
            self.assertEqual(follower.seq, 2)
        with self.assertRaises(LookupError):
            eventure.follow(self.path("none.db")).open()

    def test_a_writer_in_another_thread(self) -> None:
        path = self.game(ticks=1)

        def write() -> None:
            with eventure.open(path) as log:
                for n in range(5):
                    with log.tick():
                        log.append("late.one", {"n": n})

        writer = threading.Thread(target=write)
        writer.start()
        seen = []
        for event in eventure.follow(path, type="late.one", timeout=60):
            seen.append(event["n"])
            if len(seen) == 5:
                break
        writer.join()
        self.assertEqual(seen, [0, 1, 2, 3, 4])

    def test_asyncio(self) -> None:
        path = self.game(ticks=3)

        async def run() -> List[int]:
            return [event.seq async for event in eventure.follow(path, timeout=0.2)]

        self.assertEqual(asyncio.run(run()), [1, 2, 3, 4, 5, 6])

        async def first() -> int:
            async for event in eventure.follow(path):
                return event.seq
            return 0

        self.assertEqual(asyncio.run(first()), 1)


class Manners(Folder):
    def in_thread(self, function: Any) -> BaseException:
        caught: List[BaseException] = []

        def run() -> None:
            try:
                function()
            except BaseException as error:
                caught.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        self.assertTrue(caught, "no error")
        return caught[0]

    def test_a_second_thread_is_refused(self) -> None:
        with eventure.open(self.game()) as log:
            cursor = iter(log.events())
            for use in (
                lambda: log.append("a.b"),
                lambda: log.current_tick,
                lambda: next(cursor),
                lambda: log.bus.publish("a.b"),
                log.close,
            ):
                error = self.in_thread(use)
                self.assertIsInstance(error, eventure.HandleError)
                self.assertIn("another thread", str(error))

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_after_fork(self) -> None:
        log = eventure.open(self.game())
        log.append("a.b")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                log.append("c.d")
            except eventure.HandleError:
                try:
                    log.close()
                except eventure.HandleError:
                    code = 0
            finally:
                del log
                os._exit(code)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        log.append("e.f")
        log.close()
        with eventure.read(self.path("game.db")) as history:
            self.assertEqual([event.type for event in history.events(after=20)], ["a.b", "e.f"])
            self.assertTrue(history.verify())

    def test_closed_handles(self) -> None:
        log = eventure.open(self.game())
        cursor = iter(log.events())
        bus = log.bus
        next(cursor)
        log.close()
        log.close()
        self.assertTrue(log.closed)
        for use in (lambda: log.append("a.b"), lambda: len(log), lambda: bus.publish("a.b"), log.commit):
            with self.assertRaises(eventure.HandleError):
                use()
        with self.assertRaises(eventure.HandleError):
            list(log.events())
        self.assertIn("closed", repr(log))

    def test_a_history_is_not_written(self) -> None:
        with eventure.read(self.game()) as history:
            with self.assertRaises(eventure.HandleError):
                history._append("a.b")
            with self.assertRaises(eventure.HandleError):
                eventure.Bus(history)

    def test_closing_from_a_callback_is_refused(self) -> None:
        with eventure.open(self.game()) as log:
            log.bus.subscribe("a.b", lambda event: log.close())
            with self.assertRaises(eventure.HandleError):
                log.bus.publish("a.b")
            with self.assertRaises(eventure.HandleError):
                log.state(lambda state, event: log.close())
            self.assertEqual(len(log), 21)

    def test_two_logs(self) -> None:
        with eventure.open(self.path("a.db")):
            with self.assertRaises(OSError) as caught:
                eventure.open(self.path("a.db"))
            self.assertIsInstance(caught.exception, eventure.BusyError)

    def test_handles_in_cycles_are_collected(self) -> None:
        import gc
        import weakref

        log = eventure.open(self.game())
        log.bus.subscribe("a.b", lambda event: log.append("c.d"))
        watch = weakref.ref(log)
        del log
        gc.collect()
        self.assertIsNone(watch())
        eventure.open(self.path("game.db")).close()

    def test_the_gil_is_released(self) -> None:
        with eventure.open(self.path("a.db"), sync="off") as log:
            log.append_batch(("a.b", {"n": n}) for n in range(50000))
            log.commit()
            done = threading.Event()
            steps = [0]

            def count() -> None:
                while not done.is_set():
                    steps[0] += 1
                    time.sleep(0)

            old = sys.getswitchinterval()
            sys.setswitchinterval(1000)  # the other thread can run only when the GIL is released
            counter = threading.Thread(target=count)
            counter.start()
            try:
                before = steps[0]
                log.verify()
                self.assertGreater(steps[0], before)
            finally:
                done.set()
                sys.setswitchinterval(old)
                counter.join()

    def test_an_interrupt_ends_a_long_call(self) -> None:
        program = (
            "import eventure, os, signal, sys, threading\n"
            "for event in (eventure.follow(sys.argv[1], from_end=True)\n"
            "              if not threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start() else ()):\n"
            "    pass\n"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", program, self.game()], stderr=subprocess.PIPE, env=environment, timeout=120
        )
        self.assertIn(b"KeyboardInterrupt", done.stderr)

    def test_a_program_that_does_not_close_its_log(self) -> None:
        program = (
            "import eventure, sys\n"
            "log = {}(sys.argv[1])\n"
            "bus = eventure.EventBus(log)\n"
            "bus.subscribe('a.b', lambda event: log.current_tick)\n"  # a cycle
            "bus.publish('a.b', {{}})\n"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        for name in ("eventure.EventLog", "eventure.open"):
            path = self.path(f"{name}.db")
            subprocess.run([sys.executable, "-c", program.format(name), path], env=environment, check=True, timeout=120)
            with eventure.read(path) as history:
                self.assertEqual(len(history), 1)

    def test_objects_that_were_not_initialised(self) -> None:
        types: List[Any] = [eventure.Log, eventure.History, eventure.EventLog]
        for type in types:
            handle = type.__new__(type)
            with self.assertRaises(eventure.HandleError):
                handle.current_tick
            handle.close()
        bus = eventure.Bus.__new__(eventure.Bus)
        with self.assertRaises(Exception):
            bus._subscribe("a.b", print)
        with self.assertRaises(Exception):
            bus.publish("a.b")
        event = eventure.Event.__new__(eventure.Event)
        self.assertEqual((event.type, event.data, event.id), ("", {}, ""))
        repr(event)

    def test_reprs(self) -> None:
        with eventure.open(self.game()) as log:
            self.assertIn("tick 10, 20 events", repr(log))
            self.assertIn("combat", repr(log.events("combat.*")))
            self.assertIn("Bus", repr(log.bus))

    def test_data_of_many_kinds(self) -> None:
        with eventure.open(self.path("a.db")) as log:

            class Text(str):
                pass

            event = log.append("a.b", {"s": Text("x"), "t": (1, 2), "d": {"k": 1}})
            self.assertEqual(event.data, {"s": "x", "t": [1, 2], "d": {"k": 1}})
            self.assertEqual(json.loads(log[1]._data_text() or ""), event.data)
            circle: Dict[str, Any] = {}
            circle["self"] = circle
            with self.assertRaises(ValueError):
                log.append("a.b", circle)


if __name__ == "__main__":
    unittest.main()
