#!/usr/bin/env python3
"""The trading bot in C++: it prints the same analysis and writes the same history as the bot in C, each bot can
continue the history of the other, and it refuses bad input."""

import unittest

from examples import EXAMPLES, HERE, ExampleTest


class CppBotTest(ExampleTest):
    def test_it_prints_and_writes_what_the_bot_in_c_does(self):
        analysis = EXAMPLES / "trading_bot" / "analysis.sql"
        output = self.expect("TRADING_BOT_CPP", "cpp.db", 300, 7, analysis)
        self.assertEqual(output, (HERE / "trading_bot.expected").read_text(encoding="utf-8"))
        for seed in (7, 8, 2026):
            self.expect("TRADING_BOT_CPP", f"cpp-{seed}.db", 300, seed)
            self.assertEqual(self.expect("TRADING_BOT", f"c-{seed}.db", 300, seed, analysis),
                             self.expect("TRADING_BOT_CPP", f"cpp-{seed}.db", 300, seed, analysis))
            self.assert_equal_histories(f"c-{seed}.db", f"cpp-{seed}.db")

    def test_each_continues_the_history_of_the_other(self):
        self.expect("TRADING_BOT", "whole.db", 120, 7)
        for bot, ticks in (("TRADING_BOT_CPP", 1), ("TRADING_BOT", 31), ("TRADING_BOT_CPP", 77), ("TRADING_BOT", 120)):
            self.expect(bot, "parts.db", ticks, 7)
        self.assert_equal_histories("whole.db", "parts.db")

    def test_bad_input_is_refused(self):
        self.expect("EVENTURE", "append", "other.db", "player.go", "{}")
        self.expect("TRADING_BOT_CPP", "a.db", 5, 7)
        (self.folder / "text.db").write_text("This is not a store. " * 100, encoding="utf-8")
        for arguments, code, text in (((), 2, "usage"), (("a.db", "x"), 2, "usage"), (("a.db", "1", "-1"), 2, "usage"),
                                      (("text.db", "1"), 1, "text.db"), (("no/a.db", "1"), 1, "no/a.db"),
                                      (("other.db", "1"), 1, "the history of another program"),
                                      (("a.db", "6", "8"), 1, "another seed"), (("a.db", "1", "7", "none.sql"), 1, "none.sql")):
            with self.subTest(arguments=arguments):
                got, _output, errors = self.run_program("TRADING_BOT_CPP", *arguments)
                self.assertEqual(got, code)
                self.assertIn(text, errors)


if __name__ == "__main__":
    unittest.main()
