#!/usr/bin/env python3
"""Tests check.py: each test breaks one rule in a small tree, and expects one finding."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import check  # noqa: E402  (after the line above, which keeps the source tree clean)

HEAD = "/* The purpose of the file. */\n"


def guarded(name, text=""):
    """The text of a header of src/."""
    guard = f"EVENTURE_{name.removeprefix('src/').replace('/', '_').replace('.', '_').upper()}"
    return f"{HEAD}#ifndef {guard}\n#define {guard}\n{text}#endif\n"


LAYERS = "0 base\n1 event\n4 query\n4 bus !event\n"


class CheckTest(unittest.TestCase):
    """Writes a tree, runs the checks on it."""

    def findings(self, files):
        """The findings on a tree of the given files."""
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in {"tests/style/layers.txt": LAYERS, **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return [finding for _, finding in check.findings(root)]

    def assert_finds(self, words, files):
        """Exactly one finding, which holds the words."""
        found = self.findings(files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_nothing_is_found_in_a_tidy_tree(self):
        self.assertEqual(self.findings({
            "src/base/a.h": guarded("src/base/a.h"),
            "src/event/a.c": HEAD + '#include "base/a.h"\n#include <stdio.h>\n',
            "tools/eventure/main.c": HEAD + '#include <eventure/eventure.h>\n#include "options.h"\n',
        }), [])

    def test_a_guard_that_is_not_of_its_file_is_found(self):
        self.assert_finds("the guard is not EVENTURE_BASE_B_H", {"src/base/b.h": guarded("src/base/a.h")})
        self.assert_finds("the guard is not EVENTURE_BASE_B_H", {"src/base/b.h": HEAD})

    def test_a_comment_that_names_no_file_is_found(self):
        files = {"src/base/new_name.h": guarded("src/base/new_name.h"),
                 "src/base/a.c": HEAD + "/* See base/new_name.h. */\n"}
        self.assertEqual(self.findings(files), [])
        self.assert_finds("src/base/b.c:3: there is no base/old_name.h",
                          {**files, "src/base/b.c": HEAD + "// https://x.org/y.h\n/* See base/old_name.h. */\n"})

    def test_a_head_that_refers_to_another_header_is_found(self):
        files = {"src/event/a.h": guarded("src/event/a.h"), "include/eventure/b.h": HEAD}
        text = "/*\n * Parts: see {}.\n */\n" + '#include "event/a.h"\n'
        self.assertEqual(self.findings({**files, "src/event/a.c": text.format("a.h")}), [])
        self.assert_finds("see b.h, which the file does not include", {**files, "src/event/a.c": text.format("b.h")})

    def test_an_include_upwards_is_found(self):
        self.assert_finds("base (rank 0) must not use event", {"src/base/a.c": HEAD + '#include "event/a.h"\n'})

    def test_an_include_of_the_private_header_of_another_folder_is_found(self):
        self.assert_finds("a_internal.h is for the files of src/base only",
                          {"src/event/a.c": HEAD + '#include "base/a_internal.h"\n'})

    def test_an_include_of_the_same_rank_is_found(self):
        self.assert_finds("query (rank 4) must not use bus", {"src/query/a.c": HEAD + '#include "bus/a.h"\n'})

    def test_an_include_that_is_forbidden_by_name_is_found(self):
        self.assert_finds("bus (rank 4) must not use event", {"src/bus/a.c": HEAD + '#include "event/a.h"\n'})

    def test_an_include_of_an_unknown_folder_is_found(self):
        self.assert_finds("elsewhere is not in", {"src/base/a.c": HEAD + '#include "elsewhere/a.h"\n'})

    def test_a_program_that_uses_an_internal_header_is_found(self):
        self.assert_finds("programs use the public headers only", {
            "src/event/a.h": guarded("src/event/a.h"),
            "tools/eventure/main.c": HEAD + '#include "event/a.h"\n',
        })

    def test_a_tool_may_use_the_base(self):
        files = {"src/base/a.h": guarded("src/base/a.h"), "src/event/a.h": guarded("src/event/a.h")}
        self.assertEqual(self.findings({**files, "tools/a/main.c": HEAD + '#include "base/a.h"\n'}), [])
        self.assert_finds("not src/event/a.h", {**files, "tools/a/main.c": HEAD + '#include "event/a.h"\n'})
        self.assert_finds("not src/base/a.h", {**files, "examples/a/main.c": HEAD + '#include "base/a.h"\n'})

    def test_a_public_header_of_a_folder_above_is_found(self):
        files = {
            "include/eventure/event.h": HEAD + "EVENTURE_API int eventure_event_copy(int a);\n",
            "src/event/event.c": HEAD + "int eventure_event_copy(int a)\n{\n    return a;\n}\n",
        }
        include = HEAD + "#include <eventure/event.h>\n"
        self.assert_finds("base (rank 0) must not use <eventure/event.h>, which event (rank 1) implements",
                          {**files, "src/base/a.c": include})
        self.assert_finds("bus (rank 4) must not use <eventure/event.h>", {**files, "src/bus/a.c": include})
        self.assertEqual(self.findings({**files, "src/query/a.c": include, "src/event/b.c": include}), [])

    def test_a_public_header_belongs_to_the_folder_that_the_layers_name(self):
        self.assert_finds("must not use <eventure/progress.h>, which query", {
            "tests/style/layers.txt": LAYERS.replace("query", "query <progress.h>"),
            "src/event/a.c": HEAD + "#include <eventure/progress.h>\n",
        })

    def test_a_function_in_the_header_of_another_folder_is_found(self):
        header = HEAD + "EVENTURE_API int eventure_ask(void);\nEVENTURE_API int eventure_tell(void);\n"
        files = {"include/eventure/ask.h": header + "EVENTURE_API int eventure_free(void);\n",
                 "src/query/a.c": HEAD + "int eventure_ask(void)\n{\n}\nint eventure_free(void)\n{\n}\n",
                 "src/query/b.c": HEAD + "int eventure_tell(void)\n{\n}\n"}
        self.assertEqual(self.findings(files), [])
        files["src/event/b.c"] = files.pop("src/query/b.c")
        self.assert_finds("ask.h: eventure_tell is defined in src/event, and the header belongs to src/query", files)

    def test_a_public_name_that_is_not_declared_is_found(self):
        files = {"include/eventure/ask.h": HEAD + "/* As eventure_tell. */\nint eventure_tell(int EVENTURE_ONCE);\n",
                 "include/eventure/old_names.h": HEAD + "#define eventure_say eventure_tell\n",
                 "CMakeLists.txt": "add_library(eventure_static)\n",
                 "tests/a.c": HEAD + 'getenv("EVENTURE_SEED");\n',
                 "docs/decisions/0001-names.md": "`eventure_say` became `eventure_tell`.\n",
                 "docs/a.md": "`eventure_tell`, `eventure_static`, `EVENTURE_ONCE`, `EVENTURE_SEED`, `-DEVENTURE_X=ON`\n"}
        self.assertEqual(self.findings(files), [])
        self.assert_finds("README.md:2: eventure_say is not", {**files, "README.md": "# A\n`eventure_say(1)`\n"})
        self.assert_finds("b.h:2: EVENTURE_TWICE is not",
                          {**files, "include/eventure/b.h": HEAD + "/* With EVENTURE_TWICE. */\n"})

    def test_a_circle_of_includes_is_found(self):
        self.assert_finds("src/base: a circle of 2 files: a, b", {
            "src/base/a.h": guarded("src/base/a.h", '#include "base/b.h"\n'),
            "src/base/b.c": HEAD + '#include "base/b.h"\n#include "base/a.h"\n',
            "src/base/b.h": guarded("src/base/b.h"),
            "src/base/c.h": guarded("src/base/c.h", '#include "base/b.h"\n'),
        })

    def test_a_circle_of_calls_is_found(self):
        files = {f"src/base/{own}.c": f"{HEAD}void eventure__{own}(void)\n{{\n    eventure__{used}();\n}}\n"
                 for own, used in ("ab", "bc", "ca")}
        self.assert_finds("src/base: a circle of 3 files: a, b, c", files)
        del files["src/base/c.c"]
        self.assertEqual(self.findings(files), [])

    def test_a_map_that_is_not_up_to_date_is_found(self):
        rows = "| 0 | `base` | a |\n| 1 | `event` | a |\n| 4 | `query` | a |\n| 4 | `bus` | a |\n"
        files = {"src/base/a.c": HEAD, "include/eventure/b.h": HEAD, "src/README.md": rows + "`base/a.c` and `b.h`\n"}
        self.assertEqual(self.findings(files), [])
        for before, after, words in (("| 0 | `base`", "| 1 | `base`", "no row for base with rank 0"),
                                     ("| 4 | `bus` | a |\n", "", "no row for bus with rank 4"),
                                     ("`base/a.c`", "`base/gone.c`", ":5: there is no base/gone.c"),
                                     ("`b.h`", "", "the public header b.h is missing"),
                                     ("`base/a.c`", "\n| 9 | `gone` | a |\n", "gone is in the table, and not in")):
            self.assert_finds(words, {**files, "src/README.md": files["src/README.md"].replace(before, after)})

    def test_an_idiom_is_found_in_comments_messages_and_documents(self):
        words = "for\n * want of"
        self.assert_finds('src/base/a.c:2: "for want of"', {"src/base/a.c": f"{HEAD}/* It fails {words} memory. */\n"})
        self.assert_finds('"whoever"', {"src/base/a.c": HEAD + 'char *a = "whoever";\n'})
        self.assert_finds('"goes on"', {"docs/a.md": "The log goes on.\n"})
        self.assert_finds('"told"', {"schema/a.sql": "-- It is told.\n"})
        self.assert_finds('"is no"', {"tools/a.sh": "# This is no file.\n"})

    def test_a_comment_that_begins_with_a_fragment_is_found(self):
        text = HEAD + "/* {} */\nint a;\n"
        self.assert_finds('src/base/a.c:2: a comment begins with "What a thread needs', {
            "src/base/a.c": text.format("What a thread needs.")})
        self.assert_finds('begins with "How many there are', {"src/base/a.c": text.format("How many there are.")})
        self.assert_finds('begins with "Of the newest events', {"tests/a.py": '"""Of the newest events."""\n'})
        self.assert_finds('begins with "What fails', {"tests/a.py": "A = 1\n# What fails.\nB = 2\n"})
        self.assertEqual(self.findings({
            "src/base/a.c": text.format("Returns the number. How many there are does not matter."),
            "tests/a.py": "# A comment of two lines, which says\n# What it must not begin with.\nB = 2\n",
        }), [])

    def test_names_code_and_plain_words_are_no_idioms(self):
        self.assertEqual(self.findings({
            "src/base/a.c": HEAD + "int told = upto;\n",
            "schema/a.sql": "SELECT upto FROM a; -- There is no row, and it is no longer there.\n",
            "docs/a.md": "Use `upto`:\n\n```sql\nSELECT upto\n```\n",
            "tests/a.c": HEAD + 'char *a = "whoever";\n',
        }), [])

    def test_a_column_is_no_idiom_where_it_is_a_name(self):
        word = "up" + "to"
        files = {"src/base/a.c": f'{HEAD}/* Sets `{word}` after index->{word}. */\nchar *a = "SELECT {word} FROM a";\n',
                 "a.py": f"class Index:\n    {word}: int\n\n\nrow['{word}'] = 0\n"}
        self.assertEqual(self.findings(files), [])
        self.assert_finds(f'src/base/b.c:2: "{word}"', {**files, "src/base/b.c": f"{HEAD}/* Reads {word} the end. */\n"})
        self.assert_finds(f'a.md:1: "{word}"', {**files, "a.md": f"It reads {word} the end.\n"})

    def test_checks_that_only_report_do_not_fail(self):
        self.assertLessEqual(check.REPORT_ONLY, {"idiom", "include", "circle", "map"})
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "tests/style").mkdir(parents=True)
            (root / "tests/style/layers.txt").write_text(LAYERS, encoding="utf-8")
            (root / "a.md").write_text("The log goes on.\n", encoding="utf-8")
            done = subprocess.run([sys.executable, "-B", check.__file__, directory], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, 0 if "idiom" in check.REPORT_ONLY else 1, done.stdout)
            self.assertIn("1 findings", done.stdout)

    def test_a_long_file_is_found(self):
        self.assert_finds("more than one concept", {"src/base/a.c": HEAD + "\n" * 600})

    def test_a_long_line_is_found(self):
        self.assert_finds("121 columns", {"src/base/a.c": HEAD + "/" * 121 + "\n"})

    def test_a_missing_head_comment_is_found(self):
        self.assert_finds("no comment at the head", {"src/base/a.c": "int a;\n"})

    def test_a_word_left_behind_is_found(self):
        self.assert_finds("left behind", {"docs/a.md": "TO" + "DO: write this\n"})

    def test_a_path_of_one_machine_is_found(self):
        self.assert_finds("a path of one machine", {"docs/a.md": "see /ho" + "me/user/notes\n"})

    def test_a_file_without_a_line_feed_at_its_end_is_found(self):
        self.assert_finds("no line feed", {"docs/a.md": "text"})


if __name__ == "__main__":
    unittest.main()
