#!/usr/bin/env python3
"""Checks what the house style says about files, so that it holds without anybody having to remember it.

    check.py ROOT

Looks at the files that git tracks (or, outside a clone, at every file): which folder includes which
(layers.txt), the length of files, head comments, and words that must not stay behind.
Prints one line a finding, and ends with 1 when there is any.
"""

import pathlib
import re
import subprocess
import sys

MAX_LINES = 600
MAX_COLUMNS = 120
CODE_SUFFIXES = {".c", ".h", ".cpp"}
TEXT_SUFFIXES = CODE_SUFFIXES | {".sql", ".cmake", ".txt", ".md", ".sh", ".py", ".awk", ".in", ".json", ".yml", ""}
# Spelled in two halves, or this file would find itself.
LEFT_BEHIND = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:" + "home|work|root|Users|tm" + r"p)/[\w.-]+")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
# Data, not text that somebody wrote.
NOT_PROSE = ("tests/conformance/cases/", "tests/cli/cases/", "tests/golden/", "tests/fuzz/corpus/", "examples/data/")


def tracked_files(root):
    """Paths relative to root of the files under version control."""
    if (root / ".git").exists():
        listing = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], check=True, capture_output=True)
        names = [name for name in listing.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith(("build", ".git/"))]
    return sorted(name for name in names if (root / name).is_file())


def read_layers(path):
    """The folder's name to its rank, and the folders it must not use."""
    ranks = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].split()
        if words:
            ranks[words[1]] = (int(words[0]), {word.lstrip("!") for word in words[2:]})
    return ranks


def check_includes(name, lines, ranks, root):
    """The findings on what a file of code includes."""
    parts = name.split("/")
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, target = match.group(1) == '"', match.group(2)
        if parts[0] == "src":
            folder = target.split("/")[0] if "/" in target else None
            if not quoted or folder is None:
                if quoted and target != "embedded_sql.h" and not (root / name).parent.joinpath(target).exists():
                    yield f"{name}:{number}: \"{target}\" is not below src/: write it relative to src/"
                continue
            if folder == parts[1]:
                continue
            if folder not in ranks:
                yield f"{name}:{number}: includes {target}, and {folder} is not in tests/style/layers.txt"
            elif parts[1] in ranks:
                own_rank, forbidden = ranks[parts[1]]
                if ranks[folder][0] >= own_rank or folder in forbidden:
                    yield f"{name}:{number}: {parts[1]} (rank {own_rank}) must not use {folder} (rank {ranks[folder][0]})"
        elif parts[0] in ("tools", "examples"):
            if quoted and (root / "src" / target).exists():
                yield f"{name}:{number}: programs use the public headers only, not src/{target}"
        elif parts[0] == "include":
            if quoted:
                yield f"{name}:{number}: a public header includes with <>, so that it works when installed"


def check_code(name, text, lines, ranks, root):
    """The findings on a file of code."""
    if len(lines) > MAX_LINES:
        yield f"{name}: {len(lines)} lines, more than {MAX_LINES}: is it more than one concept?"
    if not text.lstrip().startswith("/*"):
        yield f"{name}:1: no comment at the head that says what the file is for"
    if name.startswith("src/") and name.count("/") == 2 and name.split("/")[1] not in ranks:
        yield f"{name}: the folder is not in tests/style/layers.txt"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield f"{name}:{number}: {len(line)} columns, more than {MAX_COLUMNS}"
    yield from check_includes(name, lines, ranks, root)


def check_text(name, text, lines):
    """The findings on any text."""
    if not text.endswith("\n"):
        yield f"{name}: no line feed at the end"
    for number, line in enumerate(lines, 1):
        if LEFT_BEHIND.search(line):
            yield f"{name}:{number}: left behind: {line.strip()}"
        for path in MACHINE_PATH.findall(line):
            yield f"{name}:{number}: a path of one machine: {path}"
        if line != line.rstrip() and not name.endswith(".md"):
            yield f"{name}:{number}: blanks at the end of the line"
        if "\t" in line and not name.endswith("Makefile"):
            yield f"{name}:{number}: a tab"


def findings(root):
    """All findings, in the order of the files."""
    ranks = read_layers(root / "tests/style/layers.txt")
    for name in tracked_files(root):
        path = pathlib.PurePosixPath(name)
        if path.suffix not in TEXT_SUFFIXES or name.startswith(NOT_PROSE):
            continue
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            yield f"{name}: not UTF-8"
            continue
        if not text:
            continue
        lines = text.split("\n")[: -1 if text.endswith("\n") else None]
        yield from check_text(name, text, lines)
        if path.suffix in CODE_SUFFIXES:
            yield from check_code(name, text, lines, ranks, root)


def main():
    """Runs the checks on the directory that is named."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    count = 0
    for finding in findings(pathlib.Path(sys.argv[1]).resolve()):
        print(finding)
        count += 1
    print(f"style: {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
