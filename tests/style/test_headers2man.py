#!/usr/bin/env python3
"""Tests cmake/headers2man.awk on small headers: test_headers2man.py AWK PROGRAM [MANDOC]"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

AWK = sys.argv[1]
PROGRAM = sys.argv[2]
MANDOC = sys.argv[3] if len(sys.argv) > 3 else None

HEADER = """\
/**
 * @file
 * Boats of all kinds. A boat 'floats' until `boat_sink`. A *small boat* (eventure_row) is one, see `*.oar`.
 *
 * - *Oars.* They row,
 *   both of them.
 *
 * @code
 * eventure_row("\\n");
 * .row
 * @endcode
 */
#ifndef EVENTURE_BOAT_H
#define EVENTURE_BOAT_H

#include <eventure/sea.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A boat. */
typedef struct eventure_boat eventure_boat;

struct undocumented;

/** Kinds. */
typedef enum eventure_kind
{
    EVENTURE_RAFT = 0, /**< Flat; `{` is no brace here. */
    EVENTURE_YACHT     /**< White. */
} eventure_kind;

/** Options. */
typedef struct eventure_boat_options
{
    size_t size; /**< Set by the macro. */
    union
    {
        int oars;    /**< How many. */
        double sail; /**< How large. */
    } drive;         /**< What moves it. */
    /** Steers. */
    int (*steer)(int degrees, void *context);
    int length;
    /**< In metres. */
} eventure_boat_options;

/** Calls back. */
typedef int (*eventure_boat_fn)(const eventure_boat *boat, void *context);

/** The most oars. */
#define EVENTURE_OARS_MAX 8

/** One of a pair. */
#define EVENTURE_PAIR(a, b) \\
    ((a) + \\
     (b))

/**
 * Builds a boat. It is dry.
 * @param kind,name what it is; a "name"
 * @param steer called
 *        often
 * @return EVENTURE_OK
 */
EVENTURE_API eventure_status eventure_boat_build(eventure_kind kind, const char *name,
                                                 int (*steer)(int, void *), eventure_boat **out_boat);

/** Its name. */
EVENTURE_API const char *eventure_boat_name(const eventure_boat *boat) EVENTURE_PURE;

/** How many oars. */
static inline int eventure_oars(void)
{
    if (1) { return 2; }
    return 1;
}

#ifdef __cplusplus
}
/** For C++ only. */
template <size_t N> struct eventure_fleet
{
    int a[N];
};
#else
/** For C only. */
#define EVENTURE_FLEET(x) (x)
#endif

#endif
"""


class HeadersTest(unittest.TestCase):
    """Runs the program on headers in a scratch directory."""

    def run_on(self, files):
        """Status, error text, and the pages by name."""
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "out").mkdir()
            for name, text in files.items():
                (root / name).write_text(text, encoding="utf-8")
            done = subprocess.run(
                [AWK, "-v", "output=out", "-v", "version=1.2", "-v", "date=May 01, 2026", "-f", PROGRAM, *files],
                cwd=root, capture_output=True, text=True, timeout=60, check=False)
            pages = {page.name: page.read_text(encoding="utf-8") for page in (root / "out").iterdir()}
            if MANDOC and done.returncode == 0:
                own = [f"out/{name}" for name, text in pages.items() if not text.startswith(".so ")]
                lint = subprocess.run([MANDOC, "-T", "lint", "-W", "warning", *own],
                                      cwd=root, capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(lint.stdout, "")
            return done.returncode, done.stderr, pages

    def page(self):
        """The page of the header above."""
        status, error, pages = self.run_on({"boat.h": HEADER})
        self.assertEqual((status, error), (0, ""))
        return pages["eventure_boat.h.3"]

    def test_each_function_type_and_function_like_macro_has_a_page(self):
        pages = self.run_on({"boat.h": HEADER})[2]
        self.assertEqual(sorted(pages), sorted(f"{name}.3" for name in (
            "eventure_boat.h", "eventure_boat", "eventure_kind", "eventure_boat_options", "eventure_boat_fn",
            "EVENTURE_PAIR", "eventure_boat_build", "eventure_boat_name", "eventure_oars", "EVENTURE_FLEET")))
        self.assertEqual(pages["eventure_oars.3"], ".so man3/eventure_boat.h.3\n")

    def test_the_synopsis_has_the_declarations(self):
        synopsis = self.page().split(".Sh DESCRIPTION")[0]
        self.assertIn('.In eventure/boat.h\n.Ft "eventure_status"\n.Fo eventure_boat_build\n.Fa "eventure_kind kind"\n'
                      '.Fa "const char *name"\n.Fa "int (*steer)(int, void *)"\n.Fa "eventure_boat **out_boat"\n.Fc\n',
                      synopsis)
        self.assertIn('.Ft "const char *"\n.Fo eventure_boat_name\n.Fa "const eventure_boat *boat"\n.Fc\n', synopsis)
        self.assertIn('.Ft "int"\n.Fo eventure_oars\n.Fa "void"\n.Fc\n', synopsis)

    def test_the_name_is_the_first_sentence(self):
        self.assertIn(".Nm eventure_boat.h\n.Nd Boats of all kinds\n", self.page())

    def test_text_is_escaped_and_marked(self):
        page = self.page()
        self.assertIn("A boat \\(aqfloats\\(aq until \\fBboat_sink\\fR.\n", page)
        self.assertIn("A \\fIsmall boat\\fR \\%(\\fBeventure_row\\fR) is one, see \\fB*.oar\\fR.\n", page)
        self.assertIn(".Bl -bullet\n.It\n\\fIOars.\\fR They row, both of them.\n.El\n", page)
        self.assertIn('eventure_row(\\(dq\\en\\(dq);\n\\&.row\n.Ed\n', page)

    def test_parameters_and_results_are_listed(self):
        self.assertIn('Builds a boat.\nIt is dry.\n.Bl -tag -width 4n\n.It Fa "kind" , Fa "name"\n'
                      'what it is; a \\(dqname\\(dq\n'
                      '.It Fa "steer"\ncalled often\n.El\n.Pp\nReturns: \\%EVENTURE_OK\n', self.page())

    def test_members_are_listed(self):
        page = self.page()
        for line in ('.It Va "size_t size"\nSet by the macro.\n', '.It Va "union drive"\nWhat moves it.\n',
                     '.It Va "int drive.oars"\nHow many.\n', '.It Va "double drive.sail"\n',
                     '.It Va "int (*steer)(int degrees, void *context)"\nSteers.\n',
                     '.It Va "int length"\nIn metres.\n', '.It Dv "EVENTURE_RAFT = 0"\nFlat; \\fB{\\fR is no brace',
                     '.It Dv "EVENTURE_YACHT"\nWhite.\n'):
            self.assertIn(line, page)

    def test_what_is_for_cpp_only_is_left_out(self):
        self.assertNotIn("fleet", self.page().replace("EVENTURE_FLEET", ""))
        self.assertNotIn("C++", self.page())

    def test_a_template_lists_the_headers(self):
        template = ".Dd @DATE@\n.Dt X 3\n.Os E @VERSION@\n.Sh NAME\n.Nm x\n.Nd y\n.Sh HEADERS\n@HEADERS@\n"
        page = self.run_on({"boat.h": HEADER, "x.3.in": template})[2]["x.3"]
        self.assertIn(".Dd May 01, 2026\n.Dt X 3\n.Os E 1.2\n", page)
        self.assertIn(".Ss boat.h\nBoats of all kinds.\nSee\n.Xr eventure_boat.h 3 .\n", page)
        self.assertIn(".It Fn eventure_oars\nHow many oars.\n", page)

    def test_what_is_not_understood_is_an_error(self):
        for declaration in ("int a;", "EVENTURE_API x y z;"):
            status, error, _ = self.run_on({"a.h": f"/** @file\n * A. */\n/** B. */\n{declaration}\n"})
            self.assertEqual(status, 1)
            self.assertIn("not understood", error)

    def test_a_header_without_a_comment_is_an_error(self):
        self.assertIn("no comment with @file", self.run_on({"a.h": "#define A\n"})[1])

    def test_a_header_that_ends_in_a_declaration_is_an_error(self):
        self.assertIn("ends within", self.run_on({"a.h": "/** @file\n * A. */\n/** B. */\nEVENTURE_API int f(\n"})[1])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
