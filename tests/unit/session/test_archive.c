/*
 * Archives: the events that move and those that stay are unchanged, ids and states work across the cut, and nothing is
 * lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "session_world.h"
#include "testing.h"

#define WHOLE WORLD_WHOLE
#define ARCHIVE WORLD_ARCHIVE

/* HASH of tick.start, and the id of the first event. */
#define START "CBDD"
#define FIRST "0-" START "-1"

START_TEST(what_moves_and_what_stays_is_as_it_was)
{
    for (int64_t before = 1; before <= 30; before += before < 5 ? 1 : 5)
    {
        eventure_log *log = world_whole(30);
        int64_t all = world_number(WHOLE, "SELECT count(*) FROM events");
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT max(seq) FROM events WHERE tick < %lld", (long long)before);
        int64_t last = world_number(WHOLE, sql);
        ck_assert_int_eq(world_archive(log, ARCHIVE, before).events, last);
        ck_assert_int_eq(eventure_log_tick(log), 30);
        eventure_log_close(log);
        world_verify(ARCHIVE);
        world_verify(SCRATCH_PATH);
        ck_assert_int_eq(world_number(ARCHIVE, "SELECT count(*) FROM events"), last);
        ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM events"), all - last);
        world_expect_same_lines(ARCHIVE, 0, last);
        world_expect_same_lines(SCRATCH_PATH, last, INT64_MAX);
        world_expect_same_ticks(ARCHIVE, 0, before - 1);
        world_expect_same_ticks(SCRATCH_PATH, before, 1000);
        world_expect_same(WHOLE, ARCHIVE, "SELECT uuid, created, digests FROM store");
        world_expect_same(WHOLE, SCRATCH_PATH, "SELECT uuid, created, digests FROM store");
        ck_assert_int_eq(world_files(ARCHIVE "-new"), 0);
        ck_assert_int_eq(world_files(ARCHIVE "-writer"), 0);
    }
}
END_TEST

START_TEST(the_history_continues_as_if_it_were_whole)
{
    for (int64_t before = 9; before <= 20; before += 11) /* the second cut archives all events */
    {
        eventure_log *log = world_whole(20);
        world_archive(log, ARCHIVE, before);
        eventure_log *whole = scratch_open(WHOLE);
        for (int i = 0; i < 3; i++)
        {
            char id[64];
            snprintf(id, sizeof id, "%s", scratch_append(log, "player.move", "{}", NULL));
            ck_assert_str_eq(scratch_append(whole, "player.move", "{}", NULL), id);
            ck_assert_str_eq(scratch_append(log, "new.type", "{}", id), scratch_append(whole, "new.type", "{}", id));
            eventure_log_advance_tick(log);
            eventure_log_advance_tick(whole);
        }
        eventure_log_close(log);
        eventure_log_close(whole);
        world_verify(SCRATCH_PATH);
        world_expect_same_ticks(SCRATCH_PATH, before, 1000);
        int64_t seq = 0;
        eventure_reader *reader = NULL;
        expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
        expect_ok(reader, eventure_reader_last_seq(reader, &seq));
        ck_assert_int_eq(seq, world_number(WHOLE, "SELECT max(seq) FROM events"));
        eventure_reader_close(reader);
    }
}
END_TEST

START_TEST(a_store_without_events_left_continues_when_it_is_opened_again)
{
    eventure_log *log = world_whole(20);
    int64_t last = world_number(WHOLE, "SELECT max(seq) FROM events");
    world_archive(log, ARCHIVE, 20);
    eventure_log_close(log);
    ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM events"), 0);
    log = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(eventure_log_tick(log), 20);
    eventure_event event;
    expect_ok(log, eventure_log_append(log, "a.b", eventure_no_data(), NULL, &event));
    ck_assert_int_eq(event.seq, last + 1);
    ck_assert_str_eq(event.id, "20-EBFC-1");
    eventure_log_close(log);
    world_verify(SCRATCH_PATH);
}
END_TEST

/* Returns the ids that a filter finds in the whole history after a seq. */
static char *ids_after(const char *path, eventure_filter *filter, int64_t after_seq)
{
    eventure_reader *reader = NULL;
    eventure_cursor *cursor = NULL;
    expect_ok(NULL, eventure_reader_open(path, &reader));
    filter->after_seq = after_seq;
    eventure_status status = eventure_query(reader, filter, &cursor);
    char *ids = scratch_ids(status, cursor);
    eventure_reader_close(reader);
    return ids;
}

static void expect_same_answer(eventure_filter filter, int64_t last_seq)
{
    char *whole = ids_after(WHOLE, &filter, last_seq);
    char *part = ids_after(SCRATCH_PATH, &filter, 0);
    ck_assert_str_eq(whole, part);
    free(whole);
    free(part);
}

START_TEST(questions_about_archived_causes_answer_what_is_left)
{
    eventure_log *log = world_whole(40);
    int64_t last = world_archive(log, ARCHIVE, 25).events;
    eventure_log_close(log);
    /* The chain through the ticks begins at the first event; "far-N" and its like are explicit ids. */
    static const char *const ids[] = {FIRST, "23-" START "-1", "far-23"};
    for (size_t i = 0; i < COUNT_OF(ids); i++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.children_of = ids[i];
        expect_same_answer(filter, last);
        filter.children_of = NULL;
        filter.cascade_of = ids[i];
        expect_same_answer(filter, last);
        filter.order = EVENTURE_ORDER_ID;
        expect_same_answer(filter, last);
        filter.order = EVENTURE_ORDER_APPEND;
        expect_same_answer(filter, last);
    }
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.ancestors_of = "35-" START "-1";
    expect_same_answer(filter, last);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.type = "player.*";
    expect_same_answer(filter, last);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.roots = true;
    expect_same_answer(filter, last);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.tick_end = 31;
    expect_same_answer(filter, last);
    world_expect_same(WHOLE, SCRATCH_PATH, "SELECT id, parent_id, parent_seq FROM events WHERE tick >= 25");
}
END_TEST

START_TEST(an_archived_event_is_known_by_its_id_when_something_of_it_is_left)
{
    eventure_log *log = world_whole(40);
    eventure_reader *reader = eventure_log_reader(log);
    eventure_event *event = NULL;
    world_archive(log, ARCHIVE, 25);
    char *id = scratch_ask(SCRATCH_PATH, "SELECT id FROM archived_events WHERE seq = 1");
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_query_find(reader, id, &event));
    char text[200];
    snprintf(text, sizeof text, "event %s (tick.start at tick 0, event 1) is archived in archive.db", id);
    ck_assert_str_eq(eventure_reader_message(reader), text);
    ck_assert_ptr_null(event);
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_cascade_print_one(reader, id, stderr, NULL));
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_cascade_print_event(reader, id, stderr, NULL));
    /* An archived event can be a cause again. */
    eventure_event parent = {.id = id};
    eventure_event appended;
    expect_ok(log, eventure_log_append(log, "late.effect", eventure_no_data(), &parent, &appended));
    ck_assert_int_eq(appended.parent_seq, 1);
    ck_assert_str_eq(appended.parent_id, id);
    /* An id that neither an event nor archived_events has is unknown. */
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_query_find(reader, "0-BBEA-77", &event));
    ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM archived_events WHERE seq NOT IN "
                                                "(SELECT parent_seq FROM events WHERE parent_seq IS NOT NULL UNION "
                                                "SELECT parent_seq FROM archived_events WHERE parent_seq IS NOT NULL)"),
                     0);
    ck_assert_int_lt(world_number(SCRATCH_PATH, "SELECT count(*) FROM archived_events"), 100);
    free(id);
    eventure_log_close(log);
}
END_TEST

START_TEST(the_viewer_shows_archived_causes)
{
    char *whole = NULL;
    char *part = NULL;
    size_t size = 0;
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    eventure_reader *reader = NULL;
    options.tick_min = 25;
    eventure_log *log = world_whole(40);
    world_archive(log, ARCHIVE, 25);
    FILE *out = open_memstream(&part, &size);
    expect_ok(eventure_log_reader(log), eventure_cascade_print(eventure_log_reader(log), out, &options));
    fclose(out);
    eventure_log_close(log);
    expect_ok(NULL, eventure_reader_open(WHOLE, &reader));
    out = open_memstream(&whole, &size);
    expect_ok(reader, eventure_cascade_print(reader, out, &options));
    fclose(out);
    eventure_reader_close(reader);
    ck_assert_str_eq(whole, part);
    free(whole);
    free(part);
}
END_TEST

START_TEST(an_archive_continues_or_another_one_begins)
{
    for (int again = 0; again < 2; again++)
    {
        const char *second = again ? ARCHIVE : "second.db";
        scratch_remove("second.db");
        eventure_log *log = world_whole(40);
        int64_t first = world_archive(log, ARCHIVE, 12).events;
        int64_t more = world_archive(log, second, 25).events;
        ck_assert_int_eq(world_archive(log, second, 25).events, 0); /* nothing to do */
        eventure_log_close(log);
        world_verify(SCRATCH_PATH);
        world_verify(ARCHIVE);
        world_verify(second);
        world_expect_same_lines(SCRATCH_PATH, first + more, INT64_MAX);
        world_expect_same_lines(second, again ? 0 : first, first + more);
        world_expect_same_ticks(second, again ? 0 : 12, 24);
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.cascade_of = FIRST;
        expect_same_answer(filter, first + more);
        char *names = scratch_ask(SCRATCH_PATH, "SELECT group_concat(before_tick || file, ' ') FROM archive");
        ck_assert_str_eq(names, again ? "12archive.db 25archive.db" : "12archive.db 25second.db");
        free(names);
    }
}
END_TEST

START_TEST(save_points_of_archived_ticks_move_along)
{
    eventure_log *log = world_whole(40);
    world_archive(log, ARCHIVE, 16);
    char *names =
        scratch_ask(SCRATCH_PATH, "SELECT group_concat(name) FROM (SELECT name FROM save_point ORDER BY seq)");
    ck_assert_str_eq(names, "save 25,save 35");
    free(names);
    names = scratch_ask(ARCHIVE, "SELECT group_concat(name) FROM (SELECT name FROM save_point ORDER BY seq)");
    ck_assert_str_eq(names, "save 5,save 15");
    free(names);
    /* Forks both: the store behind the cut, and the archive before it. */
    eventure_reader *reader = eventure_log_reader(log);
    scratch_remove("fork.db");
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_store_fork_at_tick(reader, "fork.db", 14, NULL));
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader,
                  eventure_store_fork_at_save_point(reader, "fork.db", "save 5", NULL));
    for (int64_t tick = 15; tick < 40; tick += 3)
    {
        scratch_remove("fork.db");
        expect_ok(reader, eventure_store_fork_at_tick(reader, "fork.db", tick, NULL));
        world_verify("fork.db");
        world_expect_same_ticks("fork.db", 16, tick - 1);
    }
    scratch_remove("fork.db");
    expect_ok(reader, eventure_store_fork_at_save_point(reader, "fork.db", "save 25", NULL));
    world_verify("fork.db");
    eventure_log_close(log);
    expect_ok(NULL, eventure_reader_open(ARCHIVE, &reader));
    scratch_remove("fork.db");
    expect_ok(reader, eventure_store_fork_at_save_point(reader, "fork.db", "save 5", NULL));
    world_verify("fork.db");
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_follower_that_is_behind_gets_an_error)
{
    eventure_log *log = world_whole(20);
    eventure_follower *follow = NULL;
    eventure_event event;
    expect_ok(NULL, eventure_follower_open(SCRATCH_PATH, NULL, NULL, &follow));
    expect_status(EVENTURE_ROW, follow, eventure_follower_next(follow, 0, &event));
    world_archive(log, ARCHIVE, 20);
    eventure_status status;
    while ((status = eventure_follower_next(follow, 0, &event)) == EVENTURE_ROW)
        ; /* returns the events that were read in one batch */
    expect_status(EVENTURE_ERROR_ARCHIVED, NULL, status);
    expect_part(eventure_follower_message(follow), "were not read yet, and are archived");
    eventure_follower_close(follow);
    expect_ok(NULL, eventure_follower_open(SCRATCH_PATH, NULL, NULL, &follow)); /* from the beginning of the store */
    expect_status(EVENTURE_DONE, follow, eventure_follower_next(follow, 0, &event));
    eventure_follower_close(follow);
    eventure_log_close(log);
}
END_TEST

START_TEST(space_on_the_disk_is_given_back)
{
    struct stat before;
    struct stat after;
    eventure_log *log = world_make(SCRATCH_PATH, 10);
    static char data[4000];
    scratch_remove(ARCHIVE);
    memset(data, 'x', sizeof data - 1);
    memcpy(data, "{\"x\":\"", 6);
    memcpy(data + sizeof data - 3, "\"}", 2);
    for (int i = 0; i < 500; i++)
    {
        scratch_append(log, "a.b", data, NULL);
        eventure_log_advance_tick(log);
    }
    eventure_log_close(log);
    ck_assert_int_eq(stat(SCRATCH_PATH, &before), 0);
    log = scratch_open(SCRATCH_PATH);
    world_archive(log, ARCHIVE, 500);
    ck_assert_int_eq(stat(SCRATCH_PATH, &after), 0);
    ck_assert_msg(after.st_size < before.st_size / 10, "%lld of %lld", (long long)after.st_size,
                  (long long)before.st_size);
    eventure_log_close(log);
}
END_TEST
