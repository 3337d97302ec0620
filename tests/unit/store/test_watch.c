/*
 * Waiting for changes of a store by another process.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "bus_world.h"
#include "harness.h"
#include "store/watch.h"
#include "testing.h"

TEST_FIXTURE(open_watching_world, close_watching_world);

static eventure__watch *watch;

static void open_watching_world(void)
{
    open_world();
    expect_ok(NULL, eventure__watch_open(SCRATCH_PATH, &watch));
}

static void close_watching_world(void)
{
    eventure__watch_close(watch);
    watch = NULL;
    close_world();
}

/* Waits until earlier changes are no longer reported, and the delay has grown. */
static void settle(void)
{
    double began = harness_now();
    while (harness_now() - began < 0.5)
        eventure__watch_wait(watch, 500);
}

static void commit_one(void)
{
    scratch_append(here.log, "a.b", NULL, NULL);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
}

START_TEST(a_wait_without_anything_new_ends_when_its_time_is_over)
{
    settle();
    double began = harness_now();
    ck_assert(!eventure__watch_wait(watch, 30));
    ck_assert(harness_now() - began >= 0.029);
}
END_TEST

static void ignore_signal(int number)
{
    (void)number;
}

START_TEST(a_signal_ends_a_wait)
{
    struct sigaction action = {.sa_handler = ignore_signal};
    struct sigaction before;
    const struct itimerval soon = {.it_interval = {.tv_usec = 10000}, .it_value = {.tv_usec = 10000}};
    const struct itimerval never = {.it_value = {.tv_sec = 0}};
    settle();
    ck_assert_int_eq(sigaction(SIGALRM, &action, &before), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
    bool may_be_new = true;
    int cause = 0;
    while (may_be_new && cause != EINTR) /* the delay can be over before the first signal */
    {
        errno = 0;
        may_be_new = eventure__watch_wait(watch, 5000);
        cause = errno;
    }
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    ck_assert_int_eq(sigaction(SIGALRM, &before, NULL), 0);
    ck_assert(may_be_new);
}
END_TEST

START_TEST(a_commit_ends_a_wait_at_once)
{
    settle();
    commit_one();
    double began = harness_now();
    ck_assert(eventure__watch_wait(watch, 5000));
#ifdef __linux__
    ck_assert(harness_now() - began < 0.1);
#endif
}
END_TEST

START_TEST(what_happens_to_other_files_beside_it_ends_no_wait)
{
    settle();
    scratch_write("beside.txt", "x");
    ck_assert(!eventure__watch_wait(watch, 30));
    remove("beside.txt");
}
END_TEST

START_TEST(the_looks_become_rarer_while_nothing_happens)
{
    int looks = 0;
    double began = harness_now();
    settle();
    while (harness_now() - began < 2)
        looks += eventure__watch_wait(watch, -1);
    ck_assert_int_le(looks, 25);
}
END_TEST

START_TEST(a_store_that_is_not_there_yet_can_be_watched)
{
    eventure__watch *other = NULL;
    expect_ok(NULL, eventure__watch_open("later.db", &other));
    eventure_log *log = scratch_open("later.db");
    ck_assert(eventure__watch_wait(other, 5000));
    expect_ok(NULL, eventure_log_close(log));
    eventure__watch_close(other);
    scratch_remove("later.db");
}
END_TEST

START_TEST(a_link_leads_to_the_store_it_means)
{
    eventure__watch *other = NULL;
    remove("link.db");
    ck_assert_int_eq(symlink(SCRATCH_PATH, "link.db"), 0);
    expect_ok(NULL, eventure__watch_open("link.db", &other));
    double began = harness_now();
    while (harness_now() - began < 0.5)
        eventure__watch_wait(other, 500);
    commit_one();
    began = harness_now();
    ck_assert(eventure__watch_wait(other, 5000));
#ifdef __linux__
    ck_assert(harness_now() - began < 0.1);
#endif
    eventure__watch_close(other);
    remove("link.db");
}
END_TEST

START_TEST(a_directory_that_is_not_there_is_waited_for_by_looking)
{
    eventure__watch *other = NULL;
    expect_ok(NULL, eventure__watch_open("no/such/store.db", &other));
    ck_assert(eventure__watch_wait(other, 5000));
    ck_assert(!eventure__watch_wait(other, 0));
    eventure__watch_close(other);
    eventure__watch_close(NULL);
}
END_TEST
