#!/usr/bin/env python3
"""Compares the Python package with the pure-Python package of the same name, and with sqlite3 and pandas.

    PYTHONPATH=FOLDER python_speed.py [--reference FOLDER] [--rounds N] [--events N] [--frame-events N]

PYTHONPATH leads to this package, for instance build/release/bindings/python/package. FOLDER holds the pure-Python
package eventure 0.4.4 (pip download eventure==0.4.4, unpacked); without it, that comparison is left out. The two run in
processes of their own, in turns. Prints a Markdown table of the medians of N rounds in processor time: a background
writer's thread counts. The frame is compared with sqlite3 and json_extract, if there is pandas.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

TYPES = ("player.move", "combat.hit", "combat.miss", "room.enter", "item.found")
ROWS = (("add", "`EventLog.add_event`, file on the disk", "µs", 1e6),
        ("publish", "`EventBus.publish`, three handlers that read the data", "µs", 1e6),
        ("by_id", "an event by id", "µs", 1e6),
        ("children", "children of an event", "µs", 1e6),
        ("cascade", "a cascade", "µs", 1e6),
        ("by_type", "by type, a fifth of all as events", "ms", 1e3),
        ("by_data", "by data, one of 100 as events", "ms", 1e3),
        ("by_data_indexed", "by data, the same with an index", "ms", 1e3),
        ("memory", "memory of a million events appended", "MiB", 1))


def cpu(call):
    begin = time.process_time()
    call()
    return time.process_time() - begin


def each(call, items):
    """Returns the time of one call, as the mean over the items."""
    return cpu(lambda: [call(item) for item in items]) / len(items)


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def append(log, events):
    """Appends chains of 10 events, 100 events in a tick. Returns the time of an event; closing counts when the log has
    to be closed."""
    chance = random.Random(1)
    kinds = [chance.choice(TYPES) for _ in range(events)]
    parent = None
    begin = time.process_time()
    for i, kind in enumerate(kinds):
        parent = log.add_event(kind, {"enemy": "dragon", "round": i % 100, "hit": 0.5}, parent if i % 10 else None)
        if i % 100 == 99:
            log.advance_tick()
    return (time.process_time() - begin) / events


def publish(log, bus, events):
    """Publishes to three handlers, each of which reads the data. Returns the time of an event."""
    total = [0]

    def add_round(event):
        total[0] += event.data["round"]

    def add_length(event):
        total[0] += len(event.data["enemy"])

    def add_hit(event):
        total[0] += event.data["hit"]

    bus.subscribe("combat.hit", add_round)
    bus.subscribe("combat.*", add_length)
    bus.subscribe("*", add_hit)
    begin = time.process_time()
    for i in range(events):
        bus.publish("combat.hit", {"enemy": "dragon", "round": i, "hit": 0.5})
        if i % 100 == 99:
            log.advance_tick()
    return (time.process_time() - begin) / events


def measure(side, events, memory_events):
    """Returns all measures of one package."""
    from eventure import EventBus, EventLog, EventQuery
    ours = side == "ours"
    with tempfile.TemporaryDirectory() as folder:
        def make(name):
            return EventLog(os.path.join(folder, name)) if ours else EventLog()

        before = peak_mib()
        log = make("memory.db")
        append(log, memory_events)
        found = {"memory": (peak_mib() - before) * 1e6 / memory_events}
        if ours:
            log.close()
        del log
        found["publish"] = (lambda log: publish(log, EventBus(log), events // 3))(make("publish.db"))
        log = make("append.db")
        found["add"] = append(log, events)
        query = EventQuery(log)
        some = [log.events[i] for i in range(0, events, events // 20)]
        found["by_id"] = each(log.get_event_by_id, [event.id for event in some])
        found["children"] = each(query.get_child_events, some)
        found["cascade"] = each(query.get_cascade_events, some[:5])
        found["by_type"] = cpu(lambda: query.get_events_by_type("combat.hit"))
        found["by_data"] = cpu(lambda: query.get_events_by_data("round", 7))
        if ours:
            import eventure
            log.close()
            with eventure.open(os.path.join(folder, "append.db")) as store:
                store.add_index("round")
            log = make("append.db")
            found["by_data_indexed"] = cpu(lambda: EventQuery(log).get_events_by_data("round", 7))
            log.close()
    return found


def run_side(side, path, options):
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, __file__, "--side", side, "--events", str(options.events)],
                          env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def compare_packages(options):
    here = os.environ.get("PYTHONPATH", "")
    sides = [("ours", here)] + ([("reference", options.reference)] if options.reference else [])
    rounds = {side: [] for side, _ in sides}
    for _ in range(options.rounds):
        for side, path in sides:
            rounds[side].append(run_side(side, path, options))
    print("| | here | pure Python | times as fast |\n| --- | --- | --- | --- |")
    for key, title, unit, scale in ROWS:
        ours = statistics.median(found[key] for found in rounds["ours"])
        other = [found.get(key, found.get("by_data") if key == "by_data_indexed" else None)
                 for found in rounds.get("reference", [])]
        reference = statistics.median(other) if other else None
        shown = f"{reference * scale:,.1f} {unit} | {reference / ours:,.2f}" if reference else "– | –"
        print(f"| {title} | {ours * scale:,.1f} {unit} | {shown} |", flush=True)


def compare_frames(options):
    """Compares a frame with two typed members with sqlite3 and json_extract in pandas, on the same file, in turns."""
    try:
        import pandas
    except ImportError:
        print("\nThere is no pandas: frames are not compared.")
        return
    import eventure
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "frame.db")
        with eventure.open(path, sync="off") as log:
            for begin in range(0, options.frame_events, 1000):
                log.append_batch([("combat.hit" if i % 3 else "room.enter", {"damage": i % 50, "weight": i / 7, "who": "dragon"})
                                  for i in range(begin, begin + 1000)])
                log.advance_tick()
        sql = ("SELECT seq, tick, timestamp, type, json_extract(data, '$.damage') AS damage, "
               "json_extract(data, '$.weight') AS weight FROM events")

        def here():
            with eventure.read(path) as history:
                return history.events().df(columns={"damage": int, "weight": float})

        def by_hand():
            db = sqlite3.connect(path)
            frame = pandas.read_sql(sql, db)
            db.close()
            return frame

        assert len(here()) == len(by_hand()) == options.frame_events
        times = [(cpu(here), cpu(by_hand)) for _ in range(options.rounds)]
    ours, other = (statistics.median(column) for column in zip(*times))
    print(f"\nA frame of {options.frame_events:,} events with two typed members: {ours:.2f} s; with sqlite3 and json_extract "
          f"{other:.2f} s, {other / ours:.2f} times as long.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=100000)
    parser.add_argument("--frame-events", type=int, default=1000000)
    parser.add_argument("--side", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(measure(options.side, options.events, 10 * options.events)))
        return 0
    compare_packages(options)
    compare_frames(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
