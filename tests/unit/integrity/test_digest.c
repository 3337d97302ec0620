/*
 * The digests of the history at the end of a tick, as they are stored.
 */
#include <string.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

#define ARCHIVE "archive.db"
#define SECOND_ARCHIVE "second.db"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* Two events in each of the ticks 2, 3 and 5. */
static void make(void)
{
    eventure_log *log = scratch_new();
    scratch_remove(ARCHIVE);
    for (int tick = 2; tick < 6; tick++)
    {
        expect_ok(log, eventure_log_advance_to(log, tick));
        for (int i = 0; tick != 4 && i < 2; i++)
            scratch_append(log, "a.b", NULL, NULL);
    }
    expect_ok(log, eventure_log_advance_to(log, 9));
    expect_ok(NULL, eventure_log_close(log));
}

TEST_FIXTURE(make, NULL);

static eventure_reader *open_store(void)
{
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    return reader;
}

static void expect_digests(eventure_reader *reader, int64_t at, int64_t tick, int64_t seq)
{
    eventure_digests digests;
    char sql[300];
    expect_ok(reader, eventure_store_digest(reader, at, &digests));
    ck_assert_int_eq(digests.tick, tick);
    ck_assert_int_eq(digests.seq, seq);
    snprintf(sql, sizeof sql,
             "SELECT coalesce((SELECT run_digest || full_digest FROM ticks WHERE tick = %lld), '%s%s')",
             (long long)tick, ZEROS, ZEROS);
    char both[2 * sizeof digests.run];
    snprintf(both, sizeof both, "%s%s", digests.run, digests.full);
    scratch_expect_answer(sql, both);
}

START_TEST(they_are_those_of_the_last_tick_with_events)
{
    eventure_reader *reader = open_store();
    expect_digests(reader, 0, -1, 0);
    expect_digests(reader, 1, -1, 0);
    expect_digests(reader, 2, 2, 2);
    expect_digests(reader, 3, 3, 4);
    expect_digests(reader, 4, 3, 4);
    expect_digests(reader, 5, 5, 6);
    expect_digests(reader, 8, 5, 6);
    expect_digests(reader, EVENTURE_TICK_NEWEST, 5, 6);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(what_cannot_be_asked_is_an_error)
{
    eventure_digests digests;
    eventure_reader *reader = open_store();
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_digest(NULL, 0, &digests));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_digest(reader, 0, NULL));
    expect_status(EVENTURE_ERROR_TICK, reader, eventure_store_digest(reader, -1, &digests));
    ck_assert_str_eq(eventure_reader_message(reader), "digest at tick -1: ticks begin with 0");
    ck_assert_int_eq(digests.tick, -1);
    ck_assert_str_eq(digests.run, ZEROS);
    ck_assert_str_eq(digests.full, ZEROS);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_digest_of_another_length_is_damage)
{
    static const char *const columns[] = {"run_digest", "full_digest"};
    char sql[100];
    for (size_t i = 0; i < COUNT_OF(columns); i++)
    {
        eventure_digests digests;
        make();
        snprintf(sql, sizeof sql, "UPDATE tick SET %s = x'00' WHERE tick = 3", columns[i]);
        ck_assert_int_eq(damage_store(SCRATCH_PATH, sql), 1);
        eventure_reader *reader = open_store();
        expect_digests(reader, 2, 2, 2);
        expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_store_digest(reader, 4, &digests));
        ck_assert_str_eq(eventure_reader_message(reader),
                         "scratch.db is damaged: a digest of tick 3 has the wrong length");
        eventure_reader_close(reader);
    }
}
END_TEST

START_TEST(a_digest_that_is_missing_is_not_there)
{
    static const char *const columns[] = {"run_digest", "full_digest"};
    char sql[100];
    for (size_t i = 0; i < COUNT_OF(columns); i++)
    {
        eventure_digests digests;
        make();
        snprintf(sql, sizeof sql, "UPDATE tick SET %s = NULL WHERE tick = 3", columns[i]);
        ck_assert_int_eq(damage_store(SCRATCH_PATH, sql), 1);
        eventure_reader *reader = open_store();
        expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_store_digest(reader, 3, &digests));
        ck_assert_str_eq(eventure_reader_message(reader), "scratch.db was made without digests");
        eventure_reader_close(reader);
    }
}
END_TEST

START_TEST(archived_ticks_have_none)
{
    eventure_digests digests;
    eventure_log *log = scratch_open(SCRATCH_PATH);
    expect_ok(log, eventure_log_archive(log, ARCHIVE, 4, NULL, NULL));
    expect_ok(NULL, eventure_log_close(log));
    eventure_reader *reader = open_store();
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_store_digest(reader, 3, &digests));
    ck_assert_str_eq(eventure_reader_message(reader),
                     "digest at tick 3: the tick is archived in archive.db: scratch.db begins at tick 4");
    expect_ok(reader, eventure_store_digest(reader, 4, &digests));
    ck_assert_int_eq(digests.tick, -1);
    expect_digests(reader, 5, 5, 6);
    eventure_reader_close(reader);
    log = scratch_open(SCRATCH_PATH);
    scratch_remove(SECOND_ARCHIVE);
    expect_ok(log, eventure_log_archive(log, SECOND_ARCHIVE, 6, NULL, NULL));
    expect_ok(NULL, eventure_log_close(log));
    reader = open_store();
    for (int64_t tick = 3; tick < 6; tick++) /* each in its own archive */
    {
        char message[120];
        snprintf(message, sizeof message,
                 "digest at tick %lld: the tick is archived in %s: scratch.db begins at tick 6", (long long)tick,
                 tick < 4 ? ARCHIVE : SECOND_ARCHIVE);
        expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_store_digest(reader, tick, &digests));
        ck_assert_str_eq(eventure_reader_message(reader), message);
    }
    eventure_reader_close(reader);
    ck_assert_int_eq(damage_store(SCRATCH_PATH, "UPDATE archive SET file = NULL"), 2);
    reader = open_store();
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_store_digest(reader, 3, &digests));
    ck_assert_str_eq(eventure_reader_message(reader),
                     "digest at tick 3: the tick is archived: scratch.db begins at tick 6");
    eventure_reader_close(reader);
}
END_TEST
