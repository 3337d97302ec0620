/*
 * Scratch stores for tests: see scratch.h.
 */
#include "scratch.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness.h"
#include "testing.h"

void scratch_remove(const char *path)
{
    harness_remove(path);
}

double scratch_clock(void *context)
{
    (void)context;
    return 1700000000.5;
}

eventure_log *scratch_open(const char *path)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.clock = scratch_clock;
    options.sync = EVENTURE_SYNC_OFF; /* these tests do not test power cuts */
    expect_ok(log, eventure_log_open(path, &options, &log));
    return log;
}

eventure_log *scratch_new(void)
{
    scratch_remove(SCRATCH_PATH);
    return scratch_open(SCRATCH_PATH);
}

const char *scratch_append(eventure_log *log, const char *type, const char *json, const char *parent_id)
{
    eventure_event parent = {.id = parent_id};
    eventure_event event;
    expect_ok(log, eventure_log_append(log, type, eventure_json(json), parent_id != NULL ? &parent : NULL, &event));
    return event.id;
}

char *scratch_ids(eventure_status status, eventure_cursor *cursor)
{
    size_t len = 0;
    size_t capacity = 4096;
    char *ids = malloc(capacity);
    ck_assert_ptr_nonnull(ids);
    ids[0] = '\0';
    eventure_event event;
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        size_t more = strlen(event.id);
        if (len + more + 2 > capacity)
        {
            capacity = (len + more) * 2 + 2;
            ids = realloc(ids, capacity);
            ck_assert_ptr_nonnull(ids);
        }
        len += (size_t)snprintf(ids + len, capacity - len, "%s%s", len > 0 ? " " : "", event.id);
    }
    if (status < 0)
        snprintf(ids, capacity, "error: %s", eventure_status_name(status));
    eventure_cursor_free(cursor);
    return ids;
}

void scratch_expect(eventure_reader *reader, const eventure_filter *filter, const char *ids)
{
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query(reader, filter, &cursor);
    char *got = scratch_ids(status, cursor);
    ck_assert_str_eq(got, ids);
    free(got);
}

char *scratch_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    sqlite3_close(db);
    return message;
}

char *scratch_ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char *answer = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL)
        answer = strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

void scratch_expect_answer(const char *sql, const char *expected)
{
    char *answer = scratch_ask(SCRATCH_PATH, sql);
    ck_assert_str_eq(answer, expected);
    free(answer);
}

void scratch_make_own_child(const char *path, char child)
{
    /* An entry of the index: its length, the length of its header, the number 1, a number of one byte, that byte. */
    const char entry[] = {4, 3, 9, 1, child};
    FILE *file = fopen(path, "r+b");
    char bytes[sizeof entry];
    long found = -1;
    int count = 0;
    ck_assert_ptr_nonnull(file);
    for (long at = 0; fseek(file, at, SEEK_SET) == 0 && fread(bytes, 1, sizeof bytes, file) == sizeof bytes; at++)
        if (memcmp(bytes, entry, sizeof entry) == 0)
        {
            found = at;
            count++;
        }
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(fseek(file, found + (long)sizeof entry - 1, SEEK_SET), 0);
    ck_assert_int_eq(fputc(1, file), 1);
    ck_assert_int_eq(fclose(file), 0);
}

int64_t scratch_last_seq(eventure_reader *reader)
{
    int64_t seq = -1;
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    return seq;
}

void scratch_close(eventure_log *log)
{
    expect_ok(NULL, eventure_log_close(log));
    scratch_remove(SCRATCH_PATH);
}

void scratch_run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

void scratch_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

mode_t scratch_mode(const char *path)
{
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_mode & 0777;
}

FILE *scratch_stream(const char *text, size_t len)
{
    FILE *stream = tmpfile();
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(text, 1, len, stream), len);
    rewind(stream);
    return stream;
}

eventure_status scratch_import(eventure_log *log, const char *text, const eventure_import_options *options)
{
    FILE *in = scratch_stream(text, strlen(text));
    eventure_status status = eventure_log_import(log, in, options, NULL);
    fclose(in);
    return status;
}

eventure_verify_report scratch_expect_sound(eventure_reader *reader)
{
    eventure_verify_report report;
    expect_ok(reader, eventure_store_verify(reader, NULL, &report));
    ck_assert_msg(report.is_sound, "%s", report.problem);
    return report;
}

int scratch_note_count(const char *type, int64_t count, void *context)
{
    char *text = context;
    snprintf(text + strlen(text), 256 - strlen(text), "%s=%d ", type, (int)count);
    return 0;
}
