/*
 * A store in a folder of its own, with a log that writes short ticks: for tests of what happens to the files and to the
 * process.
 */
#ifndef EVENTURE_TESTS_GUARD_WORLD_H
#define EVENTURE_TESTS_GUARD_WORLD_H

#include <string.h>
#include <sys/stat.h>

#include <eventure/log.h>

#include "scratch.h"
#include "testing.h"

#define FOLDER "guard.dir"
#define PATH FOLDER "/game.db"
#define COPY FOLDER "/copy.db"
#define TICKS 20

static eventure_log *opened;

static inline void clear_folder(void)
{
    scratch_run("rm -rf " FOLDER " " FOLDER ".moved");
    ck_assert_int_eq(mkdir(FOLDER, 0755), 0);
}

static inline eventure_status append_tick(void)
{
    eventure_status status = eventure_log_append(opened, "a.step", eventure_no_data(), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(opened);
    return status == EVENTURE_OK ? eventure_log_wait_durable(opened, eventure_log_tick(opened), -1) : status;
}

static inline void open_at(const char *path, bool background)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.background = background;
    options.sync = EVENTURE_SYNC_OFF;
    expect_ok(opened, eventure_log_open(path, &options, &opened));
    for (int i = 0; i < TICKS; i++)
        expect_ok(NULL, append_tick());
}

static inline void open_store(bool background)
{
    clear_folder();
    open_at(PATH, background);
}

/* Returns the number of the newest event of a store. With COPY, first makes this store: it is a copy of the database
 * file at PATH without the files beside it. */
static inline int64_t events_of(const char *path)
{
    eventure_reader *reader = NULL;
    int64_t seq = -1;
    if (strcmp(path, COPY) == 0)
        scratch_run("cp " PATH " " COPY);
    expect_ok(reader, eventure_reader_open(path, &reader));
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    eventure_reader_close(reader);
    return seq;
}

#endif
