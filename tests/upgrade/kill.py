#!/usr/bin/env python3
"""Upgrades are killed at random moments: the file contains the complete old store or the complete new one; a new file
is complete or does not exist; and the same command then finishes the work and leaves no other files.

usage: kill.py PROGRAM SCRATCH_DIR [ROUNDS]
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

from formats import (PRESENT, SOAKS, Failure, Program, ask, change, connect, files_beside, format_of, remove, rows_of,
                     schema_of, scratch_folder, unpack)

SEED = int(os.environ.get("EVENTURE_TEST_SEED", "20261128"))
EVENTS = 20000
EVENTS_A_TICK = 25
TYPES = 40
OLD = 5


def hash_of(number):
    """Some HASH for a type; the upgrade copies the one in the table."""
    return "".join("ABCDEF"[number // 6 ** place % 6] for place in range(4))


def multiply(path, chance):
    """Fills an empty store of format 5 with a history, below the old version's own rules."""
    unpack("format-5-empty.db", path)
    triggers = [sql for sql, in ask(path, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]
    names = [name for name, in ask(path, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")]
    change(path, *(f"DROP TRIGGER {name}" for name in names))
    events, foreign, external, ordinals = [], [], [], {}
    for seq in range(1, EVENTS + 1):
        tick, kind = (seq - 1) // EVENTS_A_TICK * 3, chance.randrange(TYPES) + 1
        ordinals[tick, kind] = ordinals.get((tick, kind), 0) + 1
        parent = chance.randrange(max(1, seq - 300), seq) if seq > 1 and chance.random() < 0.7 else None
        data = f'{{"n":{seq},"text":"{"x" * (seq % 90)}"}}'
        events.append((seq, tick, kind, ordinals[tick, kind], parent, seq / 8, data))
        if chance.random() < 0.05:
            foreign.append((seq, f"imported:{seq}"))
        if parent is None and chance.random() < 0.05:
            external.append((seq, f"elsewhere:{seq % 50}"))
    ticks = [(first // EVENTS_A_TICK * 3, first + 1, first + EVENTS_A_TICK)
             for first in range(0, EVENTS, EVENTS_A_TICK)]
    db = connect(path)
    db.execute("UPDATE store SET digests = 'none', current_tick = ?", (ticks[-1][0] + 1,))
    db.executemany("INSERT INTO type VALUES (?, ?, ?)", ((n, f"t.{n}", hash_of(n)) for n in range(1, TYPES + 1)))
    db.executemany("INSERT INTO event (seq, tick, type, ordinal, parent, timestamp, data) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?)", events)
    db.executemany("INSERT INTO foreign_id VALUES (?, ?)", foreign)
    db.executemany("INSERT INTO external_parent VALUES (?, ?)", external)
    db.executemany("INSERT INTO tick (tick, first_seq, last_seq, sealed) VALUES (?, ?, ?, 1)", ticks)
    db.execute("INSERT INTO type_block SELECT DISTINCT type, block FROM event")
    db.execute("INSERT INTO type_count SELECT type, count(*) FROM event GROUP BY type")
    for sql in triggers:
        db.execute(sql)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def size_of(path):
    """The size of a file, 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Rounds:
    """The rounds of the test."""

    COMMANDS = {
        "in place": ("upgrade", "game.db"),
        "without a copy": ("upgrade", "--no-backup", "game.db"),
        "by writing": ("append", "game.db", "t.1", "--timestamp=0"),
        "to a new file": ("upgrade", "game.db", "new.db"),
    }

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.chance = random.Random(SEED)
        multiply(folder / "base.db", self.chance)
        self.old = (schema_of(folder / "base.db"), rows_of(folder / "base.db"))
        # The result of an upgrade that is not killed; golden.py checks such results.
        shutil.copyfile(folder / "base.db", folder / "done.db")
        self.seconds = {}
        program.run("upgrade", "--no-backup", "done.db", cwd=folder)
        program.run("verify", "done.db", cwd=folder)
        self.new = (schema_of(folder / "done.db"), rows_of(folder / "done.db"))
        for name, command in self.COMMANDS.items():
            self.fresh()
            begin = time.monotonic()
            program.run(*command, cwd=folder)
            self.seconds[name] = time.monotonic() - begin
        self.seen = {"killed": 0, "old": 0, "new": 0, "half a copy": 0, "a copy": 0}

    def fresh(self):
        """Restores the old store, and removes all other files."""
        for name in ("game.db", "new.db"):
            remove(self.folder, name)
        shutil.copyfile(self.folder / "base.db", self.folder / "game.db")

    def wait(self, process, name):
        """Waits for a random moment of the time that the command takes; or for one when it writes a copy."""
        seconds = self.chance.uniform(0, self.seconds[name] * 1.1)
        begun = self.folder / ("new.db-new" if name == "to a new file" else f"game.db-format-{OLD}-new")
        while_writing = self.chance.random() < 0.3
        end = time.monotonic() + seconds + 10
        while while_writing and process.poll() is None and size_of(begun) == 0 and time.monotonic() < end:
            time.sleep(0)
        try:
            process.wait(timeout=self.chance.uniform(0, 0.002) if while_writing else seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)

    def kill(self, name):
        """Runs a command, and kills it."""
        process = subprocess.Popen([self.program.path, *self.COMMANDS[name]], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait(process, name)
        self.seen["killed"] += process.wait() == -signal.SIGKILL

    def look(self, name):
        """Returns the content of a file that a killed program left. Reads a copy, so that the next run finds the file
        unchanged."""
        remove(self.folder, "look.db")
        for ending in ("", "-wal"):
            if (self.folder / (name + ending)).exists():
                shutil.copyfile(self.folder / (name + ending), self.folder / ("look.db" + ending))
        path = self.folder / "look.db"
        if ask(path, "PRAGMA integrity_check") != [("ok",)]:
            raise Failure(f"{name}: integrity_check")
        return format_of(path), (schema_of(path), rows_of(path))

    def expect_new(self, found, name, appended):
        """Checks the new store, with one event for each run of a command that appends."""
        schema, rows = found
        appended = len(rows["events"]) - len(self.new[1]["events"]) if appended else 0
        if not 0 <= appended <= 3:
            raise Failure(f"{name}: {len(rows['events'])} events")
        rows = dict(rows, events=rows["events"][:EVENTS])
        if appended > 0:
            rows["tick"] = [row for row in rows["tick"] if row in self.new[1]["tick"]]
            # Closing the log updates the table proof.
            rows["proof"] = [row for row in self.new[1]["proof"]
                             if row in rows["proof"] or row[0] in ("'events'", "'ticks'", "'open_tick'")]
        if schema != self.new[0]:
            raise Failure(f"{name}: the schema is neither the old one nor the new one")
        for table, wanted in self.new[1].items():
            if rows[table] != wanted:
                raise Failure(f"{name}: rows of {table}")

    def check(self, name, appended):
        """Checks that the file has the old format and content, or the new format and content."""
        number, found = self.look(name)
        if number == PRESENT:
            self.expect_new(found, name, appended)
        elif number != OLD or found != self.old:
            raise Failure(f"{name}: format {number}, and not what was in it")
        return number

    def check_copies(self):
        """Checks that each copy is the complete old store."""
        for path in self.folder.glob(f"game.db-format-{OLD}*"):
            if path.name.endswith(("-new", "-journal", "-wal", "-shm")):
                self.seen["half a copy"] += path.name.endswith("-new") and size_of(path) > 0
            elif self.look(path.name) != (OLD, self.old):
                raise Failure(f"{path.name} is not the old store")
            else:
                self.seen["a copy"] += 1

    def round(self, name):
        """Kills a command once or twice, looks, and lets it finish."""
        self.fresh()
        to_new, appended = name == "to a new file", name == "by writing"
        for _ in range(self.chance.choice((1, 1, 2))):
            self.kill(name)
            number = self.check("game.db", appended)
            self.seen["old" if number == OLD else "new"] += 1
            self.check_copies()
            if to_new and number != OLD:
                raise Failure("the old store has changed")
            if to_new and (self.folder / "new.db").exists() and self.check("new.db", False) != PRESENT:
                raise Failure("the new file is not whole")
        command = list(self.COMMANDS[name])
        if to_new and (self.folder / "new.db").exists():
            command.insert(1, "--force")
        self.program.run(*command, cwd=self.folder)
        if self.check("new.db" if to_new else "game.db", appended) != PRESENT:
            raise Failure("the store is not of the present format when the command has finished")
        self.check_left(name, number)

    def check_left(self, name, number):
        """Checks that only the copies are left."""
        allowed = {"-shm", "-wal"} if name == "to a new file" else set()
        left = {ending for ending in files_beside(self.folder / "game.db") if not self.is_copy(ending)} - allowed
        if left or files_beside(self.folder / "new.db"):
            raise Failure(f"left behind: {left}, {files_beside(self.folder / 'new.db')}, after format {number}")

    @staticmethod
    def is_copy(ending):
        """Whether a file beside the store is a copy of it."""
        return ending in {f"-format-{OLD}", *(f"-format-{OLD}-{n}" for n in (2, 3))}


def main():
    program = Program(os.path.abspath(sys.argv[1]))
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 60 if SOAKS else 40
    with scratch_folder(sys.argv[2]) as folder:
        work = Rounds(program, folder)
        for number in range(rounds):
            name = list(work.COMMANDS)[number % len(work.COMMANDS)]
            try:
                work.round(name)
            except Failure as failure:
                raise Failure(f"round {number} of seed {SEED}, {name}: {failure}") from None
        print(f"{rounds} rounds, {work.seen}")
        # Kills that are all too early or too late would test nothing. An incomplete copy exists only for some
        # milliseconds.
        if rounds >= 40 and not all(work.seen[what] for what in ("killed", "old", "new", "a copy")):
            raise Failure(f"something was never seen: {work.seen}")


if __name__ == "__main__":
    main()
