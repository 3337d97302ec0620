#!/usr/bin/env python3
"""Measures `eventure ship` against psql's \\copy of the same rows into the same tables, in turns, each time into a new
database of a scratch cluster. Also measures the peak memory of ship and fetch.

    tools/bench/postgres.py STORE [--rounds N] [--keep-safe]

STORE is any store, such as W(10^6) of eventure_bench. --keep-safe leaves fsync on. EVENTURE names the program.
"""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "postgres"))
import cluster  # pylint: disable=wrong-import-position

EVENT = ("eventure.event (run, seq, tick, timestamp, timestamp_integer, type, id, parent_seq, parent_id, data, data_text)")
TICK = "eventure.tick (run, tick, first_seq, last_seq, run_digest, full_digest)"


def timed(command, **options):
    """Runs a command. Returns its time in seconds and its peak memory in MiB."""
    begun = time.monotonic()
    with subprocess.Popen([str(word) for word in command], **options) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} {command[1]} ended with {process.returncode}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024


def psql(database, *commands):
    words = [word for command in commands for word in ("-c", command)]
    return [database.cluster.programs / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", database.connection(), *words]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("store")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep-safe", action="store_true")
    options = parser.parse_args()
    program = os.environ.get("EVENTURE", "build/release/tools/eventure/eventure")
    if options.keep_safe:
        cluster.Cluster.SETTINGS["fsync"] = "on"
    cluster.Cluster.SETTINGS.update(max_wal_size="4GB", shared_buffers="512MB")
    seconds = {"ship": [], "copy": []}
    memory = []
    with tempfile.TemporaryDirectory() as name, cluster.Cluster() as running:
        events, ticks = pathlib.Path(name, "events"), pathlib.Path(name, "ticks")
        for i in range(options.rounds):
            shipped = running.new_database()
            spent, peak = timed([program, "ship", options.store, "--to", shipped.connection()])
            seconds["ship"].append(spent)
            memory.append(peak)
            if i == 0:
                timed(psql(shipped, f"\\copy (SELECT run, seq, tick, timestamp, timestamp_integer, type, id, parent_seq, "
                                    f"parent_id, data, data_text FROM eventure.event ORDER BY seq) TO '{events}'",
                           f"\\copy (SELECT * FROM eventure.tick ORDER BY tick) TO '{ticks}'"))
                back, back_memory = timed([program, "fetch", shipped.connection(), shipped.column(
                    "SELECT run FROM eventure.run")[0], pathlib.Path(name, "back.db")])
            copied = running.new_database()
            copied.make_schema(16)
            run, created = shipped.rows("SELECT run, created FROM eventure.run")[0]
            copied.execute(f"INSERT INTO eventure.run (run, created, foreign_ids) VALUES ('{run}', {created}, false)")
            spent, _ = timed(psql(copied, f"\\copy {EVENT} FROM '{events}'", f"\\copy {TICK} FROM '{ticks}'"))
            seconds["copy"].append(spent)
            print(f"round {i + 1}: ship {seconds['ship'][-1]:.1f} s, \\copy {spent:.1f} s", flush=True)
        count = shipped.column("SELECT count(*) FROM eventure.event")[0]
    ship, copy = (statistics.median(seconds[who]) for who in ("ship", "copy"))
    print(f"{count} events: ship {ship:.1f} s, \\copy {copy:.1f} s: {copy / ship:.2f} of its speed; "
          f"peak memory of ship {max(memory):.0f} MiB; fetch {back:.1f} s, {back_memory:.0f} MiB")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
