"""Runs the command-line program, and reads JSON without losing how numbers were written. For the tests beside it."""

import json
import subprocess


class Failure(Exception):
    """An expectation that was not met."""


class Program:
    """The built `eventure` program."""

    def __init__(self, path):
        self.path = str(path)

    def run(self, *arguments, stdin=b"", exit_code=0, **options):
        """Runs a command to its end. Returns its standard output as bytes."""
        return self.run_both(*arguments, stdin=stdin, exit_code=exit_code, **options)[0]

    def run_both(self, *arguments, stdin=b"", exit_code=0, **options):
        """As run; returns standard output and standard error."""
        command = [self.path, *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, **options)
        if done.returncode != exit_code:
            raise Failure(f"{command} ended with {done.returncode} instead of {exit_code}: "
                          f"{done.stderr[:2000].decode(errors='replace')}")
        return done.stdout, done.stderr

    def lines(self, *arguments, **options):
        """The lines that a command writes."""
        text = self.run(*arguments, **options).decode()
        if text and not text.endswith("\n"):
            raise Failure(f"{arguments}: the last line has no line feed")
        return text.split("\n")[:-1]


class Number(str):
    """A JSON number in its spelling; it is not equal to any string."""

    def __eq__(self, other):
        return isinstance(other, Number) and str(self) == str(other)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


class Members(list):
    """The members of a JSON object in their order; not equal to any array."""

    def __eq__(self, other):
        return isinstance(other, Members) and list(self) == list(other)

    def __ne__(self, other):
        return not self == other

    def get(self, key, missing=None):
        """The value of a key."""
        return next((value for name, value in self if name == key), missing)


def read_json(text):
    """JSON with numbers as they were written, and objects as lists of their members in order."""
    return json.loads(text, parse_int=Number, parse_float=Number, object_pairs_hook=Members)


def write_json(value):
    """The text of a scalar that read_json has read."""
    return str(value) if isinstance(value, Number) else json.dumps(value)


def expect(actual, expected, what):
    """Fails with the first difference, if there is one."""
    if actual == expected:
        return
    at = next((i for i, (a, b) in enumerate(zip(actual, expected)) if a != b), min(len(actual), len(expected)))
    raise Failure(f"{what}: differs at {at} (length {len(actual)}, expected {len(expected)}): "
                  f"{actual[at:at + 60]!r} instead of {expected[at:at + 60]!r}")
