/*
 * Values between threads: see fleet_rows.h. A value is its type in one byte, a number or a length in eight, and the
 * bytes of a text or blob.
 */
#include "fleet_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_MEMORY ((size_t)64 * 1024)

/* Makes the temporary file, which has no name. */
static FILE *open_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/eventure-fleet.XXXXXX",
                       folder != NULL && folder[0] != '\0' ? folder : P_tmpdir);
    if (len < 0 || (size_t)len >= sizeof path)
    {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int descriptor = mkstemp(path);
    if (descriptor < 0)
        return NULL;
    unlink(path);
    FILE *file = fdopen(descriptor, "w+b");
    if (file == NULL)
        close(descriptor);
    return file;
}

/* Moves the values in memory into the file. */
static void spill(fleet_rows *rows)
{
    errno = 0;
    if (rows->file == NULL)
        rows->file = open_file();
    if (rows->file == NULL || fwrite(rows->memory.bytes, 1, rows->memory.len, rows->file) != rows->memory.len)
        rows->cause = errno != 0 ? errno : EIO;
    eventure__buffer_clear(&rows->memory);
}

static void put(fleet_rows *rows, int type, const void *number, const void *bytes, size_t len)
{
    if (rows->cause != 0)
        return;
    eventure__buffer_append_char(&rows->memory, (char)type);
    eventure__buffer_append(&rows->memory, number, sizeof(int64_t));
    eventure__buffer_append(&rows->memory, bytes, len);
    if (rows->memory.failed)
        rows->cause = ENOMEM;
    else if (rows->memory.len > MOST_MEMORY)
        spill(rows);
}

static void put_bytes(fleet_rows *rows, int type, const void *bytes, int len)
{
    int64_t number = len;
    if (bytes == NULL && (type == SQLITE_TEXT || len > 0))
        rows->cause = ENOMEM;
    else
        put(rows, type, &number, bytes != NULL ? bytes : "", (size_t)len);
}

void fleet_rows_put_null(fleet_rows *rows)
{
    put(rows, SQLITE_NULL, &(int64_t){0}, "", 0);
}

void fleet_rows_put_int(fleet_rows *rows, int64_t value)
{
    put(rows, SQLITE_INTEGER, &value, "", 0);
}

void fleet_rows_put_text(fleet_rows *rows, const char *text)
{
    put_bytes(rows, SQLITE_TEXT, text, (int)strlen(text));
}

void fleet_rows_put_value(fleet_rows *rows, sqlite3_value *value)
{
    double real = 0;
    int type = value != NULL ? sqlite3_value_type(value) : SQLITE_NULL;
    const void *bytes = NULL;
    switch (type)
    {
    case SQLITE_INTEGER:
        fleet_rows_put_int(rows, sqlite3_value_int64(value));
        break;
    case SQLITE_FLOAT:
        real = sqlite3_value_double(value);
        put(rows, SQLITE_FLOAT, &real, "", 0);
        break;
    case SQLITE_NULL:
        fleet_rows_put_null(rows);
        break;
    default:
        bytes = type == SQLITE_TEXT ? (const void *)sqlite3_value_text(value) : sqlite3_value_blob(value);
        put_bytes(rows, type, bytes, sqlite3_value_bytes(value));
    }
}

/* A connection of a fleet belongs to one thread, so that the value needs no protection by a mutex. */
void fleet_rows_put_column(fleet_rows *rows, sqlite3_stmt *statement, int column)
{
    fleet_rows_put_value(rows, sqlite3_column_value(statement, column));
}

int fleet_rows_rewind(fleet_rows *rows)
{
    rows->position = 0;
    if (rows->file == NULL || rows->cause != 0)
        return rows->cause;
    if (rows->memory.len > 0)
        spill(rows);
    if (rows->cause == 0 && fseek(rows->file, 0, SEEK_SET) != 0)
        rows->cause = errno;
    return rows->cause;
}

static bool take(fleet_rows *rows, void *out, size_t len)
{
    if (rows->cause != 0)
        return false;
    errno = 0;
    if (rows->file != NULL)
    {
        if (fread(out, 1, len, rows->file) != len)
            rows->cause = errno != 0 ? errno : EIO;
    }
    else if (rows->memory.len - rows->position < len)
        rows->cause = EIO;
    else if (len > 0)
    {
        memcpy(out, rows->memory.bytes + rows->position, len);
        rows->position += len;
    }
    return rows->cause == 0;
}

/* Reads the bytes of a value, with a NUL behind them; the caller frees them. */
static char *take_bytes(fleet_rows *rows, size_t len)
{
    char *bytes = malloc(len + 1);
    if (bytes == NULL)
        rows->cause = ENOMEM;
    else if (take(rows, bytes, len))
    {
        bytes[len] = '\0';
        return bytes;
    }
    free(bytes);
    return NULL;
}

bool fleet_rows_bind_next(fleet_rows *rows, sqlite3_stmt *statement, int index)
{
    unsigned char type = 0;
    int64_t number = 0;
    double real = 0;
    char *bytes = NULL;
    int code = SQLITE_OK;
    if (!take(rows, &type, 1) || !take(rows, &number, sizeof number))
        return false;
    if (type == SQLITE_INTEGER)
        code = sqlite3_bind_int64(statement, index, number);
    else if (type == SQLITE_FLOAT)
    {
        memcpy(&real, &number, sizeof real);
        code = sqlite3_bind_double(statement, index, real);
    }
    else if (type == SQLITE_NULL)
        code = sqlite3_bind_null(statement, index);
    else if ((bytes = take_bytes(rows, (size_t)number)) == NULL)
        return false;
    else if (type == SQLITE_TEXT)
        code = sqlite3_bind_text64(statement, index, bytes, (sqlite3_uint64)number, free, SQLITE_UTF8);
    else
        code = sqlite3_bind_blob64(statement, index, bytes, (sqlite3_uint64)number, free);
    if (code != SQLITE_OK)
        rows->cause = ENOMEM;
    return rows->cause == 0;
}

char *fleet_rows_next_text(fleet_rows *rows)
{
    unsigned char type = 0;
    int64_t len = 0;
    if (!take(rows, &type, 1) || !take(rows, &len, sizeof len))
        return NULL;
    return take_bytes(rows, (size_t)len);
}

void fleet_rows_clear(fleet_rows *rows)
{
    if (rows->file != NULL)
        fclose(rows->file);
    eventure__buffer_free(&rows->memory);
    memset(rows, 0, sizeof *rows);
}
