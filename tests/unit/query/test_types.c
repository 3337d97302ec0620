/*
 * Queries by type: the result for one type, several types, or a pattern equals that of a plain scan, in the order of
 * seq; the same for counts. test_types_cost.c tests their cost.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "session_world.h"
#include "testing.h"

#define FORK "fork.db"

static const int64_t ticks[] = {
    0, 1, 7, 8, 9, 15, 16, 23, 24, 100, 101, 4000, INT64_MAX - 16, INT64_MAX - 8, INT64_MAX - 7, INT64_MAX - 1};
#define TICKS COUNT_OF(ticks)

static const char *const types[] = {"a.one", "a.two", "b.one", "b.two", "c.rare"};
#define TYPES COUNT_OF(types)
#define EVENTS_MAX 128

/* The appended events, from which the expected results are computed. */
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

/* Appends one to seven events per tick; c.rare occurs in three ticks only. */
static void fill(eventure_log *log, bool commit_last)
{
    facts_count = 0;
    for (size_t i = 0; i < TICKS; i++)
    {
        expect_ok(log, eventure_log_advance_to(log, ticks[i]));
        for (size_t n = 0; n < 1 + i * 5 % 7; n++)
            append_fact(log, (i * 3 + n * 7 + n / 2) % 4);
        if (i % 6 == 1)
            append_fact(log, 4);
    }
    if (commit_last)
        expect_ok(log, eventure_log_commit(log));
}

typedef struct choice
{
    const char *patterns[3];
    size_t count;
    unsigned types; /* the matched types, one bit for each */
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
    expect_ok(reader, eventure_query(reader, filter, &cursor));
    for (int64_t i = 1; i <= facts_count && (filter->limit == 0 || count < filter->limit); i++)
    {
        int64_t seq = filter->reverse ? facts_count + 1 - i : i;
        if (!is_wanted(seq, filter, wanted))
            continue;
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        ck_assert_int_eq(event.seq, seq);
        ck_assert_int_eq(event.tick, facts[seq - 1].tick);
        ck_assert_str_eq(event.type, types[facts[seq - 1].type]);
        count++;
    }
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
    expect_ok(reader, eventure_query_count(reader, filter, &told));
    ck_assert_int_eq(told, count);
}

static void check_ticks(eventure_reader *reader, eventure_filter *filter, unsigned wanted)
{
    static const int64_t firsts[] = {0, 8, 17, INT64_MAX - 8, INT64_MAX};
    static const int64_t lasts[] = {0, 15, 3999, INT64_MAX - 8, INT64_MAX};
    static const int64_t afters[] = {0, 1, 30, EVENTS_MAX, INT64_MAX};
    for (size_t first = 0; first < COUNT_OF(firsts); first++)
        for (size_t last = 0; last < COUNT_OF(lasts); last++)
            for (size_t after = 0; after < COUNT_OF(afters); after++)
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
    for (size_t i = 0; i < COUNT_OF(choices); i++)
        for (size_t limit = 0; limit < COUNT_OF(limits); limit++)
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
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    check_all_answers(reader);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(log));
    world_verify(SCRATCH_PATH);
}
END_TEST

START_TEST(types_are_answered_in_append_order_after_analyze)
{
    eventure_reader *reader = NULL;
    eventure_log *log = scratch_new();
    fill(log, true);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "ANALYZE"));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    check_all_answers(reader);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_log_answers_what_it_has_not_committed_as_well)
{
    eventure_log *log = scratch_new();
    fill(log, false);
    check_all_answers(eventure_log_reader(log));
    expect_ok(NULL, eventure_log_close(log));
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

/* From the 65th type on a query reads all events (MERGED_TYPES in query/compile.c). */
#define MANY 100

static char names[MANY][16];
static const char *many[MANY];

/* Appends 20 events of each type, in turns with occasional shifts, so that the sequence of types is irregular. */
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
    expect_ok(log, eventure_log_commit(log));
    return count;
}

/* Asserts that a query for the first `count` types returns the events of these types only. */
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
    expect_ok(reader, eventure_query(reader, &all, &scan));
    expect_ok(reader, eventure_query(reader, &some, &answer));
    while (eventure_cursor_next(scan, &scanned) == EVENTURE_ROW)
    {
        bool wanted = false;
        for (size_t i = 0; i < count && !wanted; i++)
            wanted = strcmp(many[i], scanned.type) == 0;
        if (!wanted)
            continue;
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(answer, &answered));
        ck_assert_int_eq(answered.seq, scanned.seq);
        ck_assert_str_eq(answered.type, scanned.type);
    }
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(answer, &answered));
    eventure_cursor_free(scan);
    eventure_cursor_free(answer);
}

static void expect_plan(eventure_reader *reader, const eventure_filter *filter, const char *must_have,
                        const char *must_not_have)
{
    char *text = NULL;
    expect_ok(reader, eventure_query_explain(reader, filter, &text));
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
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    for (size_t i = 0; i < COUNT_OF(counts); i++)
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
    expect_ok(reader, eventure_query_count(reader, &filter, &count));
    ck_assert_int_eq(count, appended);
    expect_plan(reader, &filter, "\n  SCAN events\n", "TEMP B-TREE FOR ORDER BY");
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* --- Patterns --- */

/* Names that sort just before, within and just behind a prefix, as bytes. */
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
#define NEAR COUNT_OF(near_names)

static const char *const prefixes[] = {"a.", "a.b.", "a..", "\xc3\xa9.", "\xf4\x8f\xbf\xbf.", "z.", "A.", "a b."};
static const char *const suffixes[] = {".b", ".a", ".c", ".x", "."};

static void check_pattern(eventure_reader *reader, const char *pattern, const bool wanted[NEAR])
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    filter.type = pattern;
    expect_ok(reader, eventure_query(reader, &filter, &cursor));
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
    for (size_t n = 0; n < COUNT_OF(prefixes); n++)
    {
        for (size_t i = 0; i < NEAR; i++)
            wanted[i] = strncmp(near_names[i], prefixes[n], strlen(prefixes[n])) == 0;
        snprintf(pattern, sizeof pattern, "%s*", prefixes[n]);
        check_pattern(eventure_log_reader(log), pattern, wanted);
    }
    for (size_t n = 0; n < COUNT_OF(suffixes); n++)
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
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* --- Counts --- */

static void expect_counts(eventure_reader *reader, const char *expected)
{
    char counts[256] = "";
    expect_ok(reader, eventure_query_count_by_type(reader, scratch_note_count, counts));
    ck_assert_str_eq(counts, expected);
}

/* This order is neither that of the names nor that of the counts. */
START_TEST(counts_come_in_the_order_in_which_the_types_first_appeared)
{
    static const char *const order[] = {"m.x", "z.x", "a.x", "z.x", "z.x", "m.x", "b.x", "a.x", "a.x", "a.x"};
    eventure_log *log = scratch_new();
    for (size_t i = 0; i < COUNT_OF(order); i++)
    {
        scratch_append(log, order[i], NULL, NULL);
        if (i == 2)
            expect_ok(log, eventure_log_advance_tick(log));
    }
    expect_counts(eventure_log_reader(log), "m.x=2 z.x=3 a.x=4 b.x=1 ");
    expect_ok(log, eventure_log_commit(log));
    scratch_expect_answer(
        "SELECT group_concat(type || '=' || count || ' ' || first_tick || last_tick) FROM type_counts",
        "m.x=2 01,z.x=3 01,a.x=4 01,b.x=1 11");
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "ANALYZE"));
    expect_counts(eventure_log_reader(log), "m.x=2 z.x=3 a.x=4 b.x=1 ");
    expect_ok(log, eventure_log_rollback(log));
    scratch_append(log, "c.x", NULL, NULL);
    scratch_append(log, "m.x", NULL, NULL);
    expect_counts(eventure_log_reader(log), "m.x=3 z.x=3 a.x=4 b.x=1 c.x=1 ");
    expect_ok(log, eventure_log_rollback(log));
    expect_counts(eventure_log_reader(log), "m.x=2 z.x=3 a.x=4 b.x=1 ");
    expect_ok(NULL, eventure_log_close(log));
    log = scratch_new();
    expect_counts(eventure_log_reader(log), "");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* --- Undone, closed, archived --- */

START_TEST(a_type_comes_once_more_after_it_was_undone_or_the_log_was_closed)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    eventure_log *log = scratch_new();
    scratch_append(log, "a.one", NULL, NULL);
    expect_ok(eventure_log_reader(log),
              eventure_query_count(eventure_log_reader(log), &filter, &count)); /* this writes the rows */
    expect_ok(log, eventure_log_rollback(log));
    for (int i = 0; i < 20; i++)
    {
        scratch_append(log, "a.one", NULL, NULL);
        scratch_append(log, i % 3 == 0 ? "a.two" : "b.one", NULL, NULL);
        if (i % 4 == 1)
        {
            expect_ok(NULL, eventure_log_close(log));
            log = scratch_open(SCRATCH_PATH);
        }
        if (i % 5 == 2)
        {
            expect_ok(log, eventure_log_commit(log));
            scratch_append(log, "b.two", NULL, NULL);
            expect_ok(log, eventure_log_rollback(log));
        }
        expect_ok(log, eventure_log_advance_tick(log));
    }
    filter.type = "b.two";
    expect_ok(eventure_log_reader(log), eventure_query_count(eventure_log_reader(log), &filter, &count));
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
        expect_ok(log, eventure_log_commit(log));
        world_verify(WORLD_ARCHIVE);
        world_verify(SCRATCH_PATH);
        expect_ok(eventure_log_reader(log),
                  eventure_store_fork_at_tick(
                      eventure_log_reader(log), FORK, before + 1,
                      &(eventure_copy_options){.size = sizeof(eventure_copy_options), .replace = true}));
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
    expect_ok(eventure_log_reader(log), eventure_query_count(eventure_log_reader(log), &filter, &count));
    ck_assert_int_eq(count, 1);
    filter.after_seq = 1; /* an archived event */
    expect_ok(eventure_log_reader(log), eventure_query_count(eventure_log_reader(log), &filter, &count));
    ck_assert_int_eq(count, 1);
    expect_ok(NULL, eventure_log_close(log));
    world_verify(SCRATCH_PATH);
}
END_TEST
