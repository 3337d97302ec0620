/*
 * Wildcard patterns: the valid patterns, and the types that each matches.
 */
#include <string.h>

#include "base/pattern.h"
#include "testing.h"

static bool matches(const char *pattern, const char *type)
{
    eventure__pattern parsed;
    expect_ok(NULL, eventure__pattern_parse(pattern, &parsed, NULL));
    return eventure__pattern_matches(&parsed, type, strlen(type));
}

static void expect_refused(const char *pattern, const char *message)
{
    eventure__pattern parsed;
    eventure__error error = {0};
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure__pattern_parse(pattern, &parsed, &error));
    ck_assert_str_eq(error.text, message);
}

START_TEST(an_exact_pattern_matches_that_type_only)
{
    ck_assert(matches("player.move", "player.move"));
    ck_assert(!matches("player.move", "player.moved"));
    ck_assert(!matches("player.move", "player.mov"));
    ck_assert(!matches("player.move", "player.mova"));
    ck_assert(!matches("player", "player.move"));
}
END_TEST

START_TEST(a_prefix_matches_at_any_depth)
{
    ck_assert(matches("player.*", "player.move"));
    ck_assert(matches("player.*", "player.move.left"));
    ck_assert(matches("player.*", "player."));
    ck_assert(!matches("player.*", "player"));
    ck_assert(!matches("player.*", "players.move"));
    ck_assert(!matches("player.*", "a.player.move"));
    ck_assert(matches("a.b.*", "a.b.c"));
    ck_assert(!matches("a.b.*", "a.c.b"));
}
END_TEST

START_TEST(a_suffix_matches_at_any_depth)
{
    ck_assert(matches("*.error", "disk.error"));
    ck_assert(matches("*.error", "disk.read.error"));
    ck_assert(matches("*.error", ".error"));
    ck_assert(!matches("*.error", "error"));
    ck_assert(!matches("*.error", "disk.errors"));
    ck_assert(!matches("*.error", "terror"));
    ck_assert(matches("*.b.c", "a.b.c"));
}
END_TEST

START_TEST(a_dot_alone_is_a_literal_part_too)
{
    ck_assert(matches(".*", ".hidden"));
    ck_assert(!matches(".*", "a.b"));
    ck_assert(matches("*.", "open."));
    ck_assert(!matches("*.", "a.b"));
}
END_TEST

START_TEST(a_star_alone_matches_everything)
{
    ck_assert(matches("*", "a"));
    ck_assert(matches("*", "a.b.c"));
    ck_assert(matches("*", "*"));
}
END_TEST

START_TEST(parsing_returns_the_kind_and_the_literal_part)
{
    static const struct
    {
        const char *text;
        eventure__pattern_kind kind;
        const char *literal;
    } cases[] = {{"a.b", EVENTURE__PATTERN_EXACT, "a.b"},
                 {"a.*", EVENTURE__PATTERN_PREFIX, "a."},
                 {"*.b", EVENTURE__PATTERN_SUFFIX, ".b"},
                 {"*", EVENTURE__PATTERN_ALL, ""}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        eventure__pattern parsed;
        expect_ok(NULL, eventure__pattern_parse(cases[i].text, &parsed, NULL));
        ck_assert_int_eq(parsed.kind, cases[i].kind);
        ck_assert_uint_eq(parsed.len, strlen(cases[i].literal));
        ck_assert_mem_eq(parsed.text, cases[i].literal, parsed.len);
    }
}
END_TEST

START_TEST(a_star_in_any_other_place_is_refused)
{
    static const char *const places[] = {"a*", "*a", "a*b", "a.*.b", "*.*", "**", "*.a.*", "a.**", "a.b*"};
    for (size_t i = 0; i < COUNT_OF(places); i++)
    {
        eventure__pattern parsed;
        expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure__pattern_parse(places[i], &parsed, NULL));
    }
    expect_refused("a.*.b", "pattern a.*.b: `*` may stand alone, after a last `.`, or before a first `.`");
}
END_TEST

START_TEST(what_can_match_no_type_is_refused)
{
    char type[300];
    memset(type, 'a', sizeof type);
    type[255] = '\0';
    ck_assert(matches(type, type));
    type[255] = 'a';
    type[256] = '\0';
    eventure__pattern parsed;
    eventure__error error = {0};
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure__pattern_parse(type, &parsed, &error));
    expect_part(error.text, "is 256 bytes long; types have at most 255");
    memcpy(type + 254, ".*", 3);
    expect_ok(NULL, eventure__pattern_parse(type, &parsed, NULL));
    expect_refused(NULL, "the pattern is NULL");
    expect_refused("", "the pattern is empty; `*` stands for every type");
    expect_refused("a.\xC3(", "pattern a.\\xc3( is not valid UTF-8");
}
END_TEST
