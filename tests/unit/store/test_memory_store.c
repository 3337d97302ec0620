/*
 * A store in memory: it behaves like a file, creates no file, and can be saved by a copy.
 */
#include <sys/stat.h>

#include "scratch.h"
#include "testing.h"

static eventure_log *open_in_memory(bool background)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_MEMORY;
    options.background = background;
    options.clock = scratch_clock;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    return log;
}

static bool is_there(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

/* Appends 30 ticks with two events each; the second is an effect of the first. */
static void append_history(eventure_log *log)
{
    for (int i = 0; i < 30; i++)
    {
        eventure_event cause;
        expect_ok(log, eventure_log_append(log, "order.new", EVENTURE_DATA(eventure_int("number", i)), NULL, &cause));
        expect_ok(log, eventure_log_append(log, "order.filled", eventure_no_data(), &cause, NULL));
        expect_ok(log, eventure_log_advance_tick(log));
    }
}

static void expect_sound(eventure_reader *reader, int64_t events)
{
    ck_assert_int_eq(scratch_expect_sound(reader).events, events);
}

static void expect_equal(eventure_reader *left, eventure_reader *right)
{
    eventure_digests a;
    eventure_digests b;
    expect_ok(left, eventure_store_digest(left, EVENTURE_TICK_NEWEST, &a));
    expect_ok(right, eventure_store_digest(right, EVENTURE_TICK_NEWEST, &b));
    ck_assert_str_eq(a.full, b.full);
    ck_assert_int_eq(a.seq, b.seq);
}

START_TEST(it_has_the_history_of_a_file_and_makes_none)
{
    eventure_log *file = scratch_new();
    append_history(file);
    for (int background = 0; background < 2; background++)
    {
        eventure_log *log = open_in_memory(background != 0);
        append_history(log);
        expect_ok(log, eventure_log_wait_durable(log, 29, -1));
        expect_equal(eventure_log_reader(log), eventure_log_reader(file));
        expect_sound(eventure_log_reader(log), 60);
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.type = "order.filled";
        filter.limit = 1;
        scratch_expect(eventure_log_reader(log), &filter, "0-DEFA-1");
        expect_ok(NULL, eventure_log_close(log));
    }
    eventure_log_close(file);
    scratch_remove(SCRATCH_PATH);
    eventure_log *log = open_in_memory(true);
    append_history(log);
    ck_assert(!is_there(SCRATCH_PATH) && !is_there(":memory:") && !is_there(SCRATCH_PATH "-wal"));
    expect_ok(NULL, eventure_log_close(log));
    ck_assert(!is_there(SCRATCH_PATH) && !is_there(":memory:"));
}
END_TEST

START_TEST(a_rollback_undoes_what_is_not_committed)
{
    eventure_log *log = open_in_memory(false);
    append_history(log);
    expect_ok(log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
    expect_ok(log, eventure_log_rollback(log));
    expect_sound(eventure_log_reader(log), 60);
    ck_assert_int_eq(eventure_log_tick(log), 30);
    eventure_log_close(log);
}
END_TEST

START_TEST(copies_forks_extracts_and_archives_save_it_to_files)
{
    eventure_log *log = open_in_memory(false);
    eventure_reader *copy = NULL;
    eventure_archive_counts counts;
    append_history(log);
    for (const char *const *path = (const char *const[]){"copy.db", "fork.db", "extract.db", "archive.db", NULL};
         *path != NULL; path++)
        scratch_remove(*path);
    expect_ok(log, eventure_save_point_create(log, "here", NULL));
    expect_ok(eventure_log_reader(log), eventure_store_copy(eventure_log_reader(log), "copy.db", NULL));
    expect_ok(NULL, eventure_reader_open("copy.db", &copy));
    expect_equal(copy, eventure_log_reader(log));
    expect_sound(copy, 60);
    eventure_reader_close(copy);
    expect_ok(eventure_log_reader(log),
              eventure_store_fork_at_save_point(eventure_log_reader(log), "fork.db", "here", NULL));
    expect_ok(NULL, eventure_reader_open("fork.db", &copy));
    expect_equal(copy, eventure_log_reader(log));
    eventure_reader_close(copy);
    expect_ok(eventure_log_reader(log), eventure_store_extract(eventure_log_reader(log), "extract.db", NULL, NULL));
    expect_ok(NULL, eventure_reader_open("extract.db", &copy));
    expect_sound(copy, 60);
    eventure_reader_close(copy);
    expect_ok(log, eventure_log_archive(log, "archive.db", 20, NULL, &counts));
    ck_assert_int_eq(counts.events, 40);
    expect_sound(eventure_log_reader(log), 20);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_copy_needs_that_all_is_committed)
{
    for (int background = 0; background < 2; background++)
    {
        eventure_log *log = open_in_memory(background != 0);
        scratch_remove("copy.db");
        expect_ok(log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
        expect_status(EVENTURE_ERROR_BUSY, eventure_log_reader(log),
                      eventure_store_copy(eventure_log_reader(log), "copy.db", NULL));
        expect_part(eventure_log_message(log), "commit");
        ck_assert(!is_there("copy.db"));
        expect_ok(log, eventure_log_commit(log));
        expect_ok(eventure_log_reader(log), eventure_store_copy(eventure_log_reader(log), "copy.db", NULL));
        eventure_log_close(log);
    }
}
END_TEST

/* SCRATCH_PATH is a file with other content. A store in memory uses its path only as a name. */
START_TEST(a_file_of_its_name_is_not_touched)
{
    eventure_log *file = scratch_new();
    eventure_log *log = open_in_memory(false);
    append_history(log);
    expect_sound(eventure_log_reader(file), 0);
    expect_status(EVENTURE_ERROR_TYPE, log, eventure_log_append(log, "", eventure_no_data(), NULL, NULL));
    expect_ok(NULL, eventure_log_close(log));
    expect_ok(NULL, eventure_log_close(file));
}
END_TEST

START_TEST(its_size_can_be_limited)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_status status = EVENTURE_OK;
    options.mode = EVENTURE_OPEN_MEMORY;
    options.max_file_bytes = 1 << 20;
    expect_ok(NULL, eventure_log_open("limited", &options, &log));
    for (int i = 0; i < 100000 && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log, "a", EVENTURE_DATA(eventure_int("i", i)), NULL, NULL);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log);
    }
    expect_status(EVENTURE_ERROR_LIMIT, NULL, status);
    expect_sound(eventure_log_reader(log), eventure_log_tick(log));
    eventure_log_close(log);
}
END_TEST
