/*
 * The file of a projection: its headings, and its errors, which are reported with FILE:LINE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_world.h"
#include "projection/file.h"
#include "testing.h"

TEST_FIXTURE(nothing, forget);

static eventure__file file;
static eventure__error error;

static eventure_status parse(const char *text)
{
    eventure__file_free(&file);
    return eventure__file_parse(&file, "x.sql", text, strlen(text), &error);
}

static void forget(void)
{
    eventure__file_free(&file);
}

static void nothing(void)
{
}

static void expect_error(const char *text, const char *message)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, parse(text));
    ck_assert_str_eq(error.text, message);
}

/* Checks a part of the file, and its SQL without the blanks around it. */
static void expect_sql_of(size_t i, int64_t line, size_t patterns, const char *sql)
{
    ck_assert_uint_lt(i, file.parts_count);
    const eventure__projection_part *part = &file.parts[i];
    const char *at = part->sql;
    const char *end = part->sql + part->sql_len;
    while (at < end && strchr(" \r\n", *at) != NULL)
        at++;
    while (end > at && strchr(" \r\n", end[-1]) != NULL)
        end--;
    ck_assert_int_eq(part->line, line);
    ck_assert_uint_eq(part->patterns_count, patterns);
    ck_assert_uint_eq((size_t)(end - at), strlen(sql));
    ck_assert_int_eq(memcmp(at, sql, strlen(sql)), 0);
}

START_TEST(headings_part_the_file)
{
    expect_ok(NULL, parse("-- a remark\n\n-- @setup\nCREATE TABLE a (b);\n-- @on a.b\nDELETE FROM a;\n"));
    ck_assert_uint_eq(file.parts_count, 2);
    expect_sql_of(0, 3, 0, "CREATE TABLE a (b);");
    expect_sql_of(1, 5, 1, "DELETE FROM a;");
    ck_assert_int_eq(file.parts[1].patterns[0].kind, EVENTURE__PATTERN_EXACT);
}
END_TEST

START_TEST(a_part_may_have_several_patterns)
{
    expect_ok(NULL, parse("--@on a.*  *.b\t*\nSELECT 1"));
    expect_sql_of(0, 1, 3, "SELECT 1");
    ck_assert_int_eq(file.parts[0].patterns[0].kind, EVENTURE__PATTERN_PREFIX);
    ck_assert_int_eq(file.parts[0].patterns[1].kind, EVENTURE__PATTERN_SUFFIX);
    ck_assert_int_eq(file.parts[0].patterns[2].kind, EVENTURE__PATTERN_ALL);
}
END_TEST

START_TEST(lines_may_end_as_in_other_systems)
{
    expect_ok(NULL, parse("-- @setup\r\nSELECT 1;\r\n-- @on a.b\r\nSELECT 2;\r\n"));
    expect_sql_of(0, 1, 0, "SELECT 1;");
    expect_sql_of(1, 3, 1, "SELECT 2;");
    ck_assert_uint_eq(file.parts[1].patterns[0].len, 3);
}
END_TEST

START_TEST(a_heading_in_a_literal_or_a_long_comment_is_none)
{
    expect_ok(NULL, parse("-- @on a\nSELECT '\n-- @on b\n', \"\n-- @on c\n\", [\n-- @on d\n] /*\n-- @on e\n*/;\n"));
    ck_assert_uint_eq(file.parts_count, 1);
    expect_ok(NULL, parse("-- @on a\nSELECT 'it''s', 1 -- an ' apostrophe\n;\n-- @on b\nSELECT 2"));
    ck_assert_uint_eq(file.parts_count, 2);
    expect_ok(NULL, parse("-- @on a\nSELECT 1 -- @on b\n;"));
    ck_assert_uint_eq(file.parts_count, 1);
    expect_ok(NULL, parse("-- @on a\nSELECT 1 /* a/b * c\n-- @on b\n*/;\n-- @on c\nSELECT 2 /* d"));
    ck_assert_uint_eq(file.parts_count, 2);
    /* The first end of a comment is behind its two characters, and that of the comment before does not count. */
    expect_ok(NULL, parse("-- @on a\nSELECT 1 /*/\n-- @on b\n*/;\n"));
    ck_assert_uint_eq(file.parts_count, 1);
    expect_ok(NULL, parse("-- @on a\nSELECT 1 /**//*\n-- @on b\n*/;\n"));
    ck_assert_uint_eq(file.parts_count, 1);
    /* A literal ends where its own quote closes, also when other quotes follow. */
    expect_ok(NULL,
              parse("-- @on a\nSELECT 'x', \"y\", `z`;\n-- @on b\nSELECT [c'];\n-- @on c\nSELECT ']', '\"', '`'"));
    ck_assert_uint_eq(file.parts_count, 3);
}
END_TEST

START_TEST(an_error_names_its_line)
{
    expect_error("", "x.sql: no line of it is `-- @setup` or `-- @on PATTERN`: it is not a projection");
    expect_error("-- hello\n", "x.sql: no line of it is `-- @setup` or `-- @on PATTERN`: it is not a projection");
    expect_error("SELECT 1;\n", "x.sql: no line of it is `-- @setup` or `-- @on PATTERN`: it is not a projection");
    expect_error("\nSELECT 1;\n-- @setup\nSELECT 2",
                 "x.sql:2: a statement precedes the first `-- @setup` or `-- @on PATTERN`");
    expect_error("-- @setup\nSELECT 1;\n-- @on\nSELECT 2",
                 "x.sql:3: `@on` needs a pattern: a type, `area.*`, `*.verb` or `*`");
    expect_error("-- @setup\n-- @on a\nSELECT 2", "x.sql:1: there is no statement below this");
    expect_error("-- @on a\n/* nothing */ -- at all\n", "x.sql:1: there is no statement below this");
    expect_error("-- @setup now\nSELECT 1", "x.sql:1: unexpected text after `@setup`: now");
    expect_error("-- @onn a.b\nSELECT 1",
                 "x.sql:1: there is no heading like this, only `@setup` and `@on PATTERN`: @onn");
    expect_error("-- @setup\nSELECT 1;\n-- @on a.*.b\nSELECT 1",
                 "x.sql:3: pattern a.*.b: `*` may stand alone, after a last `.`, or before a first `.`");
    expect_error("-- @setup\nSELECT '\xff'", "x.sql:2: this is not UTF-8");
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
    eventure__file_free(&file);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure__file_parse(&file, "x.sql", "-- @setup\nSELECT\0 1", 19, &error));
    ck_assert_str_eq(error.text, "x.sql:2: there is a NUL byte");
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_named)
{
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure__file_read(&file, "nowhere.sql", &error));
    expect_part(error.text, "nowhere.sql: No such file");
    eventure__file_free(&file);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__file_read(&file, ".", &error));
}
END_TEST

static bool says_now(const char *sql)
{
    return eventure__sql_says_now(sql, sql + strlen(sql));
}

START_TEST(the_literal_now_is_found_where_it_is_one)
{
    ck_assert(says_now("SELECT datetime('now')"));
    ck_assert(says_now("SELECT datetime('NOW', '-1 day')"));
    ck_assert(!says_now("SELECT 'nowhere', \"now\", 'it is now' -- 'now'\n/* 'now' */"));
}
END_TEST

START_TEST(any_beginning_of_a_file_is_parsed_or_refused)
{
    static const char text[] = "-- @setup\nCREATE TABLE \"a\" (b, 'c''d', [e]); /* x */ -- y\n-- @on a.* *.b\n"
                               "INSERT INTO a VALUES (:b, 'x', `e`);\n-- @on *\nDELETE FROM a;\n";
    for (size_t len = 0; len < sizeof text; len++)
    {
        char *copy = malloc(len + 1); /* of exactly this length, so that a read beyond its end is noticed */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, text, len);
        eventure__file_free(&file);
        eventure_status status = eventure__file_parse(&file, "x.sql", copy, len, &error);
        ck_assert(status == EVENTURE_OK || status == EVENTURE_ERROR_ARGUMENT);
        free(copy);
    }
}
END_TEST
