/*
 * Repair of a store whose rows of ticks are lost or wrong: which ticks are saved and lost, and how the losses are
 * counted.
 */
#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

#define NEW_PATH "repaired.db"
#define ARCHIVE_PATH "archive.db"

/* Two events in each of the ticks 0, 1, 2, 5 and 9. */
static void make(bool without_digests)
{
    static const int ticks[] = {0, 1, 2, 5, 9};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    scratch_remove(SCRATCH_PATH);
    scratch_remove(NEW_PATH);
    options.without_digests = without_digests;
    options.sync = EVENTURE_SYNC_OFF;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    for (size_t i = 0; i < COUNT_OF(ticks); i++)
    {
        expect_ok(log, eventure_log_advance_to(log, ticks[i]));
        scratch_append(log, "a.b", "{\"n\":2}", NULL);
        scratch_append(log, "c.d", "{\"n\":3}", NULL);
    }
    expect_ok(log, eventure_log_advance_to(log, 11));
    expect_ok(NULL, eventure_log_close(log));
}

static int note_loss(const eventure_repair_loss *loss, void *context)
{
    char *losses = context;
    snprintf(losses + strlen(losses), 600 - strlen(losses), "%lld: %lld-%lld: %s; ", (long long)loss->tick,
             (long long)loss->first_seq, (long long)loss->last_seq, loss->why);
    return 0;
}

/* Returns the report as a text: events and ticks that are saved; "lost" events and ticks, "gaps" and "end" when they
 * are not known exactly; the number of ticks without a proof; the losses; and the first one. */
static const char *repaired(void)
{
    static char text[2000];
    char losses[600] = "";
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_verify_report sound;
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.loss = note_loss;
    options.loss_context = losses;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_store_repair(reader, NEW_PATH, &options, &report));
    eventure_reader_close(reader);
    sound = damage_verify(NEW_PATH, false);
    ck_assert_msg(sound.is_sound, "%s", sound.problem);
    ck_assert_int_eq(sound.events, report.events);
    ck_assert_int_eq(sound.ticks, report.ticks);
    snprintf(text, sizeof text, "%lld in %lld, lost %lld in %lld%s%s, unproven %lld | %s| %s", (long long)report.events,
             (long long)report.ticks, (long long)report.lost_events, (long long)report.lost_ticks,
             report.has_gaps ? " gaps" : "", report.has_lost_end ? " end" : "", (long long)report.unproven_ticks,
             losses, report.first_loss);
    return text;
}

typedef struct damage
{
    const char *sql;
    const char *report;
} damage;

static void expect_reports(const damage *damages, size_t count, bool without_digests)
{
    for (size_t i = 0; i < count; i++)
    {
        make(without_digests);
        damage_store(SCRATCH_PATH, damages[i].sql);
        const char *got = repaired();
        ck_assert_msg(strcmp(got, damages[i].report) == 0, "%s: %s", damages[i].sql, got);
    }
}

static const damage with_digests[] = {
    {"DELETE FROM tick WHERE tick = 1", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick WHERE tick IN (1, 2)", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick WHERE tick = 9",
     "8 in 4, lost 2 in 1, unproven 0 | 9: 9-10: its row is lost; | tick 9: its row is lost"},
    {"DELETE FROM tick WHERE tick = 0", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick",
     "0 in 0, lost 10 in 5, unproven 0 | 0: 1-2: its row is lost; 1: 3-4: its row is lost; 2: 5-6: its row is lost; 5: "
     "7-8: its row is lost; 9: 9-10: its row is lost; | tick 0: its row is lost"},
    {"DELETE FROM tick WHERE tick = 1; UPDATE events SET data = '{\"n\":7}' WHERE seq = 3",
     "6 in 3, lost 4 in 2, unproven 0 | 1: 3-4: its row is lost; 2: 5-6: its digests are not those of its events; | "
     "tick 1: its row is lost"},
    {"DELETE FROM tick WHERE tick = 1; DELETE FROM events WHERE seq = 3",
     "8 in 4, lost 2 in 1, unproven 1 | 1: 4-4: its row is lost; | tick 1: its row is lost"},
    {"DELETE FROM tick WHERE tick = 1; DELETE FROM events WHERE seq IN (3, 4)",
     "8 in 4, lost 2 in 1, unproven 1 | | tick 1 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick = 5; DELETE FROM events WHERE seq IN (7, 8)",
     "8 in 4, lost 2 in 1, unproven 1 | | tick 3 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick IN (2, 5); DELETE FROM events WHERE seq IN (5, 6, 7, 8)",
     "6 in 3, lost 4 in 2, unproven 1 | | tick 2 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick = 9; DELETE FROM events WHERE seq IN (9, 10)",
     "8 in 4, lost 2 in 1, unproven 0 | | tick 6 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick = 9; DELETE FROM events WHERE seq IN (9, 10); DELETE FROM proof",
     "8 in 4, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick WHERE tick = 9; DELETE FROM events WHERE seq IN (9, 10); DROP TABLE proof",
     "8 in 4, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick; DELETE FROM proof",
     "0 in 0, lost 10 in 5, unproven 0 | 0: 1-2: its row is lost; 1: 3-4: its row is lost; 2: 5-6: its row is lost; 5: "
     "7-8: its row is lost; 9: 9-10: its row is lost; | tick 0: its row is lost"},
    {"UPDATE tick SET run_digest = zeroblob(32) WHERE tick = 1",
     "6 in 3, lost 4 in 2, unproven 0 | 1: 3-4: its digests are not those of its events; 2: 5-6: its digests are not "
     "those of its events; | tick 1: its digests are not those of its events"},
    {"UPDATE tick SET run_digest = NULL WHERE tick = 1",
     "8 in 4, lost 2 in 1, unproven 1 | 1: 3-4: its digests are missing; | tick 1: its digests are missing"},
    {"UPDATE tick SET run_digest = NULL",
     "0 in 0, lost 10 in 5, unproven 0 | 0: 1-2: its digests are missing; 1: 3-4: its digests are missing; 2: 5-6: its "
     "digests are missing; 5: 7-8: its digests are missing; 9: 9-10: its digests are missing; | tick 0: its digests "
     "are missing"},
    {"UPDATE tick SET last_seq = 9223372036854775807 WHERE tick = 9",
     "8 in 4, lost 2 in 1, unproven 0 | 9: 9-9223372036854775807: event 11 is missing; | tick 9: event 11 is missing"},
    {"UPDATE tick SET last_seq = 11 WHERE tick = 9",
     "8 in 4, lost 2 in 1, unproven 0 | 9: 9-11: event 11 is missing; | tick 9: event 11 is missing"},
    {"UPDATE tick SET first_seq = 8 WHERE tick = 9",
     "8 in 4, lost 2 in 1, unproven 0 | 9: 8-10: event 8 is invalid; | tick 9: event 8 is invalid"},
    {"UPDATE tick SET tick = 3 WHERE tick = 2",
     "8 in 4, lost 2 in 1, unproven 0 | 3: 5-6: event 5 is invalid; | tick 3: event 5 is invalid"},
    {"UPDATE events SET tick = 2 WHERE seq = 4",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 3-4: event 4 is invalid; | tick 1: event 4 is invalid"},
    {"UPDATE events SET type = '' WHERE seq = 4",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 3-4: event 4 is invalid; | tick 1: event 4 is invalid"},
    {"UPDATE events SET data = '{ }' WHERE seq = 4",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 3-4: event 4: data is not JSON in compact form; | tick 1: event 4: data is "
     "not JSON in compact form"},
    {"UPDATE events SET data = '[]' WHERE seq = 4",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 3-4: event 4: data is not JSON in compact form; | tick 1: event 4: data is "
     "not JSON in compact form"},
    {"UPDATE events SET timestamp = 'x' WHERE seq = 4",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 3-4: event 4 is invalid; | tick 1: event 4 is invalid"},
    {"UPDATE events SET id = 'x' WHERE seq = 4", "8 in 4, lost 2 in 1, unproven 0 | 1: 3-4: its digests are not those "
                                                 "of its events; | tick 1: its digests are not those of its events"},
    {"DELETE FROM events WHERE seq > 6", "6 in 3, lost 4 in 2, unproven 0 | 5: 7-8: event 7 is missing; 9: 9-10: event "
                                         "9 is missing; | tick 5: event 7 is missing"},
    {"DELETE FROM events",
     "0 in 0, lost 10 in 5, unproven 0 | 0: 1-2: event 1 is missing; 1: 3-4: event 3 is missing; 2: 5-6: event 5 is "
     "missing; 5: 7-8: event 7 is missing; 9: 9-10: event 9 is missing; | tick 0: event 1 is missing"},
    {"DELETE FROM events WHERE seq = 4",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 3-4: event 4 is missing; | tick 1: event 4 is missing"},
    {"DELETE FROM tick WHERE tick IN (2, 5); DELETE FROM events WHERE seq IN (5, 6, 7, 8); DELETE FROM proof",
     "6 in 3, lost 4 in 1 gaps, unproven 1 | | tick 2 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick = 1; DELETE FROM events WHERE seq IN (3, 4); DELETE FROM proof",
     "8 in 4, lost 2 in 1, unproven 1 | | tick 1 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick IN (1, 2, 5); DELETE FROM events WHERE seq IN (3, 4, 7, 8); DELETE FROM proof",
     "4 in 2, lost 6 in 1 gaps, unproven 1 | 2: 5-6: its row is lost; | tick 2: its row is lost"},
    {"DELETE FROM tick WHERE tick IN (1, 2, 5); DELETE FROM events WHERE seq IN (4, 7); DELETE FROM proof",
     "4 in 2, lost 6 in 3 gaps, unproven 1 | 1: 3-3: its row is lost; 2: 5-6: its row is lost; 5: 8-8: its row is "
     "lost; | tick 1: its row is lost"},
    {"DELETE FROM tick WHERE tick IN (0, 1); DELETE FROM events WHERE seq IN (1, 2, 3, 4); DELETE FROM proof",
     "6 in 3, lost 4 in 1 gaps, unproven 1 | | tick 0 or later: its row and its events are lost"},
    {"UPDATE tick SET first_seq = 0 WHERE tick IN (1, 2)", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"UPDATE tick SET first_seq = 0 WHERE tick IN (1, 2); UPDATE events SET data = '{}' WHERE seq = 5",
     "6 in 3, lost 4 in 2, unproven 0 | 1: 0-4: its row is invalid; 2: 0-6: its row is invalid; | tick 1: its row is "
     "invalid"},
    {"UPDATE tick SET first_seq = 0 WHERE tick = 1; DELETE FROM events WHERE seq IN (3, 4)",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 0-4: its row is invalid; | tick 1: its row is invalid"},
    {"UPDATE tick SET first_seq = 0 WHERE tick = 1; DELETE FROM tick WHERE tick = 2; DELETE FROM events WHERE seq IN "
     "(3, 4, 5, 6); DELETE FROM proof",
     "6 in 3, lost 4 in 1 gaps, unproven 1 | 1: 0-4: its row is invalid; | tick 1: its row is invalid"},
    {"DELETE FROM tick WHERE tick = 0; UPDATE tick SET first_seq = 0 WHERE tick = 1; DELETE FROM events WHERE seq IN "
     "(2, 3, 4); DELETE FROM proof",
     "6 in 3, lost 4 in 2, unproven 0 | 1: 0-4: its row is invalid; 0: 1-1: its row is lost; | tick 1: its row is "
     "invalid"},
    {"UPDATE tick SET last_seq = 1, first_seq = 1 WHERE tick = 0; UPDATE tick SET first_seq = 2 WHERE tick = 1",
     "6 in 3, lost 4 in 2, unproven 0 | 0: 1-1: its digests are not those of its events; 1: 2-4: event 2 is invalid; | "
     "tick 0: its digests are not those of its events"},
    {"UPDATE store SET current_tick = 500", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"UPDATE proof SET value = 12 WHERE name = 'events'",
     "10 in 5, lost 2 in 1 gaps, unproven 0 | | tick 10 or later: its row and its events are lost"},
    {"UPDATE proof SET value = 1000000000 WHERE name = 'events'", "10 in 5, lost 0 in 0, unproven 0 | | "},
};

/* Without digests, what is not JSON, an event or a tick is found, and what has another value is not. */
static const damage without_digests[] = {
    {"DELETE FROM tick WHERE tick = 1; UPDATE events SET data = '{\"n\":7}' WHERE seq = 3",
     "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick WHERE tick = 1; DELETE FROM events WHERE seq = 3",
     "8 in 4, lost 2 in 1, unproven 0 | 1: 4-4: its row is lost; | tick 1: its row is lost"},
    {"DELETE FROM tick WHERE tick = 1; DELETE FROM events WHERE seq IN (3, 4)",
     "8 in 4, lost 2 in 1, unproven 0 | | tick 1 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick = 5; DELETE FROM events WHERE seq IN (7, 8)",
     "8 in 4, lost 2 in 1, unproven 0 | | tick 3 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick IN (2, 5); DELETE FROM events WHERE seq IN (5, 6, 7, 8)",
     "6 in 3, lost 4 in 2, unproven 0 | | tick 2 or later: its row and its events are lost"},
    {"UPDATE tick SET run_digest = zeroblob(32) WHERE tick = 1", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"UPDATE tick SET run_digest = NULL WHERE tick = 1", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"UPDATE tick SET run_digest = NULL", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"UPDATE events SET id = 'x' WHERE seq = 4", "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick WHERE tick IN (2, 5); DELETE FROM events WHERE seq IN (5, 6, 7, 8); DELETE FROM proof",
     "6 in 3, lost 4 in 1 gaps, unproven 0 | | tick 2 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick = 1; DELETE FROM events WHERE seq IN (3, 4); DELETE FROM proof",
     "8 in 4, lost 2 in 1, unproven 0 | | tick 1 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick IN (1, 2, 5); DELETE FROM events WHERE seq IN (3, 4, 7, 8); DELETE FROM proof",
     "4 in 2, lost 6 in 1 gaps, unproven 0 | 2: 5-6: its row is lost; | tick 2: its row is lost"},
    {"DELETE FROM tick WHERE tick IN (1, 2, 5); DELETE FROM events WHERE seq IN (4, 7); DELETE FROM proof",
     "4 in 2, lost 6 in 3 gaps, unproven 0 | 1: 3-3: its row is lost; 2: 5-6: its row is lost; 5: 8-8: its row is "
     "lost; | tick 1: its row is lost"},
    {"DELETE FROM tick WHERE tick IN (0, 1); DELETE FROM events WHERE seq IN (1, 2, 3, 4); DELETE FROM proof",
     "6 in 3, lost 4 in 1 gaps, unproven 0 | | tick 0 or later: its row and its events are lost"},
    {"UPDATE tick SET first_seq = 0 WHERE tick IN (1, 2); UPDATE events SET data = '{}' WHERE seq = 5",
     "10 in 5, lost 0 in 0, unproven 0 | | "},
    {"UPDATE tick SET first_seq = 0 WHERE tick = 1; DELETE FROM tick WHERE tick = 2; DELETE FROM events WHERE seq IN "
     "(3, 4, 5, 6); DELETE FROM proof",
     "6 in 3, lost 4 in 1 gaps, unproven 0 | 1: 0-4: its row is invalid; | tick 1: its row is invalid"},
    {"UPDATE tick SET last_seq = 1, first_seq = 1 WHERE tick = 0; UPDATE tick SET first_seq = 2 WHERE tick = 1",
     "7 in 4, lost 3 in 1, unproven 0 | 1: 2-4: event 2 is invalid; | tick 1: event 2 is invalid"},
};

START_TEST(digests_decide_which_ticks_are_saved)
{
    expect_reports(with_digests, COUNT_OF(with_digests), false);
}
END_TEST

START_TEST(without_digests_valid_events_are_saved)
{
    expect_reports(without_digests, COUNT_OF(without_digests), true);
}
END_TEST

/* Damage of a store whose ticks before 2 are archived. */
static const damage archived[] = {
    {"SELECT 1", "6 in 3, lost 0 in 0, unproven 0 | | "},
    {"UPDATE archive SET run_digest = zeroblob(32)",
     "4 in 2, lost 2 in 1, unproven 0 | 2: 5-6: its digests are not those of its events; | tick 2: its digests are not "
     "those of its events"},
    {"DELETE FROM tick WHERE tick = 2", "6 in 3, lost 0 in 0, unproven 0 | | "},
    {"DELETE FROM tick WHERE tick = 2; DELETE FROM events WHERE seq IN (5, 6)",
     "4 in 2, lost 2 in 1, unproven 1 | | tick 2 or later: its row and its events are lost"},
    {"DELETE FROM tick WHERE tick = 2; DELETE FROM events WHERE seq IN (5, 6); DELETE FROM proof",
     "4 in 2, lost 2 in 1 gaps, unproven 1 | | tick 2 or later: its row and its events are lost"},
    {"DELETE FROM archive",
     "6 in 3, lost 4 in 1 gaps, unproven 1 | | tick 0 or later: its row and its events are lost"},
};

START_TEST(an_archived_store_is_repaired_from_its_cut)
{
    for (size_t i = 0; i < COUNT_OF(archived); i++)
    {
        make(false);
        scratch_remove(ARCHIVE_PATH);
        eventure_log *log = scratch_open(SCRATCH_PATH);
        expect_ok(log, eventure_log_archive(log, ARCHIVE_PATH, 2, NULL, NULL));
        expect_ok(NULL, eventure_log_close(log));
        damage_store(SCRATCH_PATH, archived[i].sql);
        const char *got = repaired();
        ck_assert_msg(strcmp(got, archived[i].report) == 0, "%s: %s", archived[i].sql, got);
    }
}
END_TEST

/* The current tick of the new store is that of the damaged one, unless that is earlier than its events. */
START_TEST(the_current_tick_is_kept)
{
    static const struct
    {
        const char *sql;
        int64_t tick;
    } cases[] = {{"SELECT 1", 11},
                 {"UPDATE store SET current_tick = 500", 500},
                 {"UPDATE store SET current_tick = 3", 10},
                 {"DELETE FROM store", 9}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        make(false);
        damage_store(SCRATCH_PATH, cases[i].sql);
        (void)repaired();
        eventure_log *log = scratch_open(NEW_PATH);
        ck_assert_msg(eventure_log_tick(log) == cases[i].tick, "%s: %lld", cases[i].sql,
                      (long long)eventure_log_tick(log));
        expect_ok(NULL, eventure_log_close(log));
    }
}
END_TEST

/* The record of the run is copied, or its loss is reported. */
START_TEST(the_record_of_the_run_is_kept)
{
    static const char *const damages[] = {"UPDATE run_record SET json = '{'", "UPDATE run_record SET key = ''",
                                          "UPDATE run_record SET key = 'a' || char(1)"};
    for (int i = 0; i < 5; i++)
    {
        eventure_reader *reader = NULL;
        eventure_repair_report report;
        make(false);
        if (i > 0)
        {
            eventure_log *log = scratch_open(SCRATCH_PATH);
            expect_ok(log, eventure_log_describe(log, eventure_json("{\"seed\":7}")));
            expect_ok(NULL, eventure_log_close(log));
        }
        if (i > 1)
            damage_store(SCRATCH_PATH, damages[i - 2]);
        expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
        expect_ok(reader, eventure_store_repair(reader, NEW_PATH, NULL, &report));
        eventure_reader_close(reader);
        ck_assert_int_eq(report.has_lost_record, i > 1);
        char *record = scratch_ask(NEW_PATH, "SELECT record FROM run");
        ck_assert_str_eq(record, i == 1 ? "{\"seed\":7}" : "{}");
        free(record);
    }
}
END_TEST

static int watch_progress(const eventure_progress *progress, void *context)
{
    char *text = context;
    snprintf(text + strlen(text), 300 - strlen(text), "%lld/%lld/%lld ", (long long)progress->done,
             (long long)progress->total, (long long)progress->tick);
    return progress->tick == 5;
}

START_TEST(progress_is_reported_after_each_tick_and_can_stop_the_repair)
{
    char text[300] = "";
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.progress = watch_progress;
    options.progress_context = text;
    make(false);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_status(EVENTURE_ERROR_INTERRUPTED, reader, eventure_store_repair(reader, NEW_PATH, &options, &report));
    ck_assert_str_eq(eventure_reader_message(reader), "repair: interrupted");
    ck_assert_str_eq(text, "2/0/0 4/0/1 6/0/2 8/0/5 ");
    eventure_reader_close(reader);
}
END_TEST
