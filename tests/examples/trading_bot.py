#!/usr/bin/env python3
"""The trading bot: killed at random moments, it ends with the same history as without kills; its analysis is as
expected; and bad input."""

import os
import random
import signal
import subprocess
import time
import unittest

from examples import EXAMPLES, HERE, ExampleTest, environment, program

KILLS = int(os.environ.get("EVENTURE_KILLS", "20"))
TICKS = 400
SEED = 20261124


class BotTest(ExampleTest):
    def trade(self, store, seconds=None):
        """Trades to the end. With `seconds`, kills the bot after this time. Returns whether it was killed."""
        with subprocess.Popen([program("TRADING_BOT"), store, str(TICKS), "7"], cwd=self.folder, env=environment(),
                              stdout=subprocess.DEVNULL) as process:
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
        self.assertFalse(self.trade("whole.db"))
        seconds = time.monotonic() - begin
        kills = runs = 0
        while kills < KILLS:
            runs += 1
            self.assertLess(runs, 10 * KILLS, "it ends before it can be killed")
            store = f"killed-{runs}.db"
            before = kills
            while self.trade(store, chance.uniform(0, seconds / 4)):
                kills += 1
                self.assertLess(kills - before, 200, "it does not get on")
            self.assert_equal_histories("whole.db", store)
            self.assertIn("sound: ", self.expect("EVENTURE", "verify", store))
        print(f"{kills} kills in {runs} runs of {TICKS} ticks")

    def test_more_ticks_later_are_the_ticks_of_one_run(self):
        self.expect("TRADING_BOT", "whole.db", 120, 7)
        for ticks in (0, 1, 30, 31, 120, 50):
            self.expect("TRADING_BOT", "parts.db", ticks, 7)
        self.assert_equal_histories("whole.db", "parts.db")

    def test_the_analysis_is_as_expected(self):
        output = self.expect("TRADING_BOT", "a.db", 300, 7, EXAMPLES / "trading_bot" / "analysis.sql")
        self.assertEqual(output, (HERE / "trading_bot.expected").read_text(encoding="utf-8"))

    def test_fills_have_the_price_that_moved_the_averages_as_their_origin(self):
        self.expect("TRADING_BOT", "a.db", 120, 7)
        chain = self.expect("EVENTURE", "sql", "a.db", "--format", "csv",
                            "SELECT DISTINCT f.type, o.type, s.type, p.type FROM events AS f "
                            "JOIN events AS o ON o.seq = f.parent_seq JOIN events AS s ON s.seq = o.parent_seq "
                            "JOIN events AS p ON p.seq = s.parent_seq WHERE f.type = 'order.filled'")
        self.assertIn("order.filled,order.placed,strategy.signal,market.price", chain)

    def test_the_history_of_another_program_is_refused_and_stays_as_it_is(self):
        self.expect("EVENTURE", "append", "other.db", "player.go", '{"to": "kitchen"}')
        before = self.events("other.db")
        code, _output, errors = self.run_program("TRADING_BOT", "other.db", 10, 7)
        self.assertEqual(code, 1)
        self.assertIn("other.db: this is the history of another program", errors)
        self.assertEqual(self.events("other.db"), before)

    def test_another_seed_for_an_old_run_is_refused(self):
        self.expect("TRADING_BOT", "a.db", 10, 7)
        code, _output, errors = self.run_program("TRADING_BOT", "a.db", 20, 8)
        self.assertEqual(code, 1)
        self.assertIn('a.db: this is another history: its first event, bot.started, does not have the data {"seed":8}', errors)
        self.expect("TRADING_BOT", "a.db", 20)

    def test_a_history_that_makes_no_sense_is_refused_and_stays_as_it_is(self):
        for store, kind, data in (("a.db", "market.price", '{"symbol": "OAK", "price": 1}'), ("b.db", "order.filled", "{}")):
            self.expect("TRADING_BOT", store, 10, 7)
            self.expect("EVENTURE", "append", store, kind, data)
            before = self.events(store)
            code, _output, errors = self.run_program("TRADING_BOT", store, 20)
            self.assertEqual(code, 1)
            self.assertRegex(errors, f"^trading_bot: .*{kind}.*CORRUPT")
            self.assertEqual(self.events(store), before)

    def test_bad_input_is_reported(self):
        (self.folder / "text.db").write_text("This is not a store. " * 100, encoding="utf-8")
        (self.folder / "bad.sql").write_text("SELECT x FROM nowhere;", encoding="utf-8")
        for arguments, code, text in (((), 2, "usage"), (("a.db", "x"), 2, "usage"), (("a.db", "1", "-1"), 2, "usage"),
                                      (("text.db", "1"), 1, "text.db"), (("no/a.db", "1"), 1, "no/a.db"),
                                      (("a.db", "1", "1", "bad.sql"), 1, "nowhere"),
                                      (("a.db", "1", "1", "none.sql"), 1, "none.sql")):
            with self.subTest(arguments=arguments):
                got, _output, errors = self.run_program("TRADING_BOT", *arguments)
                self.assertEqual(got, code)
                self.assertIn(text, errors)


if __name__ == "__main__":
    unittest.main()
