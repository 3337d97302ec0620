/*
 * The public reader: a store opened for reading, and its view of the newest commit.
 */
#include <eventure/reader.h>

#include "base/error.h"
#include "embedded_sql.h"
#include "store/store.h"

/* A function that opens something sets no handle when it fails; the text is that of the thread. */
static eventure_status opened(eventure_status status, eventure_reader **out_reader)
{
    if (status != EVENTURE_OK && *out_reader != NULL)
    {
        eventure__error kept = (*out_reader)->error;
        eventure__store_close(*out_reader);
        *out_reader = NULL;
        eventure__set_last_error(&kept);
    }
    return status;
}

eventure_status eventure_reader_open(const char *path, eventure_reader **out_reader)
{
    if (out_reader == NULL)
        return eventure__fail_argument(__func__);
    *out_reader = NULL;
    if (path == NULL)
        return eventure__fail_argument(__func__);
    return opened(eventure__store_open_read(path, out_reader), out_reader);
}

eventure_status eventure_reader_open_damaged(const char *path, eventure_reader **out_reader)
{
    if (out_reader == NULL)
        return eventure__fail_argument(__func__);
    *out_reader = NULL;
    if (path == NULL)
        return eventure__fail_argument(__func__);
    return opened(eventure__store_open_damaged(path, out_reader), out_reader);
}

void eventure_reader_close(eventure_reader *reader)
{
    eventure_reader_end(reader);
    eventure__store_close(reader);
}

const char *eventure_reader_message(const eventure_reader *reader)
{
    return reader != NULL ? reader->error.text : eventure_last_message();
}

eventure_status eventure_reader_begin(eventure_reader *reader)
{
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__store_check_process(reader);
    if (status != EVENTURE_OK)
        return status;
    if (reader->writable)
        return eventure__fail(
            &reader->error, EVENTURE_ERROR_ARGUMENT,
            "begin a read transaction: this reader belongs to a log, and always sees the current state");
    if (reader->in_read_transaction)
        return eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT,
                              "begin a read transaction: there is one already");
    status = eventure__store_before_read(reader);
    if (status != EVENTURE_OK)
        return status;
    static const char rollback[] = "ROLLBACK"; /* there are no writes to lose */
    status = eventure__store_prepare(reader, rollback, &reader->rollback);
    if (status == EVENTURE_OK)
        status = eventure__store_run(reader, "BEGIN", "begin to read");
    if (status != EVENTURE_OK)
    {
        eventure__store_release(reader, reader->rollback);
        reader->rollback = NULL;
        return status;
    }
    reader->in_read_transaction = true;
    int64_t tick = 0;
    status = eventure_reader_tick(reader, &tick); /* the first read selects the commit */
    if (status != EVENTURE_OK)
        eventure_reader_end(reader);
    return status;
}

void eventure_reader_end(eventure_reader *reader)
{
    if (reader == NULL || !reader->in_read_transaction || eventure__store_is_inherited(reader))
        return;
    reader->in_read_transaction = false;
    sqlite3_step(reader->rollback);
    eventure__store_release(reader, reader->rollback);
    reader->rollback = NULL;
}

eventure_status eventure__store_read_begin(eventure__store *store, bool *out_begun)
{
    *out_begun = false;
    if (store->in_read_transaction || store->writable)
        return eventure__store_before_read(store);
    eventure_status status = eventure_reader_begin(store);
    *out_begun = status == EVENTURE_OK;
    return status;
}

void eventure__store_read_end(eventure__store *store, bool begun)
{
    if (begun)
        eventure_reader_end(store);
}

eventure_status eventure_reader_refresh(eventure_reader *reader)
{
    eventure_reader_end(reader);
    return eventure_reader_begin(reader);
}

/* No query returns this number. */
#define NO_ROW INT64_MIN

/* Returns the integer that a fixed query without parameters gives. */
static eventure_status ask_int(eventure_reader *reader, const eventure__sql *query, int64_t *out)
{
    int64_t value = 0;
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int_with(reader, query->name, query->text, 0, NO_ROW, &value);
    if (status == EVENTURE_OK && value == NO_ROW)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: the query %s returned no row",
                                reader->path, query->name);
    if (status == EVENTURE_OK)
        *out = value;
    return status;
}

eventure_status eventure_reader_tick(eventure_reader *reader, int64_t *out_tick)
{
    if (reader == NULL || out_tick == NULL)
        return eventure__fail_argument(__func__);
    return ask_int(reader, &eventure__query_current_tick, out_tick);
}

eventure_status eventure_reader_last_seq(eventure_reader *reader, int64_t *out_seq)
{
    if (reader == NULL || out_seq == NULL)
        return eventure__fail_argument(__func__);
    return ask_int(reader, &eventure__query_last_seq, out_seq);
}
