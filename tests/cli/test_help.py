#!/usr/bin/env python3
"""The help texts: their form; --help prints them; and their examples have the shown output."""

import re
import shutil
import unittest

from clitest import COMMANDS, ROOT, Scratch

SECTIONS = ["NAME", "SYNOPSIS", "EXAMPLES", "DESCRIPTION", "COMMANDS", "OPTIONS", "HINTS", "EXIT STATUS", "ENVIRONMENT"]
OPTIONAL = {"COMMANDS", "OPTIONS", "HINTS", "ENVIRONMENT"}


def texts():
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(COMMANDS.glob("*.txt"))}


def command_rows():
    """The commands in the order of commands.c."""
    table = (ROOT / "tools" / "eventure" / "commands.c").read_text(encoding="utf-8")
    return re.findall(r'^    \{"([a-z-]+)", ', table, re.MULTILINE)


# Their examples need a PostgreSQL server: tests/postgres tests these commands.
NEED_SERVER = ("ship", "fetch")


def section(text, title):
    match = re.search(rf"^{title}\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return match.group(1) if match else None


def examples(text):
    """The examples as (command, output)."""
    found = []
    for line in section(text, "EXAMPLES").split("\n"):
        if line.startswith("    $ "):
            found.append((line[6:], []))
        elif line.startswith("    "):
            found[-1][1].append(line[4:])
        elif line:
            raise AssertionError(f"not indented by four: {line}")
    return found


class HelpTest(unittest.TestCase):
    def test_every_command_has_a_text_and_every_text_a_command(self):
        self.assertEqual(sorted(command_rows() + ["eventure"]), sorted(texts()))

    def test_texts_have_their_sections_in_order_and_at_most_80_columns(self):
        for name, text in texts().items():
            with self.subTest(name):
                titles = re.findall(r"^[A-Z][A-Z ]*$", text, re.MULTILINE)
                self.assertEqual(titles, [title for title in SECTIONS if title in titles])
                self.assertLessEqual(set(SECTIONS) - OPTIONAL, set(titles))
                for line in text.split("\n"):
                    self.assertLessEqual(len(line), 80, line)
                    self.assertEqual(line, line.rstrip())
                    self.assertNotIn("\t", line)

    def test_the_overview_lists_the_commands_as_they_name_themselves(self):
        listed = re.findall(r"^    (\S+) +(.+)$", section(texts()["eventure"], "COMMANDS"), re.MULTILINE)
        named = []
        for name in command_rows():
            match = re.match(rf"    eventure-{name} - (.+)\n", section(texts()[name], "NAME"))
            self.assertIsNotNone(match, name)
            named.append((name, match.group(1)))
        self.assertEqual(listed, named)

    def test_help_prints_the_text(self):
        with Scratch() as scratch:
            for name, text in texts().items():
                with self.subTest(name):
                    asked = "eventure --help" if name == "eventure" else f"eventure {name} --help"
                    for command in (asked, f"eventure help {name}"):
                        code, out, err = scratch.run(command)
                        self.assertEqual((code, out.decode(), err), (0, text, b""))

    def test_every_option_of_the_program_is_in_the_text_and_the_other_way_round(self):
        with Scratch() as scratch:
            for name in command_rows():
                with self.subTest(name):
                    written = set(re.findall(r"^    (--[a-z0-9-]+)", section(texts()[name], "OPTIONS") or "", re.MULTILINE))
                    for option in written:
                        _, _, err = scratch.run(f"eventure {name} {option}")
                        self.assertNotIn(b"unknown option", err, option)
                    (path,) = (ROOT / "tools").glob(f"*/cmd_{name.replace('-', '_')}.c")
                    source = path.read_text(encoding="utf-8")
                    for option in re.findall(r'\{"([a-z0-9-]+)", OPTION_(?!HIDDEN)', source):
                        self.assertIn(f"--{option}", written)

    def test_examples_do_what_they_show(self):
        for name, text in texts().items():
            with self.subTest(name), Scratch() as scratch:
                self.assertEqual(scratch.run("eventure import game.db story.jsonl")[0], 0)
                for file in (ROOT / "tests" / "cli" / "help").iterdir():  # other files that the examples use
                    shutil.copy(file, scratch.path)
                self.assertGreater(len(examples(text)), 0)
                if name in NEED_SERVER:
                    continue
                for command, output in examples(text):
                    _, out, _ = scratch.run(f"{{ {command}\n}} 2>&1")
                    self.assertEqual(out.decode().rstrip("\n").split("\n"), output or [""], command)


if __name__ == "__main__":
    unittest.main()
