#!/usr/bin/env python3
"""Tests that run.py detects differences: a runner that passes every example would be useless."""

import argparse
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import run  # noqa: E402  (after the line above, which keeps the source tree clean)


class MatchTest(unittest.TestCase):
    """The comparison of lines."""

    def test_equal_lines_match(self):
        self.assertTrue(run.matches(["a", "b"], ["a", "b"]))
        self.assertTrue(run.matches([], []))

    def test_other_missing_and_surplus_lines_do_not_match(self):
        self.assertFalse(run.matches(["a"], ["b"]))
        self.assertFalse(run.matches(["a", "b"], ["a"]))
        self.assertFalse(run.matches(["a"], ["a", "b"]))
        self.assertFalse(run.matches([], ["a"]))

    def test_three_dots_stand_for_any_number_of_lines(self):
        self.assertTrue(run.matches(["a", "...", "d"], ["a", "d"]))
        self.assertTrue(run.matches(["a", "...", "d"], ["a", "d", "c", "d"]))
        self.assertTrue(run.matches(["..."], []))
        self.assertTrue(run.matches(["...", "b", "...", "d"], ["a", "b", "c", "b", "d"]))
        self.assertFalse(run.matches(["a", "...", "d"], ["a", "d", "c"]))
        self.assertFalse(run.matches(["...", "x", "..."], ["a", "b"]))


class DocumentTest(unittest.TestCase):
    """Whole documents."""

    def run_text(self, text, build=True):
        """Whether a document with this text passes."""
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name in ("examples", "schema"):
                (root / name).mkdir()
            (root / "doc.md").write_text(text, encoding="utf-8")
            arguments = argparse.Namespace(source=directory, program=str(root / "eventure"),
                                           scratch=str(root / "scratch"), compile="cc -Wall -Werror", link="", compile_cpp=None,
                                           build=build and str(root), path=[str(root / "programs")],
                                           document=str(root / "doc.md"))
            with contextlib.redirect_stdout(io.StringIO()):
                return run.Document(arguments).run()

    def test_a_script_runs_as_a_whole_in_an_empty_home(self):
        self.assertTrue(self.run_text("```sh run\nx=1\ncd build/release && [ $x = 1 ]\n[ ! -e ~/.local ]\n```\n"))
        self.assertTrue(self.run_text("```sh run\necho a\n```\n\n```text output\na\n```\n"))
        self.assertFalse(self.run_text("```sh run\necho a\n```\n\n```text output\nb\n```\n"))
        self.assertFalse(self.run_text("```sh run\nfalse\ntrue\n```\n"))

    def test_a_script_is_left_out_without_a_build_tree(self):
        self.assertTrue(self.run_text("```sh run\nfalse\n```\n", build=False))

    def test_a_file_is_there_for_later_blocks(self):
        self.assertTrue(self.run_text("```cmake run file=a.cmake\nmessage(x)\n```\n\n```sh run\ngrep -q x a.cmake\n```\n"))

    def test_programs_of_further_folders_are_found(self):
        self.assertTrue(self.run_text("```console run\n$ case $PATH in *programs:*) echo yes;; esac\nyes\n```\n"))

    def test_commands_with_their_output_pass(self):
        self.assertTrue(self.run_text("```console run\n$ echo a; echo b >&2\na\nb\n\n$ echo c \\\n> d\nc d\n```\n"))

    def test_another_output_fails(self):
        self.assertFalse(self.run_text("```console run\n$ echo a\nb\n```\n"))

    def test_a_command_that_fails_fails(self):
        self.assertFalse(self.run_text("```console run\n$ echo a; false\na\n```\n"))

    def test_a_program_with_its_output_passes_and_stays_for_later_blocks(self):
        self.assertTrue(self.run_text("```c run file=hello.c\n#include <stdio.h>\nint main(void) { return puts(\"hi\") < 0; "
                                      "}\n```\n```text output\nhi\n```\n```console run\n$ ./hello\nhi\n```\n"))

    def test_a_program_with_a_warning_fails(self):
        self.assertFalse(self.run_text("```c run\nint main(void) { int unused; return 0; }\n```\n"))

    def test_a_program_that_prints_something_else_fails(self):
        self.assertFalse(self.run_text("```c run\nint main(void) { return 0; }\n```\n```text output\nhi\n```\n"))

    def test_a_document_without_examples_fails(self):
        self.assertFalse(self.run_text("```c\nint main(void) { return 1; }\n```\n"))


if __name__ == "__main__":
    unittest.main()
