/*
 * Dates in projections: see dates.h.
 *
 * A built-in function of SQLite cannot be called once another function replaces it. Each replacement therefore calls
 * the built-in function through an in-memory connection of its own, which is opened on first use.
 */
#include "projection/dates.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Maximum number of arguments: more than any meaningful call has. */
#define MOST_ARGUMENTS 20

typedef struct date_function
{
    const char *name;
    int first_time; /* index of the first time argument, and the number of time arguments */
    int times;
    sqlite3 *db; /* NULL before the first call */
    sqlite3_stmt *call;
    int call_arguments;
} date_function;

static void forget(void *function)
{
    date_function *self = function;
    sqlite3_finalize(self->call);
    sqlite3_close(self->db);
    free(self);
}

static void refuse(sqlite3_context *context, const date_function *self, const char *what)
{
    char text[128];
    snprintf(text, sizeof text, "%s of %s() is refused in a projection: use :event_timestamp", what, self->name);
    sqlite3_result_error(context, text, -1);
}

static int is_one_of(const char *text, const char *const *words)
{
    for (; text != NULL && *words != NULL; words++)
        if (sqlite3_stricmp(text, *words) == 0)
            return 1;
    return 0;
}

/* Returns the argument that depends on the clock or the time zone, or NULL. *out_failed is set when memory runs out. */
static const char *find_refused(const date_function *self, int count, sqlite3_value **values, int *out_failed)
{
    static const char *const nows[] = {"now", "subsec", "subsecond", NULL};
    static const char *const zones[] = {"localtime", "utc", NULL};
    *out_failed = 0;
    if (count <= self->first_time)
        return "the time of now";
    for (int i = self->first_time; i < count; i++)
    {
        const char *text = (const char *)sqlite3_value_text(values[i]);
        if (text == NULL && sqlite3_value_type(values[i]) != SQLITE_NULL)
        {
            *out_failed = sqlite3_value_bytes(values[i]) > 0 || sqlite3_value_type(values[i]) != SQLITE_BLOB;
            continue;
        }
        if (i < self->first_time + self->times && is_one_of(text, nows))
            return "the time 'now'";
        if (i >= self->first_time + self->times && is_one_of(text, zones))
            return "the time zone";
    }
    return NULL;
}

/* Prepares `SELECT name(?, ?, ...)`. */
static int prepare(date_function *self, int count)
{
    char sql[64 + 2 * MOST_ARGUMENTS];
    if (self->call != NULL && self->call_arguments == count)
        return SQLITE_OK;
    int code = self->db != NULL
                   ? SQLITE_OK
                   : sqlite3_open_v2(":memory:", &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
    {
        sqlite3_close(self->db);
        self->db = NULL;
        return code;
    }
    size_t len = (size_t)snprintf(sql, sizeof sql, "SELECT %s(", self->name);
    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(sql + len, sizeof sql - len, i > 0 ? ",?" : "?");
    snprintf(sql + len, sizeof sql - len, ")");
    sqlite3_finalize(self->call);
    self->call = NULL;
    self->call_arguments = count;
    return sqlite3_prepare_v2(self->db, sql, -1, &self->call, NULL);
}

static void answer(sqlite3_context *context, int count, sqlite3_value **values)
{
    date_function *self = sqlite3_user_data(context);
    int failed = 0;
    if (count > MOST_ARGUMENTS)
    {
        sqlite3_result_error(context, "a date function has too many arguments", -1);
        return;
    }
    const char *refused = find_refused(self, count, values, &failed);
    if (refused != NULL)
    {
        refuse(context, self, refused);
        return;
    }
    int code = failed ? SQLITE_NOMEM : prepare(self, count);
    for (int i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite3_bind_value(self->call, i + 1, values[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(self->call);
    if (code == SQLITE_ROW)
        sqlite3_result_value(context, sqlite3_column_value(self->call, 0));
    else
    {
        const bool has_text = self->db != NULL && !failed;
        sqlite3_result_error(context, has_text ? sqlite3_errmsg(self->db) : sqlite3_errstr(code), -1);
        sqlite3_result_error_code(context, code);
    }
    if (self->call != NULL)
    {
        sqlite3_reset(self->call);
        sqlite3_clear_bindings(self->call);
    }
}

int eventure__dates_replace(sqlite3 *db)
{
    static const date_function functions[] = {
        {"date", 0, 1, NULL, NULL, 0},      {"time", 0, 1, NULL, NULL, 0},      {"datetime", 0, 1, NULL, NULL, 0},
        {"julianday", 0, 1, NULL, NULL, 0}, {"unixepoch", 0, 1, NULL, NULL, 0}, {"strftime", 1, 1, NULL, NULL, 0},
        {"timediff", 0, 2, NULL, NULL, 0},
    };
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && code == SQLITE_OK; i++)
    {
        date_function *self = malloc(sizeof *self);
        if (self == NULL)
            return SQLITE_NOMEM;
        *self = functions[i];
        /* On failure SQLite calls the destructor. */
        code = sqlite3_create_function_v2(db, self->name, self->times == 2 ? 2 : -1,
                                          SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, self, answer, NULL,
                                          NULL, forget);
    }
    return code;
}
