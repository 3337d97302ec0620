#!/usr/bin/env python3
"""Copying, forking and archiving are killed at random moments: afterwards each file is complete, no event is lost, and
the same command then finishes the work.

usage: session_kill.py PROGRAM SCRATCH_DIR [ROUNDS]
"""

import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from soak import SOAKS  # noqa: E402  (after the line above, which says where it is)

TICKS = 400
EVENTS_A_TICK = 40
CUT = 300
FIRST_CUT = 100
SEED = 20261123


class Failure(Exception):
    """An expectation that was not met."""


def write_history(path):
    """A history in which events cause others in their tick and in later ones."""
    chance = random.Random(SEED)
    with open(path, "w", encoding="utf-8") as out:
        ids = []
        for tick in range(TICKS):
            for n in range(EVENTS_A_TICK):
                parent = chance.choice(ids[-200:]) if ids and chance.random() < 0.7 else None
                ids.append(f"{tick}:{n}")
                event = {"tick": tick, "timestamp": tick + n / 100, "type": f"t.{n % 7}", "data": {"n": n, "x": "y" * 50},
                         "event_id": ids[-1], "parent_id": parent}
                out.write(json.dumps(event) + "\n")


class Tool:
    """The program, with methods that run a command to its end or kill it."""

    def __init__(self, path, folder):
        self.path = str(path)
        self.folder = folder

    def run(self, *arguments):
        """Runs a command that must succeed."""
        done = subprocess.run([self.path, *map(str, arguments)], cwd=self.folder, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{arguments} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")

    def kill(self, after_seconds, *arguments):
        """Runs a command and kills it. Returns whether it had ended before."""
        process = subprocess.Popen([self.path, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=after_seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == 0


def events_of(path):
    """Returns all events of a store by seq; none when there is no store."""
    if not path.exists():
        return {}
    db = sqlite3.connect(path)
    rows = db.execute("SELECT seq, id, tick, timestamp, type, data, parent_id, parent_seq FROM events").fetchall()
    db.close()
    return {row[0]: row for row in rows}


def ticks_of(path):
    """The rows of the table of ticks, with their digests."""
    db = sqlite3.connect(path)
    rows = db.execute("SELECT * FROM tick ORDER BY tick").fetchall()
    db.close()
    return rows


def expect(holds, what):
    """Fails when the condition does not hold."""
    if not holds:
        raise Failure(what)


def remove(folder, name):
    """Removes a store and all files beside it."""
    for path in folder.glob(name + "*"):
        path.unlink()


class Rounds:
    """The rounds of the test."""

    def __init__(self, tool, folder):
        self.tool = tool
        self.folder = folder
        self.chance = random.Random(SEED)
        self.whole = events_of(folder / "base.db")
        self.ticks = ticks_of(folder / "base.db")
        self.last = max(seq for seq, row in self.whole.items() if row[2] < CUT)
        self.finished = 0

    def fresh(self):
        """Restores the original store."""
        for name in ("game.db", "new.db"):
            remove(self.folder, name)
        shutil.copyfile(self.folder / "base.db", self.folder / "game.db")

    def moment(self, seconds):
        """Returns a random time within work that takes this many seconds."""
        return self.chance.uniform(0, seconds * 1.1)

    def sound(self, name):
        """Checks that the store is sound, if it exists."""
        if (self.folder / name).exists():
            self.tool.run("verify", name)

    def make(self, seconds, *arguments, last_tick):
        """copy and fork: the new store is complete, or does not exist."""
        self.fresh()
        self.finished += self.tool.kill(self.moment(seconds), *arguments)
        kept = {seq: row for seq, row in self.whole.items() if row[2] <= last_tick}
        if (self.folder / "new.db").exists():
            self.sound("new.db")
            expect(events_of(self.folder / "new.db") == kept, "the new store is not the part of the old one")
        else:
            self.tool.run(*arguments)
            self.sound("new.db")
            expect(events_of(self.folder / "new.db") == kept, "the new store is not the part of the old one, again")
            expect([row for row in self.ticks if row[0] <= last_tick] == ticks_of(self.folder / "new.db"), "ticks differ")
        # A process that was killed just after its file appeared leaves a lock file that is not locked, and a second
        # name of the file.
        allowed = {"new.db", "new.db-wal", "new.db-shm", "new.db-writer", "new.db-new"}
        left = {path.name for path in self.folder.glob("new.db*")} - allowed
        expect(not left, f"left behind: {left}")
        expect(events_of(self.folder / "game.db") == self.whole, "the old store has changed")

    def archive(self, seconds, first):
        """archive: every event is unchanged in one of the two files; the second run completes the work of the first."""
        self.fresh()
        if first:
            self.tool.run("archive", "game.db", "new.db", "--before", FIRST_CUT)
        self.finished += self.tool.kill(self.moment(seconds), "archive", "game.db", "new.db", "--before", CUT)
        for name in ("game.db", "new.db"):
            self.sound(name)
        both = events_of(self.folder / "new.db")
        both.update(events_of(self.folder / "game.db"))
        expect(both == self.whole, "events are lost or changed")
        self.tool.run("archive", "game.db", "new.db", "--before", CUT)
        for name in ("game.db", "new.db"):
            self.sound(name)
        archived, kept = events_of(self.folder / "new.db"), events_of(self.folder / "game.db")
        expect(archived == {seq: row for seq, row in self.whole.items() if seq <= self.last}, "not what was to move")
        expect(kept == {seq: row for seq, row in self.whole.items() if seq > self.last}, "not what was to stay")
        expect(ticks_of(self.folder / "new.db") + ticks_of(self.folder / "game.db") == self.ticks, "ticks differ")


def main():
    folder = pathlib.Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 48 if SOAKS else 24
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tool = Tool(pathlib.Path(sys.argv[1]).resolve(), folder)
    write_history(folder / "base.jsonl")
    tool.run("import", "base.db", "base.jsonl")
    work = Rounds(tool, folder)
    arguments = {"copy": ("copy", "game.db", "new.db"), "fork": ("fork", "game.db", "new.db", "--at", CUT),
                 "archive": ("archive", "game.db", "new.db", "--before", CUT)}
    seconds = {}
    for name, command in arguments.items():
        work.fresh()
        begin = time.monotonic()
        tool.run(*command)
        seconds[name] = time.monotonic() - begin
    for number in range(rounds):
        kind = ("archive", "fork", "archive", "copy")[number % 4]
        if kind == "archive":
            work.archive(seconds["archive"], number % 8 == 2)
        else:
            work.make(seconds[kind], *arguments[kind], last_tick=CUT if kind == "fork" else TICKS)
    print(f"{rounds} rounds, {rounds - work.finished} of them killed before their end")
    expect(work.finished < rounds, "nothing was killed before its end")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
