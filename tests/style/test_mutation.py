#!/usr/bin/env python3
"""Tests tools/mutation.py and its modules: which places of a C text are changed, how, and that a seed decides which."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True
TOOL = pathlib.Path(__file__).resolve().parent.parent.parent / "tools/mutation.py"
sys.path.insert(0, str(TOOL.parent))
import mutants  # noqa: E402
import mutation  # noqa: E402  (after the lines above, which find it and keep the source tree clean)

QUIET = """\
/* if (a < 1) f(2); */
#include <x-1.h>
#if A < 3
#endif
#define NAME
// b == 4
static const char *const TEXT = "a < b && 5" ; // 6
static const char CHAR = '<';
static char buffer[64];
int f(int a, char *b) __attribute__((nonnull(2)));
void i(const char *format, ...) EVENTURE_PRINTF(1, 2);
void g(struct x *p)
{
    assert(p->a < 7 && f(8));
    p->b = &*p->c;
    h("9 %d, \\" <",
      p->d);
}
"""


class ScratchTest(unittest.TestCase):
    """Looks at what is left in the scratch folders of the tests."""

    def test_what_tests_leave_is_removed(self):
        with tempfile.TemporaryDirectory() as folder:
            build = pathlib.Path(folder)
            scratch = build / "tests/unit/scratch"
            (scratch / "test_a/corpus").mkdir(parents=True)
            (scratch / "test_b").mkdir()
            kept = set(mutation.scratch_of(build))
            self.assertEqual(len(kept), 3)
            (scratch / "test_a/corpus/left").write_text("x", encoding="utf-8")
            (scratch / "test_b/more").mkdir()
            (scratch / "test_b/more/left.db").write_text("x", encoding="utf-8")
            (scratch / "test_b/link").symlink_to(scratch / "test_a")
            (build / "tests/unit/test_a").write_text("x", encoding="utf-8")
            mutation.clear_scratch(build, kept)
            self.assertEqual(set(mutation.scratch_of(build)), kept)
            self.assertTrue((build / "tests/unit/test_a").exists())


class MutatorsTest(unittest.TestCase):
    """Looks at the mutants of small texts."""

    def changes(self, body, kind=None):
        """The texts before and after of each mutant in the body of a function."""
        text = "void f(void)\n{\n" + textwrap.indent(body, "    ") + "\n}\n"
        found = [mutant for ways in mutants.mutants_of("src/a.c", text) for mutant in ways]
        for mutant in found:
            self.assertEqual(text[mutant.start:mutant.end], mutant.before)
            self.assertNotEqual(mutant.apply(text), text)
        return {(mutant.before, mutant.after) for mutant in found if kind in (None, mutant.kind)}

    def test_comparisons_change(self):
        self.assertEqual(self.changes("x = a < b;"), {("<", "<="), ("<", ">=")})
        self.assertEqual(self.changes("x = a == b;"), {("==", "!=")})
        self.assertEqual(self.changes("x = p->a >= b;"), {(">=", ">"), (">=", "<")})

    def test_conditions_change(self):
        self.assertEqual(self.changes("x = a && b;"), {("&&", "||")})
        self.assertEqual(self.changes("if (g(a))\n    return;"), {("(g(a))", "(!(g(a)))")})
        self.assertEqual(self.changes("while (a)\n    b;"), {("(a)", "(!(a))")})

    def test_arithmetic_changes_where_there_are_two_operands(self):
        self.assertEqual(self.changes("x = a + b[i] - c;"), {("+", "-"), ("-", "+")})
        self.assertEqual(self.changes("x = -a; y = &b; z = *c;"), set())
        self.assertEqual(self.changes("return -a;"), set())
        self.assertEqual(self.changes("a++;"), {("++", "--")})
        self.assertEqual(self.changes("a += b;"), {("+=", "-=")})

    def test_constants_change(self):
        self.assertEqual(self.changes("x = 10;"), {("10", "11"), ("10", "0")})
        self.assertEqual(self.changes("x = 0U;"), {("0U", "1U")})
        self.assertEqual(self.changes("x = 0x10L;"), {("0x10L", "17L"), ("0x10L", "0L")})
        self.assertEqual(self.changes("x = true;"), {("true", "false")})
        self.assertEqual(self.changes("x = a[1];", "constant"), {("1", "2"), ("1", "0")})
        self.assertEqual(self.changes("char a[64];"), set())
        self.assertEqual(self.changes("x = a1;"), set())

    def test_calls_are_dropped_when_nothing_takes_their_result(self):
        self.assertEqual(self.changes("g(a, h(b));"), {("g(a, h(b))", "")})
        self.assertEqual(self.changes("x = a;\n(void)g(a,\n        b);", "call"),
                         {("(void)g(a,\n            b)", "")})
        self.assertEqual(self.changes("x = g(a);"), set())
        self.assertEqual(self.changes("if (a)\n    g(b);", "call"), {("g(b)", "")})

    def test_a_declaration_is_no_call(self):
        text = "int a;\nint f(int b);\nf(c);\n"
        self.assertEqual([ways for ways in mutants.mutants_of("src/a.c", text) if ways[0].kind == "call"], [])

    def test_results_change(self):
        self.assertEqual(self.changes("return EVENTURE_ERROR_JSON;"), {("EVENTURE_ERROR_JSON", "EVENTURE_OK")})
        self.assertEqual(self.changes("return EVENTURE_OK;"), {("EVENTURE_OK", "EVENTURE_ERROR_IO")})
        self.assertEqual(self.changes("return status;"), {("status", "0")})
        self.assertEqual(self.changes("return pointer;"), set())

    def test_comments_texts_directives_and_assertions_stay(self):
        found = [mutant.before for ways in mutants.mutants_of("src/a.c", QUIET) for mutant in ways]
        self.assertEqual(found, ['h("9 %d, \\" <",\n      p->d)'])

    def test_the_value_of_a_define_changes(self):
        found = [mutant.after for ways in mutants.mutants_of("src/a.c", "#define LIMIT_1(a) \\\n    4096\n")
                 for mutant in ways]
        self.assertEqual(found, ["4097", "0"])

    def test_a_mask_keeps_the_length_and_the_lines(self):
        masked = mutants.mask(QUIET)
        self.assertEqual(len(masked), len(QUIET))
        self.assertEqual([at for at, char in enumerate(masked) if char == "\n"],
                         [at for at, char in enumerate(QUIET) if char == "\n"])

    def test_a_seed_decides(self):
        texts = {"src/a.c": "void f(void)\n{\n" + "    if (a < 1 && b + 2)\n        g(c);\n" * 20 + "}\n"}
        first = mutants.choose(texts, 7)
        self.assertEqual(first, mutants.choose(dict(texts), 7))
        self.assertNotEqual(first, mutants.choose(texts, 8))
        # Each place once, and the kinds in turns.
        self.assertEqual(len({(mutant.start, mutant.end) for mutant in first}), len(first))
        self.assertEqual([mutant.kind for mutant in first[:5]],
                         ["comparison", "condition", "arithmetic", "constant", "call"])


LIBRARY = """\
/* A library. */
int larger(int a, int b);
int unused(int a);

int larger(int a, int b)
{
    if (a > b)
        return a;
    return b;
}

int unused(int a)
{
    return a - 41;
}
"""

CMAKE = """\
cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES C)
if(EVENTURE_SANITIZE)
    add_compile_options(-fsanitize=${EVENTURE_SANITIZE})
    add_link_options(-fsanitize=${EVENTURE_SANITIZE})
endif()
enable_testing()
add_executable(check check.c src/a/a.c)
add_test(NAME unit.check COMMAND check)
add_executable(broken broken.c)
"""

CHECK = """\
int larger(int a, int b);
int main(void)
{
    return larger(2, 1) == 2 && larger(1, 2) == 2 ? 0 : 1;
}
"""


# Reads too far when its condition changes, without another result.
READER = """\
int first(const volatile int *a);

int first(const volatile int *a)
{
    int result = 0;
    for (int i = 0; i < 3; i++)
        result = a[i] > 0 && result == 0 ? a[i] : result;
    return result;
}
"""

CHECK_READER = """\
int first(const volatile int *a);
int main(void)
{
    const volatile int numbers[] = {0, 5, 6};
    return first(numbers) == 5 ? 0 : 1;
}
"""


class RunTest(unittest.TestCase):
    """Runs the program on a small tree."""

    def run_tool(self, check, *words, library=LIBRARY, stop=None, change=("", "")):
        """Status and output of the program in a tree of its own, which must not change. With `stop`, the program is
        sent SIGTERM when it has printed that text. `change` is a text of the program and what replaces it."""
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            files = {"src/a/a.c": library, "CMakeLists.txt": CMAKE, "check.c": check, "broken.c": "no C\n",
                     "tools/mutation.py": TOOL.read_text(encoding="utf-8").replace(*change),
                     "tools/mutants.py": TOOL.with_name("mutants.py").read_text(encoding="utf-8"),
                     "tools/reach.py": TOOL.with_name("reach.py").read_text(encoding="utf-8")}
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            scratch = root / "build/scratch"
            scratch.mkdir(parents=True)
            with subprocess.Popen([sys.executable, "-B", str(root / "tools/mutation.py"), "--jobs", "1", *words],
                                  env={**os.environ, "TMPDIR": str(scratch)}, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True) as program:
                printed = ""
                while stop is not None and stop not in printed:
                    line = program.stdout.readline()
                    self.assertNotEqual(line, "", printed)
                    printed += line
                if stop is not None:
                    program.send_signal(signal.SIGTERM)
                output = printed + program.communicate(timeout=300)[0]
            left = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
            self.assertEqual(left, sorted(files), "files were left behind")
            for name, text in files.items():
                self.assertEqual((root / name).read_text(encoding="utf-8"), text)
            return program.returncode, output

    def test_a_run_that_is_stopped_leaves_nothing_behind(self):
        status, output = self.run_tool(CHECK, "--count", "100", stop="a mutant at most")
        self.assertEqual(status, 130, output)
        self.assertIn("mutation.py: interrupted", output)

    def test_a_failure_while_mutants_are_judged_is_no_interruption(self):
        status, output = self.run_tool(CHECK, change=("tree.judge(mutant)", "tree.must(['false'], 'judging')"))
        self.assertEqual(status, 2, output)
        self.assertIn("mutation.py: judging failed", output)
        self.assertNotIn("interrupted", output)

    def test_a_run_tells_what_was_noticed_and_shows_the_survivors(self):
        status, output = self.run_tool(CHECK, "--count", "100", "--min-score", "1")
        self.assertEqual(status, 0, output)
        self.assertIn("noticed     src/a/a.c:7  condition: (a > b) -> (!(a > b))  by unit.check (failed)", output)
        self.assertRegex(output, r"survived +src/a/a.c:14  arithmetic: - -> \+ ")
        self.assertIn("-    return a - 41;\n+    return a + 41;\n", output)
        self.assertIn("with seed 1:", output)
        if shutil.which("gcov") and "CC" not in os.environ:
            self.assertNotIn("gcov counts nothing", output)

    def test_slow_tests_are_run_with_all_mutants_at_once(self):
        _, quick = self.run_tool(CHECK, "--count", "100")
        status, output = self.run_tool(CHECK, "--count", "100", "--quick", "0")
        self.assertEqual(status, 0, output)
        self.assertIn("undecided   src/a/a.c:7  condition: (a > b) -> (!(a > b))  (", output)
        self.assertIn("noticed     src/a/a.c:7  condition: (a > b) -> (!(a > b))  by unit.check (failed)", output)
        self.assertRegex(output, r"survived +src/a/a.c:14  arithmetic: - -> \+ ")
        self.assertEqual(output[output.index("with seed 1:"):], quick[quick.index("with seed 1:"):])

    def test_the_address_sanitizer_notices_what_the_results_do_not_show(self):
        status, output = self.run_tool(CHECK_READER, "--count", "100", library=READER)
        self.assertEqual(status, 0, output)
        self.assertIn("noticed     src/a/a.c:6  constant: 3 -> 4  by unit.check (failed) with sanitizers", output)

    def test_a_share_that_is_too_small_fails(self):
        status, output = self.run_tool(CHECK, "--count", "100", "--min-score", "99")
        self.assertEqual(status, 1, output)
        self.assertIn("less than 99 % were noticed", output)

    def test_tests_that_fail_without_a_change_are_an_error(self):
        status, output = self.run_tool(CHECK.replace("? 0 : 1", "? 1 : 0"))
        self.assertEqual(status, 2, output)
        self.assertIn("the tests fail without a change", output)

    def test_no_test_is_an_error(self):
        status, output = self.run_tool(CHECK, "--tests", "nothing")
        self.assertEqual(status, 2, output)
        self.assertIn("no test is named nothing", output)


if __name__ == "__main__":
    unittest.main()
