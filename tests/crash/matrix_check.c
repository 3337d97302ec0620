/*
 * Checks the files after a round of the matrix test: see matrix_check.h.
 */
#include "matrix_check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

/* The first and the last event of a file, which has no gap between them. */
typedef struct held
{
    int64_t first;
    int64_t last;
} held;

/* Checks that the events are numbered, that none is missing among them, and that each tick is whole. */
static held check_events(const char *where, const char *path, eventure_reader *reader)
{
    held events = {0, 0};
    char data[48];
    int64_t tick = -1;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_status status = eventure_query(reader, NULL, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        if (events.first == 0)
            events = (held){event.seq, event.seq - 1};
        snprintf(data, sizeof data, "{\"n\":%lld}", (long long)event.seq);
        must(event.seq == events.last + 1 && strcmp(event.data, data) == 0 && strcmp(event.type, "step") == 0,
             "%s: %s: event %lld after %lld is %s %s", where, path, (long long)event.seq, (long long)events.last,
             event.type, event.data);
        must(event.tick == tick || event.seq % MATRIX_TICK == 1, "%s: %s: tick %lld is not whole", where, path,
             (long long)tick);
        tick = event.tick;
        events.last = event.seq;
    }
    must(status >= 0, "%s: %s: %s", where, path, eventure_reader_message(reader));
    must(events.last % MATRIX_TICK == 0, "%s: %s: tick %lld is not whole", where, path, (long long)tick);
    eventure_cursor_free(cursor);
    return events;
}

static held check_store(const char *where, const char *path)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    eventure_status status = eventure_reader_open(path, &reader);
    must(status == EVENTURE_OK, "%s: %s: %s", where, path, eventure_reader_message(reader));
    status = eventure_store_verify(reader, NULL, &report);
    must(status == EVENTURE_OK, "%s: %s: %s", where, path, eventure_reader_message(reader));
    must(report.is_sound, "%s: %s: verify: %s", where, path, report.problem);
    held events = check_events(where, path, reader);
    eventure_reader_close(reader);
    return events;
}

/* Copies, forks and repaired stores: each one that the writer reported exists, and each one that exists is whole. */
static void check_made(const char *where, const matrix_told *told)
{
    for (int i = 0; i < 2; i++)
    {
        const char *path = matrix_made(i);
        must(told->made[i] == 0 || access(path, F_OK) == 0, "%s: %s is not there", where, path);
        if (access(path, F_OK) != 0)
            continue;
        held events = check_store(where, path);
        must(events.first == 1 && events.last >= told->made[i], "%s: %s ends with event %lld of %lld", where, path,
             (long long)events.last, (long long)told->made[i]);
    }
}

/* Returns the first column of the first row. */
static int64_t ask(const char *where, const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
             sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW,
         "%s: %s: %s", where, path, sqlite3_errmsg(db));
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

static void check_projected(const char *where, const matrix_told *told, int64_t last)
{
    eventure_projector *projector = NULL;
    eventure_reader *reader = NULL;
    eventure_projection *projection = matrix_projection();
    if (told->projected > 0)
    {
        int64_t rows = ask(where, MATRIX_ROWS, "SELECT count(*) FROM seen");
        int64_t seq = ask(where, MATRIX_ROWS, "SELECT seq FROM eventure_projection");
        must(rows == seq && seq >= told->projected, "%s: %lld rows, position %lld, reported %lld", where,
             (long long)rows, (long long)seq, (long long)told->projected);
    }
    eventure_status status = eventure_reader_open(MATRIX_STORE, &reader);
    must(status == EVENTURE_OK, "%s: %s", where, eventure_reader_message(reader));
    status = eventure_projector_open(reader, projection, MATRIX_ROWS, NULL, &projector);
    if (status == EVENTURE_OK)
        status = eventure_projector_update(projector, NULL);
    must(status == EVENTURE_OK, "%s: %s", where, eventure_projector_message(projector));
    eventure_projector_close(projector);
    eventure_projection_close(projection);
    eventure_reader_close(reader);
    int64_t rows = ask(where, MATRIX_ROWS, "SELECT count(*) FROM seen WHERE n BETWEEN 1 AND 1e9");
    must(rows == last, "%s: %lld rows of %lld events", where, (long long)rows, (long long)last);
}

static void check_followed(const char *where, const matrix_told *told, int64_t last)
{
    eventure_follower *follow = NULL;
    eventure_event event;
    eventure_status status = eventure_follower_open(MATRIX_STORE, MATRIX_FOLLOWER, NULL, &follow);
    must(status == EVENTURE_OK, "%s: %s", where, eventure_follower_message(follow));
    int64_t seq = eventure_follower_seq(follow);
    must(seq >= told->followed && seq <= told->handed, "%s: the follower is at %lld; reported %lld, handed out %lld",
         where, (long long)seq, (long long)told->followed, (long long)told->handed);
    while ((status = eventure_follower_next(follow, 0, &event)) == EVENTURE_ROW)
        must(event.seq == ++seq, "%s: the follower gets event %lld, not %lld", where, (long long)event.seq,
             (long long)seq);
    must(status >= 0 && seq == last, "%s: the follower ends at %lld of %lld: %s", where, (long long)seq,
         (long long)last, eventure_follower_message(follow));
    eventure_follower_close(follow);
}

/* Checks that the store can be written and closed. */
static void check_goes_on(const char *where, int64_t last)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_EXISTING;
    eventure_status status = eventure_log_open(MATRIX_STORE, &options, &log);
    for (int64_t n = last + 1; n <= last + MATRIX_TICK && status == EVENTURE_OK; n++)
        status = eventure_log_append(log, "step", EVENTURE_DATA(eventure_int("n", n)), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(log);
    must(status == EVENTURE_OK, "%s: it cannot continue: %s", where, eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "%s: it cannot be closed", where);
    must(check_store(where, MATRIX_STORE).last == last + MATRIX_TICK, "%s: it did not continue", where);
}

/* Opens and verifies a store that may have lost its write-ahead log without an error in its writer; every result is
 * accepted. */
static void touch_lost(void)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    if (eventure_reader_open(MATRIX_STORE, &reader) == EVENTURE_OK)
        eventure_store_verify(reader, NULL, &report);
    eventure_reader_close(reader);
}

void matrix_check(const char *where, const matrix_told *told, bool may_be_lost)
{
    check_made(where, told);
    if (may_be_lost)
    {
        touch_lost();
        return;
    }
    held events = check_store(where, MATRIX_STORE);
    int64_t archived = access(MATRIX_ARCHIVE, F_OK) == 0 ? check_store(where, MATRIX_ARCHIVE).last : 0;
    must(events.first <= archived + 1, "%s: the store begins with event %lld, the archive ends with %lld", where,
         (long long)events.first, (long long)archived);
    must(events.last >= told->events, "%s: the events up to %lld were acknowledged, and %lld are there", where,
         (long long)told->events, (long long)events.last);
    if (told->projected > 0)
        check_projected(where, told, events.last);
    if (told->handed > 0)
        check_followed(where, told, events.last);
    check_goes_on(where, events.last);
}
