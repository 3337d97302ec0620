#!/usr/bin/env python3
"""The adventure game from scripts: its output; the same seed gives the same game; and bad input."""

import os
import subprocess
import unittest

from examples import HERE, TIMEOUT_SECONDS, ExampleTest, environment, program

SCRIPTS = HERE / "adventure"


class PlayTest(ExampleTest):
    def play(self, store, lines, *arguments):
        """Plays lines given on standard input; returns the output."""
        return self.expect("ADVENTURE_GAME", store, *arguments, stdin="\n".join(lines).encode() + b"\n")

    def refused(self, *arguments, stdin=b""):
        """Runs a command that must fail. Returns (exit code, standard error)."""
        code, _output, errors = self.run_program("ADVENTURE_GAME", *arguments, stdin=stdin)
        self.assertNotEqual(code, 0)
        return code, errors

    def test_scripts_play_as_expected(self):
        for script in sorted(SCRIPTS.glob("*.txt")):
            with self.subTest(script=script.name):
                store = script.stem + ".db"
                output = self.expect("ADVENTURE_GAME", store, "--seed", 1, "--script", script)
                self.assertEqual(output, script.with_suffix(".expected").read_text(encoding="utf-8"))
                self.assertIn("sound: ", self.expect("EVENTURE", "verify", store))

    def test_a_blow_leads_to_treasure(self):
        self.expect("ADVENTURE_GAME", "a.db", "--seed", 1, "--script", SCRIPTS / "playthrough.txt")
        chains = [self.expect("EVENTURE", "ancestors", "a.db", line.split()[2]).splitlines()
                  for line in self.expect("EVENTURE", "log", "a.db", "--type", "treasure.dropped").splitlines()
                  if "ember" in line]
        self.assertEqual(len(chains), 1)
        found = [word for line in chains[0] for word in line.split() if "." in word]
        self.assertEqual(found[:4], ["enemy.defeated", "enemy.hurt", "player.attack", "command.typed"])

    def test_one_line_is_one_tick(self):
        self.play("a.db", ["look", "n", "nonsense", "take bread", "undo", "quit"])
        self.assertEqual(self.tick("a.db"), 6)

    def test_the_same_seed_gives_the_same_history_and_another_one_does_not(self):
        for store, seed in (("a.db", 5), ("b.db", 5), ("c.db", 6)):
            self.expect("ADVENTURE_GAME", store, "--seed", seed, "--script", SCRIPTS / "playthrough.txt")
        self.assert_equal_histories("a.db", "b.db")
        digest = {name: self.expect("EVENTURE", "digest", name).split()[1] for name in ("a.db", "b.db", "c.db")}
        self.assertEqual(digest["a.db"], digest["b.db"])
        self.assertNotEqual(digest["a.db"], digest["c.db"])
        self.assertEqual(self.run_program("EVENTURE", "diff", "a.db", "c.db")[0], 1)

    def test_a_game_in_two_sittings_is_the_game_in_one(self):
        lines = [line for line in (SCRIPTS / "playthrough.txt").read_text(encoding="utf-8").splitlines()
                 if not line.startswith("#")]
        self.play("whole.db", lines, "--seed", 1)
        for cut in (1, 13, 18, 45, 58, 62, len(lines) - 2):
            with self.subTest(cut=cut):
                store = f"cut-{cut}.db"
                self.play(store, lines[:cut], "--seed", 1)
                self.play(store, lines[cut:])
                self.assert_equal_histories("whole.db", store)

    def test_going_back_takes_everything_back(self):
        def state(store):
            return self.play(store, ["inventory", "look", "map", "saves"]).split("> inventory", 1)[1]

        self.play("a.db", ["take lantern", "w", "save here"])
        before = state("a.db")
        self.play("a.db", ["take oar", "n", "attack", "attack", "attack", "attack", "take key", "s", "drop lantern"])
        self.assertNotEqual(state("a.db"), before)
        self.play("a.db", ["load here"])
        self.assertEqual(state("a.db"), before)
        self.play("a.db", ["e", "n", "undo", "undo"])
        self.assertEqual(state("a.db"), before)
        self.play("a.db", ["take oar"])
        after = state("a.db")
        self.play("a.db", ["undo", "redo"])
        self.assertEqual(state("a.db"), after)

    def test_a_turn_after_undo_forgets_what_could_be_redone(self):
        output = self.play("a.db", ["take lantern", "undo", "n", "redo", "undo", "redo"])
        self.assertIn("> redo\nThere is nothing to redo.", output)
        self.assertIn("> redo\nOn second thoughts, it did: n.", output)

    def test_a_save_point_of_the_command_line_can_be_loaded_and_forked(self):
        self.play("a.db", ["take lantern"])
        self.expect("EVENTURE", "save", "a.db", "outside")
        self.play("a.db", ["drop lantern", "n"])
        self.assertIn("Jetty\n", self.play("a.db", ["load outside", "inventory"]).split("> load outside\n")[1])
        self.expect("EVENTURE", "fork", "a.db", "b.db", "--save-point", "outside")
        self.assertIn("You carry a storm lantern.", self.play("b.db", ["inventory"]))

    def test_a_fork_from_a_save_of_the_game_goes_on(self):
        self.play("a.db", ["take lantern", "save mine", "drop lantern"])
        self.expect("EVENTURE", "fork", "a.db", "b.db", "--save-point", "mine")
        self.assertIn("You carry a storm lantern.", self.play("b.db", ["inventory", "undo"]))
        self.assertEqual(self.tick("b.db"), 4)

    def test_words_that_mean_nothing_are_refused_in_words(self):
        output = self.play("a.db", ["xyzzy", "take", "go", "go sideways", "attack", "use", "drop everything", "load",
                                    "load nowhere", "save", "undo", "redo", "%s%n%d", "take the", "the"])
        self.assertEqual(self.tick("a.db"), 15)
        self.assertEqual(len([event for event in self.events("a.db") if '"command.refused"' in event]), 15, output)

    def test_absurd_lines_leave_nothing_behind(self):
        absurd = [b"x" * 201, b"take " + b"y" * 1000000, b"nul\0nul", b"\x1b[2Jlook", b"look \xff\xfe", b"save \xc2\x9b1m",
                  b"\x01", b"save \xed\xa0\x80"]
        output = self.expect("ADVENTURE_GAME", "a.db", stdin=b"\n".join(absurd) + b"\nlook\n")
        self.assertEqual(output.count(" here can read that"), len(absurd))
        self.assertNotIn("\x1b", output)
        self.assertEqual(self.tick("a.db"), 1)
        self.assertEqual(len(self.events("a.db")), 2)

    def test_the_longest_line_and_other_letters_are_kept(self):
        name = "é" * 97 + "x"
        self.assertIn("Saved as", self.play("a.db", ["save " + name, "\t LOOK \r", "", "   ", "# not a command"]))
        self.assertIn(name, self.expect("EVENTURE", "saves", "a.db"))
        self.assertEqual(self.tick("a.db"), 2)

    def test_input_may_end_anywhere(self):
        for stdin in (b"", b"look", b"take lantern\nlo", b"\n", b"\0"):
            with self.subTest(stdin=stdin):
                self.expect("ADVENTURE_GAME", "a.db", stdin=stdin)
        self.assertIn("sound: ", self.expect("EVENTURE", "verify", "a.db"))

    def test_the_history_of_another_program_is_refused_and_stays_as_it_is(self):
        self.expect("EVENTURE", "append", "other.db", "market.price", '{"price": 1}')
        self.expect("EVENTURE", "append", "cousin.db", "game.began", '{"game": "chess", "seed": 1}')
        for store in ("other.db", "cousin.db"):
            before = self.events(store)
            code, errors = self.refused(store, stdin=b"look\n")
            self.assertEqual(code, 1)
            self.assertRegex(errors, f"{store}: this is (the history of another program|another history)")
            self.assertEqual(self.events(store), before)

    def test_a_history_that_makes_no_sense_is_refused(self):
        for store, kind, data in (("a.db", "player.go", '{"to": "moon"}'), ("b.db", "player.take", '{"item": 7}'),
                                  ("c.db", "game.undone", '{"to": 99}'), ("d.db", "game.loaded", "{}"),
                                  ("e.db", "enemy.hurt", '{"enemy": "dragon", "left": 1}')):
            self.play(store, ["take lantern"])
            self.expect("EVENTURE", "append", store, kind, data)
            before = self.events(store)
            code, errors = self.refused(store, stdin=b"look\n")
            self.assertEqual(code, 1)
            self.assertRegex(errors, f"^adventure_game: {store}: .*{kind}")
            self.assertEqual(self.events(store), before)

    def test_events_of_strangers_are_passed_over(self):
        self.play("a.db", ["take lantern"])
        self.expect("EVENTURE", "append", "a.db", "weather.changed", '{"wind": "west"}')
        self.expect("EVENTURE", "append", "a.db", "command.typed", '{"line": "\\u001b[2Jboo"}')
        output = self.play("a.db", ["inventory", "history", "undo"])
        self.assertIn("You carry a storm lantern.", output)
        self.assertIn("?[2Jboo", output)
        self.assertIn("That never happened: take lantern.", output)

    def test_files_that_are_no_store_are_refused(self):
        (self.folder / "text.db").write_text("This is not a store. " * 100, encoding="utf-8")
        self.assertIn("text.db", self.refused("text.db")[1])
        self.assertIn("nowhere", self.refused("nowhere/a.db")[1])
        self.assertIn("missing.txt", self.refused("a.db", "--script", "missing.txt")[1])

    def test_another_seed_for_an_old_game_is_refused(self):
        self.play("a.db", ["look"], "--seed", 4)
        self.play("a.db", ["look"], "--seed", 4)
        self.assertIn('this is another history: its first event, game.began, does not have the data',
                      self.refused("a.db", "--seed", 5)[1])

    def test_a_bad_command_line_is_answered_with_the_usage(self):
        for arguments in ((), ("a.db", "b.db"), ("--seed", "1"), ("a.db", "--seed"), ("a.db", "--seed", "x"), ("",),
                          ("a.db", "--seed", "-1"), ("a.db", "--seed", "99999999999999999999"), ("a.db", "--fast")):
            code, errors = self.refused(*arguments)
            self.assertEqual(code, 2, arguments)
            self.assertIn("usage: adventure_game STORE", errors)
        self.assertFalse((self.folder / "a.db").exists())

    def test_two_players_cannot_play_one_game(self):
        with subprocess.Popen([program("ADVENTURE_GAME"), "a.db"], cwd=self.folder, env=environment(),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
            os.read(first.stdout.fileno(), 1)
            while self.tick("a.db") < 0:
                pass
            self.assertIn("a.db", self.refused("a.db")[1])
            first.communicate(b"look\n", TIMEOUT_SECONDS)
        self.assertEqual(self.tick("a.db"), 1)


if __name__ == "__main__":
    unittest.main()
