/*
 * Joining: the archives of a history and what is left of it become one store again. Each part must begin where the one
 * before it ends, with the same digests; the whole is verified before it gets its name.
 */
#include <stdlib.h>
#include <string.h>

#include <eventure/integrity.h>

#include "base/options.h"
#include "embedded_sql.h"
#include "session/copy_rows.h"
#include "store/archived.h"
#include "store/atomic_file.h"
#include "store/open_write.h"
#include "store/proof.h"
#include "store/run_record.h"
#include "store/store.h"

/* One part, in a read transaction. */
typedef struct part
{
    eventure_reader *reader;
    eventure__cut cut; /* where it begins */
    int64_t last_seq;  /* its newest event */
    bool is_begun;     /* by us */
} part;

typedef struct joining
{
    part *parts; /* in the order of the history */
    size_t count;
    eventure__error *error; /* that of the first reader that was given */
    eventure_copy_options options;
    int64_t events;
} joining;

/* The error of a part becomes that of the whole. */
static eventure_status fail_of(joining *work, eventure_reader *reader)
{
    if (reader == NULL)
        return work->error->status;
    if (&reader->error != work->error)
        *work->error = reader->error;
    eventure__fail_prefix(work->error, "join: %s", reader->path);
    return work->error->status;
}

static int compare_parts(const void *a, const void *b)
{
    const part *left = a;
    const part *right = b;
    if (left->cut.last_seq != right->cut.last_seq)
        return left->cut.last_seq < right->cut.last_seq ? -1 : 1;
    return (left->last_seq > right->last_seq) - (left->last_seq < right->last_seq);
}

static eventure_status begin_reading(joining *work, eventure_reader *const *readers)
{
    for (size_t i = 0; i < work->count; i++)
    {
        part *one = &work->parts[i];
        one->reader = readers[i];
        eventure_status status = EVENTURE_OK;
        if (!one->reader->in_read_transaction && !one->reader->writable)
        {
            status = eventure_reader_begin(one->reader);
            one->is_begun = status == EVENTURE_OK;
        }
        if (status == EVENTURE_OK)
            status = eventure__store_cut(one->reader, &one->cut);
        if (status == EVENTURE_OK)
            status = eventure_reader_last_seq(one->reader, &one->last_seq);
        if (status != EVENTURE_OK)
            return fail_of(work, one->reader);
    }
    qsort(work->parts, work->count, sizeof *work->parts, compare_parts);
    return EVENTURE_OK;
}

static void end_reading(joining *work)
{
    for (size_t i = 0; work->parts != NULL && i < work->count; i++)
        if (work->parts[i].is_begun)
            eventure_reader_end(work->parts[i].reader);
    free(work->parts);
}

/* Reads the one row of a statement from a part. The caller releases the statement, also after an error. */
static eventure_status ask(joining *work, eventure_reader *reader, const char *sql, sqlite3_stmt **out)
{
    eventure_status status = eventure__store_prepare(reader, sql, out);
    if (status == EVENTURE_OK && sqlite3_step(*out) != SQLITE_ROW)
        status = eventure__store_fail(reader, "read where it begins and ends");
    return status == EVENTURE_OK ? EVENTURE_OK : fail_of(work, reader);
}

static bool same_column(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    int len = sqlite3_column_bytes(a, column);
    const void *left = sqlite3_column_blob(a, column);
    const void *right = sqlite3_column_blob(b, column);
    return len == sqlite3_column_bytes(b, column) && (len == 0 || memcmp(left, right, (size_t)len) == 0);
}

/* Whether a part continues where the part before it ends: the same history, with the same digests there. */
static eventure_status check_seam(joining *work, const part *before, const part *after)
{
    static const char end_sql[] = "SELECT (SELECT uuid FROM store), run_digest, full_digest FROM tick "
                                  "ORDER BY tick DESC LIMIT 1";
    static const char begin_sql[] = "SELECT (SELECT uuid FROM store), run_digest, full_digest FROM archive "
                                    "ORDER BY before_tick DESC LIMIT 1";
    sqlite3_stmt *end = NULL;
    sqlite3_stmt *begin = NULL;
    if (before->reader == NULL || after->reader == NULL)
        return work->error->status;
    if (before->last_seq != after->cut.last_seq)
        return eventure__fail(work->error, EVENTURE_ERROR_ARCHIVED,
                              "join: %s ends with event %lld, but %s begins after event %lld", before->reader->path,
                              (long long)before->last_seq, after->reader->path, (long long)after->cut.last_seq);
    eventure_status status = ask(work, before->reader, end_sql, &end);
    if (status == EVENTURE_OK)
        status = ask(work, after->reader, begin_sql, &begin);
    if (status == EVENTURE_OK && !same_column(end, begin, 0))
        status = eventure__fail(work->error, EVENTURE_ERROR_EXISTS, "join: %s and %s are not of one history",
                                before->reader->path, after->reader->path);
    else if (status == EVENTURE_OK && (!same_column(end, begin, 1) || !same_column(end, begin, 2)))
        status = eventure__fail(work->error, EVENTURE_ERROR_CORRUPT,
                                "join: the digests at the end of %s are not those that %s begins with",
                                before->reader->path, after->reader->path);
    eventure__store_release(before->reader, end);
    eventure__store_release(after->reader, begin);
    return status;
}

static eventure_status check_parts(joining *work)
{
    const part *first = &work->parts[0];
    if (first->cut.last_seq > 0)
        return eventure__fail(work->error, EVENTURE_ERROR_ARCHIVED,
                              "join: the events 1 to %lld are in none of the parts: %s begins after them",
                              (long long)first->cut.last_seq, first->reader->path);
    for (size_t i = 1; i < work->count; i++)
    {
        eventure_status status = check_seam(work, &work->parts[i - 1], &work->parts[i]);
        if (status != EVENTURE_OK)
            return status;
    }
    return EVENTURE_OK;
}

/* Copies rows that have no place in the history: what names it, from the newest part, and the save points of all. */
static eventure_status copy_plain(joining *work, eventure_reader *from, eventure__store *to, const char *select_sql,
                                  const char *insert_sql)
{
    sqlite3_stmt *select = NULL;
    sqlite3_stmt *insert = NULL;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_prepare(from, select_sql, &select);
    if (status != EVENTURE_OK)
        return fail_of(work, from);
    status = eventure__store_prepare(to, insert_sql, &insert);
    while (status == EVENTURE_OK && (step = sqlite3_step(select)) == SQLITE_ROW)
    {
        if (eventure__sqlite_bind_row(insert, select, sqlite3_column_count(select)) != SQLITE_OK ||
            sqlite3_step(insert) != SQLITE_DONE)
            status = eventure__store_fail(to, "write a row");
        sqlite3_reset(insert);
    }
    if (status != EVENTURE_OK)
        status = fail_of(work, to);
    else if (step != SQLITE_DONE)
    {
        eventure__store_fail(from, "read a row");
        status = fail_of(work, from);
    }
    eventure__store_release(to, insert);
    eventure__store_release(from, select);
    return status;
}

static eventure_status copy_part(joining *work, eventure__store *to, size_t i)
{
    static const char saves_select[] = "SELECT name, tick, seq, note, created FROM save_point";
    const part *one = &work->parts[i];
    bool is_last = i + 1 == work->count;
    eventure__rows rows = {
        .from = one->reader,
        .to = to,
        /* A snapshot at the cut has the tick before it. */
        .part = {one->cut.last_seq, one->last_seq, one->cut.before_tick > 0 ? one->cut.before_tick - 1 : 0,
                 is_last ? INT64_MAX : work->parts[i + 1].cut.before_tick - 1},
        .what = "join",
        .progress = work->options.progress,
        .progress_context = work->options.progress_context,
        .error = work->error,
        .events = work->events,
    };
    eventure_status status = eventure__rows_copy_history(&rows);
    work->events = rows.events;
    return status == EVENTURE_OK ? copy_plain(work, one->reader, to, saves_select, eventure__query_copy_save_point.text)
                                 : status;
}

static eventure_status copy_all(joining *work, eventure__store *to)
{
    static const char store_select[] = "SELECT uuid, created, digests, current_tick FROM store";
    static const char store_update[] = "UPDATE store SET uuid = ?1, created = ?2, digests = ?3, current_tick = ?4";
    eventure_reader *newest = work->parts[work->count - 1].reader;
    eventure__rows origin = {.from = newest, .to = to, .what = "join", .error = work->error};
    eventure_status status = eventure__store_run(to, "BEGIN IMMEDIATE", "join");
    if (status != EVENTURE_OK)
        return fail_of(work, to);
    for (size_t i = 0; i < work->count && status == EVENTURE_OK; i++)
        status = copy_part(work, to, i);
    if (status == EVENTURE_OK)
        status = eventure__rows_copy_origin(&origin);
    if (status == EVENTURE_OK)
        status = copy_plain(work, newest, to, store_select, store_update);
    if (status == EVENTURE_OK && eventure__run_record_copy(newest, to, false) != EVENTURE_OK)
        status = fail_of(work, newest);
    if (status == EVENTURE_OK && eventure__proof_note_all(to) != EVENTURE_OK)
        status = fail_of(work, to);
    if (status == EVENTURE_OK && eventure__store_run(to, "COMMIT", "join") != EVENTURE_OK)
        status = fail_of(work, to);
    return status;
}

/* Verifies the whole, and with it every digest. */
static eventure_status verify(joining *work, const char *path)
{
    eventure_verify_report report;
    eventure_reader *reader = NULL;
    eventure_status status = eventure_reader_open(path, &reader);
    if (status == EVENTURE_OK)
        status = eventure_store_verify(reader, NULL, &report);
    if (status != EVENTURE_OK)
        eventure__fail(work->error, status, "join: %s", eventure_reader_message(reader));
    else if (!report.is_sound)
        status = eventure__fail(work->error, EVENTURE_ERROR_CORRUPT, "join: the parts are damaged: %s", report.problem);
    eventure_reader_close(reader);
    return status;
}

static eventure_status make(joining *work, const char *path)
{
    eventure__write_options options = {0};
    eventure__store *to = NULL;
    options.sync = EVENTURE__SYNC_OFF; /* synced as a whole when it is done */
    eventure_status status = eventure__store_open_write(path, &options, &to);
    if (status == EVENTURE_OK)
        status = copy_all(work, to);
    else if (to != NULL)
        status = fail_of(work, to);
    else
        eventure__fail(work->error, status, "join: out of memory");
    eventure__store_close(to);
    return status == EVENTURE_OK ? verify(work, path) : status;
}

eventure_status eventure_store_join(eventure_reader *const *parts, size_t parts_count, const char *path,
                                    const eventure_copy_options *options, int64_t *out_events)
{
    eventure__atomic_file target;
    if (out_events != NULL)
        *out_events = 0;
    if (parts == NULL || parts_count == 0)
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "join: no parts were given");
    joining work = {.count = parts_count, .error = parts[0] != NULL ? &parts[0]->error : NULL};
    for (size_t i = 0; i < parts_count; i++)
        if (parts[i] == NULL)
            return eventure__fail(work.error, EVENTURE_ERROR_ARGUMENT, "join: part %zu is not open", i + 1);
    eventure_status status = EVENTURE__TAKE(options, &work.options, eventure_copy_options, "join", work.error);
    if (status == EVENTURE_OK && (work.parts = calloc(parts_count, sizeof *work.parts)) == NULL)
        status = eventure__fail(work.error, EVENTURE_ERROR_MEMORY, "join: out of memory");
    if (status == EVENTURE_OK)
        status = begin_reading(&work, parts);
    if (status == EVENTURE_OK)
        status = check_parts(&work);
    if (status == EVENTURE_OK)
        status = eventure__atomic_file_open(&target, "join", path, work.options.replace, parts[0]->path, work.error);
    if (status == EVENTURE_OK)
        status = eventure__atomic_file_close(&target, make(&work, target.temporary));
    if (status == EVENTURE_OK && out_events != NULL)
        *out_events = work.events;
    end_reading(&work);
    return status;
}
