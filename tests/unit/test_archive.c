/*
 * Archives: what moves and what stays is the same as before, ids reach across the cut, states too, and nothing is lost.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "session_world.h"

#define WHOLE "whole.db"
#define ARCHIVE "archive.db"

/* HASH of tick.start, and the id of the first event. */
#define START "CBDD"
#define FIRST "0-" START "-1"

static int64_t number(const char *path, const char *sql)
{
    char *text = scratch_ask(path, sql);
    int64_t value = text != NULL ? strtoll(text, NULL, 10) : -1;
    free(text);
    return value;
}

/* A history, and a copy of it that stays whole. */
static eventure_log *make(int64_t ticks)
{
    eventure_log *log = world_make(SCRATCH_PATH, ticks);
    scratch_remove(WHOLE);
    scratch_remove(ARCHIVE);
    ck_assert_int_eq(eventure_copy(eventure_log_reader(log), WHOLE, NULL), EVENTURE_OK);
    return log;
}

static eventure_archive_counts archive(eventure_log *log, const char *path, int64_t before_tick)
{
    eventure_archive_counts counts = {-1, -1};
    eventure_status status = eventure_archive(log, path, before_tick, NULL, &counts);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(log));
    return counts;
}

static void verify(const char *path)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    ck_assert_int_eq(eventure_reader_open(path, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_verify(reader, NULL, &report), EVENTURE_OK);
    ck_assert_msg(report.is_sound, "%s: %s", path, report.problem);
    eventure_reader_close(reader);
    world_check(path);
}

static void expect_same_lines(const char *path, int64_t after_seq, int64_t last_seq)
{
    char *whole = world_lines(WHOLE, after_seq, last_seq);
    char *part = world_lines(path, after_seq, last_seq);
    ck_assert_str_eq(whole, part);
    free(whole);
    free(part);
}

static void expect_same_ticks(const char *path, int64_t tick_min, int64_t tick_max)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT * FROM tick WHERE tick BETWEEN %lld AND %lld", (long long)tick_min,
             (long long)tick_max);
    world_expect_same(WHOLE, path, sql);
}

START_TEST(what_moves_and_what_stays_is_as_it_was)
{
    for (int64_t before = 1; before <= 30; before += before < 5 ? 1 : 5)
    {
        eventure_log *log = make(30);
        int64_t all = number(WHOLE, "SELECT count(*) FROM event");
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT max(seq) FROM event WHERE tick < %lld", (long long)before);
        int64_t last = number(WHOLE, sql);
        ck_assert_int_eq(archive(log, ARCHIVE, before).events, last);
        ck_assert_int_eq(eventure_log_tick(log), 30);
        eventure_log_close(log);
        verify(ARCHIVE);
        verify(SCRATCH_PATH);
        ck_assert_int_eq(number(ARCHIVE, "SELECT count(*) FROM event"), last);
        ck_assert_int_eq(number(SCRATCH_PATH, "SELECT count(*) FROM event"), all - last);
        expect_same_lines(ARCHIVE, 0, last);
        expect_same_lines(SCRATCH_PATH, last, INT64_MAX);
        expect_same_ticks(ARCHIVE, 0, before - 1);
        expect_same_ticks(SCRATCH_PATH, before, 1000);
        world_expect_same(WHOLE, ARCHIVE, "SELECT uuid, created, digests FROM store");
        world_expect_same(WHOLE, SCRATCH_PATH, "SELECT uuid, created, digests FROM store");
        ck_assert_int_eq(world_files(ARCHIVE "-new"), 0);
        ck_assert_int_eq(world_files(ARCHIVE "-writer"), 0);
    }
}
END_TEST

START_TEST(the_history_goes_on_as_if_it_were_whole)
{
    for (int64_t before = 9; before <= 20; before += 11) /* in the end, nothing is left */
    {
        eventure_log *log = make(20);
        archive(log, ARCHIVE, before);
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
        verify(SCRATCH_PATH);
        expect_same_ticks(SCRATCH_PATH, before, 1000);
        int64_t seq = 0;
        eventure_reader *reader = NULL;
        ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
        ck_assert_int_eq(eventure_reader_last_seq(reader, &seq), EVENTURE_OK);
        ck_assert_int_eq(seq, number(WHOLE, "SELECT max(seq) FROM event"));
        eventure_reader_close(reader);
    }
}
END_TEST

START_TEST(a_store_of_which_nothing_is_left_goes_on_when_it_is_opened_again)
{
    eventure_log *log = make(20);
    int64_t last = number(WHOLE, "SELECT max(seq) FROM event");
    archive(log, ARCHIVE, 20);
    eventure_log_close(log);
    ck_assert_int_eq(number(SCRATCH_PATH, "SELECT count(*) FROM event"), 0);
    log = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(eventure_log_tick(log), 20);
    eventure_event event;
    ck_assert_int_eq(eventure_log_append(log, "a.b", eventure_no_data(), NULL, &event), EVENTURE_OK);
    ck_assert_int_eq(event.seq, last + 1);
    ck_assert_str_eq(event.id, "20-EBFC-1");
    eventure_log_close(log);
    verify(SCRATCH_PATH);
}
END_TEST

/* What a filter answers in the whole history beyond a seq, as ids. */
static char *ids_after(const char *path, eventure_filter *filter, int64_t after_seq)
{
    eventure_reader *reader = NULL;
    eventure_cursor *cursor = NULL;
    ck_assert_int_eq(eventure_reader_open(path, &reader), EVENTURE_OK);
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
    eventure_log *log = make(40);
    int64_t last = archive(log, ARCHIVE, 25).events;
    eventure_log_close(log);
    /* The chain through the ticks begins at the first event; "far-N" and its like are foreign ids. */
    static const char *const ids[] = {FIRST, "23-" START "-1", "far-23"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
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
    filter.tick_max = 30;
    expect_same_answer(filter, last);
    world_expect_same(WHOLE, SCRATCH_PATH, "SELECT id, parent_id, parent_seq FROM events WHERE tick >= 25");
}
END_TEST

START_TEST(an_archived_event_is_known_by_its_id_when_something_of_it_is_left)
{
    eventure_log *log = make(40);
    eventure_reader *reader = eventure_log_reader(log);
    eventure_event *event = NULL;
    archive(log, ARCHIVE, 25);
    char *id = scratch_ask(SCRATCH_PATH, "SELECT id FROM archived_events WHERE seq = 1");
    ck_assert_int_eq(eventure_find(reader, id, &event), EVENTURE_ERROR_ARCHIVED);
    char text[200];
    snprintf(text, sizeof text, "event %s (tick.start at tick 0, event 1) is archived in archive.db", id);
    ck_assert_str_eq(eventure_reader_message(reader), text);
    ck_assert_ptr_null(event);
    ck_assert_int_eq(eventure_cascade_print_one(reader, id, stderr, NULL), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_cascade_print_event(reader, id, stderr, NULL), EVENTURE_ERROR_ARCHIVED);
    /* It can be a cause again. */
    eventure_event parent = {.id = id};
    eventure_event appended;
    ck_assert_int_eq(eventure_log_append(log, "late.effect", eventure_no_data(), &parent, &appended), EVENTURE_OK);
    ck_assert_int_eq(appended.parent_seq, 1);
    ck_assert_str_eq(appended.parent_id, id);
    /* One that nothing is left of is unknown. */
    ck_assert_int_eq(eventure_find(reader, "0-BBEA-77", &event), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_int_eq(number(SCRATCH_PATH, "SELECT count(*) FROM archived_event WHERE seq NOT IN "
                                          "(SELECT parent FROM event UNION SELECT parent FROM archived_event)"),
                     -1 + 1);
    ck_assert_int_lt(number(SCRATCH_PATH, "SELECT count(*) FROM archived_event"), 100);
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
    eventure_log *log = make(40);
    archive(log, ARCHIVE, 25);
    FILE *out = open_memstream(&part, &size);
    ck_assert_int_eq(eventure_cascade_print(eventure_log_reader(log), out, &options), EVENTURE_OK);
    fclose(out);
    eventure_log_close(log);
    ck_assert_int_eq(eventure_reader_open(WHOLE, &reader), EVENTURE_OK);
    out = open_memstream(&whole, &size);
    ck_assert_int_eq(eventure_cascade_print(reader, out, &options), EVENTURE_OK);
    fclose(out);
    eventure_reader_close(reader);
    ck_assert_str_eq(whole, part);
    free(whole);
    free(part);
}
END_TEST

START_TEST(an_archive_goes_on_or_another_one_begins)
{
    for (int again = 0; again < 2; again++)
    {
        const char *second = again ? ARCHIVE : "second.db";
        scratch_remove("second.db");
        eventure_log *log = make(40);
        int64_t first = archive(log, ARCHIVE, 12).events;
        int64_t more = archive(log, second, 25).events;
        ck_assert_int_eq(archive(log, second, 25).events, 0); /* nothing to do */
        eventure_log_close(log);
        verify(SCRATCH_PATH);
        verify(ARCHIVE);
        verify(second);
        expect_same_lines(SCRATCH_PATH, first + more, INT64_MAX);
        expect_same_lines(second, again ? 0 : first, first + more);
        expect_same_ticks(second, again ? 0 : 12, 24);
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
    eventure_log *log = make(40);
    archive(log, ARCHIVE, 16);
    char *names =
        scratch_ask(SCRATCH_PATH, "SELECT group_concat(name) FROM (SELECT name FROM save_point ORDER BY seq)");
    ck_assert_str_eq(names, "save 25,save 35");
    free(names);
    names = scratch_ask(ARCHIVE, "SELECT group_concat(name) FROM (SELECT name FROM save_point ORDER BY seq)");
    ck_assert_str_eq(names, "save 5,save 15");
    free(names);
    /* Forks of both: of the store behind the cut, of the archive before it. */
    eventure_reader *reader = eventure_log_reader(log);
    scratch_remove("fork.db");
    ck_assert_int_eq(eventure_fork_at_tick(reader, "fork.db", 14, NULL), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_fork_at_save(reader, "fork.db", "save 5", NULL), EVENTURE_ERROR_NOT_FOUND);
    for (int64_t tick = 15; tick < 40; tick += 3)
    {
        scratch_remove("fork.db");
        eventure_status status = eventure_fork_at_tick(reader, "fork.db", tick, NULL);
        ck_assert_msg(status == EVENTURE_OK, "%s", eventure_reader_message(reader));
        verify("fork.db");
        expect_same_ticks("fork.db", 16, tick - 1);
    }
    scratch_remove("fork.db");
    ck_assert_int_eq(eventure_fork_at_save(reader, "fork.db", "save 25", NULL), EVENTURE_OK);
    verify("fork.db");
    eventure_log_close(log);
    ck_assert_int_eq(eventure_reader_open(ARCHIVE, &reader), EVENTURE_OK);
    scratch_remove("fork.db");
    ck_assert_int_eq(eventure_fork_at_save(reader, "fork.db", "save 5", NULL), EVENTURE_OK);
    verify("fork.db");
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_follower_that_is_behind_is_told_so)
{
    eventure_log *log = make(20);
    eventure_follow *follow = NULL;
    eventure_event event;
    ck_assert_int_eq(eventure_follow_open(SCRATCH_PATH, NULL, NULL, &follow), EVENTURE_OK);
    ck_assert_int_eq(eventure_follow_next(follow, 0, &event), EVENTURE_ROW);
    archive(log, ARCHIVE, 20);
    eventure_status status;
    while ((status = eventure_follow_next(follow, 0, &event)) == EVENTURE_ROW)
        ; /* what was read at once is handed out */
    ck_assert_int_eq(status, EVENTURE_ERROR_ARCHIVED);
    ck_assert_msg(strstr(eventure_follow_message(follow), "were not read yet, and are archived") != NULL, "%s",
                  eventure_follow_message(follow));
    eventure_follow_close(follow);
    ck_assert_int_eq(eventure_follow_open(SCRATCH_PATH, NULL, NULL, &follow), EVENTURE_OK); /* from where it begins */
    ck_assert_int_eq(eventure_follow_next(follow, 0, &event), EVENTURE_OK);
    eventure_follow_close(follow);
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
    archive(log, ARCHIVE, 500);
    ck_assert_int_eq(stat(SCRATCH_PATH, &after), 0);
    ck_assert_msg(after.st_size < before.st_size / 10, "%lld of %lld", (long long)after.st_size,
                  (long long)before.st_size);
    eventure_log_close(log);
}
END_TEST

/* --- States --- */

/* Counts events, and adds their seqs up. */
typedef struct totals
{
    int64_t events;
    int64_t seqs;
} totals;

static int totals_reset(void *context)
{
    *(totals *)context = (totals){0, 0};
    return 0;
}

static int totals_apply(const eventure_event *event, void *context)
{
    totals *state = context;
    state->events++;
    state->seqs += event->seq;
    return 0;
}

static int totals_save(eventure_write_fn write, void *sink, void *context)
{
    return write(context, sizeof(totals), sink);
}

static int totals_load(const void *bytes, size_t len, void *context)
{
    if (len != sizeof(totals))
        return EVENTURE_ERROR_CORRUPT;
    memcpy(context, bytes, len);
    return 0;
}

static const eventure_reducer totals_reducer = {.size = sizeof(eventure_reducer),
                                                .name = "totals",
                                                .version = 1,
                                                .reset = totals_reset,
                                                .apply = totals_apply,
                                                .save = totals_save,
                                                .load = totals_load};

START_TEST(states_at_later_ticks_come_from_a_snapshot_at_the_cut)
{
    totals here = {0, 0};
    totals whole = {0, 0};
    eventure_log *log = make(30);
    eventure_reader *reader = NULL;
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    const eventure_archive_state state = {&totals_reducer, &here};
    options.states = &state;
    options.states_count = 1;
    ck_assert_int_eq(eventure_archive(log, ARCHIVE, 12, &options, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_archive(log, ARCHIVE, 18, &options, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_reader_open(WHOLE, &reader), EVENTURE_OK);
    for (int64_t tick = 17; tick <= 30; tick++)
    {
        ck_assert_int_eq(eventure_state_at(eventure_log_reader(log), &totals_reducer, tick, &here, NULL), EVENTURE_OK);
        ck_assert_int_eq(eventure_state_at(reader, &totals_reducer, tick, &whole, NULL), EVENTURE_OK);
        ck_assert_int_eq(here.events, whole.events);
        ck_assert_int_eq(here.seqs, whole.seqs);
    }
    ck_assert_int_eq(eventure_state_at(eventure_log_reader(log), &totals_reducer, 16, &here, NULL),
                     EVENTURE_ERROR_ARCHIVED);
    eventure_reader_close(reader);
    ck_assert_int_eq(eventure_reader_open(ARCHIVE, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_state_at(reader, &totals_reducer, 16, &here, NULL), EVENTURE_OK);
    eventure_reader_close(reader);
    eventure_log_close(log);
}
END_TEST

START_TEST(without_a_snapshot_there_is_an_error_and_no_wrong_state)
{
    totals state = {0, 0};
    eventure_log *log = make(30);
    archive(log, ARCHIVE, 12);
    eventure_reader *reader = eventure_log_reader(log);
    ck_assert_int_eq(eventure_state_at(reader, &totals_reducer, 20, &state, NULL), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_replay(reader, &totals_reducer, 0, INT64_MAX, &state), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_replay(reader, &totals_reducer, 11, INT64_MAX, &state), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_replay(reader, &totals_reducer, 12, INT64_MAX, &state), EVENTURE_OK);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_reducer_does_not_lose_its_state_by_mistake)
{
    totals state = {0, 0};
    eventure_log *log = world_make(SCRATCH_PATH, 10);
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    scratch_remove(ARCHIVE);
    ck_assert_int_eq(eventure_snapshot_take(log, &totals_reducer, &state), EVENTURE_OK);
    for (int i = 0; i < 10; i++)
    {
        scratch_append(log, "a.b", NULL, NULL);
        eventure_log_advance_tick(log);
    }
    ck_assert_int_eq(eventure_archive(log, ARCHIVE, 15, NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_msg(strstr(eventure_log_message(log), "totals would lose its state") != NULL, "%s",
                  eventure_log_message(log));
    ck_assert_int_eq(access(ARCHIVE, F_OK), -1);
    ck_assert_int_eq(eventure_archive(log, ARCHIVE, 5, NULL, NULL), EVENTURE_OK); /* the snapshot is later */
    ck_assert_int_eq(eventure_state_at(eventure_log_reader(log), &totals_reducer, 12, &state, NULL), EVENTURE_OK);
    options.without_snapshots = true;
    ck_assert_int_eq(eventure_archive(log, ARCHIVE, 15, &options, NULL), EVENTURE_OK);
    ck_assert_int_eq(number(SCRATCH_PATH, "SELECT count(*) FROM snapshot"), 0);
    eventure_log_close(log);
}
END_TEST

/* --- What cannot be archived --- */

static void expect_refused(eventure_log *log, const char *path, int64_t before, eventure_status expected,
                           const char *text)
{
    eventure_archive_counts counts = {-1, -1};
    int64_t events = number(SCRATCH_PATH, "SELECT count(*) FROM event");
    eventure_status status = eventure_archive(log, path, before, NULL, &counts);
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_log_message(log));
    ck_assert_msg(strstr(eventure_log_message(log), text) != NULL, "%s", eventure_log_message(log));
    ck_assert_int_eq(counts.events, 0);
    ck_assert_int_eq(number(SCRATCH_PATH, "SELECT count(*) FROM event"), events);
}

START_TEST(ticks_and_places_are_checked)
{
    eventure_log *log = make(10);
    expect_refused(log, ARCHIVE, 0, EVENTURE_ERROR_TICK, "there is nothing before tick 0");
    expect_refused(log, ARCHIVE, -5, EVENTURE_ERROR_TICK, "there is nothing before tick -5");
    expect_refused(log, ARCHIVE, 11, EVENTURE_ERROR_TICK, "tick 11 is in the future: the current tick");
    expect_refused(log, SCRATCH_PATH, 5, EVENTURE_ERROR_ARGUMENT, "scratch.db is the store itself");
    expect_refused(log, "", 5, EVENTURE_ERROR_ARGUMENT, "no path was given");
    expect_refused(log, NULL, 5, EVENTURE_ERROR_ARGUMENT, "no path was given");
    expect_refused(log, "no/such.db", 5, EVENTURE_ERROR_IO, "No such file or directory");
    expect_refused(log, ".", 5, EVENTURE_ERROR_IO, "is a directory");
    ck_assert_int_eq(world_files(ARCHIVE), 0);
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    options.size = 0;
    ck_assert_int_eq(eventure_archive(log, ARCHIVE, 5, &options, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_archive(NULL, ARCHIVE, 5, NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    eventure_log_close(log);
}
END_TEST

START_TEST(only_an_archive_of_this_history_goes_on)
{
    eventure_log *log = make(20);
    FILE *file = fopen("text.txt", "w");
    fputs("This is a text that is long enough to be looked at as if it were the header of a database file, it is.\n",
          file);
    fclose(file);
    expect_refused(log, "text.txt", 5, EVENTURE_ERROR_FORMAT, "not an Eventure store");
    eventure_log *other = world_make("other.db", 10);
    expect_refused(log, "other.db", 5, EVENTURE_ERROR_BUSY, "another log writes");
    eventure_log_close(other);
    expect_refused(log, "other.db", 5, EVENTURE_ERROR_EXISTS, "other.db is no archive of scratch.db: it is another");
    expect_refused(log, WHOLE, 5, EVENTURE_ERROR_EXISTS, "holds the ticks up to 19 already");
    archive(log, ARCHIVE, 5);
    ck_assert_int_eq(rename(ARCHIVE, "first.db"), 0);
    scratch_remove(ARCHIVE);
    archive(log, ARCHIVE, 10);
    expect_refused(log, "first.db", 15, EVENTURE_ERROR_EXISTS, "it ends before this store begins");
    /* A copy that went its own way. */
    other = scratch_open(WHOLE);
    scratch_append(other, "a.b", NULL, NULL);
    eventure_log_close(other);
    scratch_append(log, "c.d", NULL, NULL);
    for (int i = 0; i < 5; i++)
        eventure_log_advance_tick(log);
    expect_refused(log, WHOLE, 24, EVENTURE_ERROR_EXISTS, "it does not end as one of this store's ticks does");
    eventure_log_close(log);
}
END_TEST

static int stop(const eventure_progress *progress, void *context)
{
    (void)context;
    return progress->done > 0;
}

START_TEST(a_callback_stops_it_and_nothing_has_happened)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    options.progress = stop;
    for (int again = 0; again < 2; again++)
    {
        eventure_log *log = make(20);
        if (again)
            archive(log, ARCHIVE, 5);
        int64_t events = number(SCRATCH_PATH, "SELECT count(*) FROM event");
        ck_assert_int_eq(eventure_archive(log, ARCHIVE, 15, &options, NULL), EVENTURE_ERROR_INTERRUPTED);
        ck_assert_int_eq(number(SCRATCH_PATH, "SELECT count(*) FROM event"), events);
        if (again)
            ck_assert_int_eq(number(ARCHIVE, "SELECT max(tick) FROM event"), 4);
        else
            ck_assert_int_eq(world_files(ARCHIVE), 0);
        archive(log, ARCHIVE, 15);
        eventure_log_close(log);
        verify(SCRATCH_PATH);
        verify(ARCHIVE);
    }
}
END_TEST

START_TEST(an_archive_that_was_written_before_a_crash_is_taken_as_it_is)
{
    eventure_log *log = make(20);
    archive(log, ARCHIVE, 5);
    archive(log, ARCHIVE, 15);
    eventure_log_close(log);
    /* As if the deletion had never happened: the archive holds what the store holds, too. */
    scratch_remove(SCRATCH_PATH);
    ck_assert_int_eq(rename(WHOLE, SCRATCH_PATH), 0);
    log = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(eventure_copy(eventure_log_reader(log), WHOLE, NULL), EVENTURE_OK);
    expect_refused(log, ARCHIVE, 14, EVENTURE_ERROR_EXISTS, "archive before tick 15 at least");
    archive(log, ARCHIVE, 15);
    eventure_log_close(log);
    verify(SCRATCH_PATH);
    verify(ARCHIVE);
    int64_t last = number(ARCHIVE, "SELECT max(seq) FROM event");
    expect_same_lines(ARCHIVE, 0, last);
    expect_same_lines(SCRATCH_PATH, last, INT64_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("archive");
    TCase *moved = tcase_create("what moves and what stays");
    tcase_add_test(moved, what_moves_and_what_stays_is_as_it_was);
    tcase_add_test(moved, the_history_goes_on_as_if_it_were_whole);
    tcase_add_test(moved, a_store_of_which_nothing_is_left_goes_on_when_it_is_opened_again);
    tcase_add_test(moved, questions_about_archived_causes_answer_what_is_left);
    tcase_add_test(moved, an_archived_event_is_known_by_its_id_when_something_of_it_is_left);
    tcase_add_test(moved, the_viewer_shows_archived_causes);
    tcase_add_test(moved, an_archive_goes_on_or_another_one_begins);
    tcase_add_test(moved, save_points_of_archived_ticks_move_along);
    tcase_add_test(moved, a_follower_that_is_behind_is_told_so);
    tcase_add_test(moved, space_on_the_disk_is_given_back);
    suite_add_tcase(suite, moved);
    TCase *states = tcase_create("states");
    tcase_add_test(states, states_at_later_ticks_come_from_a_snapshot_at_the_cut);
    tcase_add_test(states, without_a_snapshot_there_is_an_error_and_no_wrong_state);
    tcase_add_test(states, a_reducer_does_not_lose_its_state_by_mistake);
    suite_add_tcase(suite, states);
    TCase *refused = tcase_create("what cannot be archived");
    tcase_add_test(refused, ticks_and_places_are_checked);
    tcase_add_test(refused, only_an_archive_of_this_history_goes_on);
    tcase_add_test(refused, a_callback_stops_it_and_nothing_has_happened);
    tcase_add_test(refused, an_archive_that_was_written_before_a_crash_is_taken_as_it_is);
    suite_add_tcase(suite, refused);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
