#!/usr/bin/env python3
"""Runs the golden tests of the command line: cases/*.txt.

    EVENTURE=build/tools/eventure/eventure tests/cli/run.py [--update] [FILE...]

A file contains cases. Each case runs in its own scratch directory: a copy of one with the fixtures, in which the
commands before the first case were run. Lines of a file:

    # anything              a remark
    == a sentence           begins a case
    $ command               a line of shell; `eventure` is the program under test
    < text                  a line of its standard input
    > text                  a line of its standard output
    >e text                 the same, with control characters as in Python's string literals
    >/ regex                a line that the regular expression matches, as a whole
    >~ text                 a last line that has no line feed (>e~ with escapes)
    2> 2>e 2>/ 2>~          the same for its standard error
    ? number                its exit code, 0 when it is left out

The output must equal the expected lines exactly. --update writes the actual output into the file; review the difference
before you commit it.
"""

import argparse
import pathlib
import re
import sys

from clitest import HERE, Scratch

LINE = re.compile(r"(?P<stream>2?)>(?P<form>e~|[e/~]?)(?: (?P<text>.*))?$", re.DOTALL)


class Command:
    """One command of a case, with its expected output."""

    def __init__(self, text, number):
        self.text = text
        self.number = number
        self.stdin = []
        self.out = {"": [], "2": []}
        self.exit_code = 0
        self.last_line = number


class Case:
    def __init__(self, name):
        self.name = name
        self.commands = []


def parse(path):
    setup, cases = Case("set-up"), []
    current = setup
    for index, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
        command = current.commands[-1] if current.commands else None
        match = LINE.match(line)
        if line.startswith("== "):
            current = Case(line[3:])
            cases.append(current)
        elif line.startswith("$ "):
            current.commands.append(Command(line[2:], index))
        elif not line or line.startswith("#"):
            pass
        elif command is None:
            raise SystemExit(f"{path}:{index + 1}: not in a command: {line}")
        else:
            if line.startswith("<"):
                command.stdin.append(line[2:])
            elif line.startswith("? "):
                command.exit_code = int(line[2:])
            elif match:
                command.out[match["stream"]].append((match["form"], match["text"] or ""))
            else:
                raise SystemExit(f"{path}:{index + 1}: what is this? {line}")
            command.last_line = index
    return setup, cases


def lines_of(output):
    """Returns output as (form, text) lines, each in the simplest form that represents it exactly."""
    text = output.decode("utf-8", "surrogateescape")
    parts = text.split("\n")
    lines = []
    for i, part in enumerate(parts):
        if i == len(parts) - 1 and part == "":
            break
        unended = "~" if i == len(parts) - 1 else ""
        plain = part.replace("\t", "").isprintable() or part == ""
        lines.append((unended, part) if plain else ("e" + unended, part.encode("unicode_escape").decode()))
    return lines


def same(expected, actual):
    if len(expected) != len(actual):
        return False
    for (form, text), got in zip(expected, actual):
        if form == "/":
            if got[0] != "" or not re.fullmatch(text, got[1]):
                return False
        elif (form, text) != got:
            return False
    return True


def keep_patterns(expected, actual):
    """Returns the actual lines, in which a line is replaced by the expected pattern of the same position if it
    matches."""
    patterns = [text for form, text in expected if form == "/"]
    return [next((("/", p) for p in patterns if got[0] == "" and re.fullmatch(p, got[1])), got) for got in actual]


def show(prefix, lines):
    return [f"{prefix}>{form} {text}".rstrip(" ") if text == "" else f"{prefix}>{form} {text}" for form, text in lines]


def result_of(command, code, out, err):
    lines = [f"$ {command.text}"] + [f"< {text}".rstrip() if text == "" else f"< {text}" for text in command.stdin]
    lines += show("", keep_patterns(command.out[""], out)) + show("2", keep_patterns(command.out["2"], err))
    return lines + ([f"? {code}"] if code != 0 else [])


def run_setup(path, setup, scratch):
    """Runs the commands before the first case. Raises SystemExit when one fails."""
    for command in setup.commands:
        code, _, err = scratch.run(command.text)
        if code != 0:
            raise SystemExit(f"{path}:{command.number + 1}: the set-up failed with {code}: "
                             f"{err.decode(errors='replace')}")


def run_case(path, prepared, case, updates):
    """Returns the failure as text, or None."""
    with Scratch(prepared) as scratch:
        for command in case.commands:
            stdin = "".join(line + "\n" for line in command.stdin).encode()
            code, out, err = scratch.run(command.text, stdin)
            out, err = lines_of(out), lines_of(err)
            if code == command.exit_code and same(command.out[""], out) and same(command.out["2"], err):
                continue
            if updates is not None:
                updates.append((command, result_of(command, code, out, err)))
                continue
            wanted = show("", command.out[""]) + show("2", command.out["2"]) + [f"? {command.exit_code}"]
            got = show("", out) + show("2", err) + [f"? {code}"]
            return "\n  ".join([f"{path}:{command.number + 1}: $ {command.text}", "expected"] +
                               ["  " + line for line in wanted] + ["but got"] + ["  " + line for line in got])
    return None


def write_updates(path, updates):
    lines = path.read_text(encoding="utf-8").split("\n")
    for command, replacement in sorted(updates, key=lambda update: -update[0].number):
        lines[command.number:command.last_line + 1] = replacement
    path.write_text("\n".join(lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Runs the golden tests of the command line.")
    parser.add_argument("--update", action="store_true", help="write what came out into the files")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    files = arguments.files or sorted((HERE / "cases").glob("*.txt"))
    count = failures = 0
    for path in files:
        setup, cases = parse(path)
        updates = [] if arguments.update else None
        with Scratch() as prepared:
            run_setup(path, setup, prepared)
            for case in cases:
                count += 1
                wrong = run_case(path, prepared, case, updates)
                if wrong is not None:
                    failures += 1
                    print(f"FAILED {path.name}: {case.name}\n  {wrong}\n")
        if updates:
            write_updates(path, updates)
            print(f"{path.name}: {len(updates)} commands written")
    print(f"{count} cases, {failures} failures")
    if count == 0:
        print("no case was found")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
