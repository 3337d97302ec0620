/*
 * Following: existing events, later events, the saved position, and stores that cannot be followed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/follow.h>

#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "testing.h"

#define FILE_OF_A SCRATCH_PATH "-follow-a"

static eventure_follower *open_follow(const char *name, const eventure_follower_options *options)
{
    eventure_follower *follow = NULL;
    expect_ok(follow, eventure_follower_open(SCRATCH_PATH, name, options, &follow));
    return follow;
}

static void expect_next(eventure_follower *follow, const char *id)
{
    eventure_event event;
    eventure_status status = eventure_follower_next(follow, 5000, &event);
    ck_assert_msg(status == EVENTURE_ROW, "no %s: %s", id, eventure_follower_message(follow));
    ck_assert_str_eq(event.id, id);
}

static void expect_none(eventure_follower *follow)
{
    eventure_event event;
    expect_status(EVENTURE_DONE, follow, eventure_follower_next(follow, 0, &event));
}

static void clean(void)
{
    scratch_remove(SCRATCH_PATH);
    scratch_remove(FILE_OF_A);
}

START_TEST(what_is_there_comes_first_and_then_what_is_committed)
{
    clean();
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", "{\"n\": 1}", NULL);
    eventure_log_advance_tick(log);
    eventure_follower *follow = open_follow(NULL, NULL);
    expect_next(follow, "0-EBFC-1");
    expect_none(follow);
    scratch_append(log, "a.b", NULL, NULL);
    expect_none(follow); /* not committed */
    eventure_log_advance_tick(log);
    expect_next(follow, "1-EBFC-1");
    expect_none(follow);
    ck_assert_int_eq(eventure_follower_seq(follow), 2);
    eventure_follower_close(follow);
    eventure_log_close(log);
}
END_TEST

/* Appends ticks of three events in another process, with small pauses. */
static pid_t write_elsewhere(int ticks)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    eventure_log *log = NULL;
    if (eventure_log_open(SCRATCH_PATH, NULL, &log) != EVENTURE_OK)
        _exit(1);
    for (int i = 0; i < ticks; i++)
    {
        for (int k = 0; k < 3; k++)
            eventure_log_append(log, "a.b", eventure_no_data(), NULL, NULL);
        eventure_log_advance_tick(log);
        if (i % 10 == 0)
            usleep(10000);
    }
    _exit(eventure_log_close(log) != EVENTURE_OK);
}

START_TEST(events_of_another_process_come_once_each_in_their_order)
{
    clean();
    eventure_log_close(scratch_new());
    eventure_follower *follow = open_follow(NULL, NULL);
    pid_t child = write_elsewhere(200);
    eventure_event event;
    for (int64_t seq = 1; seq <= 600; seq++)
    {
        expect_status(EVENTURE_ROW, follow, eventure_follower_next(follow, 10000, &event));
        ck_assert_int_eq(event.seq, seq);
    }
    int result = -1;
    waitpid(child, &result, 0);
    ck_assert_int_eq(result, 0);
    expect_none(follow);
    eventure_follower_close(follow);
}
END_TEST

START_TEST(a_wait_ends_when_its_time_is_over)
{
    clean();
    eventure_log_close(scratch_new());
    eventure_follower *follow = open_follow(NULL, NULL);
    eventure_event event;
    double begin = harness_now();
    expect_status(EVENTURE_DONE, follow, eventure_follower_next(follow, 300, &event));
    double took = harness_now() - begin;
    ck_assert_msg(took > 0.29 && took < 3.0, "%f", took);
    eventure_follower_close(follow);
}
END_TEST

static void ignore(int number)
{
    (void)number;
}

START_TEST(a_signal_ends_a_wait_that_has_no_end)
{
    clean();
    eventure_log_close(scratch_new());
    eventure_follower *follow = open_follow(NULL, NULL);
    eventure_event event;
    struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    expect_status(EVENTURE_DONE, follow, eventure_follower_next(follow, -1, &event));
    eventure_follower_close(follow);
}
END_TEST

START_TEST(a_name_remembers_what_was_committed)
{
    clean();
    eventure_log *log = scratch_new();
    for (int i = 0; i < 300; i++)
        scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    eventure_follower *follow = open_follow("a", NULL);
    expect_next(follow, "0-EBFC-1");
    expect_next(follow, "0-EBFC-2");
    expect_ok(follow, eventure_follower_commit(follow));
    expect_next(follow, "0-EBFC-3");
    eventure_follower_close(follow);
    follow = open_follow("a", NULL);
    ck_assert_int_eq(eventure_follower_seq(follow), 2);
    for (int i = 3; i <= 300; i++)
    {
        char id[32];
        snprintf(id, sizeof id, "0-EBFC-%d", i);
        expect_next(follow, id);
    }
    expect_none(follow);
    expect_ok(follow, eventure_follower_commit(follow));
    eventure_follower_close(follow);
    follow = open_follow("a", NULL);
    expect_none(follow);
    eventure_follower_close(follow);
    ck_assert_int_eq(world_files(FILE_OF_A), 1); /* no lock, nothing temporary */
    follow = open_follow("b", NULL);
    expect_next(follow, "0-EBFC-1");
    eventure_follower_close(follow);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_position_goes_beyond_events_that_do_not_match)
{
    clean();
    eventure_log *log = scratch_new();
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    filter.type = "c.*";
    options.filter = &filter;
    scratch_append(log, "a.b", NULL, NULL);
    scratch_append(log, "c.d", NULL, NULL);
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    eventure_follower *follow = open_follow("a", &options);
    expect_next(follow, "0-EECD-1");
    ck_assert_int_eq(eventure_follower_seq(follow), 3);
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    expect_none(follow);
    ck_assert_int_eq(eventure_follower_seq(follow), 4);
    eventure_follower_close(follow);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_start_can_be_chosen)
{
    clean();
    eventure_log *log = scratch_new();
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    for (int i = 0; i < 3; i++)
        scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    filter.after_seq = 2;
    options.filter = &filter;
    eventure_follower *follow = open_follow("a", &options);
    expect_next(follow, "0-EBFC-3");
    eventure_follower_close(follow);
    options.filter = NULL;
    options.from_end = true;
    follow = open_follow("a", &options);
    expect_none(follow);
    expect_ok(follow, eventure_follower_commit(follow));
    eventure_follower_close(follow);
    follow = open_follow("a", NULL); /* the saved position has precedence */
    expect_none(follow);
    eventure_follower_close(follow);
    expect_ok(NULL, eventure_follower_forget(SCRATCH_PATH, "a"));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_follower_forget(SCRATCH_PATH, "a"));
    follow = open_follow("a", NULL);
    expect_next(follow, "0-EBFC-1");
    eventure_follower_close(follow);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_follower_does_not_block_the_log)
{
    clean();
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    eventure_follower *follow = open_follow("a", NULL);
    expect_next(follow, "0-EBFC-1");
    scratch_append(log, "a.b", NULL, NULL); /* the log has SQLite's write lock now */
    double begin = harness_now();
    expect_ok(follow, eventure_follower_commit(follow));
    ck_assert_msg(harness_now() - begin < 2.0, "%f", harness_now() - begin);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_next(follow, "1-EBFC-1");
    eventure_follower_close(follow);
    eventure_log_close(log);
}
END_TEST

/* --- Stores that cannot be followed --- */

static void expect_refused(const char *path, const char *name, const eventure_follower_options *options,
                           eventure_status expected, const char *text)
{
    eventure_follower *follow = NULL;
    eventure_event event;
    eventure_status status = eventure_follower_open(path, name, options, &follow);
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_follower_message(follow));
    expect_part(eventure_follower_message(follow), text);
    if (follow != NULL)
        ck_assert_int_lt(eventure_follower_next(follow, 0, &event), 0);
    eventure_follower_close(follow);
}

START_TEST(names_and_filters_are_checked)
{
    clean();
    eventure_log_close(scratch_new());
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    expect_refused("missing.db", NULL, NULL, EVENTURE_ERROR_NOT_FOUND, "missing.db");
    expect_refused("", NULL, NULL, EVENTURE_ERROR_ARGUMENT, "no path");
    expect_refused(SCRATCH_PATH, "", NULL, EVENTURE_ERROR_ARGUMENT, "the follower has no name");
    expect_refused(SCRATCH_PATH, "a\tb", NULL, EVENTURE_ERROR_ARGUMENT, "control character");
    options.filter = &filter;
    filter.limit = 1;
    expect_refused(SCRATCH_PATH, NULL, &options, EVENTURE_ERROR_ARGUMENT, "follow: filter.limit is not supported");
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.reverse = true;
    expect_refused(SCRATCH_PATH, NULL, &options, EVENTURE_ERROR_ARGUMENT, "follow: filter.reverse is not supported");
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.order = EVENTURE_ORDER_ID;
    expect_refused(SCRATCH_PATH, NULL, &options, EVENTURE_ERROR_ARGUMENT, "follow: filter.order is not supported");
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.children_of = "7-ABCD-1";
    expect_refused(SCRATCH_PATH, NULL, &options, EVENTURE_ERROR_NOT_FOUND, "7-ABCD-1");
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.type = "a*b";
    expect_refused(SCRATCH_PATH, NULL, &options, EVENTURE_ERROR_ARGUMENT, "a*b");
    options.size = 0;
    expect_refused(SCRATCH_PATH, NULL, &options, EVENTURE_ERROR_ARGUMENT,
                   "eventure_follower_options was not initialised");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_open(SCRATCH_PATH, NULL, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_forget(SCRATCH_PATH, ""));
    ck_assert_str_eq(eventure_follower_message(NULL), eventure_last_message());
    eventure_follower_close(NULL);
    eventure_follower *follow = open_follow(NULL, NULL);
    expect_status(EVENTURE_ERROR_ARGUMENT, follow, eventure_follower_commit(follow));
    eventure_follower_close(follow);
}
END_TEST

START_TEST(one_follower_at_a_time_uses_a_name)
{
    clean();
    eventure_log_close(scratch_new());
    eventure_follower *follow = open_follow("a", NULL);
    expect_refused(SCRATCH_PATH, "a", NULL, EVENTURE_ERROR_BUSY, "another follower uses this name");
    expect_ok(follow, eventure_follower_commit(follow));
    expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_follower_forget(SCRATCH_PATH, "a"));
    eventure_follower_close(follow);
    eventure_follower_close(open_follow("a", NULL));
}
END_TEST

START_TEST(a_position_that_is_not_one_of_this_history_is_refused)
{
    clean();
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_close(log);
    char text[200];
    char *uuid = scratch_ask(SCRATCH_PATH, "SELECT uuid FROM store");
    static const char *const bad[] = {"",
                                      "nonsense",
                                      "eventure-follow 1\n",
                                      "eventure-follow 2\n%s\n1\n",
                                      "eventure-follow 1\n%s\n-1\n",
                                      "eventure-follow 1\n%s\n1\nmore",
                                      "eventure-follow 1\n%s\nx\n",
                                      "eventure-follow 1\n%s\n"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
    {
        char *place = strstr(bad[i], "%s");
        if (place == NULL)
            snprintf(text, sizeof text, "%s", bad[i]);
        else
            snprintf(text, sizeof text, "%.*s%s%s", (int)(place - bad[i]), bad[i], uuid, place + 2);
        scratch_write(FILE_OF_A, text);
        expect_refused(SCRATCH_PATH, "a", NULL, EVENTURE_ERROR_CORRUPT, "it is not a position of a follower");
    }
    snprintf(text, sizeof text, "eventure-follow 1\n%s\n2\n", uuid);
    scratch_write(FILE_OF_A, text);
    expect_refused(SCRATCH_PATH, "a", NULL, EVENTURE_ERROR_CORRUPT,
                   "event 2 was read already, but scratch.db ends with event 1");
    scratch_write(FILE_OF_A, "eventure-follow 1\n00000000-0000-0000-0000-000000000000\n1\n");
    expect_refused(SCRATCH_PATH, "a", NULL, EVENTURE_ERROR_EXISTS, "is the position in another history");
    free(uuid);
}
END_TEST

/* Appends one event in a tick of its own, and returns a log for more. */
static eventure_log *append_tick(eventure_log *log, const char *data)
{
    scratch_append(log, "a.b", data, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    return log;
}

/* A copy has the uuid of its source. What is appended to it after the cut has the seqs of other events. */
START_TEST(a_position_in_an_older_copy_is_refused_also_when_it_was_continued)
{
    static const char *const others[] = {"{\"n\":2}", "{\"n\":3}"};
    clean();
    scratch_remove("backup.db");
    eventure_event event;
    eventure_log *log = append_tick(scratch_new(), "{\"n\":1}");
    eventure_log_close(log);
    scratch_run("cp " SCRATCH_PATH " backup.db");
    eventure_log_close(append_tick(scratch_open(SCRATCH_PATH), "{\"n\":2}"));
    eventure_follower *follow = open_follow("a", NULL);
    for (int i = 0; i < 2; i++)
        expect_status(EVENTURE_ROW, follow, eventure_follower_next(follow, 0, &event));
    expect_ok(follow, eventure_follower_commit(follow));
    eventure_follower_close(follow);
    eventure_follower_close(open_follow("a", NULL));
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        scratch_run("cp backup.db " SCRATCH_PATH);
        expect_refused(SCRATCH_PATH, "a", NULL, EVENTURE_ERROR_CORRUPT, "event 2 was read already");
        eventure_log_close(append_tick(scratch_open(SCRATCH_PATH), others[i]));
        if (i == 0) /* the same event at the same time: nothing was skipped */
            eventure_follower_close(open_follow("a", NULL));
        else
            expect_refused(SCRATCH_PATH, "a", NULL, EVENTURE_ERROR_EXISTS,
                           "scratch.db-follow-a is the position in another history: event 2 of scratch.db is not the "
                           "event that was read");
    }
}
END_TEST

START_TEST(names_that_no_file_can_have_are_remembered_too)
{
    clean();
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_close(log);
    char longest[EVENTURE_NAME_MAX_BYTES + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const names[] = {"../up/a", "a b", "\xc3\xa4", "%41", "A", longest};
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        eventure_follower_forget(SCRATCH_PATH, names[i]);
        eventure_follower *follow = open_follow(names[i], NULL);
        expect_next(follow, "0-EBFC-1");
        expect_ok(follow, eventure_follower_commit(follow));
        eventure_follower_close(follow);
    }
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        eventure_follower *follow = open_follow(names[i], NULL);
        expect_none(follow);
        eventure_follower_close(follow);
        expect_ok(NULL, eventure_follower_forget(SCRATCH_PATH, names[i]));
    }
}
END_TEST

START_TEST(events_that_do_not_exist_yet_can_be_waited_for)
{
    clean();
    eventure_log *log = scratch_new();
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    filter.after_seq = 2;
    options.filter = &filter;
    eventure_follower *follow = open_follow(NULL, &options);
    ck_assert_int_eq(eventure_follower_seq(follow), 2);
    for (int i = 0; i < 3; i++)
        scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    expect_next(follow, "0-EBFC-3");
    expect_none(follow);
    eventure_follower_close(follow);
    eventure_log_close(log);
}
END_TEST

/* Events are read 128 at a time. */
START_TEST(the_position_is_right_at_the_border_of_a_batch)
{
    for (int count = 127; count <= 129; count++)
    {
        clean();
        eventure_event event;
        eventure_filter filter = EVENTURE_FILTER_INIT;
        eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
        filter.type = "a.b";
        options.filter = &filter;
        eventure_log *log = scratch_new();
        for (int i = 0; i < count; i++)
            scratch_append(log, "a.b", NULL, NULL);
        scratch_append(log, "c.d", NULL, NULL);
        eventure_log_advance_tick(log);
        eventure_follower *follow = open_follow(NULL, &options);
        for (int i = 1; i <= count; i++)
        {
            expect_status(EVENTURE_ROW, follow, eventure_follower_next(follow, 0, &event));
            ck_assert_int_eq(event.seq, i);
            /* The event that does not match is passed with the last one of a batch that is not full. */
            ck_assert_int_eq(eventure_follower_seq(follow), i == count && count != 128 ? i + 1 : i);
        }
        expect_none(follow);
        ck_assert_int_eq(eventure_follower_seq(follow), count + 1);
        eventure_follower_close(follow);
        eventure_log_close(log);
    }
}
END_TEST

START_TEST(archived_events_that_were_not_read_are_an_error_that_names_them)
{
    clean();
    scratch_remove("archive.db");
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    eventure_log *log = scratch_new();
    for (int i = 0; i < 4; i++)
    {
        scratch_append(log, "a.b", NULL, NULL);
        eventure_log_advance_tick(log);
    }
    eventure_follower *follow = open_follow("a", NULL);
    expect_next(follow, "0-EBFC-1");
    expect_ok(follow, eventure_follower_commit(follow));
    eventure_follower_close(follow);
    options.filter = &filter;
    filter.after_seq = 2;
    follow = open_follow(NULL, &options);
    filter.after_seq = 1;
    eventure_follower *behind = open_follow(NULL, &options);
    expect_ok(log, eventure_log_archive(log, "archive.db", 2, NULL, NULL)); /* the events 1 and 2 */
    expect_next(follow, "2-EBFC-1");
    eventure_follower_close(follow);
    for (int i = 0; i < 2; i++)
    {
        expect_status(EVENTURE_ERROR_ARCHIVED, behind, eventure_follower_next(behind, 0, &event));
        ck_assert_str_eq(eventure_follower_message(behind),
                         "follow: events 2 to 2 were not read yet, and are archived");
    }
    eventure_follower_close(behind);
    expect_refused(SCRATCH_PATH, "a", NULL, EVENTURE_ERROR_ARCHIVED,
                   "follow: events 2 to 2 were not read yet, and are archived");
    expect_refused(SCRATCH_PATH, NULL, &options, EVENTURE_ERROR_ARCHIVED,
                   "follow: events 2 to 2 were not read yet, and are archived");
    follow = open_follow(NULL, NULL); /* begins with the first event that is there */
    expect_next(follow, "2-EBFC-1");
    eventure_follower_close(follow);
    filter.after_seq = 2;
    eventure_follower_close(open_follow(NULL, &options));
    eventure_log_close(log);
}
END_TEST

START_TEST(a_position_may_be_at_another_path)
{
    clean();
    scratch_remove("elsewhere");
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    options.position_path = "elsewhere";
    eventure_follower *follow = open_follow("a", &options);
    expect_next(follow, "0-EBFC-1");
    expect_ok(follow, eventure_follower_commit(follow));
    eventure_follower_close(follow);
    ck_assert_int_eq(world_files(FILE_OF_A), 0);
    ck_assert_int_eq(world_files("elsewhere"), 1);
    follow = open_follow("a", &options);
    expect_none(follow);
    eventure_follower_close(follow);
    scratch_remove("elsewhere");
    eventure_log_close(log);
}
END_TEST

START_TEST(an_error_is_cleared_by_the_next_call_that_goes_well)
{
    clean();
    eventure_log *log = scratch_new();
    eventure_event event;
    eventure_follower *follow = open_follow(NULL, NULL);
    expect_status(EVENTURE_ERROR_ARGUMENT, follow, eventure_follower_commit(follow));
    ck_assert_str_eq(eventure_follower_message(follow), "follow: a follower without a name keeps no position");
    expect_none(follow);
    ck_assert_str_eq(eventure_follower_message(follow), "");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_next(NULL, 0, &event));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_next(follow, 0, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_commit(NULL));
    ck_assert_int_eq(eventure_follower_seq(NULL), 0);
    eventure_follower_close(follow);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_forget(NULL, "a"));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_forget("", "a"));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_forget(SCRATCH_PATH, NULL));
    eventure_log_close(log);
}
END_TEST
