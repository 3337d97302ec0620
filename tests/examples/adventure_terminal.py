#!/usr/bin/env python3
"""The adventure game at a real terminal: play, undo, save, quit, load, continue, redo."""

import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest

from examples import TIMEOUT_SECONDS, ExampleTest, environment, program

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from terminals import LAST, need_terminals  # noqa: E402  (after the line above, which says where it is)

COLOR = re.compile("\033\\[[0-9;]*m")
PROMPT = "\n> "


class Terminal:
    """A player at a terminal: types a line, and reads until the next prompt."""

    def __init__(self, folder, *arguments, **env):
        self.outside, self.inside = pty.openpty()
        fcntl.ioctl(self.inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([program("ADVENTURE_GAME"), *arguments], cwd=folder, env=environment(**env),
                                        stdin=self.inside, stdout=self.inside, stderr=self.inside,
                                        start_new_session=True)
        self.raw = ""
        self.greeting = self.read()

    def read(self):
        """Returns the output up to the next prompt, or up to the end, without colour."""
        seen = ""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        last = LAST.decode()
        is_last_written = False
        while not COLOR.sub("", seen).endswith((PROMPT, last)):
            if self.process.poll() is not None and not is_last_written:
                os.write(self.inside, LAST)
                is_last_written = True
            if select.select([self.outside], [], [], 0.05)[0]:
                seen += os.read(self.outside, 65536).decode().replace("\r\n", "\n")
            elif time.monotonic() > deadline:
                raise AssertionError(f"no prompt came: {seen!r}")
        seen = seen.removesuffix(last)
        self.raw += seen
        return COLOR.sub("", seen)

    def type(self, text):
        """Types a line. Returns the answer of the game."""
        os.write(self.outside, text.encode() + b"\n")
        answer = self.read()
        if not answer.startswith(text + "\n"):
            raise AssertionError(f"the terminal did not echo {text!r}: {answer!r}")
        return answer[len(text) + 1:].removesuffix(PROMPT).rstrip("\n")

    def end(self):
        """Waits until the game has ended; its exit code."""
        return self.process.wait(TIMEOUT_SECONDS)

    def leave(self):
        """Ends the game in any state."""
        self.process.kill()
        self.process.wait()
        os.close(self.inside)
        os.close(self.outside)


class TerminalTest(ExampleTest):
    def begin(self, *arguments, **env):
        """Starts the game at a terminal."""
        player = Terminal(self.folder, *arguments, **env)
        self.addCleanup(player.leave)
        return player

    def test_play_undo_save_quit_load_continue_redo(self):
        player = self.begin("a.db", "--seed", "3")
        self.assertIn("LANTERN ROCK", player.greeting)
        self.assertEqual(player.type("take lantern"), "Taken: a storm lantern.")
        self.assertTrue(player.type("w").startswith("Shingle beach\n"))
        self.assertEqual(player.type("take oar"), "Taken: half an oar.")
        self.assertIn("That never happened: take oar.", player.type("undo"))
        self.assertIn("You see half an oar.", player.type("look"))
        self.assertEqual(player.type("save low tide"), 'Saved as "low tide".')
        self.assertTrue(player.type("n").startswith("Keeper's garden\n"))
        self.assertIn("keep", player.type("quit"))
        self.assertEqual(player.end(), 0)

        player = self.begin("a.db")
        self.assertIn(" on where it stood.\nKeeper's garden\n", player.greeting)
        self.assertIn("low tide  (Shingle beach, health 20)", player.type("saves"))
        self.assertIn('You are back at "low tide".\nShingle beach\n', player.type("load low tide"))
        self.assertIn("You see half an oar.", player.type("look"))
        self.assertEqual(player.type("take oar"), "Taken: half an oar.")
        self.assertTrue(player.type("e").startswith("Jetty\n"))
        self.assertIn("That never happened: e.\nShingle beach\n", player.type("undo"))
        self.assertIn("On second thoughts, it did: e.\nJetty\n", player.type("redo"))
        self.assertIn("You carry a storm lantern, half an oar.", player.type("inventory"))
        self.assertIn("[*Jetty*]", player.type("map"))
        self.assertIn("take oar  (undone)", player.type("history"))
        player.type("quit")
        self.assertEqual(player.end(), 0)
        self.assertIn("sound: ", self.expect("EVENTURE", "verify", "a.db"))

    def test_control_d_leaves_and_the_tale_goes_on(self):
        player = self.begin("a.db")
        player.type("take lantern")
        os.write(player.outside, b"\x04")
        self.assertEqual(player.end(), 0)
        player = self.begin("a.db")
        self.assertIn("You carry a storm lantern.", player.type("inventory"))

    def test_what_was_played_is_kept_when_the_terminal_is_closed_or_interrupted(self):
        for blow in (signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(blow=blow):
                store = f"{blow}.db"
                player = self.begin(store)
                player.type("take lantern")
                player.process.send_signal(blow)
                self.assertEqual(player.end(), -blow)
                player = self.begin(store)
                self.assertIn("You carry a storm lantern.", player.type("inventory"))

    def test_colour_is_for_terminals_that_want_it(self):
        player = self.begin("a.db")
        self.assertIn("\033[1mLANTERN ROCK\033[0m", player.raw)
        for name, env in (("b.db", {"NO_COLOR": "1"}), ("c.db", {"TERM": "dumb"})):
            player = self.begin(name, **env)
            player.type("look")
            self.assertNotIn("\033", player.raw)
        self.assertNotIn("\033", self.expect("ADVENTURE_GAME", "d.db", stdin=b"look\n"))

    def test_lines_fit_a_terminal(self):
        player = self.begin("a.db")
        for line in ("take lantern", "w", "s", "n", "n", "e", "e", "w", "help", "map", "inventory"):
            player.type(line)
        self.assertLessEqual(max(len(line) for line in COLOR.sub("", player.raw).split("\n")), 80)


if __name__ == "__main__":
    need_terminals()
    unittest.main()
