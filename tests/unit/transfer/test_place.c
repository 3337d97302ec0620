/*
 * The ticks that imported records without a tick get: after the events that the log has, by number, by time, or in the
 * current tick.
 */
#include <stdio.h>
#include <string.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

static eventure_import_options options;

/* Opens a log at tick 3, whose current tick has this number of events. */
static eventure_log *log_at_tick_3(int events)
{
    eventure_log *log = scratch_new();
    eventure_import_options_init(&options, sizeof options);
    options.format = EVENTURE_FORMAT_CSV;
    options.map = "type=n,time=t";
    expect_ok(log, eventure_log_advance_to(log, 3));
    for (int i = 0; i < events; i++)
        scratch_append(log, "old", NULL, NULL);
    return log;
}

static eventure_status import(eventure_log *log, const char *text)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    ck_assert_ptr_nonnull(in);
    eventure_status status = eventure_log_import(log, in, &options, NULL);
    fclose(in);
    return status;
}

/* Asserts that the events of type x have these ticks, and closes the log. */
static void expect_ticks(eventure_log *log, const char *ticks)
{
    expect_ok(log, eventure_log_commit(log));
    scratch_expect_answer(
        "SELECT coalesce(group_concat(tick, ' '), '') FROM (SELECT tick FROM events WHERE type = 'x' ORDER BY seq)",
        ticks);
    expect_ok(NULL, eventure_log_close(log));
}

static const char five[] = "n,t\nx,10\nx,10.5\nx,11\nx,11\nx,13\n";

START_TEST(without_an_option_records_go_to_the_current_tick)
{
    for (int events = 0; events < 3; events++)
    {
        eventure_log *log = log_at_tick_3(events);
        expect_ok(log, import(log, five));
        expect_ticks(log, "3 3 3 3 3");
    }
}
END_TEST

START_TEST(by_number_they_begin_a_tick_that_has_no_events)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_events = 2;
    expect_ok(log, import(log, five));
    expect_ticks(log, "3 3 4 4 5");
    log = log_at_tick_3(1);
    options.tick_every_events = 2;
    expect_ok(log, import(log, five));
    expect_ticks(log, "4 4 5 5 6");
}
END_TEST

START_TEST(by_time_ticks_are_counted_from_the_first_record)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 1000000000;
    expect_ok(log, import(log, five));
    expect_ticks(log, "3 3 4 4 6");
}
END_TEST

START_TEST(by_time_a_later_import_continues_the_count)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 1000000000;
    expect_ok(log, import(log, "n,t\nx,10\nx,12.5\n"));
    expect_ok(log, import(log, "n,t\nx,12.75\nx,14\n"));
    expect_ticks(log, "3 5 5 7");
}
END_TEST

START_TEST(a_record_before_the_first_tick_is_refused)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 1000000000;
    expect_status(EVENTURE_ERROR_TICK, NULL, import(log, "n,t\nx,10\nx,6\n"));
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log), "the tick goes back"));
    expect_ticks(log, "");
}
END_TEST

/* A tenth of a second is not a double: the borders of its ticks are met within the precision of one. */
START_TEST(a_time_on_the_border_belongs_to_the_later_tick)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 100000000;
    expect_ok(log,
              import(log, "n,t\nx,1700000000.1\nx,1700000000.2\nx,1700000000.3\nx,1700000000.39\nx,1700000000.4\n"));
    expect_ticks(log, "3 4 5 5 6");
}
END_TEST

START_TEST(a_time_too_late_for_a_tick_is_refused)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 1;
    expect_status(EVENTURE_ERROR_TICK, NULL, import(log, "n,t\nx,0\nx,9000000000.1\n"));
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log), "too late for a tick"));
    expect_ticks(log, "");
}
END_TEST
