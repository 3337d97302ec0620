/*
 * Access to the host's connection: see host.h.
 */
#include "extension/host.h"

#include <stdarg.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "store/schema.h"

/* The schema qualifier in the statements of schema/. */
#define SCHEMA_IN_SQL "main."

int eventure__host_fail(eventure__host *host, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *why = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    sqlite3_free(host->message);
    host->message = why != NULL ? sqlite3_mprintf("%s: %s", host->function, why) : NULL;
    sqlite3_free(why);
    return host->message != NULL ? code : SQLITE_NOMEM;
}

int eventure__host_fail_as_sqlite(eventure__host *host, int code)
{
    return eventure__host_fail(host, code, "%s", sqlite3_errmsg(host->db));
}

/* Reads the integer value of a PRAGMA of the database. */
static int ask_pragma(eventure__host *host, const char *name, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    *out = 0;
    char *sql = sqlite3_mprintf("PRAGMA \"%w\".%s", host->schema, name);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int code = sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        code = SQLITE_OK;
    if (code != SQLITE_OK)
        eventure__host_fail_as_sqlite(host, code);
    sqlite3_finalize(statement);
    return code;
}

int eventure__host_check(eventure__host *host)
{
    int64_t application_id = 0;
    int64_t format = 0;
    int code = ask_pragma(host, "application_id", &application_id);
    if (code == SQLITE_OK)
        code = ask_pragma(host, "user_version", &format);
    if (code != SQLITE_OK)
        return code;
    if (application_id != EVENTURE__APPLICATION_ID)
        return eventure__host_fail(host, SQLITE_ERROR,
                                   "not an Eventure store: database %s is of another application (its application_id "
                                   "is %lld, not %d)",
                                   host->schema, (long long)application_id, EVENTURE__APPLICATION_ID);
    if (format != EVENTURE__FORMAT)
        return eventure__host_fail(host, SQLITE_ERROR,
                                   "database %s was made by %s version of Eventure: its format is %lld, this extension "
                                   "reads format %d%s",
                                   host->schema, format < EVENTURE__FORMAT ? "an older" : "a newer", (long long)format,
                                   EVENTURE__FORMAT,
                                   format < EVENTURE__FORMAT ? "; bring it up to date with: eventure upgrade" : "");
    return SQLITE_OK;
}

/* Appends the statement with every "main." replaced by the quoted name of the schema. */
static void append_for_schema(eventure__buffer *out, const eventure__sql *sql, const char *quoted_schema)
{
    const char *at = sql->text;
    const char *next = NULL;
    while ((next = strstr(at, SCHEMA_IN_SQL)) != NULL)
    {
        eventure__buffer_append(out, at, (size_t)(next - at));
        eventure__buffer_append_text(out, quoted_schema);
        eventure__buffer_append_char(out, '.');
        at = next + strlen(SCHEMA_IN_SQL);
    }
    eventure__buffer_append_text(out, at);
}

int eventure__host_prepare(eventure__host *host, const eventure__sql *sql, sqlite3_stmt **out_statement)
{
    eventure__buffer text = {0};
    int code = SQLITE_NOMEM;
    *out_statement = NULL;
    char *schema = sqlite3_mprintf("\"%w\"", host->schema);
    if (schema != NULL)
        append_for_schema(&text, sql, schema);
    if (schema != NULL && eventure__buffer_text(&text) != NULL && text.len <= INT32_MAX)
    {
        code = sqlite3_prepare_v2(host->db, text.bytes, (int)text.len, out_statement, NULL);
        if (code != SQLITE_OK)
            eventure__host_fail_as_sqlite(host, code);
    }
    eventure__buffer_free(&text);
    sqlite3_free(schema);
    return code;
}

int eventure__host_seq_of_id(eventure__host *host, const char *id, size_t len, int64_t *out_seq)
{
    sqlite3_stmt *statement = NULL;
    *out_seq = 0;
    int code = eventure__host_prepare(host, &eventure__query_seq_of_id, &statement);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_text64(statement, 1, id, len, SQLITE_STATIC, SQLITE_UTF8);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out_seq = sqlite3_column_int64(statement, 0);
    else if (code != SQLITE_DONE)
        eventure__host_fail_as_sqlite(host, code);
    sqlite3_finalize(statement);
    if (code == SQLITE_DONE)
        return eventure__host_fail(host, SQLITE_ERROR, "there is no event %s", eventure__quote(id, len).text);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}
