/*
 * Save points, copies, forks, archives and following when memory runs out: each allocation fails in turn; the call must
 * return "out of memory" without a partial effect, and work when it is repeated.
 */
#include <stdio.h>
#include <string.h>

#include "alloc_fail.h"
#include "rounds.h"
#include "scratch.h"
#include "session_world.h"
#include "testing.h"

#define NEW_PATH "forked.db"

/* The tested call, on a log at tick 12. */
typedef eventure_status (*work_fn)(eventure_log *log);

static eventure_status save(eventure_log *log)
{
    eventure_save_point *found = NULL;
    eventure_status status = eventure_save_point_create(log, "a name", "a note");
    if (status == EVENTURE_OK)
        status = eventure_save_point_find(eventure_log_reader(log), "a name", &found);
    eventure_free(found);
    eventure_status deleted = eventure_save_point_delete(log, "a name");
    return status == EVENTURE_OK ? deleted : status;
}

static eventure_status copy(eventure_log *log)
{
    return eventure_store_copy(eventure_log_reader(log), NEW_PATH, NULL);
}

static eventure_status fork_at_tick(eventure_log *log)
{
    return eventure_store_fork_at_tick(eventure_log_reader(log), NEW_PATH, 8, NULL);
}

static eventure_status fork_at_save(eventure_log *log)
{
    return eventure_store_fork_at_save_point(eventure_log_reader(log), NEW_PATH, "save 5", NULL);
}

static eventure_status archive(eventure_log *log)
{
    return eventure_log_archive(log, NEW_PATH, 6, NULL, NULL);
}

static eventure_status follow(eventure_log *log)
{
    eventure_follower *opened = NULL;
    eventure_event event;
    (void)log;
    eventure_status status = eventure_follower_open(SCRATCH_PATH, "a", NULL, &opened);
    if (status == EVENTURE_OK)
        status = eventure_follower_next(opened, 0, &event);
    if (status == EVENTURE_ROW)
        status = eventure_follower_commit(opened);
    eventure_follower_close(opened);
    return status < 0 ? status : EVENTURE_OK;
}

/* Runs the call with each allocation failing; in the short form with one in ten. When the failure affects only a cached
 * statement, the call may succeed. */
static void try_all(work_fn work)
{
    bool hit = true;
    int failures = 0;
    const long step = 11 - rounds(10);
    for (long n = 1; hit; n += step)
    {
        eventure_log *log = world_whole(12);
        scratch_remove(NEW_PATH);
        scratch_remove(SCRATCH_PATH "-follow-a");
        int64_t events = world_number(SCRATCH_PATH, "SELECT count(*) FROM events");
        alloc_fail_at(n);
        eventure_status status = work(log);
        hit = alloc_fail_stop();
        if (!hit)
            expect_ok(log, status);
        failures += status != EVENTURE_OK;
        ck_assert_msg(status == EVENTURE_OK || status == EVENTURE_ERROR_MEMORY || status == EVENTURE_ERROR_NOT_FOUND,
                      "allocation %ld: %s: %s", n, eventure_status_name(status), eventure_log_message(log));
        if (status == EVENTURE_ERROR_MEMORY && work != archive)
            ck_assert_int_eq(world_files(NEW_PATH), 0);
        if (status == EVENTURE_ERROR_MEMORY && work == archive)
            ck_assert(world_files(NEW_PATH) == 0 || world_number(NEW_PATH, "SELECT count(*) FROM events") +
                                                            world_number(SCRATCH_PATH, "SELECT count(*) FROM events") >=
                                                        events);
        eventure_log_close(log);
        world_check(SCRATCH_PATH);
    }
    ck_assert_int_gt(failures, 0);
}

START_TEST(save_points_without_memory)
{
    try_all(save);
}
END_TEST

START_TEST(copies_without_memory)
{
    try_all(copy);
}
END_TEST

START_TEST(forks_without_memory)
{
    try_all(fork_at_tick);
    try_all(fork_at_save);
}
END_TEST

START_TEST(archives_without_memory)
{
    try_all(archive);
}
END_TEST

START_TEST(following_without_memory)
{
    try_all(follow);
}
END_TEST
