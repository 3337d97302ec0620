"""A sweep of an epidemic, for the queries of the cookbook (examples/postgres), and their expected results, computed
only from the events."""

import json
import random
import subprocess
import os

from cluster import SOURCE, Store

PROGRAM = os.environ["EVENTURE"]
COOKBOOK = SOURCE / "examples" / "postgres"
RATES = (0.1, 0.2, 0.3, 0.45)
VERSIONS = ("1.0", "1.1")
PEOPLE = 25
TICKS = 12
# Version 1.1 differs from this tick on, and only where people recover.
CHANGED_AT = 5


def eventure(*arguments, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True, **options).stdout


class Run:
    """One run: its record, and its events as (tick, type, data, parent), where parent is the position of the cause."""

    def __init__(self, rate, seed, version, events=(), begin=0, name=None):
        self.rate, self.seed, self.version = rate, seed, version
        self.name = name or f"rate {rate}, seed {seed}, version {version}"
        self.events = list(events)
        self.origin = None
        self.origin_tick = None
        self.uuid = None
        self.store = None
        self.finished = self.simulate(begin)

    def add(self, *event):
        self.events.append(event)
        return len(self.events)

    def simulate(self, begin):
        """Continues from the tick `begin`. Returns whether the run reaches its end."""
        chance = random.Random(f"{self.rate} {self.seed} {begin}")
        self.killed_at = TICKS - 3 if self.seed % 5 == 3 and begin == 0 else None
        infected = {}
        recovered = set()
        for at, (_, kind, data, _) in enumerate(self.events, 1):
            if kind == "person.infected":
                infected[data["person"]] = at
            elif kind == "person.recovered":
                infected.pop(data["person"])
                recovered.add(data["person"])
        for tick in range(begin, TICKS):
            if tick == self.killed_at:
                return False
            clock = self.add(tick, "clock.tick", {"at": tick}, None)
            if tick == 0:
                infected[0] = self.add(tick, "person.infected", {"person": 0}, clock)
            for person, cause in list(infected.items()):
                other = chance.randrange(PEOPLE)
                if chance.random() < self.rate and other not in infected and other not in recovered:
                    infected[other] = self.add(tick, "person.infected", {"person": other}, cause)
                limit = 0.15 if self.version == "1.0" or tick < CHANGED_AT else 0.3
                if chance.random() < limit and len(infected) > 1:
                    self.add(tick, "person.recovered", {"person": person}, infected.pop(person))
                    recovered.add(person)
            if len(infected) > 6:
                self.add(tick, "town.closed", {"infected": len(infected)}, clock)
        return True

    def record(self):
        values = {"name": self.name, "parameters": {"rate": self.rate}, "seed": self.seed, "version": self.version,
                  "started": f"2026-03-{1 + self.seed % 28:02d}T08:00:00Z", "finished": None, "outcome": None}
        if self.finished:
            values["finished"] = f"2026-03-{1 + self.seed % 28:02d}T09:00:00Z"
            values["outcome"] = {"infected": self.infected()}
        return [f"{key}={json.dumps(value)}" for key, value in values.items()]

    def infected(self):
        return sum(kind == "person.infected" for _, kind, _, _ in self.events)

    def lines(self):
        for at, (tick, kind, data, parent) in enumerate(self.events, 1):
            event = {"tick": tick, "timestamp": 1.7e9 + at, "type": kind, "data": data, "event_id": f"e{at}"}
            yield json.dumps({**event, "parent_id": f"e{parent}" if parent else None}) + "\n"

    def make_store(self, folder, number):
        self.store = folder / f"run-{number}.db"
        if self.origin is None:
            eventure("import", self.store, "-", input="".join(self.lines()))
        else:
            eventure("fork", self.origin.store, self.store, "--tick", self.origin_tick - 1)
            eventure("import", self.store, "-", input="".join(
                line for line in self.lines() if json.loads(line)["tick"] >= self.origin_tick))
        eventure("info", self.store, *self.record())
        self.uuid = Store(self.store).uuid

    def by_tick(self):
        found = {}
        for event in self.events:
            found.setdefault(event[0], []).append(event)
        return found

    def first_difference(self, other):
        """Returns the first tick in which two runs differ."""
        mine, its = self.by_tick(), other.by_tick()
        return next((tick for tick in sorted({*mine, *its}) if mine.get(tick) != its.get(tick)), None)


class Sweep:
    """Runs for each rate, seed and version, and some forks; `seeds` of each."""

    def __init__(self, folder, seeds):
        self.runs = [Run(rate, seed, version) for rate in RATES for seed in range(seeds) for version in VERSIONS]
        for at, origin in enumerate([run for run in self.runs if run.finished and run.seed == 1]):
            fork_tick = 4 + at % 5
            kept = [event for event in origin.events if event[0] < fork_tick]
            fork = Run(0.05 if at % 2 else origin.rate, origin.seed, origin.version, kept, fork_tick, f"fork {at}")
            if at == 0:
                # A fork that repeats its origin for two ticks, and one that repeats all of it.
                fork.events = [event for event in origin.events if event[0] < fork_tick + 2] + [(TICKS, "late", {}, None)]
            if at == 2:
                fork.events = list(origin.events)
            fork.origin, fork.origin_tick = origin, fork_tick
            self.runs.append(fork)
        for number, run in enumerate(self.runs):
            run.make_store(folder, number)
        self.stores = [run.store for run in self.runs]

    def answers(self):
        """Returns for each query: the variables, and the expected rows as texts."""
        yield "outcome_by_rate", {}, self.outcome_by_rate()
        yield "versions_depart", {"old": "1.0", "new": "1.1"}, self.versions_depart()
        yield "rare_types", {}, self.rare_types()
        yield "events_per_tick", {}, self.events_per_tick()
        yield "longest_cascades", {}, self.longest_cascades()
        for kind in ("person.recovered", "town.closed", "no.such"):
            yield "first_of_type", {"type": kind}, self.first_of_type(kind)
        yield "unfinished", {}, [[run.name, run.record()[4].split("=")[1].strip('"'), run.events[-1][0], len(run.events)]
                                 for run in sorted((run for run in self.runs if not run.finished),
                                                   key=lambda run: (run.record()[4], run.name))]
        pair = self.runs[0], self.runs[1]
        yield "two_runs", {"first": pair[0].name, "second": pair[1].name}, self.two_runs(*pair)
        yield "two_runs", {"first": pair[0].name, "second": pair[0].name}, []
        yield "two_runs", {"first": self.runs[-1].name, "second": self.runs[-1].origin.name}, self.two_runs(
            self.runs[-1], self.runs[-1].origin)
        yield "forks", {}, self.forks()

    def rates(self):
        return sorted({run.rate for run in self.runs})

    def of_rate(self, rate):
        return [run for run in self.runs if run.rate == rate]

    def outcome_by_rate(self):
        for rate in self.rates():
            found = sorted(run.infected() for run in self.of_rate(rate) if run.finished)
            yield [rate, len(found), found[0], discrete(found, 0.5), found[-1]]

    def versions_depart(self):
        first = [run for run in self.runs if run.version == "1.0" and run.origin is None]
        others = {(run.rate, run.seed): run for run in self.runs if run.version == "1.1" and run.origin is None}
        rows = [[run.rate, run.seed, run.first_difference(others[run.rate, run.seed])] for run in first]
        return sorted(rows, key=lambda row: (row[2] is None, row[2], str(row[0]), str(row[1])))

    def rare_types(self):
        counts = {}
        for run in self.runs:
            for _, kind, _, _ in run.events:
                counts.setdefault(kind, {}).setdefault(run, []).append(1)
        rows = [[kind, len(runs), sum(map(len, runs.values()))] for kind, runs in counts.items() if len(runs) < len(self.runs)]
        return sorted(rows, key=lambda row: (row[1], row[0]))

    def events_per_tick(self):
        for rate in self.rates():
            counts = [len(events) for run in self.of_rate(rate) for events in run.by_tick().values()]
            yield [rate, f"{sum(counts) / len(counts):.3f}", max(counts)]

    def longest_cascades(self):
        rows = []
        for run in self.runs:
            lengths = []
            for _, _, _, parent in run.events:
                lengths.append(1 + (lengths[parent - 1] if parent else 0))
            rows.append([run.name, max(lengths), f"e{lengths.index(max(lengths)) + 1}"])
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def first_of_type(self, kind):
        for rate in self.rates():
            runs = self.of_rate(rate)
            found = sorted(min(ticks) for ticks in ([event[0] for event in run.events if event[1] == kind] for run in runs)
                           if ticks)
            yield [rate, f"{len(found)} of {len(runs)}", *(discrete(found, share) for share in (0.1, 0.5, 0.9))]

    @staticmethod
    def two_runs(first, second):
        begin = first.first_difference(second)
        mine, its = first.by_tick(), second.by_tick()
        return [[tick, len(mine[tick]) if tick in mine else None, len(its[tick]) if tick in its else None]
                for tick in sorted({*mine, *its}) if begin is not None and tick >= begin]

    def forks(self):
        forks = sorted((run for run in self.runs if run.origin), key=lambda run: run.name)
        return [[run.name, run.origin.name, run.origin_tick, run.first_difference(run.origin),
                 run.infected() if run.finished else None, run.origin.infected()] for run in forks]


def discrete(values, share):
    """As percentile_disc: the first value whose place is at least the share of all."""
    return next((value for at, value in enumerate(values, 1) if at / len(values) >= share), None)


def question(name, variables):
    """Returns the script of a query, with its variables set as with psql's -v."""
    text = "".join(f"\\set {key} '{value}'\n" for key, value in variables.items())
    return text + (COOKBOOK / f"{name}.sql").read_text(encoding="utf-8")


def as_texts(rows):
    return [[None if value is None else str(value) for value in row] for row in rows]
