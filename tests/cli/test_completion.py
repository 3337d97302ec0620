#!/usr/bin/env python3
"""Completion: that the program offers exactly the options of its help, and that real shells complete with it. A shell
that is not installed is skipped."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
import unittest

from clitest import ROOT, Scratch, environment, program
from test_help import command_rows, section, texts

sys.path.insert(0, str(ROOT / "tests/support"))
from terminals import why_no_terminals  # noqa: E402  (after the line above, which says where it is)

SCRIPTS = ROOT / "tools" / "eventure" / "completions"
SAVE_POINT = "before the dragon"


class CompletionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch().__enter__()
        cls.addClassCleanup(cls.scratch.__exit__)
        code, _, errors = cls.scratch.run("eventure import game.db story.jsonl && "
                                          f"eventure save-point add game.db '{SAVE_POINT}' && "
                                          "eventure index add game.db enemy && : > 'two words.txt'")
        assert code == 0, errors

    def offered(self, *words):
        done = subprocess.run([program(), "--complete", *words], cwd=self.scratch.path, env=environment(),
                              capture_output=True, check=True)
        self.assertEqual(done.stderr, b"")
        return [line.split("\t")[0] for line in done.stdout.decode().splitlines()]

    # --- The options that the program offers ---

    def test_commands(self):
        self.assertEqual(self.offered(""), command_rows() + ["help"])
        self.assertEqual(self.offered("s"), [name for name in command_rows() if name.startswith("s")])
        self.assertEqual(self.offered("help", "an"), ["ancestors"])
        self.assertEqual(self.offered("--ver"), ["--version"])

    def test_options_are_those_of_the_help(self):
        for name in command_rows():
            with self.subTest(name):
                heads = re.findall(r"^    (--.*)$", section(texts()[name], "OPTIONS") or "", re.MULTILINE)
                written = {option for head in heads for option in re.findall(r"--[a-z0-9-]+", head)}
                self.assertEqual(set(self.offered(name, "--")), written | {"--help", "--no-pager"})

    def test_words_that_an_option_takes(self):
        self.assertEqual(self.offered("log", "game.db", "--format", ""), ["table", "jsonl", "ids"])
        self.assertEqual(self.offered("export", "--format", "c"), ["csv", "cloudevents", "chrome"])
        self.assertEqual(self.offered("export", "--format=ch"), ["--format=chrome"])
        self.assertEqual(self.offered("cascade", "--order", ""), ["breadth", "id"])
        self.assertEqual(self.offered("log", "--color="), ["--color=auto", "--color=always", "--color=never"])
        self.assertEqual(self.offered("children", "--par"), [])

    def test_what_is_in_the_store(self):
        self.assertEqual(self.offered("log", "game.db", "--type", "enemy."),
                         ["enemy.appear", "enemy.damage", "enemy.defeat"])
        self.assertEqual(self.offered("log", "game.db", "--type=enemy.d"), ["--type=enemy.damage", "--type=enemy.defeat"])
        self.assertEqual(self.offered("show", "game.db", "1-E"), ["1-EBDB-1", "1-ECBC-1", "1-EEAE-1"])
        self.assertEqual(self.offered("children", "--no-pager", "game.db", "4-ED"), ["4-EDDA-1"])
        self.assertEqual(self.offered("fork", "game.db", "new.db", "--save-point", "be"), [SAVE_POINT])
        self.assertEqual(self.offered("save-point", "drop", "game.db", ""), [SAVE_POINT])
        self.assertEqual(self.offered("index", "drop", "game.db", ""), ["enemy"])
        self.assertEqual(self.offered("index", "add", "game.db", "it"), ["item"])
        self.assertEqual(self.offered("index", ""), ["add", "drop", "list"])

    def test_where_there_is_nothing_to_offer(self):
        for words in (["show", "none.db", "1"], ["show", "story.jsonl", "1"], ["nonsense", "x"], ["log", "--limit", ""],
                      ["show", "game.db", "1-EBDB-1", ""]):
            self.assertEqual(self.offered(*words), [], words)

    def test_files(self):
        self.assertEqual(self.offered("log", "ga"), [":files"])
        self.assertEqual(self.offered("state", "game.db", "--projection", ""), [":files"])

    # --- Real shells ---

    def complete_in_bash(self, line):
        """Returns the words that bash's completion function would insert for a line."""
        script = f"""
            source {SCRIPTS}/eventure.bash
            line={quote(line)}
            COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
            words=() rest=$line
            while [[ -n $rest ]]; do
                if [[ $rest =~ ^\\ +(.*)$ ]]; then rest=${{BASH_REMATCH[1]}}; [[ -z $rest ]] && words+=("")
                elif [[ $rest =~ ^(=)(.*)$ ]]; then words+=("="); rest=${{BASH_REMATCH[2]}}
                elif [[ $rest =~ ^([^\\ =]+)(.*)$ ]]; then words+=("${{BASH_REMATCH[1]}}"); rest=${{BASH_REMATCH[2]}}
                fi
            done
            COMP_WORDS=("${{words[@]}}") COMP_CWORD=$((${{#words[@]}} - 1))
            _eventure
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(["bash", "--norc", "-c", script], cwd=self.scratch.path, env=environment(),
                              capture_output=True, check=True)
        return done.stdout.decode().split()

    def test_bash_function(self):
        if shutil.which("bash") is None:
            self.skipTest("bash is not installed")
        self.assertEqual(self.complete_in_bash("eventure casc"), ["cascade"])
        self.assertEqual(self.complete_in_bash("eventure log game.db --sin"), ["--since"])
        self.assertEqual(self.complete_in_bash("eventure log game.db --type=enemy.a"), ["enemy.appear"])
        self.assertEqual(self.complete_in_bash("eventure log game.db --format="), ["table", "jsonl", "ids"])
        self.assertEqual(self.complete_in_bash("eventure log sto"), ["story.jsonl"])
        self.assertEqual(" ".join(self.complete_in_bash("eventure fork game.db new.db --save-point ")),
                         SAVE_POINT.replace(" ", "\\ "))

    def type_into(self, shell, set_up, line, wanted):
        """Types a line and a tab into an interactive shell; true when the terminal then shows `wanted`."""
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.scratch.path)
            os.execvpe(shell[0], shell, environment(HOME=str(self.scratch.path), PS1="> ", TERM="dumb"))
        seen = ""
        try:
            for text, mark in ((set_up + "; echo rea''dy\n", "ready"), (line + "\t", wanted), ("\t", wanted)):
                os.write(terminal, text.encode())
                until = time.monotonic() + 30
                start = len(seen)
                while mark not in seen[start:].replace("rea''dy", "") and time.monotonic() < until:
                    if not select.select([terminal], [], [], 5 if mark == "ready" else 2)[0]:
                        break
                    seen += os.read(terminal, 65536).decode(errors="replace")
                if mark == wanted and wanted in seen[start:]:
                    return True
            self.fail(f"{shell[0]} does not complete {line!r} to {wanted!r}: {seen!r}")
        finally:
            os.close(terminal)
            os.kill(process, 9)
            os.waitpid(process, 0)

    def test_interactive_bash(self):
        if shutil.which("bash") is None:
            self.skipTest("bash is not installed")
        if why_no_terminals() is not None:
            self.skipTest(why_no_terminals())
        shell = ["bash", "--norc", "--noprofile", "-i"]
        set_up = f"source {SCRIPTS}/eventure.bash"
        self.type_into(shell, set_up, "eventure ancest", "ancestors ")
        self.type_into(shell, set_up, "eventure log game.db --type treas", "treasure.drop ")
        self.type_into(shell, set_up, "eventure fork game.db new.db --save-point be", "before\\ the\\ dragon ")
        self.type_into(shell, set_up, "eventure log sto", "story.jsonl ")

    def test_zsh(self):
        if shutil.which("zsh") is None:
            self.skipTest("zsh is not installed")
        shell = ["zsh", "-f", "-i"]
        set_up = f"fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D"
        self.type_into(shell, set_up, "eventure ancest", "ancestors ")
        self.type_into(shell, set_up, "eventure log game.db --type treas", "treasure.drop ")
        self.type_into(shell, set_up, "eventure fork game.db new.db --save-point be", "before\\ the\\ dragon ")
        self.type_into(shell, set_up, "eventure log sto", "story.jsonl ")

    def test_fish(self):
        if shutil.which("fish") is None:
            self.skipTest("fish is not installed")
        for line, wanted in (("eventure ancest", "ancestors"), ("eventure log game.db --type treas", "treasure.drop"),
                             ("eventure fork game.db new.db --save-point be", SAVE_POINT), ("eventure log sto", "story.jsonl")):
            done = subprocess.run(["fish", "--no-config", "-c", f"source {SCRIPTS}/eventure.fish; complete -C '{line}'"],
                                  cwd=self.scratch.path, env=environment(HOME=str(self.scratch.path)),
                                  capture_output=True, check=True)
            offered = [entry.split("\t")[0] for entry in done.stdout.decode().splitlines()]
            self.assertIn(wanted, [entry.replace("\\ ", " ") for entry in offered], done.stderr)


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


if __name__ == "__main__":
    unittest.main()
