/*
 * Verifying the notes about the other tables: changes that contradict no other row are found.
 */
#include <string.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

/* Two events in each of the ticks 0, 2 and 3, a save point, and a record of the run; the log is at tick 5. */
static void make(void)
{
    eventure_log *log = scratch_new();
    static const int ticks[] = {0, 2, 3};
    expect_ok(log, eventure_log_describe(log, eventure_json("{\"seed\":7}")));
    for (size_t i = 0; i < COUNT_OF(ticks); i++)
    {
        expect_ok(log, eventure_log_advance_to(log, ticks[i]));
        scratch_append(log, "a.b", NULL, NULL);
        scratch_append(log, "c.d", NULL, NULL);
    }
    expect_ok(log, eventure_save_point_create(log, "here", NULL));
    expect_ok(log, eventure_log_advance_to(log, 5));
    expect_ok(NULL, eventure_log_close(log));
}

TEST_FIXTURE(make, NULL);

static const struct
{
    const char *sql;
    const char *problem;   /* "": sound */
    const char *unchecked; /* the tables that are not checked */
} changes[] = {
    {"SELECT 1", "", ""},
    {"UPDATE store SET current_tick = 6", "the current tick in table store is not the noted one, 5", ""},
    {"UPDATE store SET current_tick = 4", "the current tick in table store is not the noted one, 5", ""},
    {"UPDATE proof SET value = 7 WHERE name = 'events'", "the last event noted, event 7, is missing", ""},
    {"UPDATE proof SET value = 2 WHERE name = 'ticks'",
     "2 ticks with events were noted, and the store has another number", ""},
    {"UPDATE proof SET value = 3 WHERE name = 'open_tick'",
     "the row of tick 3 and the note disagree on whether the tick is over", ""},
    {"DELETE FROM tick WHERE tick = 3; DELETE FROM events WHERE tick = 3; DELETE FROM save_point",
     "table save_point has changed since its digest was noted", ""},
    {"UPDATE save_point SET note = 'x'", "table save_point has changed since its digest was noted", ""},
    {"DELETE FROM save_point", "table save_point has changed since its digest was noted", ""},
    {"UPDATE run_record SET value = 8, json = '8'", "table run_record has changed since its digest was noted", ""},
    {"DELETE FROM run_record", "table run_record has changed since its digest was noted", ""},
    {"UPDATE store SET created = 1", "table store has changed since its digest was noted", ""},
    {"DELETE FROM proof WHERE name = 'save_point'", "", "save_point"},
    {"DELETE FROM proof WHERE name IN ('save_point', 'run_record')", "", "run_record, save_point"},
    {"DELETE FROM proof", "", "archive, archived_events, origin, run_record, save_point, store"},
    {"DROP TABLE proof", "", "archive, archived_events, origin, run_record, save_point, store"},
};

/* The second time as a quick verification. */
LOOP_TEST(changes_are_found_by_the_notes, 2)
{
    for (size_t i = 0; i < COUNT_OF(changes); i++)
    {
        make();
        damage_store(SCRATCH_PATH, changes[i].sql);
        eventure_verify_report report = damage_verify(SCRATCH_PATH, _i == 1);
        ck_assert_msg(strcmp(report.problem, changes[i].problem) == 0, "%s: %s", changes[i].sql, report.problem);
        ck_assert_str_eq(report.unchecked, changes[i].unchecked);
        ck_assert_int_eq(report.is_sound, *changes[i].problem == '\0');
    }
}
END_TEST
