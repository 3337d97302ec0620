#!/usr/bin/env python3
"""An epidemic among agents that walk on a grid, as a simulation that records itself.

    epidemic.py run STORE [--days N] [--agents N] [--seed N] [--crash-after DAY]
    epidemic.py replay STORE DAY          the grid as it was at the end of a day
    epidemic.py analyse STORE [PNG]       who infected whom; with numpy, pandas and matplotlib also a table and a plot

`run` continues a store that is there. A day is a tick: when the program is killed, the day that it was in has never
happened, and the next run does it again with the same random numbers. So a run that was killed ends in the same history
as one that was not; `eventure diff` shows that they are equal.
"""

import argparse
import os
import random
import sys

import eventure

SIZE = 20
ILL_DAYS = 8
INFECTION = 0.35

# --- The state, folded from the events: agent -> [x, y, "S" | "I" | "R", the day of the infection] ---

world = eventure.Reducer(name="world", version=1)


@world.on("agent.born")
def born(state, event):
    state[str(event["agent"])] = [event["x"], event["y"], "S", -1]


@world.on("agent.moved")
def moved(state, event):
    state[str(event["agent"])][:2] = event["x"], event["y"]


@world.on("agent.infected")
def infected(state, event):
    state[str(event["agent"])][2:] = "I", event.tick


@world.on("agent.recovered")
def recovered(state, event):
    state[str(event["agent"])][2] = "R"


# --- The model ---


def begin(log, options):
    """Day 0: the agents, and the first infection."""
    chance = random.Random(options.seed)
    with log.tick():
        log.append("epidemic.began", {"seed": options.seed, "agents": options.agents})
        for agent in range(options.agents):
            log.append("agent.born", {"agent": agent, "x": chance.randrange(SIZE), "y": chance.randrange(SIZE)})
        log.append("agent.infected", {"agent": 0})


def walk(log, agents, chance):
    """Everybody takes a step."""
    for agent, (x, y, _, _) in agents.items():
        x, y = (x + chance.randint(-1, 1)) % SIZE, (y + chance.randint(-1, 1)) % SIZE
        log.append("agent.moved", {"agent": int(agent), "x": x, "y": y})


def meet(log, agents, chance, causes):
    """Who is ill infects neighbours; the infection of the one is the cause of that of the other."""
    ill = [(agent, row) for agent, row in agents.items() if row[2] == "I"]
    healthy = {agent: row for agent, row in agents.items() if row[2] == "S"}
    for source, (x, y, _, since) in ill:
        for agent, row in list(healthy.items()):
            if abs(row[0] - x) <= 1 and abs(row[1] - y) <= 1 and chance.random() < INFECTION:
                del healthy[agent]
                causes[agent] = log.append("agent.infected", {"agent": int(agent)}, parent=causes[source])
        if log.current_tick - since >= ILL_DAYS:
            log.append("agent.recovered", {"agent": int(source)}, parent=causes[source])


def run(options):
    """Runs the days that are missing."""
    clock = lambda: 0.0  # noqa: E731  the same history in each run
    with eventure.open(options.store, clock=clock, first_type="epidemic.began") as log:
        if len(log) == 0:
            begin(log, options)
        seed = log[1]["seed"]
        state = log.bus.fold(world)
        snapshots = log.keep_snapshots(world, every_ticks=10, keep_newest=3)
        causes = {str(event["agent"]): event.id for event in log.events("agent.infected")}
        print(f"day {log.current_tick}: {len(log)} events so far")
        while log.current_tick <= options.days:
            day = log.current_tick
            with log.tick():
                chance = random.Random(f"{seed}-{day}")
                walk(log, dict(state.state), chance)
                if day == options.crash_after:
                    os._exit(9)
                meet(log, dict(state.state), chance, causes)
        snapshots.detach()
        counts = {health: sum(row[2] == health for row in state.state.values()) for health in "SIR"}
        print(f"day {options.days}: {counts['S']} healthy, {counts['I']} ill, {counts['R']} recovered")


# --- Looking back ---


def replay(options):
    """Shows a day: the state comes from the newest snapshot before it."""
    with eventure.read(options.store) as history:
        agents = history.state_at(options.day, world)
    rows = [["."] * SIZE for _ in range(SIZE)]
    for x, y, health, _ in sorted(agents.values(), key=lambda row: "RSI".index(row[2])):
        rows[y][x] = {"S": "o", "I": "X", "R": "-"}[health]
    print(f"day {options.day}")
    print("\n".join("".join(row) for row in rows))


def analyse(options):
    """Who infected whom, and how it went."""
    with eventure.read(options.store) as history:
        first = history.events("agent.infected").first()
        infections = [event for event in first.cascade() if event.type == "agent.infected"]
        spread = {}
        for event in infections:
            spread[event.parent_id] = spread.get(event.parent_id, 0) + 1
        spread.pop(None, None)
        worst = max(spread, key=lambda id: spread[id], default=first.id)
        print(f"{len(infections)} infections; agent {history[worst]['agent']} infected {spread.get(worst, 0)}")
        try:
            frame = history.events(["agent.infected", "agent.recovered"]).df({"agent": int})
        except ImportError:
            print("no table: pandas is not installed")
            return
        days = frame.groupby(["tick", "type"], observed=False).size().unstack(fill_value=0)
        days["ill"] = (days["agent.infected"] - days["agent.recovered"]).cumsum()
        print(f"most ill: {days['ill'].max()} on day {days['ill'].idxmax()}")
        if options.png:
            import matplotlib

            matplotlib.use("Agg")
            days.plot(title="Epidemic").get_figure().savefig(options.png)


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for function, arguments in ((run, ()), (replay, (("day", int, {}),)), (analyse, (("png", str, {"nargs": "?"}),))):
        command = commands.add_parser(function.__name__)
        command.set_defaults(function=function)
        command.add_argument("store")
        for name, kind, more in arguments:
            command.add_argument(name, type=kind, **more)
        if function is run:
            for name, number in (("days", 40), ("agents", 60), ("seed", 1), ("crash-after", -1)):
                command.add_argument(f"--{name}", type=int, default=number)
    options = parser.parse_args()
    options.function(options)


if __name__ == "__main__":
    sys.exit(main())
