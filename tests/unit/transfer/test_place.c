/*
 * The ticks that imported records without a tick get: after the events that the log has, by number, by time, or in the
 * current tick; their times; and the ids of CloudEvents, which are distinct only together with their source.
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
    return scratch_import(log, text, &options);
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
    log = log_at_tick_3(1);
    options.tick_every_events = 1;
    expect_ok(log, import(log, five));
    expect_ticks(log, "4 5 6 7 8");
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
    expect_part(eventure_log_message(log), "the tick goes back");
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
    /* 0.6 - 0.3 is smaller than three tenths here; 0.599 is not within the precision. */
    log = log_at_tick_3(0);
    options.tick_every_ns = 100000000;
    expect_ok(log, import(log, "n,t\nx,1700000000.3\nx,1700000000.599\nx,1700000000.6\nx,1700000002.6\n"));
    expect_ticks(log, "3 5 6 26");
}
END_TEST

START_TEST(a_time_too_late_for_a_tick_is_refused)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 1;
    expect_status(EVENTURE_ERROR_TICK, NULL, import(log, "n,t\nx,0\nx,9000000000.1\n"));
    expect_part(eventure_log_message(log), "too late for a tick");
    expect_ticks(log, "");
}
END_TEST

START_TEST(ticks_are_counted_from_the_first_event_of_the_store)
{
    eventure_log *log = scratch_new();
    eventure_import_options_init(&options, sizeof options);
    options.format = EVENTURE_FORMAT_CSV;
    options.map = "type=n,time=t,tick=k";
    expect_ok(log, import(log, "n,t,k\nold,5,2\nold,7,2\n"));
    options.map = "type=n,time=t";
    options.tick_every_ns = 2000000000;
    expect_ok(log, import(log, "n,t\nx,8.9\nx,9\nx,15\n"));
    expect_ticks(log, "3 4 7");
}
END_TEST

START_TEST(times_before_1970_have_ticks)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 1000000000;
    expect_ok(log, import(log, "n,t\nx,-10\nx,-9.5\nx,-8\nx,1\n"));
    expect_ticks(log, "3 3 5 14");
}
END_TEST

START_TEST(the_error_says_how_much_earlier_a_record_is)
{
    eventure_log *log = log_at_tick_3(0);
    options.tick_every_ns = 1000000000;
    expect_status(EVENTURE_ERROR_TICK, NULL, import(log, "n,t\nx,10\nx,6.25\n"));
    ck_assert_str_eq(eventure_log_message(log),
                     "input:3: the tick goes back: the event is 3.75 s earlier than the first "
                     "one, from which ticks are counted");
    expect_ok(log, import(log, "n,t\nx,10\n"));
    expect_status(EVENTURE_ERROR_TICK, NULL, import(log, "n,t\nx,9\n"));
    ck_assert_str_eq(eventure_log_message(log), "input:2: tick 2 goes back: the log is at tick 3");
    expect_ticks(log, "3");
}
END_TEST

START_TEST(a_record_without_a_time_has_that_of_the_option_or_of_the_clock)
{
    eventure_log *log = log_at_tick_3(0);
    expect_ok(log, import(log, "n,t\nx,\n"));
    options.time = "2023-11-14T22:13:21Z";
    expect_ok(log, import(log, "n,t\nx,\nx,7\n"));
    options.time = "2.5";
    expect_ok(log, import(log, "n,t\nx,\n"));
    options.time_format = EVENTURE_TIME_MILLISECONDS;
    expect_ok(log, import(log, "n,t\nx,\n"));
    options.time = "x";
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, import(log, "n,t\nx,\n"));
    ck_assert_str_eq(eventure_log_message(log), "import input: the option time: time is x, not a number");
    scratch_expect_answer("SELECT group_concat(timestamp, ' ') FROM (SELECT timestamp FROM events ORDER BY seq)",
                          "1700000000.5 1700000001.0 7.0 2.5 0.0025");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_known_event_of_an_earlier_tick_is_named)
{
    eventure_log *log = log_at_tick_3(0);
    eventure_transfer_counts counts = {0};
    options.map = "type=n,time=t,tick=k,id=i";
    expect_ok(log, import(log, "n,t,k,i\nx,1,3,a\nx,1,5,b\n"));
    expect_status(EVENTURE_ERROR_EXISTS, NULL, import(log, "n,t,k,i\nx,1,3,a\n"));
    ck_assert_str_eq(eventure_log_message(log), "input:2: id a is taken: the store has the event already");
    expect_status(EVENTURE_ERROR_TICK, NULL, import(log, "n,t,k,i\nx,1,3,c\n"));
    ck_assert_str_eq(eventure_log_message(log), "input:2: tick 3 goes back: the log is at tick 5");
    expect_status(EVENTURE_ERROR_TICK, NULL, import(log, "n,t,k,i\nx,1,3,\n"));
    options.skip_known = true;
    FILE *in = scratch_stream("n,t,k,i\nx,1,3,a\nx,1,6,c\nx,1,5,b\nx,1,7,\n", 39);
    expect_ok(log, eventure_log_import(log, in, &options, &counts));
    fclose(in);
    ck_assert_int_eq(counts.known, 2);
    ck_assert_int_eq(counts.events, 2); /* an event without an id is new */
    expect_ticks(log, "3 5 6 7");
}
END_TEST

/* --- Ids of CloudEvents --- */

#define CE(id, source, more)                                                                                           \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"" source                                                  \
    "\",\"type\":\"x\",\"time\":\"1970-01-01T00:00:01Z\"" more "}\n"
#define CAUSE(id) ",\"causationid\":\"" id "\""

/* Asserts that the log has these events: their ids, parents and data. */
static void expect_events(eventure_log *log, const char *events)
{
    char text[12000] = "";
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_reader *reader = eventure_log_reader(log);
    expect_ok(reader, eventure_query(reader, NULL, &cursor));
    while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%s %s\n", event.id,
                 event.parent_id != NULL ? " < " : "", event.parent_id != NULL ? event.parent_id : "", event.data);
    eventure_cursor_free(cursor);
    ck_assert_str_eq(text, events);
}

static eventure_log *log_for_cloudevents(void)
{
    eventure_log *log = scratch_new();
    eventure_import_options_init(&options, sizeof options);
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    return log;
}

START_TEST(equal_ids_of_different_sources_are_made_distinct)
{
    eventure_log *log = log_for_cloudevents();
    expect_ok(log, import(log, CE("1", "/a", "") CE("1", "/b", "") CE("/b#1", "/c", "")));
    expect_events(log,
                  "1 {\"cloudevent\":{\"source\":\"/a\"}}\n/b#1 {\"cloudevent\":{\"source\":\"/b\",\"id\":\"1\"}}\n"
                  "/c#/b#1 {\"cloudevent\":{\"source\":\"/c\",\"id\":\"/b#1\"}}\n");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_third_event_of_that_id_gets_a_number)
{
    eventure_log *log = log_for_cloudevents();
    /* The ids 1 and /b#1 are those of events of another source. */
    expect_ok(log, import(log, CE("1", "/a", "") CE("/b#1", "/a", "") CE("1", "/b", "") CE("/b#1~2", "/a", "")
                                   CE("/b#1", "/", "") CE("1", "/b#1~2", "")));
    expect_events(log, "1 {\"cloudevent\":{\"source\":\"/a\"}}\n/b#1 {\"cloudevent\":{\"source\":\"/a\"}}\n"
                       "/b#1~2 {\"cloudevent\":{\"source\":\"/b\",\"id\":\"1\"}}\n"
                       "/a#/b#1~2 {\"cloudevent\":{\"source\":\"/a\",\"id\":\"/b#1~2\"}}\n"
                       "/#/b#1 {\"cloudevent\":{\"source\":\"/\",\"id\":\"/b#1\"}}\n"
                       "/b#1~2#1 {\"cloudevent\":{\"source\":\"/b#1~2\",\"id\":\"1\"}}\n");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(an_event_of_the_same_source_is_known)
{
    eventure_log *log = log_for_cloudevents();
    expect_ok(log, import(log, CE("1", "/a", "") CE("1", "/b", "")));
    for (int i = 0; i < 2; i++)
    {
        expect_status(EVENTURE_ERROR_EXISTS, NULL, import(log, i == 0 ? CE("1", "/a", "") : CE("1", "/\\u0062", "")));
        ck_assert_str_eq(eventure_log_message(log),
                         i == 0 ? "input:1: id 1 is taken by event 1" : "input:1: id /b#1 is taken by event 2");
    }
    options.skip_known = true;
    expect_ok(log, import(log, CE("1", "/a", "") CE("1", "/b", "") CE("2", "/a", "")));
    expect_events(log,
                  "1 {\"cloudevent\":{\"source\":\"/a\"}}\n/b#1 {\"cloudevent\":{\"source\":\"/b\",\"id\":\"1\"}}\n"
                  "2 {\"cloudevent\":{\"source\":\"/a\"}}\n");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_cause_is_sought_among_the_events_of_its_source)
{
    eventure_log *log = log_for_cloudevents();
    expect_ok(log, import(log, CE("1", "/a", "") CE("1", "/b", "") CE("2", "/a", CAUSE("1")) CE("3", "/b", CAUSE("1"))
                                   CE("4", "/c", CAUSE("1")) CE("2", "/b", CAUSE("1")) CE("5", "/b", CAUSE("none"))));
    expect_events(log,
                  "1 {\"cloudevent\":{\"source\":\"/a\"}}\n/b#1 {\"cloudevent\":{\"source\":\"/b\",\"id\":\"1\"}}\n"
                  "2 < 1 {\"cloudevent\":{\"source\":\"/a\"}}\n"
                  "3 < /b#1 {\"cloudevent\":{\"source\":\"/b\",\"causationid\":\"1\"}}\n"
                  "4 < 1 {\"cloudevent\":{\"source\":\"/c\"}}\n"
                  "/b#2 < /b#1 {\"cloudevent\":{\"source\":\"/b\",\"id\":\"2\",\"causationid\":\"1\"}}\n"
                  "5 < none {\"cloudevent\":{\"source\":\"/b\"}}\n");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* An import must find the ids of an earlier one: the digests do not change. */
START_TEST(ids_that_are_too_long_become_digests)
{
    static const char digest[] = "d1aa55e793fb01ca5b975708423bb2f4a4791710120bc0a94c10667f845f2ce6";
    static const char digest_of_b[] = "37bf6bc51666a2bad3d43eaebcf429f5511343a0453f2fdc853620c23d1337cf";
    char name[1002];
    char text[8000];
    eventure_log *log = log_for_cloudevents();
    memset(name, 'x', 1001);
    name[1001] = '\0';
    snprintf(text, sizeof text, CE("%s", "/a", CAUSE("%s")) CE("%s", "/a", "") CE("%s", "/b", ""), name + 1, name, name,
             name + 1);
    expect_ok(log, import(log, text));
    snprintf(text, sizeof text,
             "%s < %s {\"cloudevent\":{\"source\":\"/a\",\"causationid\":\"%s\"}}\n"
             "%s {\"cloudevent\":{\"source\":\"/a\",\"id\":\"%s\"}}\n%s "
             "{\"cloudevent\":{\"source\":\"/b\",\"id\":\"%s\"}}\n",
             name + 1, digest, name, digest, name, digest_of_b, name + 1);
    expect_events(log, text);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST
