#!/usr/bin/env python3
"""Makes the main functions of test files of Check, with the lists of their tests.

    make_runner.py DIRECTORY SOURCE...

Writes, for each SOURCE, a C file of the same name into DIRECTORY, which includes SOURCE and is compiled in its place. A
file that would not change is not written, so that it is not compiled again. The tests are the lines START_TEST(name) and
LOOP_TEST(name, count); the settings are the lines TEST_FIXTURE(before, after);, TEST_PREPARE(function); and
TEST_TIMEOUT(seconds); (see testing.h). Each is a line of its own. Ends with 1, and names the line, when one is not of
this form, is there twice, or when SOURCE has a main function: no test of a file can be left out.
"""

import pathlib
import re
import sys

START_TEST = re.compile(r"START_TEST\((\w+)\)")
LOOP_TEST = re.compile(r"LOOP_TEST\((\w+), (.+)\)")
SETTING = re.compile(r"TEST_(FIXTURE|PREPARE|TIMEOUT)\((.+)\);")
MARK = re.compile(r"\b(?:START_TEST|LOOP_TEST|TEST_FIXTURE|TEST_PREPARE|TEST_TIMEOUT)\b|^int main\(")


class FormError(Exception):
    """A line that is not of the form above."""


def read_tests(lines):
    """Returns the tests of a file, as pairs of a name and the number of its runs, and the settings."""
    tests, settings = {}, {}
    for number, line in enumerate(lines, 1):
        if not MARK.search(line):
            continue
        if match := START_TEST.fullmatch(line):
            name, value, group = match.group(1), "1", tests
        elif match := LOOP_TEST.fullmatch(line):
            name, value, group = match.group(1), match.group(2), tests
        elif match := SETTING.fullmatch(line):
            name, value, group = match.group(1), match.group(2), settings
        else:
            raise FormError(f"{number}: not a test or a setting in a line of its own: {line.strip()}")
        if name in group:
            raise FormError(f"{number}: {name} is there twice")
        group[name] = value
    if not tests:
        raise FormError("1: no test")
    return list(tests.items()), settings


def runner(source, tests, settings):
    """The text of the C file."""
    values = [f'"{source.stem.removeprefix("test_")}"', settings.get("PREPARE", "NULL"),
              settings.get("FIXTURE", "NULL, NULL"), settings.get("TIMEOUT", "RUN_TESTS_TIMEOUT")]
    rows = "\n".join(f"        {{{name}, {count}}}," for name, count in tests)
    return f"""/* Made by make_runner.py: the tests of the file that is included, and their main function. */
#include "{source.as_posix()}"

#include "run_tests.h"

int main(void)
{{
    const run_settings runner_settings = {{{", ".join(values)}}};
    const run_test runner_tests[] = {{
{rows}
    }};
    return run_tests(&runner_settings, runner_tests, sizeof runner_tests / sizeof *runner_tests);
}}
"""


def main():
    """Makes the files that the command line names."""
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    directory, *sources = (pathlib.Path(word) for word in sys.argv[1:])
    for source in sources:
        try:
            tests, settings = read_tests(source.read_text(encoding="utf-8").split("\n"))
        except FormError as error:
            print(f"{source}:{error}", file=sys.stderr)
            return 1
        output = directory / source.name
        text = runner(source, tests, settings)
        if not output.exists() or output.read_text(encoding="utf-8") != text:
            output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
