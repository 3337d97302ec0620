#!/usr/bin/env python3
"""Tests that check.py finds what it looks for: each test breaks one rule in a small tree, and expects one finding."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import check  # noqa: E402  (after the line above, which keeps the source tree clean)

HEAD = "/* What it is for. */\n"
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
            return list(check.findings(root))

    def assert_finds(self, words, files):
        """Exactly one finding, which holds the words."""
        found = self.findings(files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_nothing_is_found_in_a_tidy_tree(self):
        self.assertEqual(self.findings({
            "src/base/a.h": HEAD,
            "src/event/a.c": HEAD + '#include "base/a.h"\n#include <stdio.h>\n',
            "tools/eventure/main.c": HEAD + '#include <eventure/eventure.h>\n#include "options.h"\n',
        }), [])

    def test_an_include_upwards_is_found(self):
        self.assert_finds("base (rank 0) must not use event", {"src/base/a.c": HEAD + '#include "event/a.h"\n'})

    def test_an_include_of_the_same_rank_is_found(self):
        self.assert_finds("query (rank 4) must not use bus", {"src/query/a.c": HEAD + '#include "bus/a.h"\n'})

    def test_an_include_that_is_forbidden_by_name_is_found(self):
        self.assert_finds("bus (rank 4) must not use event", {"src/bus/a.c": HEAD + '#include "event/a.h"\n'})

    def test_an_include_of_an_unknown_folder_is_found(self):
        self.assert_finds("elsewhere is not in", {"src/base/a.c": HEAD + '#include "elsewhere/a.h"\n'})

    def test_a_program_that_uses_an_internal_header_is_found(self):
        self.assert_finds("programs use the public headers only", {
            "src/base/a.h": HEAD,
            "tools/eventure/main.c": HEAD + '#include "base/a.h"\n',
        })

    def test_a_long_file_is_found(self):
        self.assert_finds("more than one concept", {"src/base/a.c": HEAD + "\n" * 600})

    def test_a_long_line_is_found(self):
        self.assert_finds("121 columns", {"src/base/a.c": HEAD + "/" * 121 + "\n"})

    def test_a_missing_head_comment_is_found(self):
        self.assert_finds("no comment at the head", {"src/base/a.c": "int a;\n"})

    def test_a_word_left_behind_is_found(self):
        self.assert_finds("left behind", {"docs/a.md": "TO" + "DO: write this\n"})

    def test_a_path_of_one_machine_is_found(self):
        self.assert_finds("a path of one machine", {"docs/a.md": "see /ho" + "me/somebody/notes\n"})

    def test_a_file_without_a_line_feed_at_its_end_is_found(self):
        self.assert_finds("no line feed", {"docs/a.md": "text"})


if __name__ == "__main__":
    unittest.main()
