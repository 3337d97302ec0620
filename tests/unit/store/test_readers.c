/*
 * The last process that closes a store, and readers that may not write beside it. Such a reader is a process of another
 * user that reads on request.
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "fault_vfs.h"
#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "testing.h"

TEST_PREPARE(fault_vfs_install);

#define OTHER_USER 65534

static void append_ticks(eventure_log *log, int ticks)
{
    for (int i = 0; i < ticks; i++)
    {
        scratch_append(log, "a.b", NULL, NULL);
        expect_ok(log, eventure_log_advance_tick(log));
    }
}

static eventure_reader *open_reader(void)
{
    eventure_reader *reader = NULL;
    expect_ok(reader, eventure_reader_open(SCRATCH_PATH, &reader));
    return reader;
}

/* Checks that a copy of the main file alone has this number of events. */
static void expect_alone(int64_t events)
{
    long len = 0;
    int64_t seq = -1;
    eventure_reader *reader = NULL;
    ck_assert_int_eq(world_files(SCRATCH_PATH), 1);
    unsigned char *bytes = harness_load(SCRATCH_PATH, &len);
    scratch_remove("alone.db");
    harness_store("alone.db", bytes, len);
    free(bytes);
    expect_ok(NULL, eventure_reader_open("alone.db", &reader));
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, events);
    eventure_reader_close(reader);
    ck_assert_int_eq(world_files("alone.db"), 1);
}

START_TEST(in_whatever_order_they_close_the_one_file_is_left)
{
    static const char *const orders[] = {"lrs", "lsr", "rls", "rsl", "slr", "srl"};
    for (size_t i = 0; i < 2 * COUNT_OF(orders); i++)
    {
        const char *order = orders[i / 2];
        eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
        eventure_log *log = NULL;
        int64_t tick = 0;
        scratch_remove(SCRATCH_PATH);
        options.background = i % 2 == 1;
        expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
        append_ticks(log, 1);
        expect_ok(log, eventure_log_commit(log));
        eventure_reader *readers[2] = {open_reader(), open_reader()};
        append_ticks(log, 20);
        expect_ok(readers[0], eventure_reader_begin(readers[0]));
        append_ticks(log, 20);
        expect_ok(readers[1], eventure_reader_tick(readers[1], &tick));
        for (const char *letter = order; *letter != '\0'; letter++)
        {
            if (*letter == 'l')
                expect_ok(NULL, eventure_log_close(log));
            else
                eventure_reader_close(readers[*letter == 's']);
        }
        expect_alone(41);
    }
}
END_TEST

START_TEST(closing_on_a_full_disk_returns_an_error_and_loses_nothing)
{
    static const bool background[] = {false, true};
    for (size_t i = 0; i < 2; i++)
    {
        eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
        eventure_log *log = NULL;
        int64_t seq = 0;
        scratch_remove(SCRATCH_PATH);
        options.background = background[i];
        fault_vfs_reset();
        expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
        append_ticks(log, 200);
        expect_ok(log, eventure_log_commit(log));
        fault_vfs_set_room(4096);
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(log));
        ck_assert(fault_vfs_was_full());
        fault_vfs_reset();
        eventure_reader *reader = open_reader();
        expect_ok(reader, eventure_reader_last_seq(reader, &seq));
        ck_assert_int_eq(seq, 200);
        eventure_reader_close(reader);
        expect_alone(200);
    }
}
END_TEST

/* A process of another user. It receives letters, and returns the seq of the newest event that it reads, or an error
 * (which is negative): o opens the store, c closes it, b and e begin and end a read transaction, s runs a query, q runs
 * a query and keeps its cursor. */
typedef struct other_user
{
    pid_t process;
    int to;
    int from;
} other_user;

static int64_t act(eventure_reader **reader, eventure_cursor **cursor, char letter)
{
    int64_t seq = -1;
    eventure_event event;
    eventure_status status = EVENTURE_OK;
    if (letter == 'o')
        status = eventure_reader_open(SCRATCH_PATH, reader);
    else if (letter == 'b')
        status = eventure_reader_begin(*reader);
    else if (letter == 'e')
        eventure_reader_end(*reader);
    else if (letter == 'c')
    {
        eventure_reader_close(*reader);
        *reader = NULL;
        return 0;
    }
    else if (letter == 'q')
    {
        status = eventure_query(*reader, NULL, cursor);
        if (status == EVENTURE_OK)
            status = eventure_cursor_next(*cursor, &event);
        status = status > 0 ? EVENTURE_OK : status;
    }
    else if (letter == 'f')
    {
        eventure_cursor_free(*cursor);
        *cursor = NULL;
    }
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(*reader, &seq);
    if (status != EVENTURE_OK && strstr(eventure_reader_message(*reader), "reopen") == NULL)
        fprintf(stderr, "%c: %s\n", letter, eventure_reader_message(*reader));
    return status == EVENTURE_OK ? seq : status;
}

static _Noreturn void live(int from, int to)
{
    eventure_reader *reader = NULL;
    eventure_cursor *cursor = NULL;
    char letter = 0;
    if (setgroups(0, NULL) != 0 || setgid(OTHER_USER) != 0 || setuid(OTHER_USER) != 0)
        _exit(1);
    while (read(from, &letter, 1) == 1)
    {
        int64_t seq = act(&reader, &cursor, letter);
        if (write(to, &seq, sizeof seq) != sizeof seq)
            break;
    }
    eventure_cursor_free(cursor);
    eventure_reader_close(reader);
    _exit(0);
}

static other_user invite(void)
{
    int to[2];
    int from[2];
    ck_assert_int_eq(pipe(to), 0);
    ck_assert_int_eq(pipe(from), 0);
    other_user guest = {fork(), to[1], from[0]};
    ck_assert_int_ge(guest.process, 0);
    if (guest.process == 0)
    {
        close(to[1]);
        close(from[0]);
        live(to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    return guest;
}

static int64_t tell(const other_user *guest, char letter)
{
    int64_t seq = INT64_MIN;
    ck_assert_int_eq(write(guest->to, &letter, 1), 1);
    ck_assert_int_eq(read(guest->from, &seq, sizeof seq), sizeof seq);
    return seq;
}

static void dismiss(other_user *guest)
{
    int status = 1;
    close(guest->to);
    close(guest->from);
    ck_assert_int_eq(waitpid(guest->process, &status, 0), guest->process);
    ck_assert_int_eq(status, 0);
}

/* Changes to a folder in which another user may read the store and, with `open`, create files. Returns false when this
 * machine does not support the test. */
static bool enter(const char **out_before, bool open)
{
    static char before[4096];
    static char folder[] = P_tmpdir "/eventure-readers-XXXXXX";
    memcpy(strrchr(folder, '-') + 1, "XXXXXX", 6);
    *out_before = getcwd(before, sizeof before);
    if (geteuid() != 0 || *out_before == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0)
    {
        printf("not tried: a reader of another user (needs root)\n");
        return false;
    }
    umask(022);
    ck_assert_int_eq(chmod(".", open ? 0777 : 0755), 0);
    return true;
}

static void leave(const char *before)
{
    char folder[4096];
    scratch_remove(SCRATCH_PATH);
    scratch_remove("alone.db");
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    ck_assert_int_eq(chdir(before), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

static eventure_log *continue_log(void)
{
    eventure_log *log = NULL;
    expect_ok(log, eventure_log_open(SCRATCH_PATH, NULL, &log));
    return log;
}

LOOP_TEST(a_guest_sees_whole_ticks_of_a_writer_that_comes_later, 2)
{
    const char *before = NULL;
    if (!enter(&before, _i != 0))
        return;
    eventure_log *log = scratch_new();
    append_ticks(log, 3000);
    expect_ok(NULL, eventure_log_close(log));
    other_user guest = invite();
    ck_assert_int_eq(tell(&guest, 'o'), 3000);
    for (int round = 1; round <= 3; round++)
    {
        int64_t seq = 3000 + (round - 1) * 600;
        log = continue_log();
        append_ticks(log, 300);
        ck_assert_int_eq(tell(&guest, 's'), seq + 300);
        append_ticks(log, 300);
        ck_assert_int_eq(tell(&guest, 's'), seq + 600);
        if (round == 2) /* the reader opens and closes in the middle */
        {
            tell(&guest, 'c');
            ck_assert_int_eq(tell(&guest, 'o'), seq + 600);
        }
        expect_ok(NULL, eventure_log_close(log));
        ck_assert_int_eq(tell(&guest, 's'), seq + 600);
        if (round == 3)
            tell(&guest, 'c');
    }
    log = continue_log();
    expect_ok(NULL, eventure_log_close(log));
    expect_alone(4800);
    dismiss(&guest);
    leave(before);
}
END_TEST

LOOP_TEST(a_guest_that_holds_a_commit_sees_that_or_an_error_that_says_to_reopen, 2)
{
    const char *before = NULL;
    if (!enter(&before, _i != 0))
        return;
    eventure_log *log = scratch_new();
    append_ticks(log, 3000);
    expect_ok(NULL, eventure_log_close(log));
    other_user guest = invite();
    ck_assert_int_eq(tell(&guest, 'o'), 3000);
    ck_assert_int_eq(tell(&guest, 'b'), 3000);
    log = continue_log();
    append_ticks(log, 10);
    ck_assert_int_eq(tell(&guest, 's'), 3000);
    expect_ok(NULL, eventure_log_close(log));
    int64_t seq = tell(&guest, 's');
    ck_assert(seq == 3000 || seq == EVENTURE_ERROR_BUSY);
    tell(&guest, 'e');
    ck_assert_int_eq(tell(&guest, 's'), 3010);

    ck_assert_int_eq(tell(&guest, 'q'), 3010); /* with an open cursor the reader cannot be opened again */
    log = continue_log();
    append_ticks(log, 10);
    ck_assert_int_eq(tell(&guest, 's'), EVENTURE_ERROR_BUSY);
    ck_assert_int_eq(tell(&guest, 'f'), 3020);
    expect_ok(NULL, eventure_log_close(log));
    dismiss(&guest);
    leave(before);
}
END_TEST

/* Replaces the file by another one without a log, within the resolution of its timestamps. */
START_TEST(a_guest_notices_that_another_file_takes_the_place)
{
    const char *before = NULL;
    if (!enter(&before, true))
        return;
    eventure_log *log = scratch_new();
    append_ticks(log, 100);
    expect_ok(NULL, eventure_log_close(log));
    other_user guest = invite();
    ck_assert_int_eq(tell(&guest, 'o'), 100);
    ck_assert_int_eq(rename(SCRATCH_PATH, "alone.db"), 0);
    log = scratch_new();
    append_ticks(log, 7);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(tell(&guest, 's'), 7);
    dismiss(&guest);
    leave(before);
}
END_TEST

LOOP_TEST(a_rollback_journal_store_is_read_with_locks, 2)
{
    const char *before = NULL;
    if (!enter(&before, _i != 0))
        return;
    eventure_log *log = scratch_new();
    append_ticks(log, 100);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA journal_mode = DELETE"));
    other_user guest = invite();
    ck_assert_int_eq(tell(&guest, 'o'), 100);
    ck_assert_int_eq(world_files(SCRATCH_PATH), 1);
    log = continue_log(); /* this switches the file to a write-ahead log */
    append_ticks(log, 10);
    ck_assert_int_eq(tell(&guest, 's'), 110);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(tell(&guest, 's'), 110);
    dismiss(&guest);
    leave(before);
}
END_TEST
