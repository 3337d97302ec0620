/*
 * One request: its parameters, its reader, its errors, and how events are written. See server.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "server.h"

#define CELL_BYTES 4096
#define BLOB_BYTES 256

/* The HTTP status and the name in the API of an eventure_status. */
typedef struct error_name
{
    eventure_status status;
    unsigned http;
    const char *code;
} error_name;

static const error_name error_names[] = {
    {EVENTURE_ERROR_ARGUMENT, 400, "bad-parameter"},
    {EVENTURE_ERROR_JSON, 400, "bad-parameter"},
    {EVENTURE_ERROR_TYPE, 400, "bad-parameter"},
    {EVENTURE_ERROR_TICK, 400, "bad-parameter"},
    {EVENTURE_ERROR_NOT_FOUND, 404, "not-found"},
    {EVENTURE_ERROR_ARCHIVED, 410, "archived"},
    {EVENTURE_ERROR_LIMIT, 413, "limit"},
    {EVENTURE_ERROR_HANDLER, 422, "projection"},
    {EVENTURE_ERROR_BUSY, 503, "busy"},
    {EVENTURE_ERROR_MEMORY, 503, "memory"},
    {EVENTURE_ERROR_CORRUPT, 500, "damaged"},
    {EVENTURE_ERROR_FORMAT, 500, "format"},
};

bool request_failed(const request *asked)
{
    return asked->status != MHD_HTTP_OK;
}

void request_fail(request *asked, unsigned status, const char *code, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    if (request_failed(asked))
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    asked->status = status;
    eventure__buffer_clear(&asked->out.out);
    asked->out.needs_comma = false;
    json_open(&asked->out, NULL, '{');
    json_open(&asked->out, "error", '{');
    json_text(&asked->out, "code", code);
    json_text(&asked->out, "message", text);
    json_close(&asked->out, '}');
    json_close(&asked->out, '}');
}

/* Returns whether the work of this request has ended (time limit, client or server); the answer is then this error. */
static bool fail_ended(request *asked)
{
    switch (asked->work.ended)
    {
    case WORK_TIME_OVER:
        request_fail(asked, 503, "time-limit", "stopped after %lld ms, the time limit of a request",
                     (long long)asked->work.limit_ms);
        return true;
    case WORK_CLIENT_GONE:
    case WORK_SERVER_STOPS:
        request_fail(asked, 503, "stopped", "the server stops, or the browser has disconnected");
        return true;
    case WORK_GOES_ON:
        break;
    }
    return false;
}

void request_fail_status(request *asked, eventure_status status, const char *text)
{
    if (fail_ended(asked))
        return;
    for (size_t i = 0; i < sizeof error_names / sizeof error_names[0]; i++)
    {
        if (error_names[i].status == status)
        {
            request_fail(asked, error_names[i].http, error_names[i].code, "%s", text);
            return;
        }
    }
    request_fail(asked, 500, "store", "%s", text);
}

void request_fail_sqlite(request *asked, sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xFF;
    if (fail_ended(asked))
        return;
    switch (code)
    {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        request_fail(asked, 500, "damaged", "%s", sqlite3_errmsg(db));
        break;
    case SQLITE_BUSY:
    case SQLITE_IOERR:
        request_fail(asked, 503, "busy", "%s", sqlite3_errmsg(db));
        break;
    case SQLITE_NOMEM:
        request_fail(asked, 503, "memory", "out of memory");
        break;
    case SQLITE_TOOBIG:
        request_fail(asked, 413, "limit", "a text or blob is longer than the limit of a request");
        break;
    default:
        request_fail(asked, 400, "sql", "%s", sqlite3_errmsg(db));
    }
}

const char *request_text(request *asked, const char *name)
{
    return MHD_lookup_connection_value(asked->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool request_flag(request *asked, const char *name)
{
    const char *text = request_text(asked, name);
    return text != NULL && strcmp(text, "0") != 0;
}

bool request_int(request *asked, const char *name, int64_t otherwise, int64_t min, int64_t max, int64_t *out)
{
    const char *text = request_text(asked, name);
    char *end = NULL;
    *out = otherwise;
    if (text == NULL || text[0] == '\0')
        return true;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool is_number = (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) && *end == '\0' && errno == 0;
    if (!is_number || value < min || value > max)
    {
        request_fail(asked, 400, "bad-parameter", "%s=%.100s is not an integer from %lld to %lld", name, text,
                     (long long)min, (long long)max);
        return false;
    }
    *out = value;
    return true;
}

bool request_open_store(request *asked, bool is_against, eventure_reader **out_reader)
{
    const char *path = is_against ? asked->owner->options->against : asked->owner->options->path;
    eventure_status status = eventure_reader_open(path, out_reader);
    if (status == EVENTURE_OK)
        status = eventure_reader_begin(*out_reader);
    if (status == EVENTURE_OK)
        return true;
    if (status == EVENTURE_ERROR_NOT_FOUND)
        request_fail(asked, 500, "gone", "%s", eventure_reader_message(*out_reader));
    else
        request_fail_status(asked, status, eventure_reader_message(*out_reader));
    return false;
}

bool request_open(request *asked)
{
    const char *which = request_text(asked, "store");
    if (which != NULL && strcmp(which, "a") != 0 && strcmp(which, "b") != 0)
    {
        request_fail(asked, 400, "bad-parameter", "store=%.100s is neither a nor b", which);
        return false;
    }
    asked->is_against = which != NULL && which[0] == 'b';
    if (asked->is_against && asked->owner->options->against == NULL)
    {
        request_fail(asked, 404, "not-found", "there is no second store: start with --against");
        return false;
    }
    bool is_open = request_open_store(asked, asked->is_against, &asked->reader);
    asked->db = work_connection();
    return is_open;
}

sqlite3_stmt *request_prepare(request *asked, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(asked->db, sql, -1, &statement, NULL) != SQLITE_OK)
        request_fail_sqlite(asked, asked->db);
    return statement;
}

bool request_ask_int(request *asked, const char *sql, int64_t value, int64_t otherwise, int64_t *out)
{
    sqlite3_stmt *statement = request_prepare(asked, sql);
    *out = otherwise;
    if (statement == NULL)
        return false;
    if (sqlite3_bind_parameter_count(statement) >= 1)
        sqlite3_bind_int64(statement, 1, value);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        *out = sqlite3_column_int64(statement, 0);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        request_fail_sqlite(asked, asked->db);
    sqlite3_finalize(statement);
    return !request_failed(asked);
}

size_t cut_text(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80)
        max--;
    return max;
}

void answer_event_members(request *asked, const eventure_event *event, size_t data_max)
{
    json *out = &asked->out;
    json_int(out, "seq", event->seq);
    json_text(out, "id", event->id);
    json_int(out, "tick", event->tick);
    if (event->timestamp_is_integer)
        json_int(out, "timestamp", event->timestamp_integer);
    else
        json_double(out, "timestamp", event->timestamp);
    json_text(out, "type", event->type);
    json_text(out, "parent_id", event->parent_id);
    if (event->parent_seq > 0)
        json_int(out, "parent_seq", event->parent_seq);
    else
        json_null(out, "parent_seq");
    json_text_n(out, "data", event->data, cut_text(event->data, event->data_len, data_max));
    json_int(out, "data_bytes", (int64_t)event->data_len);
}

void answer_event(request *asked, const char *key, const eventure_event *event, size_t data_max)
{
    json_open(&asked->out, key, '{');
    answer_event_members(asked, event, data_max);
    json_close(&asked->out, '}');
}

/* Writes a long value as an object with its beginning and its length. */
static void answer_long(request *asked, const char *key, const char *kind, const char *text, size_t len, int64_t bytes)
{
    json_open(&asked->out, key, '{');
    json_text_n(&asked->out, kind, text, len);
    json_int(&asked->out, "bytes", bytes);
    json_close(&asked->out, '}');
}

static void answer_blob(request *asked, const char *key, const unsigned char *bytes, int len)
{
    char hex[2 * BLOB_BYTES + 1];
    int shown = len < BLOB_BYTES ? len : BLOB_BYTES;
    eventure__format_hex(hex, bytes, (size_t)shown);
    answer_long(asked, key, "blob", hex, 2 * (size_t)shown, len);
}

void answer_cell(request *asked, const char *key, sqlite3_stmt *statement, int column)
{
    json *out = &asked->out;
    switch (sqlite3_column_type(statement, column))
    {
    case SQLITE_INTEGER:
        json_int(out, key, sqlite3_column_int64(statement, column));
        break;
    case SQLITE_FLOAT:
        json_double(out, key, sqlite3_column_double(statement, column));
        break;
    case SQLITE_TEXT:
    {
        const char *text = (const char *)sqlite3_column_text(statement, column);
        size_t len = text != NULL ? (size_t)sqlite3_column_bytes(statement, column) : 0;
        if (len > CELL_BYTES && !request_flag(asked, "full"))
            answer_long(asked, key, "text", text, cut_text(text, len, CELL_BYTES), (int64_t)len);
        else
            json_text_n(out, key, text != NULL ? text : "", len);
        break;
    }
    case SQLITE_BLOB:
        answer_blob(asked, key, sqlite3_column_blob(statement, column), sqlite3_column_bytes(statement, column));
        break;
    default:
        json_null(out, key);
    }
}
