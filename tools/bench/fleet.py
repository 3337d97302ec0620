#!/usr/bin/env python3
"""Measures `eventure fleet`: a count by parameter over a folder of runs.

    tools/bench/fleet.py EVENTURE [--runs 1000] [--events 10000] [--folder FOLDER] [--rounds 5]

Makes the runs, unless the folder has them already, with the parameters rate and foxes in their records. Then measures,
in rounds that interleave the measures, because other programs may use the machine:

- the query with 1 and with 2 jobs, and the quotient;
- bare queries of SQLite with the same results, one connection after the other in one process, and the quotient;
- the query of saved projections, when they exist;
- the peak memory with a tenth of the runs, and with all of them.

Prints medians of the wall time and of the processor time.
"""

import argparse
import json
import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

QUESTION = "SELECT count(*) AS n FROM events WHERE type = 'fox.died'"
RATES = 10
PROJECTION = """-- @setup
CREATE TABLE died (n INTEGER NOT NULL);
INSERT INTO died VALUES (0);
-- @on fox.died
UPDATE died SET n = n + 1;
"""


def make_lines(path, events):
    """Writes the history that all runs begin with: ten events in a tick; one event of a hundred is the death of a
    fox."""
    with open(path, "w", encoding="utf-8") as out:
        for seq in range(events):
            kind = "fox.died" if seq % 100 == 0 else "fox.moved"
            event = {"tick": seq // 10, "type": kind, "time": seq, "data": {"x": seq % 97, "y": seq}}
            out.write(json.dumps(event) + "\n")


def make_runs(program, folder, runs, events):
    """Makes the runs: copies of one store, each with a few more events and its own record."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        lines = pathlib.Path(scratch) / "events.jsonl"
        first = pathlib.Path(scratch) / "first.db"
        make_lines(lines, events)
        subprocess.run([program, "import", "--map", "tick=tick,type=type,time=time,data=data", first, lines], check=True, stderr=subprocess.DEVNULL)
        for number in range(runs):
            place = folder / f"{number % 10}" / f"run-{number:06}.db"
            if place.exists():
                continue
            place.parent.mkdir(exist_ok=True)
            store = pathlib.Path(scratch) / "run.db"
            shutil.copy(first, store)
            record = json.dumps({"rate": (number % RATES) / RATES, "foxes": number})
            for _ in range(number % 3):
                subprocess.run([program, "append", store, "fox.died"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([program, "info", store, 'name="sweep"', f"seed={number}", f"parameters={record}"], check=True)
            shutil.move(store, place)


def peak_of(command):
    """Returns the peak memory of a command in KiB, sampled every few milliseconds. (The maximum that wait4 reports
    includes this process.)"""
    peak = 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            text = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        if f"Name:\t{pathlib.Path(command[0]).name}" in text and "VmHWM:" in text:
            peak = max(peak, int(text.split("VmHWM:")[1].split()[0]))
        time.sleep(0.002)
    return peak


def run(command):
    """Runs a command. Returns its output, its wall time and its processor time."""
    with tempfile.TemporaryFile() as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        passed = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if process.returncode != 0:
            raise SystemExit(f"{command} ended with {process.returncode}")
        return out.read(), passed, usage.ru_utime + usage.ru_stime


def bare(folder):
    """Computes the same result with SQLite alone, in this process: reads the parameter and the count of each store, and
    adds them by parameter."""
    sums = {}
    for path in sorted(folder.rglob("*.db")):
        if ".eventure-fleet" in path.parts:
            continue
        db = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
        rate, = db.execute("SELECT value ->> '$.rate' FROM run_record WHERE key = 'parameters'").fetchone()
        count, = db.execute(QUESTION).fetchone()
        runs, total = sums.get(rate, (0, 0))
        sums[rate] = (runs + 1, total + count)
        db.close()
    return sums


def print_bare(folder):
    """Prints the results of the bare queries, and the time that they took."""
    clock, processor = time.perf_counter(), time.process_time()
    sums = bare(folder)
    times = [time.perf_counter() - clock, time.process_time() - processor]
    print(json.dumps([[[str(rate), str(runs), str(total)] for rate, (runs, total) in sorted(sums.items())], *times]))


def run_bare(folder):
    """As run, for the bare queries in a child process, whose start is not measured."""
    out, *_ = run([sys.executable, __file__, "--bare", str(folder)])
    return json.loads(out)


class Measures:
    """The samples of each measure by its name."""

    def __init__(self):
        self.samples = {}

    def add(self, name, sample):
        self.samples.setdefault(name, []).append(sample[1:])
        return sample[0]

    def median(self, name, column):
        return statistics.median(sample[column] for sample in self.samples[name])

    def print(self):
        print(f"{'measure':34} {'seconds':>9} {'processor':>9}")
        for name in self.samples:
            print(f"{name:34} {self.median(name, 0):9.3f} {self.median(name, 1):9.3f}")


def command_line(program, folder, *options):
    return [program, "fleet", str(folder), "--group-by", "parameters.rate", *options]


def measure(arguments, folder):
    """All rounds. Returns the measures."""
    measures = Measures()
    projection = folder.parent / "died.sql"
    projection.write_text(PROJECTION, encoding="utf-8")
    kept = ["--projection", str(projection), "--sql", "SELECT n FROM died"]
    history = ["--sql", QUESTION]
    program = arguments.program
    measures.add("projections, the first time", run(command_line(program, folder, *kept)))
    for _ in range(arguments.rounds):
        expected = measures.add("bare SQLite", run_bare(folder))
        one = measures.add("1 job", run(command_line(program, folder, "--jobs", "1", *history)))
        two = measures.add("2 jobs", run(command_line(program, folder, "--jobs", "2", *history)))
        state = measures.add("projections, again", run(command_line(program, folder, *kept)))
        if not one == two == state:
            raise SystemExit("the answers differ")
        if expected != [line.split()[:3] for line in one.decode().splitlines()[1:]]:
            raise SystemExit("the answers differ from those of SQLite")
    return measures


def report(measures):
    measures.print()
    one, two, bare_clock = (measures.median(name, 0) for name in ("1 job", "2 jobs", "bare SQLite"))
    processor = measures.median("1 job", 1) / measures.median("bare SQLite", 1)
    print(f"2 jobs are {one / two:.2f} times as fast as 1 job (goal: 1.8)")
    print(f"1 job takes {one / bare_clock:.2f} times as long as bare SQLite, 2 jobs {two / bare_clock:.2f} (goal: 1.3)")
    print(f"1 job takes {processor:.2f} times the processor time of bare SQLite")


def main():
    if sys.argv[1:2] == ["--bare"]:
        print_bare(pathlib.Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--events", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.program = str(pathlib.Path(arguments.program).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        base = arguments.folder or pathlib.Path(scratch)
        folder, part = base / "runs", base / "part"
        make_runs(arguments.program, folder, arguments.runs, arguments.events)
        make_runs(arguments.program, part, max(arguments.runs // 10, 1), arguments.events)
        report(measure(arguments, folder))
        history = ["--jobs", "2", "--sql", QUESTION]
        commands = [command_line(arguments.program, place, *history) for place in (part, folder)]
        peaks = [max(peak_of(command) for _ in range(5)) for command in commands]
        print(f"peak of memory: {peaks[0]} KiB with a tenth of the runs, {peaks[1]} KiB with all")


if __name__ == "__main__":
    main()
