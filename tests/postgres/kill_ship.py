#!/usr/bin/env python3
"""Kills the shipper (SIGKILL), the server (immediate shutdown) and connections (pg_terminate_backend) at random moments
while three stores are written and shipped. Afterwards every event is on the server exactly once, and fetching each run
gives the same digests. EVENTURE names the program.

    kill_ship.py [ROUNDS]
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import cluster

PROGRAM = os.environ["EVENTURE"]
STORES = 3
# The log of the shipper contains one of these when a failure is not one of the connection.
UNEXPECTED = ("changed by hand", "diverges", "rewound", "duplicate", "SQLITE", "out of memory")


def eventure(*arguments, check=True):
    """Runs the program. Returns its standard output."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"eventure {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr}")
    return done.stdout


class Writer(threading.Thread):
    """Appends ticks to a store, a few at a time, until it is stopped."""

    def __init__(self, path, seed):
        super().__init__()
        self.path = path
        self.random = random.Random(seed)
        self.stopped = threading.Event()
        self.events = 0
        self.tick = 0
        self.problem = None

    def lines(self):
        """Returns the lines of some ticks; the last tick may grow with the next lines."""
        out = []
        for _ in range(self.random.randint(1, 12)):
            for _ in range(self.random.choice((1, 2, 5, 40))):
                self.events += 1
                parent = f"e{self.random.randint(1, self.events - 1)}" if self.events > 1 else None
                out.append(json.dumps({"tick": self.tick, "timestamp": self.events / 7, "type": f"t.{self.events % 5}",
                                       "data": {"n": self.events, "text": "tab\t, \u00e9 and \\N"},
                                       "event_id": f"e{self.events}", "parent_id": parent}))
            self.tick += self.random.choice((0, 1, 1, 3))
        return "\n".join(out) + "\n"

    def write(self):
        done = subprocess.run([PROGRAM, "import", self.path], input=self.lines(), capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            self.problem = done.stderr
            self.stopped.set()

    def run(self):
        while not self.stopped.is_set():
            self.write()
            time.sleep(self.random.uniform(0, 0.1))


class Shipper:
    """The process `eventure ship --follow`."""

    def __init__(self, stores, connection, log):
        self.command = [PROGRAM, "ship", *map(str, stores), "--to", connection, "--follow"]
        self.log = log
        self.process = None

    def need(self):
        if self.process is None or self.process.poll() is not None:
            if self.process is not None and self.process.returncode not in (-signal.SIGKILL, 3):
                raise AssertionError(f"the shipper ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
            with open(self.log, "ab") as out:
                self.process = subprocess.Popen(self.command, stderr=out)

    def kill(self):
        self.process.kill()
        self.process.wait()


def restart_server(running):
    running.run("pg_ctl", "-D", running.folder / "data", "-m", "immediate", "-w", "stop")
    running.run("pg_ctl", "-D", running.folder / "data", "-l", running.folder / "log", "-w", "-t", "60", "start")


def cut_connections(database):
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eventure'")


def kill_rounds(running, database, shipper, rounds, chance):
    counts = {"shipper": 0, "connection": 0, "server": 0}
    for _ in range(rounds):
        shipper.need()
        time.sleep(chance.uniform(0, 0.25))
        what = chance.choices(("shipper", "connection", "server"), (60, 25, 15))[0]
        counts[what] += 1
        if what == "shipper":
            shipper.kill()
        elif what == "connection":
            cut_connections(database)
        else:
            restart_server(running)
    shipper.kill()
    return counts


def check(database, folder, writers):
    """Ships the rest and compares each run with its store."""
    connection = database.connection()
    eventure("ship", *[writer.path for writer in writers], "--to", connection)
    for writer in writers:
        (uuid,) = cluster.sqlite3.connect(writer.path).execute("SELECT uuid FROM store").fetchone()
        rows, distinct, newest = database.rows(
            f"SELECT count(*), count(DISTINCT id), max(seq) FROM eventure.event WHERE run = '{uuid}'")[0]
        assert int(rows) == int(distinct) == int(newest) == writer.events, (uuid, rows, distinct, newest, writer.events)
        back = folder / f"back-{uuid}.db"
        eventure("fetch", connection, uuid, back)
        eventure("verify", back)
        eventure("diff", writer.path, back)
        assert eventure("digest", writer.path) == eventure("digest", back)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(os.environ.get("EVENTURE_TEST_SEED", "18"))
    if cluster.server_programs() is None:
        print("skipped: the programs of the PostgreSQL server are not installed")
        return 77
    with tempfile.TemporaryDirectory() as name, cluster.Cluster() as running:
        folder = pathlib.Path(name)
        database = running.new_database()
        writers = [Writer(folder / f"run{i}.db", seed + i) for i in range(STORES)]
        shipper = Shipper([writer.path for writer in writers], database.connection(), folder / "log")
        for writer in writers:
            writer.write()
            writer.start()
        try:
            counts = kill_rounds(running, database, shipper, rounds, random.Random(seed))
        finally:
            for writer in writers:
                writer.stopped.set()
                writer.join()
        problems = [writer.problem for writer in writers if writer.problem]
        assert not problems, problems
        log = (folder / "log").read_text()
        assert not any(word in log for word in UNEXPECTED), log[-4000:]
        check(database, folder, writers)
        events = sum(writer.events for writer in writers)
        print(f"{rounds} kills ({counts['shipper']} of the shipper, {counts['connection']} of connections, "
              f"{counts['server']} of the server), {events} events: none lost, none twice, digests equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
