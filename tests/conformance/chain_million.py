"""Imports, queries, prints and exports a chain of a million events (250,000 outside tools/soak.sh), each the parent of the
next, with a small C stack: no function may recurse with the depth of the data.

The viewer indents by two spaces a level, so one tick cannot show a million levels (10^12 spaces): the chain that is
printed runs across ticks, 100 levels each, and a third one has a few thousand levels in one tick.

usage: chain_million.py PROGRAM SCRATCH_DIR [--events N] [--stack-kib N]
"""

import argparse
import hashlib
import pathlib
import resource
import shutil
import subprocess
import sys
import time

from program import Failure, Program, expect, read_json

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from soak import SOAKS  # noqa: E402  (after the line above, which says where it is)

TYPE = "chain.link"
HASH = "BAEC"  # of TYPE: see "HASH" in the documentation of ids
LEVELS_A_TICK = 100
LEVELS_IN_ONE_TICK = 5000


def event_id(index, per_tick):
    """Returns the id of an event by its index, from 0."""
    return f"{index // per_tick}-{HASH}-{index % per_tick + 1}"


def write_chain(path, count, per_tick):
    """Writes a history in the spelling of the reference."""
    parent = "null"
    with open(path, "w", encoding="ascii") as out:
        for index in range(count):
            name = event_id(index, per_tick)
            out.write(f'{{"tick": {index // per_tick}, "timestamp": {1700000000 + index}.5, "type": "{TYPE}", '
                      f'"data": {{"n": {index}}}, "event_id": "{name}", "parent_id": {parent}}}\n')
            parent = f'"{name}"'


def digest_of_file(path):
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def viewer_event(index, count, per_tick):
    """Returns the expected text of one event in the viewer, without data."""
    tick, at = divmod(index, per_tick)
    indent = "  " * (at + 1)
    below = indent + ("│ " if at > 0 else "  ")
    if at > 0:
        text = f"{indent}│\n{indent}└─ {TYPE}\n"
    elif index > 0:
        text = f"│\n{indent}↓ {TYPE} (caused by: {TYPE} @ tick {tick - 1})\n"
    else:
        text = f"│\n{indent}● {TYPE}\n"
    text += f"{below}ID: {event_id(index, per_tick)}\n"
    if at == per_tick - 1 and index + 1 < count:
        text += f"{below}↓ Triggers events in tick {tick + 1} (1)\n"
    return text


def viewer_digest(count, per_tick):
    """Returns the SHA-256 of the expected text of a chain in the viewer."""
    digest = hashlib.sha256("===== EVENT CASCADE VIEWER =====\n".encode())
    for tick in range((count + per_tick - 1) // per_tick):
        digest.update(f"\n┌─── TICK {tick} ───┐\n".encode())
        for index in range(tick * per_tick, min((tick + 1) * per_tick, count)):
            digest.update(viewer_event(index, count, per_tick).encode())
        digest.update(f"└{'─' * (14 + len(str(tick)))}┘\n".encode())
    return digest.hexdigest()


def printed_digest(program, arguments, limit):
    """Returns the SHA-256 of the output of a command, which may be long."""
    with subprocess.Popen([program.path, *map(str, arguments)], stdout=subprocess.PIPE, preexec_fn=limit) as process:
        digest = hashlib.sha256()
        while block := process.stdout.read(1 << 20):
            digest.update(block)
    if process.returncode != 0:
        raise Failure(f"{arguments} ended with {process.returncode}")
    return digest.hexdigest()


class Chain:
    """One chain in a store."""

    def __init__(self, program, scratch, count, per_tick, limit):
        self.program, self.scratch, self.count, self.per_tick, self.limit = program, scratch, count, per_tick, limit
        self.db, self.history = scratch / "chain.db", scratch / "chain.jsonl"
        for old in scratch.glob("chain.*"):
            old.unlink()
        write_chain(self.history, count, per_tick)
        self.run("import", self.db, self.history)
        self.first, self.last = event_id(0, per_tick), event_id(count - 1, per_tick)

    def run(self, *arguments):
        return self.program.run(*arguments, preexec_fn=self.limit)

    def check_questions(self):
        """Checks the cascade in both orders, ancestors, export and statistics."""
        ids = "".join(event_id(index, self.per_tick) + "\n" for index in range(self.count)).encode()
        expect(self.run("cascade", self.db, self.first, "--ids"), ids, "cascade")
        expect(self.run("cascade", self.db, self.first, "--ids", "--order", "id"), ids, "cascade by id")
        ancestors = b"\n".join(reversed(ids.split(b"\n")[:-2])) + b"\n"
        expect(self.run("ancestors", self.db, self.last, "--ids"), ancestors, "ancestors")
        middle = self.count // 2
        expect(self.run("children", self.db, event_id(middle, self.per_tick), "--ids").decode(),
               event_id(middle + 1, self.per_tick) + "\n", "children")
        self.check_export()
        stats = read_json(self.run("stats", self.db, "--json"))
        for figure in ("events", "max_depth", "largest_cascade"):
            expect(str(stats.get(figure)), str(self.count), figure)

    def check_export(self):
        exported = self.scratch / "chain.exported"
        self.run("export", self.db, exported)
        expect(digest_of_file(exported), digest_of_file(self.history), "export")
        exported.unlink()

    def check_viewer(self):
        """Checks the whole text."""
        expect(printed_digest(self.program, ["cascade", self.db, "--no-data"], self.limit),
               viewer_digest(self.count, self.per_tick), "viewer")

    def check_viewer_of_first(self):
        """Checks the cascade of the first event, which is limited to its tick."""
        digest = hashlib.sha256()
        for index in range(self.count):
            digest.update(viewer_event(index, self.count, self.per_tick).encode())
        expect(printed_digest(self.program, ["cascade", self.db, self.first, "--no-data"], self.limit),
               digest.hexdigest(), "viewer of one cascade")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("scratch", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=1_000_000 if SOAKS else 250_000)
    parser.add_argument("--stack-kib", type=int, default=256)
    options = parser.parse_args()
    stack = options.stack_kib * 1024

    def limit():
        resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))

    shutil.rmtree(options.scratch, ignore_errors=True)
    options.scratch.mkdir(parents=True)
    program = Program(options.program)
    begin = time.monotonic()
    try:
        chain = Chain(program, options.scratch, options.events, options.events, limit)
        chain.check_questions()
        print(f"{options.events} levels in one tick: asked and exported, {time.monotonic() - begin:.1f} s", flush=True)
        chain = Chain(program, options.scratch, options.events, LEVELS_A_TICK, limit)
        chain.check_questions()
        chain.check_viewer()
        print(f"{options.events} levels across ticks: asked, exported, printed, {time.monotonic() - begin:.1f} s",
              flush=True)
        chain = Chain(program, options.scratch, LEVELS_IN_ONE_TICK, LEVELS_IN_ONE_TICK, limit)
        chain.check_viewer()
        chain.check_viewer_of_first()
        print(f"{LEVELS_IN_ONE_TICK} levels in one tick: printed, {time.monotonic() - begin:.1f} s", flush=True)
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    shutil.rmtree(options.scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
