#!/usr/bin/env python3
"""Checks the rules of the house style that a program can check.

    check.py ROOT [--all]

Reads the files that git tracks (or, outside a clone, every file) and checks: which folder includes which (layers.txt),
circles of files, in which header a public function is declared, public names in headers and documents that are not
declared, the length of files, head comments, words such as the mark of unfinished work, the idioms of
CONTRIBUTING.md ("Plain words") in comments, messages and documents, comments that begin with a fragment, and the
map src/README.md.

Prints one line for each finding, and ends with 1 when there is one. Checks that REPORT_ONLY names do not fail: they
print their number of findings, and each finding with --all.
"""

import functools
import pathlib
import re
import subprocess
import sys

MAX_LINES = 600
MAX_COLUMNS = 120
CODE_SUFFIXES = {".c", ".h", ".cpp", ".hpp"}
TEXT_SUFFIXES = CODE_SUFFIXES | {".sql", ".cmake", ".txt", ".md", ".sh", ".py", ".awk", ".in", ".json", ".yml", ""}
# Spelled in two halves, or this file would find itself.
LEFT_BEHIND = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:" + "home|work|root|Users|tm" + r"p)/[\w.-]+")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
GUARD = re.compile(r"^#ifndef (\w+)\n#define \1$", re.M)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
# A file of code that a comment names. The headers of the system in angle brackets are none.
FILE_NAME = re.compile(r"(?<![\w/.<*])(?:\w+/)*(\w+\.[ch])\b")
# A public function, type, macro or value.
PUBLIC_NAME = re.compile(r"\b(?:eventure_[a-z0-9]\w*|EVENTURE_[A-Z]\w*)")
OLD_NAMES = "include/eventure/old_names.h"
# Files that the build makes.
GENERATED = {"version.h", "embedded_sql.h", "embedded_sql.c", "command_help.h", "command_help.c", "web_files.h",
             "web_files.c", "eventure.c"}
# Checks whose findings are counted and do not fail. An empty set makes all of them fail.
REPORT_ONLY = set()

# The idioms, and what to write instead. Regular expressions of lower-case words with one blank between them; the first
# word must not contain a blank.
IDIOMS = {
    # Hidden actors: name the caller, the reader, the other process.
    r"whoever": "name the caller, the reader or the process",
    r"(?:some|any|no)(?:body|one)": "name the caller, the reader or the process",
    r"who has had": "name the thread or the caller, and what it did",
    r"those who": "name the callers, the readers or the processes",
    r"who does not": "name the caller, the reader or the process",
    r"the given one": "name the parameter",
    r"one that is there": "the existing one",
    # Things that speak, stand and walk: contain, return, be, continue.
    r"told": "reported, returned, given",
    r"tells? of": "describes, contains",
    r"says? so": "name the value that is checked",
    r"(?:is|are|be) said": "is stored, is documented, is passed",
    r"what stands": "what is stored, what is there",
    r"stands? (?:in|on|at|there|behind|apart|beside|before|where)": "is, contains, is stored in",
    r"as (?:it|they) stands?": "as stored, unchanged",
    r"(?:go|goes|going|gone|went) on": "continue",
    r"(?:let|lets|letting) go": "release, close, unlock",
    r"lets? through": "accept, allow",
    r"come by": "obtain, make",
    r"hand(?:s|ed|ing)? out": "return, set its output to",
    r"c(?:omes?|oming|ame) back": "return, is returned, is exported",
    r"(?:has|have) gone": "has ended, was removed, has disconnected",
    r"looked at": "read, checked, examined",
    r"has no answer": "returned no row",
    # Riddles for words that have a standard term.
    r"taken for": "is treated as, is interpreted as",
    r"for ever": "without end, without a limit",
    r"upto": "up to",
    r"for want of": "because there is no",
    r"but for": "except for, without",
    r"be had": "is available, is not available",
    r"(?:was|were) not had": "is available, is not available",
    r"not fit the memory": "out of memory",
    r"is too much": "unexpected argument",
    r"does not do": "is not supported",
    r"turned round": "reversed",
    r"anew": "again",
    r"to go by": "name the information",
    r"of no use": "is ignored, has no effect",
    r"needs? (?:it|them) not": "does not need it",
    r"in silence": "without an error",
    r"whatever": "name the cases: for any ..., also when ...",
    r"however (?:it|they|long)": "name the cases: for any ..., also when ...",
    r"must not do harm": "name what is checked",
    r"(?:is|are) to be": "must be, will be",
    r"not to be": "must not be",
    # "This is no file": "This is not a file". There is no objection to "there is no file".
    r"(?<!there )is no(?! (?:more|less|such|worse|\w+er)\b)(?= \w)": "is not a",
}
# A comment that begins so is a fragment: it depends on the name below it, and is not a statement.
FRAGMENT = re.compile(r"(?:What|How (?:many|much|often)|As (?:many|much) as|Of|Those)\b")
# The beginnings of comments in C and C++, and of docstrings and comments in Python. A line of a comment in Python that
# continues the line above is none.
BEGINNING = re.compile(r"/\*[*<!\s]*(\w[^\n]*)")
PYTHON_BEGINNING = re.compile(r'(?:"""|^ *# )(\w[^\n]*)', re.M)
# Names of columns that are spelled as idioms. An idiom of this spelling is allowed where the line uses it as a name: in
# SQL, in quotes or back quotes, behind a dot or an arrow, or as a member with a type annotation.
COLUMNS = {
    "upto": re.compile(
        r"\b(?:SELECT|INSERT|UPDATE|CREATE)\b.*\bupto\b|([`'\"])upto\1|(?:\.|->)upto\b|\bupto: int\b"),
}
# Folders of src/ whose files must not depend on each other in a circle.
NO_CIRCLES = ("base", "store", "log", "cascade")
# Data, not text that was written for a reader.
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
    """The folder's name to its rank and the folders it must not use; and the public header to its folder."""
    ranks, owners = {}, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].split()
        if words:
            ranks[words[1]] = (int(words[0]), {word.lstrip("!") for word in words[2:] if word.startswith("!")})
            owners.update((word.strip("<>"), words[1]) for word in words[2:] if word.startswith("<"))
    return ranks, owners


def strip_comments(text):
    """C without its comments and the insides of its strings."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"', " ", text, flags=re.S)


def public_functions(texts):
    """Each public header to its functions, and each public function to the folder of src/ that defines it."""
    declared, defined = {}, {}
    for name, text in texts.items():
        if name.startswith("src/") and name.endswith(".c"):
            for function in re.findall(r"^\w[\w *]*?\b(eventure_[a-z0-9]\w*)\(", strip_comments(text), re.M):
                defined[function] = name.split("/")[1]
        elif name.startswith("include/eventure/"):
            declarations = " ".join(re.findall(r"EVENTURE_API[^;]*;", strip_comments(text)))
            declared[name.split("/")[-1]] = re.findall(r"\b(eventure_[a-z0-9]\w*)\(", declarations)
    return declared, defined


def header_owners(texts, owners):
    """The public header to the folder of src/ that it belongs to: the one that defines its functions, unless layers.txt
    names another. A header without functions in src/ belongs to none, and any folder may include it."""
    declared, defined = public_functions(texts)
    result = {}
    for header, functions in declared.items():
        folders = [defined[function] for function in functions if function in defined]
        if folders:
            result[header] = max(sorted(set(folders)), key=folders.count)
    return {**result, **owners}


def check_declarations(texts, owners):
    """The findings on public functions: each is declared in a header of the folder that defines it."""
    declared, defined = public_functions(texts)
    for header, functions in declared.items():
        for function in functions:
            if header in owners and defined.get(function, owners[header]) != owners[header]:
                yield (f"include/eventure/{header}: {function} is defined in src/{defined[function]}, and the header"
                       f" belongs to src/{owners[header]}")


def check_public_names(texts):
    """The findings on public names that the headers and the documents use: each is declared in a header, or is a name of
    the build, of a SQL file or of a variable of the environment. The decisions and the list of old names have names that
    are gone."""
    known = set()
    for name, text in texts.items():
        if name.startswith("include/") and name != OLD_NAMES:
            known.update(PUBLIC_NAME.findall(COMMENT.sub(" ", text)))
        elif name.endswith((".sql", ".cmake", "CMakeLists.txt")):
            known.update(PUBLIC_NAME.findall(text))
        elif name.endswith((".c", ".py")):
            known.update(re.findall(r'"(EVENTURE_\w+)"', text))
    for name, text in texts.items():
        is_document = name == "README.md" or (name.startswith("docs/") and name.endswith(".md"))
        if name == OLD_NAMES or name.startswith("docs/decisions/") or not (is_document or name.startswith("include/")):
            continue
        for match in PUBLIC_NAME.finditer(text):
            if match.group(0) not in known:
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group(0)} is not declared"


def check_public_includes(name, lines, ranks, owners):
    """The findings on <eventure/...> in src/: the folder that implements the header must be one that may be used."""
    own = name.split("/")[1]
    for number, line in enumerate(lines, 1):
        match = re.match(r"\s*#\s*include\s+<eventure/([^>]+)>", line)
        owner = owners.get(match.group(1)) if match else None
        if owner is None or owner == own or owner not in ranks or own not in ranks:
            continue
        rank, forbidden = ranks[own]
        if ranks[owner][0] >= rank or owner in forbidden:
            yield (f"{name}:{number}: {own} (rank {rank}) must not use <eventure/{match.group(1)}>, which {owner}"
                   f" (rank {ranks[owner][0]}) implements")


def file_circles(texts):
    """The findings on files of one folder that depend on each other in a circle.

    x.c and x.h are one file. It depends on another when it includes its header, or uses a function that it defines and
    that is not static.
    """
    for folder in NO_CIRCLES:
        own = {name: strip_comments(text) for name, text in texts.items()
               if name.startswith(f"src/{folder}/") and name.endswith((".c", ".h"))}
        files = {name: name.rsplit(".", 1)[0].split("/")[-1] for name in own}
        defined = {function: files[name] for name, text in own.items() if name.endswith(".c")
                   for function in re.findall(r"^(?!static)\w[\w *]*?\b(eventure_\w+)\(", text, re.M)}
        uses = {file: set() for file in files.values()}
        for name, text in own.items():
            if name.endswith(".c"):
                uses[files[name]] |= {defined[word] for word in re.findall(r"\beventure_\w+", text) if word in defined}
            included = re.findall(rf'^\s*#\s*include\s+"{folder}/(\w+)\.h"', texts[name], re.M)
            uses[files[name]] |= {file for file in included if file in uses}
        for circle in circles({file: used - {file} for file, used in uses.items()}):
            edges = [f"{file} uses {', '.join(sorted(uses[file] & set(circle) - {file}))}" for file in circle]
            yield f"src/{folder}: a circle of {len(circle)} files: {', '.join(circle)} ({'; '.join(edges)})"


def circles(uses):
    """The sets of files that reach each other, each sorted."""
    reached = {}
    for start in uses:
        seen, todo = set(), [start]
        while todo:
            for used in uses[todo.pop()]:
                if used not in seen:
                    seen.add(used)
                    todo.append(used)
        reached[start] = seen
    groups = {tuple(sorted(other for other in uses if other in reached[file] and file in reached[other]))
              for file in uses}
    return sorted(group for group in groups if len(group) > 1)


def prose(name, text):
    """The text of a file with all blanked out that no reader reads as a sentence; as long, and with the same lines."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found)

    suffix = pathlib.PurePosixPath(name).suffix
    if suffix == ".md":
        return re.sub(r"^```.*?^```|`[^`\n]*`", lambda match: blank(match.group(0)), text, flags=re.S | re.M)
    if suffix == ".sql":
        kept = r"--[^\n]*|/\*.*?\*/"
    elif suffix in CODE_SUFFIXES:
        kept = r"/\*.*?\*/|//[^\n]*"
        kept += r'|"(?:[^"\\\n]|\\.)*"' if name.startswith(("src/", "tools/")) else ""
    else:
        return re.sub(r"(?m)^\s*#+", lambda match: blank(match.group(0)), text)
    result, end = [], 0
    for match in re.finditer(kept, text, re.S):
        result += blank(text[end:match.start()]), re.sub(r"(?m)^ *\*", lambda star: blank(star.group(0)), match.group(0))
        end = match.end()
    return "".join(result) + blank(text[end:])


@functools.lru_cache(maxsize=None)
def idioms_from(word):
    """The idioms that begin with a word, each compiled, with what to write instead."""
    return [(re.compile(rf"(?:{pattern})\b"), instead) for pattern, instead in IDIOMS.items()
            if re.fullmatch(pattern.removeprefix("(?<!there )").split(" ")[0], word)]


def check_idioms(name, text):
    """The findings on the idioms in the prose of a file."""
    # Words with one blank between them, and where they were.
    words = list(re.finditer(r"\w+|[^\w\s]", prose(name, text).lower()))
    offsets = []
    joined = []
    length = 0
    for word in words:
        offsets.append(length)
        joined.append(word.group(0))
        length += len(joined[-1]) + 1
    line = " ".join(joined)
    source = text.split("\n")
    for word, offset in zip(words, offsets):
        for pattern, instead in idioms_from(word.group(0)):
            match = pattern.match(line, offset)
            if match:
                number = text.count("\n", 0, word.start()) + 1
                if match.group(0) in COLUMNS and COLUMNS[match.group(0)].search(source[number - 1]):
                    continue
                yield f'{name}:{number}: "{match.group(0)}": say it plainly, such as: {instead}'


def check_beginnings(name, text):
    """The findings on comments of code that begin with a fragment instead of a statement."""
    suffix = pathlib.PurePosixPath(name).suffix
    pattern = BEGINNING if suffix in CODE_SUFFIXES else PYTHON_BEGINNING if suffix == ".py" else None
    for match in pattern.finditer(text) if pattern else ():
        line_above = text[:match.start()].split("\n")[-2:][0].strip()
        continues = match.group(0).lstrip().startswith("# ") and line_above.startswith("#")
        if FRAGMENT.match(match.group(1)) and not continues:
            number = text.count("\n", 0, match.start(1)) + 1
            yield f'{name}:{number}: a comment begins with "{match.group(1)[:40]}": make it a statement'


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
            if target.endswith("_internal.h"):
                yield f"{name}:{number}: {target} is for the files of src/{folder} only"
            if folder not in ranks:
                yield f"{name}:{number}: includes {target}, and {folder} is not in tests/style/layers.txt"
            elif parts[1] in ranks:
                own_rank, forbidden = ranks[parts[1]]
                if ranks[folder][0] >= own_rank or folder in forbidden:
                    yield f"{name}:{number}: {parts[1]} (rank {own_rank}) must not use {folder} (rank {ranks[folder][0]})"
        elif parts[0] in ("tools", "examples"):
            allowed = parts[0] == "tools" and target.startswith("base/")
            if quoted and not allowed and (root / "src" / target).exists():
                yield f"{name}:{number}: programs use the public headers only (tools/ also src/base), not src/{target}"
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


def check_guard(name, text):
    """The findings on the guard of a header of src/: FOLDER and FILE, so that no two headers can have the same one."""
    if not name.startswith("src/") or not name.endswith(".h"):
        return
    guard = GUARD.search(text)
    wanted = "EVENTURE_" + re.sub(r"\W", "_", name.removeprefix("src/")).upper()
    if not guard or guard.group(1) != wanted:
        yield f"{name}: the guard is not {wanted}"


def check_named_files(name, text, files):
    """The findings on the files that comments of a file of code name: they must exist, also after one is renamed. The
    comment at the head of a .c file refers ("see x.h") to a header that the file includes."""
    included = {pathlib.PurePosixPath(target).name for _, target in re.findall(INCLUDE.pattern, text, re.M)}
    for header in re.findall(r"\b[Ss]ee (\w+\.h)", text[:text.find("*/")]):
        if name.endswith(".c") and header not in included:
            yield f"{name}:1: see {header}, which the file does not include"
    for comment in COMMENT.finditer(text):
        for match in FILE_NAME.finditer(comment.group(0)):
            if match.group(1) not in files:
                number = text.count("\n", 0, comment.start() + match.start()) + 1
                yield f"{name}:{number}: there is no {match.group(0)}"


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


def check_map(text, ranks, texts):
    """The findings on src/README.md: its table has the folders and ranks of layers.txt and all public headers, and the
    files that it names exist."""
    rows = {folder: int(rank) for rank, folder in re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.M)}
    for folder, (rank, _) in ranks.items():
        if rows.get(folder) != rank:
            yield f"src/README.md: the table has no row for {folder} with rank {rank}"
    for folder in rows:
        if folder not in ranks:
            yield f"src/README.md: {folder} is in the table, and not in tests/style/layers.txt"
    for number, line in enumerate(text.split("\n"), 1):
        for path in re.findall(r"`(\w+/[\w/]+\.[ch])`", line):
            if f"src/{path}" not in texts:
                yield f"src/README.md:{number}: there is no {path}"
    named = set(re.findall(r"`(\w+\.h)`", text))
    for name in texts:
        header = re.fullmatch(r"include/eventure/(\w+\.h)(?:\.in)?", name)
        if header and header.group(1) not in named | {"eventure.h"}:
            yield f"src/README.md: the public header {header.group(1)} is missing"


def findings(root):
    """The check ("" for those that always fail) and the text of all findings, in the order of the files."""
    ranks, owners = read_layers(root / "tests/style/layers.txt")
    texts = {}
    for name in tracked_files(root):
        path = pathlib.PurePosixPath(name)
        if path.suffix not in TEXT_SUFFIXES or name.startswith(NOT_PROSE):
            continue
        try:
            texts[name] = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            yield "", f"{name}: not UTF-8"
    owners = header_owners(texts, owners)
    files = GENERATED | {pathlib.PurePosixPath(name).name for name in texts}
    for name, text in texts.items():
        if not text:
            continue
        lines = text.split("\n")[: -1 if text.endswith("\n") else None]
        yield from (("", finding) for finding in check_text(name, text, lines))
        if pathlib.PurePosixPath(name).suffix in CODE_SUFFIXES:
            yield from (("", finding) for finding in check_code(name, text, lines, ranks, root))
            yield from (("", finding) for finding in check_guard(name, text))
            if name.startswith(("src/", "include/", "tools/")):
                yield from (("", finding) for finding in check_named_files(name, text, files))
            if name.startswith("src/"):
                yield from (("include", finding) for finding in check_public_includes(name, lines, ranks, owners))
        # The list of idioms itself, and its test, hold all of them.
        if not name.startswith("tests/style/") and name != "LICENSE" and not name.endswith(".json"):
            yield from (("idiom", finding) for finding in check_idioms(name, text))
            yield from (("idiom", finding) for finding in check_beginnings(name, text))
    yield from (("circle", finding) for finding in file_circles(texts))
    yield from (("declaration", finding) for finding in check_declarations(texts, owners))
    yield from (("name", finding) for finding in check_public_names(texts))
    if "src/README.md" in texts:
        yield from (("map", finding) for finding in check_map(texts["src/README.md"], ranks, texts))


def main():
    """Runs the checks on the directory that is named."""
    words = [word for word in sys.argv[1:] if word != "--all"]
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    count = 0
    reported = dict.fromkeys(sorted(REPORT_ONLY), 0)
    for check, finding in findings(pathlib.Path(words[0]).resolve()):
        if check in REPORT_ONLY:
            reported[check] += 1
        else:
            count += 1
        if check not in REPORT_ONLY or "--all" in sys.argv:
            print(finding)
    for check, number in reported.items():
        print(f"style: {number} findings of the check '{check}', which does not fail yet (check.py ROOT --all lists them)")
    print(f"style: {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
