/*
 * Questions about types: the answer of one type, of several, or of a pattern is that of a plain scan, in the order of
 * seq, and so are counts. What it costs: test_types_cost.c.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "session_world.h"

#define FORK "fork.db"

static const int64_t ticks[] = {
    0, 1, 7, 8, 9, 15, 16, 23, 24, 100, 101, 4000, INT64_MAX - 16, INT64_MAX - 8, INT64_MAX - 7, INT64_MAX - 1};
#define TICKS (sizeof ticks / sizeof *ticks)

static const char *const types[] = {"a.one", "a.two", "b.one", "b.two", "c.rare"};
#define TYPES (sizeof types / sizeof *types)
#define EVENTS_MAX 128

/* What was appended, to tell what an answer must be. */
static struct
{
    int64_t tick;
    size_t type;
} facts[EVENTS_MAX];
static int64_t facts_count;

static void append_fact(eventure_log *log, size_t type)
{
    scratch_append(log, types[type], NULL, NULL);
    facts[facts_count].tick = eventure_log_tick(log);
    facts[facts_count++].type = type;
}

/* One to seven events a tick; c.rare in three ticks only. */
static void fill(eventure_log *log, bool commit_last)
{
    facts_count = 0;
    for (size_t i = 0; i < TICKS; i++)
    {
        ck_assert_int_eq(eventure_log_advance_to(log, ticks[i]), EVENTURE_OK);
        for (size_t n = 0; n < 1 + i * 5 % 7; n++)
            append_fact(log, (i * 3 + n * 7 + n / 2) % 4);
        if (i % 6 == 1)
            append_fact(log, 4);
    }
    if (commit_last)
        ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
}

typedef struct choice
{
    const char *patterns[3];
    size_t count;
    unsigned types; /* that they match, a bit each */
} choice;

static const choice choices[] = {
    {{"a.one"}, 1, 1},
    {{"a.*"}, 1, 3},
    {{"*.one"}, 1, 5},
    {{"*"}, 1, 31},
    {{"c.rare"}, 1, 16},
    {{"c.*"}, 1, 16},
    {{"no.such"}, 1, 0},
    {{"no.*"}, 1, 0},
    {{"b.two", "a.one"}, 2, 9},
    {{"c.rare", "no.such"}, 2, 16},
    {{"no.such", "nor.this"}, 2, 0},
    {{"a.*", "a.one", "*.two"}, 3, 11},
    {{"b.two", "b.two", "no.*"}, 3, 8},
};

static bool is_wanted(int64_t seq, const eventure_filter *filter, unsigned wanted)
{
    return (wanted >> facts[seq - 1].type & 1) != 0 && facts[seq - 1].tick >= filter->tick_min &&
           (filter->tick_end == 0 || facts[seq - 1].tick < filter->tick_end) &&
           (filter->after_seq == 0 || (filter->reverse ? seq < filter->after_seq : seq > filter->after_seq));
}

static void check_answer(eventure_reader *reader, const eventure_filter *filter, unsigned wanted)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t count = 0;
    int64_t told = -1;
    ck_assert_msg(eventure_query(reader, filter, &cursor) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    for (int64_t i = 1; i <= facts_count && (filter->limit == 0 || count < filter->limit); i++)
    {
        int64_t seq = filter->reverse ? facts_count + 1 - i : i;
        if (!is_wanted(seq, filter, wanted))
            continue;
        ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_ROW);
        ck_assert_int_eq(event.seq, seq);
        ck_assert_int_eq(event.tick, facts[seq - 1].tick);
        ck_assert_str_eq(event.type, types[facts[seq - 1].type]);
        count++;
    }
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_DONE);
    eventure_cursor_free(cursor);
    ck_assert_int_eq(eventure_count(reader, filter, &told), EVENTURE_OK);
    ck_assert_int_eq(told, count);
}

static void check_ticks(eventure_reader *reader, eventure_filter *filter, unsigned wanted)
{
    static const int64_t firsts[] = {0, 8, 17, INT64_MAX - 8, INT64_MAX};
    static const int64_t lasts[] = {0, 15, 3999, INT64_MAX - 8, INT64_MAX};
    static const int64_t afters[] = {0, 1, 30, EVENTS_MAX, INT64_MAX};
    for (size_t first = 0; first < sizeof firsts / sizeof *firsts; first++)
        for (size_t last = 0; last < sizeof lasts / sizeof *lasts; last++)
            for (size_t after = 0; after < sizeof afters / sizeof *afters; after++)
            {
                filter->tick_min = firsts[first];
                filter->tick_end = lasts[last] == INT64_MAX ? 0 : lasts[last] + 1;
                filter->after_seq = afters[after];
                check_answer(reader, filter, wanted);
            }
}

static void check_all_answers(eventure_reader *reader)
{
    static const int64_t limits[] = {0, 1, 5};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        for (size_t limit = 0; limit < sizeof limits / sizeof *limits; limit++)
            for (int reverse = 0; reverse < 2; reverse++)
            {
                eventure_filter filter = EVENTURE_FILTER_INIT;
                filter.types = choices[i].patterns;
                filter.types_count = choices[i].count;
                filter.limit = limits[limit];
                filter.reverse = reverse != 0;
                check_ticks(reader, &filter, choices[i].types);
            }
}

START_TEST(types_are_answered_in_append_order)
{
    eventure_reader *reader = NULL;
    eventure_log *log = scratch_new();
    fill(log, true);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    check_all_answers(reader);
    eventure_reader_close(reader);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_verify(SCRATCH_PATH);
}
END_TEST

START_TEST(types_are_answered_in_append_order_after_analyze)
{
    eventure_reader *reader = NULL;
    eventure_log *log = scratch_new();
    fill(log, true);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "ANALYZE"));
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    check_all_answers(reader);
    eventure_reader_close(reader);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}
END_TEST

START_TEST(a_log_answers_what_it_has_not_committed_as_well)
{
    eventure_log *log = scratch_new();
    fill(log, false);
    check_all_answers(eventure_log_reader(log));
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_verify(SCRATCH_PATH);
}
END_TEST

static void expect_number(const char *sql, int64_t expected)
{
    int64_t got = world_number(SCRATCH_PATH, sql);
    ck_assert_msg(got == expected, "%s: %lld instead of %lld", sql, (long long)got, (long long)expected);
}

START_TEST(ad_hoc_sql_answers_the_same)
{
    char sql[256];
    eventure_log *log = scratch_new();
    fill(log, true);
    eventure_log_close(log);
    for (size_t i = 0; i < TICKS; i++)
        for (size_t type = 0; type < TYPES; type++)
        {
            int64_t at = 0;
            int64_t until = 0;
            for (int64_t n = 0; n < facts_count; n++)
            {
                at += facts[n].type == type && facts[n].tick == ticks[i];
                until += facts[n].type == type && facts[n].tick <= ticks[i];
            }
            snprintf(sql, sizeof sql, "SELECT count(*) FROM events WHERE type = '%s' AND tick = %lld", types[type],
                     (long long)ticks[i]);
            expect_number(sql, at);
            snprintf(sql, sizeof sql, "SELECT count(*) FROM events WHERE type = '%s' AND tick BETWEEN 0 AND %lld",
                     types[type], (long long)ticks[i]);
            expect_number(sql, until);
        }
    expect_number("SELECT count(*) FROM events", facts_count);
    expect_number("SELECT first_tick FROM type_counts WHERE type = 'c.rare'", 1);
    expect_number("SELECT last_tick FROM type_counts WHERE type = 'c.rare'", INT64_MAX - 8);
    expect_number("SELECT sum(count) FROM type_counts", facts_count);
}
END_TEST

/* --- Many types --- */

/* From the 65th on all events are looked at (MERGED_TYPES in query/compile.c). */
#define MANY 100

static char names[MANY][16];
static const char *many[MANY];

/* 20 events a type, in turn except for a shift now and then, so that the types do not follow each other evenly. */
static int64_t append_many(eventure_log *log)
{
    int64_t count = 0;
    for (size_t i = 0; i < MANY; i++)
    {
        snprintf(names[i], sizeof names[i], "many.n%02d", (int)(i * 37 % MANY));
        many[i] = names[i];
    }
    for (size_t round = 0; round < 20; round++)
    {
        for (size_t i = 0; i < MANY; i++, count++)
            scratch_append(log, names[(i * 7 + round * round) % MANY], NULL, NULL);
        eventure_log_advance_tick(log);
    }
    ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
    return count;
}

/* Asserts that the first `count` of the types are answered, and nothing else. */
static void check_many(eventure_reader *reader, size_t count, bool reverse)
{
    eventure_filter all = EVENTURE_FILTER_INIT;
    eventure_filter some = EVENTURE_FILTER_INIT;
    eventure_cursor *scan = NULL;
    eventure_cursor *answer = NULL;
    eventure_event scanned;
    eventure_event answered;
    all.reverse = some.reverse = reverse;
    some.types = many;
    some.types_count = count;
    ck_assert_int_eq(eventure_query(reader, &all, &scan), EVENTURE_OK);
    ck_assert_int_eq(eventure_query(reader, &some, &answer), EVENTURE_OK);
    while (eventure_cursor_next(scan, &scanned) == EVENTURE_ROW)
    {
        bool wanted = false;
        for (size_t i = 0; i < count && !wanted; i++)
            wanted = strcmp(many[i], scanned.type) == 0;
        if (!wanted)
            continue;
        ck_assert_int_eq(eventure_cursor_next(answer, &answered), EVENTURE_ROW);
        ck_assert_int_eq(answered.seq, scanned.seq);
        ck_assert_str_eq(answered.type, scanned.type);
    }
    ck_assert_int_eq(eventure_cursor_next(answer, &answered), EVENTURE_DONE);
    eventure_cursor_free(scan);
    eventure_cursor_free(answer);
}

static void expect_plan(eventure_reader *reader, const eventure_filter *filter, const char *must_have,
                        const char *must_not_have)
{
    char *text = NULL;
    ck_assert_int_eq(eventure_query_explain(reader, filter, &text), EVENTURE_OK);
    const char *plan = strstr(text, "plan:");
    ck_assert_ptr_nonnull(plan);
    ck_assert_msg(strstr(plan, must_have) != NULL, "no %s in %s", must_have, text);
    ck_assert_msg(strstr(plan, must_not_have) == NULL, "%s in %s", must_not_have, text);
    eventure_free(text);
}

START_TEST(so_many_types_are_merged_and_more_are_scanned)
{
    static const size_t counts[] = {1, 2, 3, 63, 64, 65, 99, 100};
    eventure_reader *reader = NULL;
    eventure_log *log = scratch_new();
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    int64_t appended = append_many(log);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int reverse = 0; reverse < 2; reverse++)
            check_many(reader, counts[i], reverse != 0);
    filter.types = many;
    filter.types_count = 64;
    expect_plan(reader, &filter, "MERGE (UNION ALL)", "TEMP B-TREE");
    expect_plan(reader, &filter, "SEARCH events USING COVERING INDEX events_type (type=?)", "SCAN events");
    filter.types_count = 65;
    expect_plan(reader, &filter, "\n  SCAN events\n", "TEMP B-TREE FOR ORDER BY");
    filter.tick_min = 3;
    filter.tick_end = 4;
    expect_plan(reader, &filter, "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
                "TEMP B-TREE FOR ORDER BY");
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.type = "many.*";
    ck_assert_int_eq(eventure_count(reader, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, appended);
    expect_plan(reader, &filter, "\n  SCAN events\n", "TEMP B-TREE FOR ORDER BY");
    eventure_reader_close(reader);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}
END_TEST

/* --- Patterns --- */

/* What sorts before and behind a prefix, or is near it, as bytes. */
static const char *const near_names[] = {"a",
                                         "a.",
                                         "a.b",
                                         "a..",
                                         "a.~",
                                         "a.\x7f",
                                         "a.\xc2\x80",
                                         "a.\xc3\xa9",
                                         "a.b.c",
                                         "a.\xef\xbf\xbf",
                                         "a.\xf0\x9f\x98\x80",
                                         "a.\xf4\x8f\xbf\xbf",
                                         "a/",
                                         "a/b",
                                         "a-b",
                                         "a-",
                                         "ab",
                                         "ab.c",
                                         "A.b",
                                         "\xc3\xa9",
                                         "\xc3\xa9.b",
                                         "\xc3\xaa.b",
                                         "\xc3\xa9/b",
                                         "e\xcc\x81.b",
                                         "b.a",
                                         "c.a.b",
                                         "\xf4\x8f\xbf\xbf.x",
                                         "\xf4\x8f\xbf\xbf",
                                         "z",
                                         "a b.c"};
#define NEAR (sizeof near_names / sizeof *near_names)

static const char *const prefixes[] = {"a.", "a.b.", "a..", "\xc3\xa9.", "\xf4\x8f\xbf\xbf.", "z.", "A.", "a b."};
static const char *const suffixes[] = {".b", ".a", ".c", ".x", "."};

static void check_pattern(eventure_reader *reader, const char *pattern, const bool wanted[NEAR])
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    filter.type = pattern;
    ck_assert_msg(eventure_query(reader, &filter, &cursor) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    for (size_t i = 0; i < NEAR; i++)
        if (wanted[i])
        {
            ck_assert_msg(eventure_cursor_next(cursor, &event) == EVENTURE_ROW, "%s: no %s", pattern, near_names[i]);
            ck_assert_msg(strcmp(event.type, near_names[i]) == 0, "%s: %s instead of %s", pattern, event.type,
                          near_names[i]);
        }
    ck_assert_msg(eventure_cursor_next(cursor, &event) == EVENTURE_DONE, "%s: an event too many", pattern);
    eventure_cursor_free(cursor);
}

START_TEST(a_pattern_accepts_what_it_matches_and_nothing_else)
{
    char pattern[32];
    bool wanted[NEAR];
    eventure_log *log = scratch_new();
    for (size_t i = 0; i < NEAR; i++)
        scratch_append(log, near_names[i], NULL, NULL);
    for (size_t n = 0; n < sizeof prefixes / sizeof *prefixes; n++)
    {
        for (size_t i = 0; i < NEAR; i++)
            wanted[i] = strncmp(near_names[i], prefixes[n], strlen(prefixes[n])) == 0;
        snprintf(pattern, sizeof pattern, "%s*", prefixes[n]);
        check_pattern(eventure_log_reader(log), pattern, wanted);
    }
    for (size_t n = 0; n < sizeof suffixes / sizeof *suffixes; n++)
    {
        size_t len = strlen(suffixes[n]);
        for (size_t i = 0; i < NEAR; i++)
        {
            size_t type_len = strlen(near_names[i]);
            wanted[i] = type_len >= len && strcmp(near_names[i] + type_len - len, suffixes[n]) == 0;
        }
        snprintf(pattern, sizeof pattern, "*%s", suffixes[n]);
        check_pattern(eventure_log_reader(log), pattern, wanted);
    }
    for (size_t n = 0; n < NEAR; n++)
    {
        for (size_t i = 0; i < NEAR; i++)
            wanted[i] = i == n;
        check_pattern(eventure_log_reader(log), near_names[n], wanted);
    }
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}
END_TEST

/* --- Counts --- */

static int collect(const char *type, int64_t count, void *context)
{
    char *text = context;
    snprintf(text + strlen(text), 256 - strlen(text), "%s=%d ", type, (int)count);
    return 0;
}

static void expect_counts(eventure_reader *reader, const char *expected)
{
    char counts[256] = "";
    ck_assert_int_eq(eventure_query_count_by_type(reader, collect, counts), EVENTURE_OK);
    ck_assert_str_eq(counts, expected);
}

/* That is neither the order of the names nor that of the counts. */
START_TEST(counts_come_in_the_order_in_which_the_types_first_appeared)
{
    static const char *const order[] = {"m.x", "z.x", "a.x", "z.x", "z.x", "m.x", "b.x", "a.x", "a.x", "a.x"};
    eventure_log *log = scratch_new();
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
    {
        scratch_append(log, order[i], NULL, NULL);
        if (i == 2)
            ck_assert_int_eq(eventure_log_advance_tick(log), EVENTURE_OK);
    }
    expect_counts(eventure_log_reader(log), "m.x=2 z.x=3 a.x=4 b.x=1 ");
    ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
    scratch_expect_answer(
        "SELECT group_concat(type || '=' || count || ' ' || first_tick || last_tick) FROM type_counts",
        "m.x=2 01,z.x=3 01,a.x=4 01,b.x=1 11");
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "ANALYZE"));
    expect_counts(eventure_log_reader(log), "m.x=2 z.x=3 a.x=4 b.x=1 ");
    ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
    scratch_append(log, "c.x", NULL, NULL);
    scratch_append(log, "m.x", NULL, NULL);
    expect_counts(eventure_log_reader(log), "m.x=3 z.x=3 a.x=4 b.x=1 c.x=1 ");
    ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
    expect_counts(eventure_log_reader(log), "m.x=2 z.x=3 a.x=4 b.x=1 ");
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    log = scratch_new();
    expect_counts(eventure_log_reader(log), "");
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}
END_TEST

/* --- Undone, closed, archived --- */

START_TEST(a_type_comes_once_more_after_it_was_undone_or_the_log_was_closed)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    eventure_log *log = scratch_new();
    scratch_append(log, "a.one", NULL, NULL);
    ck_assert_int_eq(eventure_count(eventure_log_reader(log), &filter, &count), EVENTURE_OK); /* writes the rows */
    ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
    for (int i = 0; i < 20; i++)
    {
        scratch_append(log, "a.one", NULL, NULL);
        scratch_append(log, i % 3 == 0 ? "a.two" : "b.one", NULL, NULL);
        if (i % 4 == 1)
        {
            ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
            log = scratch_open(SCRATCH_PATH);
        }
        if (i % 5 == 2)
        {
            ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
            scratch_append(log, "b.two", NULL, NULL);
            ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
        }
        ck_assert_int_eq(eventure_log_advance_tick(log), EVENTURE_OK);
    }
    filter.type = "b.two";
    ck_assert_int_eq(eventure_count(eventure_log_reader(log), &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 0);
    eventure_log_close(log);
    world_verify(SCRATCH_PATH);
    expect_number("SELECT count FROM type_counts WHERE type = 'a.one'", 20);
    expect_number("SELECT count(*) FROM type_counts WHERE type = 'b.two'", 0);
}
END_TEST

START_TEST(archiving_in_steps_leaves_both_parts_right)
{
    eventure_log *log = world_whole(13);
    for (int64_t before = 1; before < 13; before += before == 4 ? 3 : 1)
    {
        world_archive(log, WORLD_ARCHIVE, before);
        scratch_append(log, "player.move", NULL, NULL);
        ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
        world_verify(WORLD_ARCHIVE);
        world_verify(SCRATCH_PATH);
        ck_assert_int_eq(eventure_store_fork_at_tick(
                             eventure_log_reader(log), FORK, before + 1,
                             &(eventure_copy_options){.size = sizeof(eventure_copy_options), .replace = true}),
                         EVENTURE_OK);
        world_verify(FORK);
    }
    eventure_log_close(log);
    scratch_remove(FORK);
}
END_TEST

START_TEST(a_type_comes_back_after_all_its_events_were_archived)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    eventure_log *log = scratch_new();
    scratch_remove(WORLD_ARCHIVE);
    scratch_append(log, "a.one", NULL, NULL);
    eventure_log_advance_tick(log);
    scratch_append(log, "a.two", NULL, NULL);
    eventure_log_advance_tick(log);
    world_archive(log, WORLD_ARCHIVE, 1);
    eventure_log_commit(log);
    expect_counts(eventure_log_reader(log), "a.two=1 ");
    scratch_append(log, "a.one", NULL, NULL);
    expect_counts(eventure_log_reader(log), "a.two=1 a.one=1 ");
    filter.type = "a.one";
    ck_assert_int_eq(eventure_count(eventure_log_reader(log), &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 1);
    filter.after_seq = 1; /* an archived event */
    ck_assert_int_eq(eventure_count(eventure_log_reader(log), &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_verify(SCRATCH_PATH);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("types");
    TCase *tests = tcase_create("types");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, types_are_answered_in_append_order);
    tcase_add_test(tests, types_are_answered_in_append_order_after_analyze);
    tcase_add_test(tests, a_log_answers_what_it_has_not_committed_as_well);
    tcase_add_test(tests, ad_hoc_sql_answers_the_same);
    tcase_add_test(tests, so_many_types_are_merged_and_more_are_scanned);
    tcase_add_test(tests, a_pattern_accepts_what_it_matches_and_nothing_else);
    tcase_add_test(tests, counts_come_in_the_order_in_which_the_types_first_appeared);
    tcase_add_test(tests, a_type_comes_once_more_after_it_was_undone_or_the_log_was_closed);
    tcase_add_test(tests, archiving_in_steps_leaves_both_parts_right);
    tcase_add_test(tests, a_type_comes_back_after_all_its_events_were_archived);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
