/*
 * Tests gathered writes with a fake file in memory that counts the calls. Whenever another connection could read it, it
 * must have the same content as a plain file.
 */
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "store/store.h"
#include "store/wal_writes.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define PAGE 512
#define FRAME (24 + PAGE)
#define ROOM (1 << 20)

typedef struct fake
{
    sqlite3_file base; /* must be the first member */
    unsigned char *bytes;
    sqlite3_int64 size;
    int writes;
    int longest;
    int syncs;
    int closes;
    int writes_until_full; /* the number of writes until the disk is full; -1: never */
} fake;

static fake plain_;
static fake gathered_;

static int fake_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    fake *self = (fake *)file;
    if (self->writes_until_full == 0)
        return SQLITE_FULL;
    if (self->writes_until_full > 0)
        self->writes_until_full--;
    ck_assert_int_le(offset + len, ROOM);
    memcpy(self->bytes + offset, bytes, (size_t)len);
    if (offset + len > self->size)
        self->size = offset + len;
    self->writes++;
    if (len > self->longest)
        self->longest = len;
    return SQLITE_OK;
}

static int fake_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    memcpy(bytes, ((fake *)file)->bytes + offset, (size_t)len);
    return SQLITE_OK;
}

static int fake_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    ((fake *)file)->size = size;
    return SQLITE_OK;
}

static int fake_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    ((fake *)file)->syncs++;
    return SQLITE_OK;
}

static int fake_size(sqlite3_file *file, sqlite3_int64 *out_size)
{
    *out_size = ((fake *)file)->size;
    return SQLITE_OK;
}

static int fake_close(sqlite3_file *file)
{
    ((fake *)file)->closes++;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
                                           .xClose = fake_close,
                                           .xRead = fake_read,
                                           .xWrite = fake_write,
                                           .xTruncate = fake_truncate,
                                           .xSync = fake_sync,
                                           .xFileSize = fake_size};

static void make(fake *file)
{
    memset(file, 0, sizeof *file);
    file->base.pMethods = &methods;
    file->bytes = calloc(1, ROOM);
    file->writes_until_full = -1;
    ck_assert_ptr_nonnull(file->bytes);
}

static int write_to(fake *file, const void *bytes, int len, sqlite3_int64 offset)
{
    return file->base.pMethods->xWrite(&file->base, bytes, len, offset);
}

/* Writes to both files, as SQLite would. */
static void write_both(const void *bytes, int len, sqlite3_int64 offset)
{
    ck_assert_int_eq(write_to(&plain_, bytes, len, offset), SQLITE_OK);
    ck_assert_int_eq(write_to(&gathered_, bytes, len, offset), SQLITE_OK);
}

static void expect_same(void)
{
    ck_assert_int_eq(gathered_.size, plain_.size);
    ck_assert_mem_eq(gathered_.bytes, plain_.bytes, ROOM);
}

/* Writes frame number `frame` of the log, with a page full of `fill`. */
static void write_frame(int frame, unsigned char fill, bool is_commit)
{
    unsigned char head[24] = {0};
    unsigned char page[PAGE];
    head[3] = fill;
    head[7] = is_commit ? 9 : 0;
    memset(page, fill, sizeof page);
    write_both(head, sizeof head, 32 + (sqlite3_int64)frame * FRAME);
    write_both(page, sizeof page, 32 + (sqlite3_int64)frame * FRAME + 24);
}

static void set_up(void)
{
    unsigned char header[32] = {1, 2, 3};
    make(&plain_);
    make(&gathered_);
    eventure__wal_writes_gather_file(&gathered_.base);
    ck_assert_ptr_ne(gathered_.base.pMethods, &methods);
    write_both(header, sizeof header, 0);
    expect_same();
}

static void tear_down(void)
{
    ck_assert_int_eq(gathered_.base.pMethods->xClose(&gathered_.base), SQLITE_OK);
    ck_assert_int_eq(gathered_.closes, 1);
    ck_assert_ptr_eq(gathered_.base.pMethods, &methods);
    free(plain_.bytes);
    free(gathered_.bytes);
}

START_TEST(a_commit_is_one_write_and_is_there_when_its_last_page_was_written)
{
    int frame = 0;
    for (int commit = 0; commit < 5; commit++)
    {
        int writes = gathered_.writes;
        for (int i = 0; i < 10; i++, frame++)
            write_frame(frame, (unsigned char)(frame + 1), i == 9);
        ck_assert_int_eq(gathered_.writes, writes + 1);
        expect_same();
    }
}
END_TEST

START_TEST(a_commit_that_has_no_room_is_written_in_pieces)
{
    int writes = gathered_.writes;
    for (int frame = 0; frame < 1500; frame++)
        write_frame(frame, (unsigned char)frame, frame == 1499);
    expect_same();
    ck_assert_int_le(gathered_.longest, 0x1FFFF);
    ck_assert_int_eq(gathered_.writes, writes + 1500 * FRAME / 0x1FFFF + 1);
}
END_TEST

START_TEST(what_waits_is_written_before_another_connection_can_read)
{
    unsigned char page[PAGE];
    sqlite3_int64 size = 0;
    write_frame(0, 1, false);
    ck_assert_int_eq(gathered_.size, 32);
    ck_assert_int_eq(gathered_.base.pMethods->xRead(&gathered_.base, page, PAGE, 32 + 24), SQLITE_OK);
    ck_assert_int_eq(page[5], 1);
    expect_same();
    write_frame(1, 2, false);
    ck_assert_int_eq(gathered_.base.pMethods->xFileSize(&gathered_.base, &size), SQLITE_OK);
    ck_assert_int_eq(size, 32 + 2 * FRAME);
    expect_same();
    write_frame(2, 3, false);
    ck_assert_int_eq(gathered_.base.pMethods->xSync(&gathered_.base, 0), SQLITE_OK);
    ck_assert_int_eq(gathered_.syncs, 1);
    expect_same();
    write_frame(3, 4, false);
    ck_assert_int_eq(gathered_.base.pMethods->xTruncate(&gathered_.base, 32 + 3 * FRAME), SQLITE_OK);
    plain_.size = 32 + 3 * FRAME;
    expect_same();
}
END_TEST

START_TEST(what_waits_is_written_before_the_file_is_closed)
{
    fake other;
    unsigned char head[24] = {7};
    make(&other);
    eventure__wal_writes_gather_file(&other.base);
    ck_assert_int_eq(write_to(&other, "x", 1, 0), SQLITE_OK);
    ck_assert_int_eq(write_to(&other, head, sizeof head, 1), SQLITE_OK);
    ck_assert_int_eq(other.size, 1);
    ck_assert_int_eq(other.base.pMethods->xClose(&other.base), SQLITE_OK);
    ck_assert_int_eq(other.size, 25);
    free(other.bytes);
}
END_TEST

START_TEST(heads_that_are_written_again_do_not_wait)
{
    unsigned char head[24] = {0};
    for (int frame = 0; frame < 6; frame++)
        write_frame(frame, 1, frame == 5);
    for (int frame = 0; frame < 6; frame++)
    {
        memset(head, 100 + frame, sizeof head);
        write_both(head, sizeof head, 32 + frame * FRAME);
        expect_same();
    }
    write_frame(6, 8, true);
    expect_same();
}
END_TEST

START_TEST(frames_of_a_transaction_that_was_undone_do_not_come_back)
{
    write_frame(0, 1, true);
    write_frame(1, 2, false);
    write_frame(2, 3, false);
    write_frame(1, 4, false);
    write_frame(2, 5, true);
    expect_same();
    ck_assert_int_eq(gathered_.bytes[32 + FRAME + 24], 4);
}
END_TEST

START_TEST(a_page_that_comes_in_two_parts_is_not_torn)
{
    static const int parts[] = {100, 24}; /* a part that has the length of a frame header is not treated as one */
    unsigned char head[24] = {0, 0, 0, 1, 0, 0, 0, 9};
    unsigned char page[PAGE] = {0};
    memset(page + 8, 6, sizeof page - 8);
    write_frame(0, 1, true);
    for (int i = 0; i < 2; i++)
    {
        sqlite3_int64 at = 32 + (sqlite3_int64)(1 + i) * FRAME;
        write_both(head, sizeof head, at);
        write_both(page, parts[i], at + 24);
        write_both(page + parts[i], PAGE - parts[i], at + 24 + parts[i]);
        expect_same();
    }
    write_frame(3, 3, true);
    expect_same();
}
END_TEST

START_TEST(the_last_write_of_the_commit_returns_that_the_disk_is_full)
{
    unsigned char head[24] = {0};
    unsigned char page[PAGE] = {0};
    write_frame(0, 1, true);
    gathered_.writes_until_full = 0;
    ck_assert_int_eq(write_to(&gathered_, head, sizeof head, 32 + FRAME), SQLITE_OK);
    ck_assert_int_eq(write_to(&gathered_, page, PAGE, 32 + FRAME + 24), SQLITE_OK);
    head[7] = 9;
    ck_assert_int_eq(write_to(&gathered_, head, sizeof head, 32 + 2 * FRAME), SQLITE_OK);
    ck_assert_int_eq(write_to(&gathered_, page, PAGE, 32 + 2 * FRAME + 24), SQLITE_FULL);
    expect_same();
    gathered_.writes_until_full = -1;
    write_frame(1, 7, false);
    write_frame(2, 8, true);
    expect_same();
}
END_TEST

START_TEST(a_write_before_the_last_one_of_the_commit_returns_that_the_disk_is_full)
{
    unsigned char head[24] = {0};
    unsigned char page[PAGE] = {0};
    int result = SQLITE_OK;
    gathered_.writes_until_full = 0;
    for (int frame = 0; frame < 1000 && result == SQLITE_OK; frame++)
    {
        result = write_to(&gathered_, head, sizeof head, 32 + (sqlite3_int64)frame * FRAME);
        if (result == SQLITE_OK)
            result = write_to(&gathered_, page, PAGE, 32 + (sqlite3_int64)frame * FRAME + 24);
    }
    ck_assert_int_eq(result, SQLITE_FULL);
    expect_same();
    gathered_.writes_until_full = -1;
}
END_TEST

START_TEST(whatever_is_written_the_file_is_right_after_each_commit)
{
    unsigned char page[PAGE];
    srand(7);
    int frame = 0;
    for (int step = 0; step < 20000; step++)
    {
        int what = rand() % 40;
        bool is_commit = rand() % 6 == 0;
        if (what == 0 || frame > 1500) /* the log restarts at its beginning, or a transaction is rolled back */
            frame = frame > 1500 || rand() % 3 == 0 ? 0 : frame - rand() % (frame + 1);
        else if (what == 1 && frame > 0)
        {
            int at = rand() % frame;
            ck_assert_int_eq(gathered_.base.pMethods->xRead(&gathered_.base, page, PAGE, 32 + at * FRAME + 24),
                             SQLITE_OK);
            expect_same();
        }
        else if (what == 2 && frame > 0)
        {
            unsigned char head[24];
            memset(head, rand() % 256, sizeof head);
            write_both(head, sizeof head, 32 + (sqlite3_int64)(rand() % frame) * FRAME);
            expect_same();
        }
        else
        {
            write_frame(frame++, (unsigned char)rand(), is_commit);
            if (is_commit)
                expect_same();
        }
    }
}
END_TEST

static sqlite3_file *log_file_of(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    ck_assert_int_eq(sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file), SQLITE_OK);
    return file;
}

START_TEST(a_log_gathers_its_writes_and_a_reader_has_none)
{
    eventure_reader *reader = NULL;
    int64_t tick = 0;
    eventure_log *log = scratch_new();
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_reader_tick(reader, &tick));
    sqlite3_file *theirs = log_file_of(reader->db);
    sqlite3_file *ours = log_file_of(eventure_log_reader(log)->db);
    ck_assert(ours->pMethods->xWrite != theirs->pMethods->xWrite);
    ck_assert(ours->pMethods->xSectorSize == theirs->pMethods->xSectorSize);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

static int write_one(int frame)
{
    unsigned char head[24] = {0};
    unsigned char page[PAGE] = {0};
    head[7] = 9;
    int result = write_to(&gathered_, head, sizeof head, 32 + (sqlite3_int64)frame * FRAME);
    return result == SQLITE_OK ? write_to(&gathered_, page, sizeof page, 32 + (sqlite3_int64)frame * FRAME + 24)
                               : result;
}

START_TEST(the_commit_after_a_synced_one_finds_a_truncated_log)
{
    unsigned char header[32] = {1, 2, 3};
    for (int frame = 0; frame < 5; frame++)
    {
        ck_assert_int_eq(write_one(frame), SQLITE_OK);
        ck_assert_int_eq(gathered_.base.pMethods->xSync(&gathered_.base, 0), SQLITE_OK);
    }
    gathered_.size--; /* by another program */
    ck_assert_int_eq(write_one(5), EVENTURE__IOERR_TRUNCATED_LOG);
    ck_assert_int_eq(write_one(5), EVENTURE__IOERR_TRUNCATED_LOG);
    gathered_.size++; /* it stays so */
    ck_assert_int_eq(write_one(5), EVENTURE__IOERR_TRUNCATED_LOG);
    ck_assert_int_eq(write_one(3), EVENTURE__IOERR_TRUNCATED_LOG);
    ck_assert_int_eq(gathered_.size, 32 + 5 * FRAME);
    ck_assert_int_eq(write_to(&gathered_, header, sizeof header, 0), SQLITE_OK); /* a new log */
    ck_assert_int_eq(write_one(0), SQLITE_OK);
    gathered_.size = 0; /* without a sync there is no check */
    ck_assert_int_eq(write_one(1), SQLITE_OK);
}
END_TEST

START_TEST(a_log_that_other_programs_emptied_into_the_file_is_written_from_its_beginning)
{
    unsigned char header[32] = {1, 2, 3};
    ck_assert_int_eq(write_one(0), SQLITE_OK);
    ck_assert_int_eq(gathered_.base.pMethods->xSync(&gathered_.base, 0), SQLITE_OK);
    gathered_.size = 0;
    ck_assert_int_eq(write_to(&gathered_, header, sizeof header, 0), SQLITE_OK);
    ck_assert_int_eq(gathered_.base.pMethods->xSync(&gathered_.base, 0), SQLITE_OK);
    ck_assert_int_eq(write_one(0), SQLITE_OK);
}
END_TEST

START_TEST(a_log_truncated_by_another_program_is_an_error_that_names_it)
{
    eventure_log *log = NULL;
    scratch_remove("cut.db");
    expect_ok(NULL, eventure_log_open("cut.db", NULL, &log));
    for (int i = 0; i < 3; i++)
    {
        expect_ok(log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
        expect_ok(log, eventure_log_advance_tick(log));
    }
    scratch_run(": > cut.db-wal");
    for (int i = 0; i < 3; i++)
    {
        eventure_status status = eventure_log_append(log, "a", eventure_no_data(), NULL, NULL);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log);
        ck_assert_int_lt(status, EVENTURE_OK);
        if (i == 0)
            expect_part(eventure_log_message(log), "truncated cut.db-wal");
    }
    ck_assert_int_lt(eventure_log_close(log), EVENTURE_OK);

    /* No tick follows: closing commits its notes. */
    scratch_remove("cut.db");
    expect_ok(NULL, eventure_log_open("cut.db", NULL, &log));
    expect_ok(log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
    expect_ok(log, eventure_log_advance_tick(log));
    scratch_run(": > cut.db-wal");
    ck_assert_int_lt(eventure_log_close(log), EVENTURE_OK);

    /* Another program moves the log into the file, and empties it. */
    scratch_remove("cut.db");
    expect_ok(NULL, eventure_log_open("cut.db", NULL, &log));
    for (int i = 0; i < 3; i++)
    {
        expect_ok(log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
        expect_ok(log, eventure_log_advance_tick(log));
        ck_assert_ptr_null(scratch_sql("cut.db", "PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    expect_ok(NULL, eventure_log_close(log));
    scratch_remove("cut.db");
}
END_TEST
