"""Copies, forks and archives of real histories: every query of the part that is kept has the same result as before.

A fork, and an archive, must be equal to an import of the same lines: events, queries, the viewer, statistics, and the
digests of both chains. The store behind the cut must return the same results as the whole history for that part.

The histories are the small ones of the repository and, where it is found, a large one (see histories.py). Each
comparison queries some of the types and of the events, chosen at random.

usage: kept_part.py PROGRAM SCRATCH_DIR [--small]      (--small: without the large one)
"""

import json
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from histories import large_histories, small_histories  # noqa: E402  (after the line above, which says where it is)
from program import Failure, Program, expect  # noqa: E402

LARGE = "showdown-all.jsonl"
SOME = 6


class Stores:
    """The store, and the stores that are made from it."""

    def __init__(self, program, scratch, path):
        self.program = program
        self.scratch = scratch
        for old in scratch.glob("kept-*"):
            old.unlink()
        self.whole = scratch / "kept-whole.db"
        program.run("import", self.whole, path)
        # Ends the last tick, so that the history can be cut after every tick.
        program.run("append", self.whole, "the.end", "--timestamp", "1", "--advance")
        self.events = [json.loads(line) for line in program.lines("log", self.whole, "--json")]
        self.types = sorted({event["type"] for event in self.events})
        ticks = sorted({event["tick"] for event in self.events})
        self.cut = ticks[len(ticks) // 2]
        self.moved = sum(event["tick"] < self.cut for event in self.events)
        self.chance = random.Random(7)

    def file(self, name):
        """A file of this test."""
        return self.scratch / f"kept-{name}"

    def some_ids(self, events):
        """Returns the ids of some events, always including the first and the last."""
        if len(events) <= SOME:
            return [event["event_id"] for event in events]
        return [event["event_id"] for event in (events[0], events[-1], *self.chance.sample(events, SOME))]

    def some_types(self):
        """Some of the types."""
        return self.chance.sample(self.types, min(SOME, len(self.types)))

    def same(self, one, other, command, *options):
        """Checks that a command has the same output for two stores."""
        expect(self.program.run(command, one, *options), self.program.run(command, other, *options),
               f"{command} {options} of {other.name}")

    def same_everything(self, one, other, events):
        """Checks that all queries have the same results in two stores with these events."""
        self.same(one, other, "export")
        self.same(one, other, "log")
        self.same(one, other, "cascade")
        self.same(one, other, "digest")
        self.same(one, other, "log", "--roots", "--ids")
        for kind in self.some_types():
            self.same(one, other, "log", "--type", kind)
        for event_id in self.some_ids(events):
            for command in ("show", "children", "ancestors", "cascade"):
                self.same(one, other, command, event_id)
        figures = [json.loads(self.program.run("stats", store, "--json")) for store in (one, other)]
        for figure in figures:
            figure.pop("disk_bytes")
            figure.pop("current_tick")  # an import ends in its last tick, a fork after it
        expect(sorted(figures[0].items()), sorted(figures[1].items()), "stats")

    def check_copy(self):
        """Checks a copy."""
        copy = self.file("copy.db")
        self.program.run("copy", self.whole, copy)
        self.program.run("verify", copy)
        self.same_everything(self.whole, copy, self.events)
        return copy

    def import_beginning(self):
        """Imports the lines up to the cut."""
        lines, store = self.file("beginning.jsonl"), self.file("beginning.db")
        self.program.run("export", self.whole, lines, "--tick", f"..{self.cut - 1}")
        self.program.run("import", store, lines)
        return store

    def check_fork(self, beginning):
        """Checks that a fork equals an import of its lines."""
        fork = self.file("fork.db")
        self.program.run("fork", self.whole, fork, "--at", self.cut - 1)
        self.program.run("verify", fork)
        stats = json.loads(self.program.run("stats", fork, "--json"))
        expect((stats["events"], stats["current_tick"]), (self.moved, self.cut), "where the fork stands")
        self.same_everything(beginning, fork, self.events[:self.moved])

    def check_archive(self, store, beginning):
        """Checks that the archive equals an import of its lines, and that the rest returns the same results as
        before."""
        archive = self.file("archive.db")
        _, said = self.program.run_both("archive", store, archive, "--before", self.cut)
        if not said.startswith(f"{self.moved} events moved, ".encode()):
            raise Failure(f"archive says {said!r}, and {self.moved} were to move")
        for name in (store, archive):
            self.program.run("verify", name)
        self.same(beginning, archive, "export")
        self.same(beginning, archive, "cascade")
        self.same(beginning, archive, "digest")
        left = self.events[self.moved:]
        behind = ("--tick", f"{self.cut}..")
        for command in ("export", "log", "cascade"):
            expect(self.program.run(command, store), self.program.run(command, self.whole, *behind), command)
        for kind in self.some_types():
            self.same(self.whole, store, "log", "--type", kind, *behind)
        self.same(self.whole, store, "log", "--roots", *behind)
        self.same(self.whole, store, "digest")
        for event_id in self.some_ids(left):
            self.same(self.whole, store, "show", event_id)
            for command in ("children", "ancestors"):
                self.same(self.whole, store, command, event_id, *behind)
            self.same(self.whole, store, "cascade", event_id)
        self.check_reach(store, left)

    def check_reach(self, store, left):
        """Checks that archived causes are known as long as the store has effects of them, and that these effects are
        found."""
        archived = {event["event_id"] for event in self.events[:self.moved]}
        crossing = sorted({event["parent_id"] for event in left} & archived)
        for event_id in crossing[:SOME]:
            self.same(self.whole, store, "children", event_id, "--tick", f"{self.cut}..")
            _, said = self.program.run_both("show", store, event_id, exit_code=1)
            if b" is archived in " not in said:
                raise Failure(f"show {event_id} says {said!r}")


def main():
    scratch = pathlib.Path(sys.argv[2])
    scratch.mkdir(parents=True, exist_ok=True)
    failed = 0
    for history in small_histories() + [history for history in large_histories() if history.name == LARGE]:
        if "--small" in sys.argv and history.large:
            print(f"{history.name}: left out: --small")
            continue
        begin = time.monotonic()
        try:
            stores = Stores(Program(sys.argv[1]), scratch, history.unpack(scratch))
            copy = stores.check_copy()
            beginning = stores.import_beginning()
            stores.check_fork(beginning)
            stores.check_archive(copy, beginning)
            print(f"{history.name}: cut at tick {stores.cut}, {stores.moved} of {len(stores.events)} events moved, "
                  f"{time.monotonic() - begin:.1f} s", flush=True)
        except Failure as failure:
            print(f"{history.name}: FAILED: {failure}", flush=True)
            failed += 1
    for old in scratch.glob("kept-*"):
        old.unlink()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
