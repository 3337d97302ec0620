#!/usr/bin/env python3
"""The adventure game, killed at random moments and continued: it ends with the same history as without kills.

EVENTURE_KILLS is the minimum number of kills (20)."""

import os
import random
import signal
import subprocess
import time
import unittest

from examples import HERE, ExampleTest, environment, program

KILLS = int(os.environ.get("EVENTURE_KILLS", "20"))
SEED = 20261124


class KillTest(ExampleTest):
    def setUp(self):
        super().setUp()
        self.lines = [line for line in (HERE / "adventure" / "playthrough.txt").read_text("utf-8").splitlines()
                      if not line.startswith("#")]
        # The last line after quit is never played; a save commits in the middle of a tick.
        self.lines = self.lines[:self.lines.index("quit") + 1]
        for at in range(len(self.lines) - 2, 0, -4):
            self.lines.insert(at, f"save at {at}")

    def play(self, store, seconds=None):
        """Plays the commands that the store does not contain yet. With `seconds`, kills the game after this time.
        Returns whether it was killed."""
        left = self.lines[max(self.tick(store), 0):]
        script = self.folder / "left.txt"
        script.write_text("".join(line + "\n" for line in left), encoding="utf-8")
        with subprocess.Popen([program("ADVENTURE_GAME"), store, "--seed", "1", "--script", script], cwd=self.folder,
                              env=environment(), stdout=subprocess.DEVNULL) as process:
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                code = process.wait()
        self.assertIn(code, (0, -signal.SIGKILL))
        return code != 0

    def test_killed_and_continued_is_as_never_killed(self):
        chance = random.Random(SEED)
        begin = time.monotonic()
        self.assertFalse(self.play("whole.db"))
        seconds = time.monotonic() - begin
        self.assertEqual(self.tick("whole.db"), len(self.lines))
        kills = games = 0
        while kills < KILLS:
            games += 1
            self.assertLess(games, 10 * KILLS, "it ends before it can be killed")
            store = f"killed-{games}.db"
            before = kills
            while self.play(store, chance.uniform(0, seconds / 2)):
                kills += 1
                self.assertLess(kills - before, 200, "it does not get on")
            self.assert_equal_histories("whole.db", store)
            self.assertIn("sound: ", self.expect("EVENTURE", "verify", store))
            self.assertEqual(self.saves("whole.db"), self.saves(store))
        print(f"{kills} kills in {games} games of {len(self.lines)} commands")

    def saves(self, store):
        """The save points of a store, their times apart."""
        output = self.expect("EVENTURE", "sql", store, "SELECT name, tick, seq, note FROM save_point ORDER BY seq")
        self.assertIn("before the stair", output)
        return output


if __name__ == "__main__":
    unittest.main()
