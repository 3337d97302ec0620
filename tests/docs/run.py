#!/usr/bin/env python3
"""Runs the examples of a document unchanged.

    run.py --source DIR --program FILE --scratch DIR --compile 'CC FLAGS' --link 'FLAGS' [--compile-cpp 'CXX FLAGS']
           [--build DIR] [--python DIR] [--path DIR]... DOCUMENT

A fenced block takes part when the word `run` follows its language. All blocks of a document share one scratch
directory, in which `examples` and `schema` lead to those of the source tree and `eventure` is on the PATH, and so are
the programs in each DIR.

    ```c run                 is compiled without a warning, and must end with 0. `file=NAME.c` names it for later blocks.
    ```cpp run               the same with the C++ compiler; left out without --compile-cpp.
    ```python run            is run by this Python, with the folder of --python on its path, and must end with 0; left out
                             without --python.
    ```text output           the block after it, when there is one, is what it must print.
    ```sh run                is one script, run with `sh -e`, and must end with 0. HOME is the scratch directory, which is
                             empty, and `build/release` is the build tree that --build names. Left out without --build.
    ```cmake run file=NAME   is written to a file for later blocks.
    ```console run           a line `$ COMMAND` is run (a line `> MORE` continues it), and must end with 0, unless the
                             command itself says otherwise; the lines below it are what it must print, on standard
                             output and standard error together.

In expected output, a line `...` stands for any number of lines. Everything else is compared as it is.
"""

import argparse
import dataclasses
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

TIMEOUT_SECONDS = 300


@dataclasses.dataclass
class Block:
    """A fenced block: its info string in words, its lines, and the line of the document it begins at."""

    info: list
    lines: list
    number: int


def read_blocks(path):
    """All fenced blocks of a document."""
    blocks, current = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if current is None:
            if line.startswith("```"):
                current = Block(line[3:].split(), [], number)
        elif line.startswith("```"):
            blocks.append(current)
            current = None
        else:
            current.lines.append(line)
    if current is not None:
        raise SystemExit(f"{path}:{current.number}: this block does not end")
    return blocks


def matches(expected, actual):
    """Whether lines are those expected, where `...` stands for any number of lines."""
    # Only the last `...` may have to give lines back, so one place to return to is enough.
    i = j = 0
    wildcard = retry = None
    while j < len(actual):
        if i < len(expected) and expected[i] == "...":
            wildcard, retry = i, j
            i += 1
        elif i < len(expected) and expected[i] == actual[j]:
            i, j = i + 1, j + 1
        elif wildcard is not None:
            retry += 1
            i, j = wildcard + 1, retry
        else:
            return False
    return all(line == "..." for line in expected[i:])


def read_commands(block):
    """The commands of a console block: (line number, command, expected lines)."""
    commands = []
    for offset, line in enumerate(block.lines, 1):
        if line.startswith("$ "):
            commands.append((block.number + offset, [line[2:]], []))
        elif not commands:
            raise ValueError(f"{block.number + offset}: a console block begins with a line '$ COMMAND'")
        elif line.startswith("> ") and not commands[-1][2]:
            commands[-1][1].append(line[2:])
        else:
            commands[-1][2].append(line)
    # A blank line before the next prompt is for the eye.
    return [(number, "\n".join(text), strip_end(output)) for number, text, output in commands]


def strip_end(lines):
    """Lines without the blank ones at their end."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


class Document:
    """Runs the blocks of one document, and counts."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.path = pathlib.Path(arguments.document)
        self.scratch = pathlib.Path(arguments.scratch)
        self.ran = 0
        self.left_out = 0
        self.failed = 0
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC", PAGER="cat", HOME=str(self.scratch))
        folders = [str(pathlib.Path(arguments.program).parent), *arguments.path, os.environ["PATH"]]
        self.environment["PATH"] = os.pathsep.join(folders)
        self.environment.pop("COLUMNS", None)

    def set_up(self):
        """An empty scratch directory."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        for name in ("examples", "schema"):
            (self.scratch / name).symlink_to(pathlib.Path(self.arguments.source) / name)
        if self.arguments.build:
            (self.scratch / "build").mkdir()
            (self.scratch / "build/release").symlink_to(pathlib.Path(self.arguments.build).resolve())

    def fail(self, number, message, expected=None, actual=None):
        """Reports one failure."""
        self.failed += 1
        print(f"{self.path}:{number}: {message}")
        if expected is not None:
            print("  expected:", *expected, sep="\n    | ")
            print("  actual:", *actual, sep="\n    | ")

    def execute(self, command):
        """Runs a shell command: (exit code, lines of output)."""
        try:
            done = subprocess.run(["sh", "-c", command], cwd=self.scratch, env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=TIMEOUT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return -1, [f"(still running after {TIMEOUT_SECONDS} s)"]
        return done.returncode, strip_end(done.stdout.decode("utf-8", "replace").split("\n"))

    def write(self, block, suffix):
        """Writes a block to the file that it names; returns the name of the file."""
        names = [word[5:] for word in block.info if word.startswith("file=")]
        name = names[0] if names else f"block-{block.number}.{suffix}"
        (self.scratch / name).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        return name

    def check(self, block, result, expected):
        """Compares the exit status and the output of a block with the expected ones."""
        code, output = result
        if code != 0:
            self.fail(block.number, f"ends with {code}", [], output)
        elif expected is not None and not matches(strip_end(expected.lines), output):
            self.fail(expected.number, "prints something else", strip_end(expected.lines), output)

    def run_python(self, block, expected):
        """Runs a block of Python."""
        name = self.write(block, "py")
        command = f"PYTHONPATH={shlex.quote(self.arguments.python)} {shlex.quote(sys.executable)} {shlex.quote(name)}"
        self.check(block, self.execute(command), expected)

    def run_program(self, block, expected, compiler):
        """Compiles and runs a block of C or C++."""
        name = self.write(block, block.info[0])
        program = "./" + name.rsplit(".", 1)[0]
        code, output = self.execute(f"{compiler} {shlex.quote(name)} -o {shlex.quote(program)} {self.arguments.link}")
        if code != 0:
            self.fail(block.number, "does not compile", [], output)
            return
        self.check(block, self.execute(program), expected)

    def run_console(self, block):
        """Runs the commands of a console block."""
        for number, command, expected in read_commands(block):
            self.ran += 1
            code, output = self.execute(command)
            if code != 0:
                self.fail(number, f"'{command}' ends with {code}", expected, output)
            elif not matches(expected, output):
                self.fail(number, f"'{command}' prints something else", expected, output)

    def run(self):
        """Runs all blocks; true when all output is as expected."""
        self.set_up()
        blocks = read_blocks(self.path)
        for block, following in zip(blocks, blocks[1:] + [None]):
            if block.info[1:2] != ["run"]:
                continue
            expected = following if following and following.info == ["text", "output"] else None
            language = block.info[0]
            if language == "c" or (language == "cpp" and self.arguments.compile_cpp):
                self.ran += 1
                compiler = self.arguments.compile if language == "c" else self.arguments.compile_cpp
                self.run_program(block, expected, compiler)
            elif language == "sh" and self.arguments.build:
                self.ran += 1
                self.check(block, self.execute("set -e\n" + "\n".join(block.lines)), expected)
            elif language == "python" and self.arguments.python:
                self.ran += 1
                self.run_python(block, expected)
            elif language in ("cpp", "sh", "python"):
                self.left_out += 1
            elif language == "cmake":
                self.write(block, "cmake")
            elif language == "console":
                try:
                    self.run_console(block)
                except ValueError as error:
                    self.fail(error, "")
            else:
                self.fail(block.number, f"cannot run {language}")
        print(f"{self.path}: {self.ran} examples, {self.failed} failed")
        return self.failed == 0 and self.ran + self.left_out > 0


def main():
    """Runs the document that is named."""
    parser = argparse.ArgumentParser(description="Runs the examples of a document unchanged.")
    for option in ("source", "program", "scratch", "compile", "link"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--compile-cpp")
    parser.add_argument("--build")
    parser.add_argument("--path", action="append", default=[])
    parser.add_argument("--python", default="")
    parser.add_argument("document")
    return 0 if Document(parser.parse_args()).run() else 1


if __name__ == "__main__":
    sys.exit(main())
