"""Copies, forks and archives of real histories: every question about the part that is kept has the answer that it had.

A fork, and an archive, must be what importing the same lines makes: events, questions, the viewer, statistics, and the
digests of both chains. What is left behind the cut must answer as the whole history does about that part.

The histories are the small ones of the repository and, where it is found, a large one (see histories.py). Of the types
and of the events, each comparison asks about some, chosen at random.

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
SOME = 20


class Stores:
    """The store, and what is made of it."""

    def __init__(self, program, scratch, path):
        self.program = program
        self.scratch = scratch
        for old in scratch.glob("kept-*"):
            old.unlink()
        self.whole = scratch / "kept-whole.db"
        program.run("import", self.whole, path)
        # So that nothing is in the middle of a tick, and everything may be cut anywhere.
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
        """Ids of some of them, the first and the last always."""
        if len(events) <= SOME:
            return [event["event_id"] for event in events]
        return [event["event_id"] for event in (events[0], events[-1], *self.chance.sample(events, SOME))]

    def some_types(self):
        """Some of the types."""
        return self.chance.sample(self.types, min(SOME, len(self.types)))

    def same(self, one, other, command, *options):
        """Two stores answer the same."""
        expect(self.program.run(command, one, *options), self.program.run(command, other, *options),
               f"{command} {options} of {other.name}")

    def same_everything(self, one, other, events):
        """Two stores with these events give the same answer to every question."""
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
        """A copy is the same."""
        copy = self.file("copy.db")
        self.program.run("copy", self.whole, copy)
        self.program.run("verify", copy)
        self.same_everything(self.whole, copy, self.events)
        return copy

    def import_beginning(self):
        """What the lines up to the cut make."""
        lines, store = self.file("beginning.jsonl"), self.file("beginning.db")
        self.program.run("export", self.whole, lines, "--tick", f"..{self.cut - 1}")
        self.program.run("import", store, lines)
        return store

    def check_fork(self, beginning):
        """A fork is what its lines make."""
        fork = self.file("fork.db")
        self.program.run("fork", self.whole, fork, "--at", self.cut - 1)
        self.program.run("verify", fork)
        stats = json.loads(self.program.run("stats", fork, "--json"))
        expect((stats["events"], stats["current_tick"]), (self.moved, self.cut), "where the fork stands")
        self.same_everything(beginning, fork, self.events[:self.moved])

    def check_archive(self, store, beginning):
        """What is moved is what its lines make; what is left answers as it did."""
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
        """Causes that are archived are known as long as effects are left, and their effects are found."""
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
