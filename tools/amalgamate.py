#!/usr/bin/env python3
"""Writes the library as one source file and one header, eventure.c and eventure.h, and eventure.hpp for C++.

    amalgamate.py --source ROOT --build BUILD --output DIR FILE.c...

FILE.c... are the sources of the library in the order of its layers. BUILD contains the generated headers and sources.

A program compiles eventure.c like one of its own files. Three transformations make one translation unit of many:

- Each header is copied where it is first included, once.
- File-scope names of a source file (static functions, types, enumerators) that another source file uses as well get
  the file's name as a prefix; its macros are undefined at its end.
- Internal functions (eventure__*) become static, so that the compiler can inline them and drop unused ones.
"""

import argparse
import pathlib
import re
import sys

TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<directive>(?:(?<=\n)|\A)[ \t]*\#(?:[^\n\\/]|\\\n|\\.|/\*.*?\*/|/)*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
      | (?P<blank>\s+)
      | (?P<mark>->|.)""",
    re.X | re.S,
)
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)")
# The amalgamation defines these once, before its first include.
FEATURE = re.compile(r"^\s*#\s*define\s+_(?:GNU|DEFAULT|DARWIN_C)_SOURCE\b")


class Token:
    """One token: its kind, its text, and whether it is at file scope or directly within a struct or union."""

    __slots__ = ("kind", "text", "depth", "in_struct")

    def __init__(self, kind, text):
        self.kind, self.text, self.depth, self.in_struct = kind, text, 0, False


def tokens_of(text):
    """Returns the tokens of C source, with their brace depth."""
    result = [Token(match.lastgroup, match.group()) for match in TOKEN.finditer(text)]
    stack, statement = [], []
    for token in result:
        if token.kind in ("comment", "blank", "directive"):
            token.depth, token.in_struct = len(stack), bool(stack) and stack[-1]
            continue
        if token.text == "}" and stack:
            stack.pop()
        token.depth, token.in_struct = len(stack), bool(stack) and stack[-1]
        if token.text == "{":
            stack.append(any(word in ("struct", "union") for word in statement) and "(" not in statement)
            statement = []
        elif token.text in (";", "}"):
            statement = []
        else:
            statement.append(token.text)
    return result


def code_tokens(tokens):
    """Returns the tokens without comments, blanks and directives."""
    return [token for token in tokens if token.kind not in ("comment", "blank", "directive")]


def file_scope_names(tokens):
    """Returns the names that are local to a source file: static functions and objects, types, enumerators, tags."""
    names = set()
    code = code_tokens(tokens)
    statement, in_enum = [], False
    for index, token in enumerate(code):
        if token.text == "{" and token.depth == 0:
            in_enum = any(item.text == "enum" for item in statement)
        if in_enum and token.depth == 1 and token.kind == "word" and code[index - 1].text in ("{", ","):
            names.add(token.text)
        if token.text in ("struct", "union", "enum") and code[index + 1].kind == "word" and token.depth == 0:
            if code[index + 2].text in ("{", ";"):
                names.add(code[index + 1].text)
        if token.depth > 0:
            continue
        text = [item.text for item in statement]
        if token.text in (";", "{", "=") and statement and "=" not in text:
            first = text[0]
            if first == "typedef" and token.text == ";":
                words = [item.text for item in statement if item.kind == "word"]
                pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", " ".join(text))
                names.add(pointer.group(1) if pointer else words[-1])
            elif first == "static":
                end = text.index("(") if "(" in text else text.index("[") if "[" in text else len(text)
                if "[" in text[:end]:
                    end = text.index("[")
                names.add(text[end - 1])
        if token.text == ";" or (token.text == "}" and not (statement and statement[0].text in ("typedef", "static"))):
            statement = []
        elif token.text == "}" and "(" in [item.text for item in statement]:
            statement = []
        else:
            statement.append(token)
    return {name for name in names if not name.startswith("eventure")}


def renamed(tokens, names, prefix):
    """Returns the text of a source file, with the prefix added to each of the names."""
    parts, code = [], code_tokens(tokens)
    before = {id(token): code[index - 1].text if index > 0 else "" for index, token in enumerate(code)}
    after = {id(token): code[index + 1].text if index + 1 < len(code) else "" for index, token in enumerate(code)}
    pattern = re.compile(r"(?<![\w.])(?<!->)(" + "|".join(sorted(names)) + r")(?!\w)") if names else None
    for token in tokens:
        text = token.text
        if token.kind == "word" and text in names:
            is_member = before[id(token)] in (".", "->")
            declares_member = token.in_struct and after[id(token)] in (";", "[", ",", ":")
            if not is_member and not declares_member:
                text = prefix + text
        elif token.kind == "directive" and pattern and DEFINE.match(text):
            text = pattern.sub(lambda match: prefix + match.group(1), text)
        parts.append(text)
    return "".join(parts)


def with_static_functions(text):
    """Makes the internal functions of C source static: their prototypes and their definitions."""
    return re.sub(r"^((?!static|typedef|extern|return|#)[A-Za-z_][\w \*]*\beventure__\w+\()", r"static \1", text,
                  flags=re.M)


def uses_cjson(tokens):
    """Whether a source file includes eventure/cjson.h."""
    includes = (INCLUDE.match(token.text) for token in tokens if token.kind == "directive")
    return any(match and match.group(2) == "eventure/cjson.h" for match in includes)


class Amalgamation:
    """Collects the text of the one source file."""

    def __init__(self, source, build):
        self.folders = [source / "src", build / "generated"]
        self.public = [source / "include", build / "include"]
        self.seen = set()
        self.macros = set()

    def find(self, name, beside):
        """Returns the project's file of an include, or None for a header of the system."""
        for folder in [beside, *self.folders, *self.public]:
            path = folder / name
            if path.is_file():
                return path
        return None

    def expand(self, path, text, public_too):
        """Returns the text with each include of a project header replaced by the header, once."""
        lines = []
        for line in text.split("\n"):
            match = INCLUDE.match(line)
            own = self.find(match.group(2), path.parent) if match else None
            if own is None:
                lines.append(line)
            elif match.group(2).startswith("eventure/") and not public_too:
                pass  # eventure.h includes all public headers
            elif own not in self.seen:
                self.seen.add(own)
                header = self.expand(own, own.read_text(encoding="utf-8"), public_too)
                lines.append(header if public_too else with_static_functions(header))
        return "\n".join(lines)


def header_text(amalgamation, source):
    """Returns eventure.h: all public headers. cjson.h, which needs the header of cJSON, is within
    EVENTURE_WITH_CJSON."""
    path = source / "include/eventure/eventure.h"
    text = amalgamation.expand(path, path.read_text(encoding="utf-8"), True)
    extension = source / "include/eventure/extension.h"
    text += "\n" + amalgamation.expand(extension, extension.read_text(encoding="utf-8"), True)
    cjson = source / "include/eventure/cjson.h"
    return f"{text}\n#ifdef EVENTURE_WITH_CJSON\n{amalgamation.expand(cjson, cjson.read_text(encoding='utf-8'), True)}\n#endif\n"


def source_text(amalgamation, sources, source):
    """Returns eventure.c."""
    files = []
    for path in sources:
        text = path.read_text(encoding="utf-8")
        files.append((path, [token for token in tokens_of(text) if not FEATURE.match(token.text)]))
    # Files that need cJSON come last, so that no other file depends on headers that they include.
    files.sort(key=lambda item: uses_cjson(item[1]))
    words = {path: {token.text for token in tokens if token.kind == "word"} for path, tokens in files}
    parts = []
    for path, tokens in files:
        own = file_scope_names(tokens)
        shared = {name for name in own if any(name in words[other] for other in words if other != path)}
        prefix = path.parent.name + "_" + path.stem + "__"
        text = with_static_functions(renamed(tokens, shared, prefix))
        macros = sorted({DEFINE.match(token.text).group(1) for token in tokens
                         if token.kind == "directive" and DEFINE.match(token.text)})
        name = path.relative_to(source) if path.is_relative_to(source) else path.name
        body = amalgamation.expand(path, text, False)
        undone = "".join(f"#undef {macro}\n" for macro in macros)
        if uses_cjson(tokens):
            body = f"#ifdef EVENTURE_WITH_CJSON\n{body}\n#endif"
        parts.append(f"/* ---- {name} ---- */\n\n{body}\n{undone}")
    return "\n".join(parts)


HEAD = """/*
 * Eventure {version} in one {what}, generated from the sources of the library: do not edit.
 *
 *     cc game.c eventure.c -lsqlite3 -lmd -lpthread -lm
 *
{note} */
"""
C_NOTE = """ * Define EVENTURE_WITH_CJSON to include the functions of eventure/cjson.h, and link cJSON.
"""
C_START = """#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* POSIX and BSD functions, which -std=c11 hides */
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "eventure.h"

"""


def main():
    """Reads the arguments and writes the files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the root of the source tree")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a build tree with generated files")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="where the files are written")
    parser.add_argument("--version", default="", help="the version to name")
    parser.add_argument("files", type=pathlib.Path, nargs="+", help="the sources, by layer")
    arguments = parser.parse_args()
    source, build = arguments.source.resolve(), arguments.build.resolve()
    amalgamation = Amalgamation(source, build)
    header = header_text(amalgamation, source)
    files = [path.resolve() for path in arguments.files]
    body = source_text(amalgamation, files, source)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "eventure.h").write_text(
        HEAD.format(version=arguments.version, what="header", note="") + header + "\n", encoding="utf-8")
    (arguments.output / "eventure.c").write_text(
        HEAD.format(version=arguments.version, what="source file", note=C_NOTE) + C_START + body + "\n",
        encoding="utf-8")
    cpp = (source / "include/eventure/eventure.hpp").read_text(encoding="utf-8")
    (arguments.output / "eventure.hpp").write_text(
        cpp.replace("#include <eventure/eventure.h>", '#include "eventure.h"'), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
