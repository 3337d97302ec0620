/*
 * The progress of copies and forks: a callback receives it, and can stop them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scratch.h"
#include "session_world.h"
#include "testing.h"

#define NEW_PATH "copied.db"

typedef struct progress_seen
{
    int calls;
    int64_t last;
    int stop_at;
} progress_seen;

static int see_progress(const eventure_progress *progress, void *context)
{
    progress_seen *seen = context;
    ck_assert_int_ge(progress->done, seen->last);
    ck_assert_int_le(progress->done, progress->total);
    seen->last = progress->done;
    return ++seen->calls == seen->stop_at;
}

START_TEST(a_large_copy_reports_progress_and_can_be_stopped)
{
    enum
    {
        EVENTS = 70,
        BYTES = 100000 /* the events together are larger than one step of a copy */
    };
    eventure_log *log = scratch_new();
    eventure_reader *reader = eventure_log_reader(log);
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    progress_seen seen = {.calls = 0};
    char *data = malloc(BYTES + 16);
    ck_assert_ptr_nonnull(data);
    snprintf(data, BYTES + 16, "{\"x\":\"%0*d\"}", BYTES, 7);
    for (int i = 0; i < EVENTS; i++)
        scratch_append(log, "a.b", data, NULL);
    free(data);
    expect_ok(log, eventure_log_advance_tick(log));
    scratch_remove(NEW_PATH);
    options.progress = see_progress;
    options.progress_context = &seen;
    seen.stop_at = 1;
    expect_status(EVENTURE_ERROR_INTERRUPTED, reader, eventure_store_copy(reader, NEW_PATH, &options));
    expect_part(eventure_reader_message(reader), "copy: stopped by the progress callback");
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    seen = (progress_seen){.stop_at = 0};
    expect_ok(reader, eventure_store_copy(reader, NEW_PATH, &options));
    ck_assert_int_ge(seen.calls, 1);
    ck_assert_int_eq(world_number(NEW_PATH, "SELECT max(seq) FROM events"), EVENTS);
    scratch_remove(NEW_PATH);
    expect_ok(reader, eventure_store_copy(reader, NEW_PATH, NULL));
    ck_assert_int_eq(world_number(NEW_PATH, "SELECT max(seq) FROM events"), EVENTS);
    eventure_log_close(log);
    scratch_remove(NEW_PATH);
}
END_TEST

/* Progress is reported after each 4096 events, and at the end. */
START_TEST(a_fork_reports_its_progress_now_and_then)
{
    enum
    {
        EVENTS = 10000
    };
    eventure_log *log = scratch_new();
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    progress_seen seen = {.calls = 0};
    for (int i = 0; i < EVENTS; i++)
        expect_ok(log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
    expect_ok(log, eventure_log_advance_tick(log));
    scratch_remove(NEW_PATH);
    options.progress = see_progress;
    options.progress_context = &seen;
    expect_ok(eventure_log_reader(log), eventure_store_fork_at_tick(eventure_log_reader(log), NEW_PATH, 0, &options));
    ck_assert_int_eq(seen.calls, 3);
    ck_assert_int_eq(seen.last, EVENTS);
    eventure_log_close(log);
    scratch_remove(NEW_PATH);
}
END_TEST
