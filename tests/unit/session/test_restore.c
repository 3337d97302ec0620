/*
 * Restoring a store from its events: the same history with the same identity, or no file.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define NEW "restored.db"
#define OTHER_UUID "00112233-4455-4677-8899-aabbccddeeff"

/* The events of a store, from which another store is restored. */
typedef struct source
{
    eventure_log *log;
    eventure_cursor *cursor;
    eventure_digests digests;
    eventure_origin origin;
    int fails_at; /* 0: never */
    int given;
    eventure_restore_options options;
} source;

static source here;

static int next(eventure_event *out_event, void *context)
{
    source *from = context;
    if (++from->given == from->fails_at)
        return EVENTURE_ERROR_IO;
    return eventure_cursor_next(from->cursor, out_event);
}

static void set_up(void)
{
    char first[64];
    eventure_event_input own_id = EVENTURE_EVENT_INPUT_INIT;
    own_id.type = "a.c";
    own_id.data = eventure_json("{\"x\": [1, 2]}");
    own_id.id = "my own";
    here = (source){.log = scratch_new()};
    scratch_remove(NEW);
    snprintf(first, sizeof first, "%s", scratch_append(here.log, "a.b", "{\"n\":1}", NULL));
    eventure_log_advance_tick(here.log);
    scratch_append(here.log, "a.d", NULL, first);
    expect_ok(here.log, eventure_log_append_input(here.log, &own_id, NULL));
    eventure_log_advance_to(here.log, 7);
    scratch_append(here.log, "a.b", "{\"n\":2}", "my own");
    eventure_log_commit(here.log);
    expect_ok(eventure_log_reader(here.log), eventure_store_digest(eventure_log_reader(here.log), 7, &here.digests));
    expect_ok(eventure_log_reader(here.log), eventure_query(eventure_log_reader(here.log), NULL, &here.cursor));
    eventure_restore_options_init(&here.options, sizeof here.options);
    here.options.uuid = OTHER_UUID;
    here.options.created = 1234.5;
    here.options.next = next;
    here.options.next_context = &here;
    here.options.current_tick = 7;
    here.options.full_digest = here.digests.full;
    here.options.record = "{\"seed\": 7}";
}

static void tear_down(void)
{
    eventure_cursor_free(here.cursor);
    eventure_log_close(here.log);
}

static void expect_failure(eventure_status expected, const char *words)
{
    int64_t events = -1;
    eventure_status status = eventure_store_restore(NEW, &here.options, &events);
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_last_message());
    expect_part(eventure_last_message(), words);
    ck_assert_int_eq(events, 0);
    ck_assert_int_ne(access(NEW, F_OK), 0);
    ck_assert_int_ne(access(NEW "-new", F_OK), 0);
}

START_TEST(the_restored_store_is_the_same_history)
{
    const eventure_restore_origin origins[] = {
        {OTHER_UUID, 1, 1, here.digests.run, here.digests.full, 99.5},
        {OTHER_UUID, 1, 1, NULL, NULL, 0.1},
    };
    int64_t events = 0;
    eventure_reader *reader = NULL;
    eventure_difference difference;
    eventure_origin origin;
    char *record = NULL;
    int64_t tick = 0;
    here.options.origins = origins;
    here.options.origins_count = 2;
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, &events));
    ck_assert_int_eq(events, 4);
    expect_ok(NULL, eventure_reader_open(NEW, &reader));
    expect_ok(reader, eventure_store_diff(reader, eventure_log_reader(here.log), &difference));
    ck_assert(!difference.differ);
    expect_ok(reader, eventure_store_origin(reader, &origin));
    ck_assert_str_eq(origin.uuid, OTHER_UUID);
    expect_ok(reader, eventure_reader_tick(reader, &tick));
    ck_assert_int_eq(tick, 7);
    expect_ok(reader, eventure_reader_description(reader, NULL, &record));
    ck_assert_str_eq(record, "{\"seed\":7}");
    eventure_free(record);
    eventure_reader_close(reader);
    char *row = scratch_ask(
        NEW, "SELECT group_concat(created || ' ' || iif(full_digest IS NULL, '-', lower(hex(full_digest))), ';') "
             "FROM (SELECT * FROM origin ORDER BY generation)");
    char expected[200];
    snprintf(expected, sizeof expected, "99.5 %s;0.1 -", here.digests.full);
    ck_assert_str_eq(row, expected);
    free(row);
}
END_TEST

START_TEST(a_history_that_was_written_on_continues)
{
    here.options.current_tick = 9;
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    eventure_log *log = scratch_open(NEW);
    ck_assert_int_eq(eventure_log_tick(log), 9);
    scratch_append(log, "a.b", NULL, "my own");
    eventure_log_commit(log);
    scratch_expect_sound(eventure_log_reader(log));
    eventure_log_close(log);
}
END_TEST

START_TEST(another_digest_makes_no_store)
{
    char digest[65];
    memcpy(digest, here.digests.full, sizeof digest);
    digest[5] = digest[5] == '0' ? '1' : '0';
    here.options.full_digest = digest;
    expect_failure(EVENTURE_ERROR_CORRUPT, "some were changed");
}
END_TEST

START_TEST(a_source_that_fails_makes_no_store)
{
    here.fails_at = 3;
    expect_failure(EVENTURE_ERROR_IO, "the source of the events failed after 2 events");
}
END_TEST

START_TEST(wrong_options_make_no_store)
{
    static const char *const wrong[] = {NULL, "", "00112233-4455-4677-8899-aabbccddeef", "x",
                                        "00112233-4455-4677-8899-AABBCCDDEEFF"};
    const eventure_restore_origin origin = {"x", 0, 0, NULL, NULL, 0};
    const eventure_restore_origin digest = {OTHER_UUID, 0, 0, "abc", NULL, 0};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        here.options.uuid = wrong[i];
        expect_failure(EVENTURE_ERROR_ARGUMENT, "is not a uuid");
    }
    here.options.uuid = OTHER_UUID;
    here.options.origins = &origin;
    here.options.origins_count = 1;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "origin 1");
    here.options.origins = &digest;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "origin 1");
    here.options.origins = NULL;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "origins is NULL");
    here.options.origins_count = 0;
    here.options.record = "[1]";
    expect_failure(EVENTURE_ERROR_JSON, "object");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_restore(NULL, &here.options, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_restore(NEW, NULL, NULL));
    here.options.next = NULL;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "next is NULL");
}
END_TEST

START_TEST(a_current_tick_before_the_last_event_makes_no_store)
{
    here.options.current_tick = 6;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "is before tick 7");
}
END_TEST

START_TEST(a_restored_store_has_the_mode_of_a_new_file_or_of_the_one_that_it_replaces)
{
    mode_t before = umask(027);
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    umask(before);
    ck_assert_uint_eq(scratch_mode(NEW), 0640);
    ck_assert_int_eq(chmod(NEW, 0604), 0);
    eventure_cursor_free(here.cursor);
    expect_ok(eventure_log_reader(here.log), eventure_query(eventure_log_reader(here.log), NULL, &here.cursor));
    here.options.replace = true;
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    ck_assert_uint_eq(scratch_mode(NEW), 0604);
}
END_TEST

START_TEST(an_existing_file_is_kept)
{
    expect_status(EVENTURE_ERROR_EXISTS, NULL, eventure_store_restore(SCRATCH_PATH, &here.options, NULL));
    here.options.replace = true;
    expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_store_restore(SCRATCH_PATH, &here.options, NULL));
}
END_TEST

/* --- Sources of made-up events --- */

typedef struct made_up
{
    int64_t count;   /* events to give */
    int64_t given;   /* so far */
    int64_t reports; /* calls of the progress function */
    int64_t stop_at; /* the call that stops; 0: none */
    eventure_progress last;
    eventure_event wrong; /* given as event 2 */
    bool has_wrong;
} made_up;

static made_up events;

static int make_up(eventure_event *out_event, void *context)
{
    static char id[32];
    made_up *made = context;
    ck_assert_ptr_null(out_event->type); /* all zero */
    ck_assert_int_eq(out_event->tick, 0);
    if (made->given == made->count)
        return EVENTURE_DONE;
    made->given++;
    snprintf(id, sizeof id, "made-%lld", (long long)made->given);
    *out_event = (eventure_event){.tick = made->given / 1000, .timestamp = 1, .type = "a", .id = id, .data = "{}"};
    if (made->has_wrong && made->given == 2)
        *out_event = made->wrong;
    return EVENTURE_ROW;
}

static int note_progress(const eventure_progress *progress, void *context)
{
    made_up *made = context;
    made->last = *progress;
    return ++made->reports == made->stop_at ? 1 : 0;
}

static void make_up_events(int64_t count)
{
    events = (made_up){.count = count};
    here.options.next = make_up;
    here.options.next_context = &events;
    here.options.progress = note_progress;
    here.options.progress_context = &events;
    here.options.full_digest = NULL;
    here.options.current_tick = 100;
}

START_TEST(progress_is_reported_every_4096_events_and_at_the_end)
{
    int64_t restored = 0;
    make_up_events(2 * 4096 + 1);
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, &restored));
    ck_assert_int_eq(restored, 8193);
    ck_assert_int_eq(events.reports, 3);
    ck_assert_int_eq(events.last.done, 8193);
    ck_assert_int_eq(events.last.total, 0);
    ck_assert_int_eq(events.last.tick, 8);
    scratch_remove(NEW);
    for (int64_t stop_at = 1; stop_at <= 3; stop_at += 2)
    {
        make_up_events(2 * 4096 + 1);
        events.stop_at = stop_at;
        expect_failure(EVENTURE_ERROR_INTERRUPTED, "restore: stopped by the progress callback");
        ck_assert_int_eq(events.given, stop_at == 1 ? 4096 : 8193);
        ck_assert_int_eq(events.last.done, events.given);
    }
}
END_TEST

START_TEST(a_history_without_events_is_restored)
{
    int64_t restored = 1;
    eventure_reader *reader = NULL;
    int64_t tick = -1;
    make_up_events(0);
    here.options.full_digest = here.digests.full; /* there is nothing to compare */
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, &restored));
    ck_assert_int_eq(restored, 0);
    ck_assert_int_eq(events.reports, 1);
    ck_assert_int_eq(events.last.tick, 0);
    expect_ok(NULL, eventure_reader_open(NEW, &reader));
    expect_ok(reader, eventure_reader_tick(reader, &tick));
    ck_assert_int_eq(tick, 100);
    scratch_expect_sound(reader);
    eventure_reader_close(reader);
    scratch_remove(NEW);
    here.options.current_tick = 0;
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    scratch_remove(NEW);
    here.options.current_tick = -1;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "restore: the current tick -1 is before tick -1 of the last event");
}
END_TEST

typedef struct wrong_event
{
    eventure_event event;
    eventure_status status;
    const char *text;
} wrong_event;

START_TEST(a_wrong_event_is_named)
{
    static const char missing[] = "restore: event 2 has no type, no id or no data";
    const wrong_event cases[] = {
        {{.id = "x", .data = "{}"}, EVENTURE_ERROR_ARGUMENT, missing},
        {{.type = "a", .data = "{}"}, EVENTURE_ERROR_ARGUMENT, missing},
        {{.type = "a", .id = "x"}, EVENTURE_ERROR_ARGUMENT, missing},
        {{.type = "a", .id = "x", .data = "{1}"}, EVENTURE_ERROR_JSON, "restore: event 2: "},
        {{.type = "a", .id = "made-1", .data = "{}"}, EVENTURE_ERROR_EXISTS, "restore: "},
        {{.type = "", .id = "x", .data = "{}"}, EVENTURE_ERROR_TYPE, "restore: "},
        {{.type = "a", .id = "x", .data = "{}", .tick = -1}, EVENTURE_ERROR_TICK, "restore: tick -1 goes back"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        make_up_events(3);
        events.has_wrong = true;
        events.wrong = cases[i].event;
        expect_failure(cases[i].status, cases[i].text);
        ck_assert_int_eq(strncmp(eventure_last_message(), cases[i].text, strlen(cases[i].text)), 0);
        ck_assert_int_eq(events.given, 2);
        ck_assert_int_eq(events.reports, 0);
    }
}
END_TEST

START_TEST(ids_are_checked_as_those_of_an_append)
{
    static char long_id[1026];
    memset(long_id, 'x', sizeof long_id - 1);
    const wrong_event cases[] = {
        {{.id = ""}, EVENTURE_ERROR_ARGUMENT, "restore: event 2: the id is empty"},
        {{.id = "a\xff"}, EVENTURE_ERROR_ARGUMENT, "restore: event 2: the id is not UTF-8 without NUL: a\\xff"},
        {{.id = "a\0b", .id_len = 3}, EVENTURE_ERROR_ARGUMENT, "restore: event 2: the id is not UTF-8 without NUL: "},
        {{.id = long_id}, EVENTURE_ERROR_LIMIT, "restore: event 2: the id is 1025 bytes long, more than 1024: xxx"},
        {{.id = "x", .parent_id = ""}, EVENTURE_ERROR_ARGUMENT, "restore: event 2: the parent's id is empty"},
        {{.id = "x", .parent_id = "\xc3"},
         EVENTURE_ERROR_ARGUMENT,
         "restore: event 2: the parent's id is not UTF-8 without NUL: \\xc3"},
        {{.id = "x", .parent_id = long_id},
         EVENTURE_ERROR_LIMIT,
         "restore: event 2: the parent's id is 1025 bytes long, more than 1024: xxx"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        make_up_events(3);
        events.has_wrong = true;
        events.wrong = cases[i].event;
        events.wrong.type = "a";
        events.wrong.data = "{}";
        expect_failure(cases[i].status, cases[i].text);
    }
    make_up_events(3);
    events.has_wrong = true;
    events.wrong = (eventure_event){.type = "a", .data = "{}", .id = long_id + 1, .parent_id = long_id + 1};
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(NEW, &reader));
    scratch_expect_sound(reader);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_time_that_is_not_finite_makes_no_store)
{
    static const double others[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    static const char *const names[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        const eventure_restore_origin origins[] = {{OTHER_UUID, 0, 0, NULL, NULL, 0},
                                                   {OTHER_UUID, 0, 0, NULL, NULL, others[i]}};
        char message[100];
        here.options.created = others[i];
        snprintf(message, sizeof message, "restore: created is %s, not a finite number", names[i]);
        expect_failure(EVENTURE_ERROR_ARGUMENT, message);
        here.options.created = 0;
        here.options.origins = origins;
        here.options.origins_count = 2;
        snprintf(message, sizeof message, "restore: created of origin 2 is %s, not a finite number", names[i]);
        expect_failure(EVENTURE_ERROR_ARGUMENT, message);
        here.options.origins = NULL;
        here.options.origins_count = 0;
    }
}
END_TEST

START_TEST(the_length_of_the_data_may_be_given)
{
    make_up_events(3);
    events.has_wrong = true;
    events.wrong = (eventure_event){.type = "a", .id = "x", .data = "{ \"a\" : 1 }not this", .data_len = 11};
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    char *data = scratch_ask(NEW, "SELECT data FROM events WHERE seq = 2");
    ck_assert_str_eq(data, "{\"a\":1}");
    free(data);
}
END_TEST

static int fail_at_once(eventure_event *out_event, void *context)
{
    (void)out_event;
    return *(int *)context;
}

START_TEST(the_error_of_a_source_is_returned)
{
    static const int errors[] = {EVENTURE_ERROR_INTERRUPTED, EVENTURE_ERROR_TYPE, -1};
    for (size_t i = 0; i < COUNT_OF(errors); i++)
    {
        int error = errors[i];
        here.options.next = fail_at_once;
        here.options.next_context = &error;
        char message[120];
        snprintf(message, sizeof message,
                 "restore: the source of the events failed after 0 events: it returned %d (%s)", error,
                 eventure_status_name((eventure_status)error));
        expect_failure((eventure_status)error, message);
    }
    int other = 17;
    here.options.next_context = &other;
    expect_failure(EVENTURE_ERROR_ARGUMENT,
                   "restore: the source of the events returned 17, not EVENTURE_ROW or EVENTURE_DONE");
}
END_TEST

/* --- The identity --- */

START_TEST(each_uuid_and_digest_is_checked_in_each_place)
{
    static const char *const uuids[] = {"001122334455-4677-8899-aabbccddeeff0", "00112233-4455-4677-8899aabbccddeeff0",
                                        "00112233-4455-46778-899-aabbccddeeff", "00112233-4455-4677-8899-aabbccddeefg",
                                        "g0112233-4455-4677-8899-aabbccddeeff", "00112233-4455-4677-8899-aabbccddeeff0",
                                        "0-112233-4455-4677-8899-aabbccddeeff"};
    char digest[66];
    snprintf(digest, sizeof digest, "%s", here.digests.full);
    eventure_restore_origin origins[] = {{OTHER_UUID, 1, 1, digest, digest, 0}, {OTHER_UUID, 2, 2, NULL, NULL, 0}};
    here.options.origins = origins;
    here.options.origins_count = 2;
    for (size_t i = 0; i < COUNT_OF(uuids); i++)
    {
        origins[1].uuid = uuids[i];
        expect_failure(EVENTURE_ERROR_ARGUMENT, "restore: the uuid or a digest of origin 2 is not valid");
        here.options.uuid = uuids[i];
        char text[100];
        snprintf(text, sizeof text, "restore: '%s' is not a uuid in lower case", uuids[i]);
        expect_failure(EVENTURE_ERROR_ARGUMENT, text);
        here.options.uuid = OTHER_UUID;
    }
    origins[1].uuid = OTHER_UUID;
    for (size_t i = 0; i < 2; i++)
    {
        const char *const ends[] = {"", "g", "00"};
        for (size_t end = 0; end < COUNT_OF(ends); end++)
        {
            char wrong[66];
            snprintf(wrong, sizeof wrong, "%.63s%s", here.digests.full, ends[end]);
            origins[1].run_digest = i == 0 ? wrong : NULL;
            origins[1].full_digest = i == 1 ? wrong : NULL;
            expect_failure(EVENTURE_ERROR_ARGUMENT, "restore: the uuid or a digest of origin 2 is not valid");
        }
    }
}
END_TEST

START_TEST(the_identity_is_stored_as_given)
{
    char upper[65];
    size_t len = strlen(here.digests.full);
    eventure_reader *reader = NULL;
    for (size_t i = 0; i <= len; i++)
    {
        char c = here.digests.full[i];
        upper[i] = (char)(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
    }
    const eventure_restore_origin origins[] = {
        {OTHER_UUID, 7, 4, here.digests.run, upper, 99.5},
        {"ffffffff-ffff-ffff-ffff-ffffffffffff", 7, 4, NULL, NULL, 100.25},
    };
    here.options.origins = origins;
    here.options.origins_count = 2;
    here.options.full_digest = upper; /* either case */
    here.options.record = NULL;
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    char *plain =
        scratch_ask(NEW, "SELECT group_concat(generation || ' ' || uuid || ' ' || tick || ' ' || seq || ' ' || "
                         "iif(run_digest IS NULL, '-', lower(hex(run_digest))) || ' ' || "
                         "iif(full_digest IS NULL, '-', lower(hex(full_digest))) || ' ' || created, ';') "
                         "FROM (SELECT * FROM origin ORDER BY generation)");
    char expected[600];
    snprintf(expected, sizeof expected,
             "1 " OTHER_UUID " 7 4 %s %s 99.5;2 ffffffff-ffff-ffff-ffff-ffffffffffff 7 4 - - 100.25", here.digests.run,
             here.digests.full);
    ck_assert_str_eq(plain, expected);
    free(plain);
    char *row = scratch_ask(NEW, "SELECT uuid || ' ' || created FROM store");
    ck_assert_str_eq(row, OTHER_UUID " 1234.5");
    free(row);
    here.options.origins_count = 1; /* the history has digests, and the second origin none */
    here.options.replace = true;
    eventure_cursor_free(here.cursor);
    expect_ok(eventure_log_reader(here.log), eventure_query(eventure_log_reader(here.log), NULL, &here.cursor));
    expect_ok(NULL, eventure_store_restore(NEW, &here.options, NULL));
    expect_ok(NULL, eventure_reader_open(NEW, &reader));
    scratch_expect_sound(reader);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_wrong_digest_is_shown_with_what_was_restored)
{
    char digest[65];
    char text[200];
    snprintf(digest, sizeof digest, "%s", here.digests.full);
    digest[63] = digest[63] == '0' ? '1' : '0';
    here.options.full_digest = digest;
    snprintf(text, sizeof text, "restore: the 4 events up to tick 7 are not those of the digest %s: some were changed",
             digest);
    expect_failure(EVENTURE_ERROR_CORRUPT, text);
}
END_TEST
