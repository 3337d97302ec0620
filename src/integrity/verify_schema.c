/*
 * Checks the schema: compares each table, index, trigger and view with the one that the same scripts make in a database
 * in memory. Additional objects are not damage, except for a trigger on a table or view of the library.
 */
#include <ctype.h>
#include <string.h>

#include "embedded_sql.h"
#include "integrity/verify_internal.h"

static bool is_word(unsigned char byte)
{
    return isalnum(byte) || byte == '_' || byte == '$' || byte >= 0x80;
}

/* Returns the length of the white space or comment at the beginning of the text. */
static size_t skip_blank(const char *text)
{
    if (isspace((unsigned char)*text))
        return 1;
    if (text[0] == '-' && text[1] == '-')
        return strcspn(text, "\n");
    if (text[0] != '/' || text[1] != '*')
        return 0;
    const char *end = strstr(text + 2, "*/");
    return end != NULL ? (size_t)(end - text) + 2 : strlen(text);
}

/* Returns the length of the quoted name or text at the beginning of the text; 1 for any other byte. */
static size_t token_length(const char *text)
{
    if (strchr("'\"`[", *text) == NULL)
        return 1;
    const char *end = strchr(text + 1, *text == '[' ? ']' : *text);
    return end != NULL ? (size_t)(end - text) + 1 : strlen(text);
}

/* Appends the statement without comments, and with white space only between words. A store keeps the text of the
 * library that made it, and comments may have changed since. */
static void normalise(const char *sql, eventure__buffer *out)
{
    bool apart = false;
    eventure__buffer_clear(out);
    while (*sql != '\0')
    {
        size_t blank = skip_blank(sql);
        if (blank > 0)
        {
            apart = true;
            sql += blank;
            continue;
        }
        size_t length = token_length(sql);
        if (apart && out->len > 0 && is_word((unsigned char)out->bytes[out->len - 1]) && is_word((unsigned char)*sql))
            eventure__buffer_append(out, " ", 1);
        eventure__buffer_append(out, sql, length);
        sql += length;
        apart = false;
    }
}

/* Stores from versions before integer timestamps declare that column REAL. */
static void declare_any(eventure__buffer *theirs)
{
    static const char real[] = "timestamp REAL NOT NULL";
    static const char any[] = "timestamp ANY NOT NULL";
    for (size_t i = 0; i + sizeof real - 1 <= theirs->len; i++)
        if (memcmp(theirs->bytes + i, real, sizeof real - 1) == 0)
        {
            size_t rest = theirs->len - i - (sizeof real - 1);
            memcpy(theirs->bytes + i, any, sizeof any - 1);
            memmove(theirs->bytes + i + sizeof any - 1, theirs->bytes + i + sizeof real - 1, rest);
            theirs->len -= sizeof real - sizeof any;
            return;
        }
}

static bool are_same(const eventure__buffer *a, const eventure__buffer *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static bool same_sql(eventure__verifier *verifier, const char *ours, const char *theirs, bool *out_same)
{
    eventure__buffer left = {0};
    eventure__buffer right = {0};
    normalise(ours, &left);
    normalise(theirs, &right);
    *out_same = are_same(&left, &right);
    if (!*out_same)
    {
        declare_any(&right);
        *out_same = are_same(&left, &right);
    }
    bool failed = left.failed || right.failed;
    eventure__buffer_free(&left);
    eventure__buffer_free(&right);
    return !failed || eventure__verify_no_memory(verifier);
}

/* Handles a failure of SQLite on the schema in memory, which can only be out of memory. */
static bool fail_memory_store(eventure__verifier *verifier, sqlite3 *db)
{
    if (db == NULL || (sqlite3_errcode(db) & 0xFF) == SQLITE_NOMEM)
        return eventure__verify_no_memory(verifier);
    verifier->status = eventure__fail(&verifier->store->error, EVENTURE_ERROR_IO,
                                      "verify: cannot make the schema in memory: %s", sqlite3_errmsg(db));
    return false;
}

static bool run_scripts(eventure__verifier *verifier, sqlite3 *db, const eventure__sql *scripts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sqlite3_exec(db, scripts[i].text, NULL, NULL, NULL) != SQLITE_OK)
            return fail_memory_store(verifier, db);
    return true;
}

static bool make_expected(eventure__verifier *verifier, sqlite3 **out)
{
    static const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX |
                             SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(":memory:", out, flags, NULL) != SQLITE_OK)
        return fail_memory_store(verifier, *out);
    return run_scripts(verifier, *out, eventure__tables, eventure__tables_count) &&
           run_scripts(verifier, *out, eventure__indexes, eventure__indexes_count) &&
           run_scripts(verifier, *out, eventure__views, eventure__views_count);
}

/* Whether an object of this table or view may be missing: stores of this format from before the table existed have none
 * of the objects that are made with it. */
static bool may_be_missing(eventure__verifier *verifier, const char *table, bool *out)
{
    bool exists = true;
    bool ok = true;
    if (strcmp(table, "run_record") == 0 || strcmp(table, "run") == 0)
        ok = eventure__verify_has_table(verifier, "run_record", &exists);
    else if (strcmp(table, "proof") == 0)
        ok = eventure__verify_has_table(verifier, "proof", &exists);
    *out = !exists;
    return ok;
}

/* Compares one object of the library (0: type, 1: name, 2: table, 3: sql) with that of the store. */
static bool check_object(eventure__verifier *verifier, sqlite3_stmt *expected, sqlite3_stmt *found)
{
    const char *type = (const char *)sqlite3_column_text(expected, 0);
    const char *name = (const char *)sqlite3_column_text(expected, 1);
    const char *table = (const char *)sqlite3_column_text(expected, 2);
    const char *sql = (const char *)sqlite3_column_text(expected, 3);
    bool ok = true;
    bool same = false;
    bool may_miss = false;
    if (type == NULL || name == NULL || table == NULL ||
        (sql == NULL && sqlite3_column_type(expected, 3) != SQLITE_NULL) ||
        sqlite3_bind_text(found, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)
        return eventure__verify_no_memory(verifier);
    if (!eventure__verify_step(verifier, found, "check the schema", &ok))
        return ok && may_be_missing(verifier, table, &may_miss) &&
               (may_miss ||
                eventure__verify_found(verifier, "the schema was changed: the %s %s is missing", type, name));
    const char *type_there = (const char *)sqlite3_column_text(found, 0);
    const char *table_there = (const char *)sqlite3_column_text(found, 1);
    const char *sql_there = (const char *)sqlite3_column_text(found, 2);
    if ((sqlite3_errcode(verifier->store->db) & 0xFF) == SQLITE_NOMEM)
        return eventure__verify_no_memory(verifier);
    if (type_there == NULL || strcmp(type, type_there) != 0 || table_there == NULL || strcmp(table, table_there) != 0)
        return eventure__verify_found(verifier, "the schema was changed: %s must have the type %s", name, type);
    if (sql == NULL || sql_there == NULL)
        same = sql == sql_there;
    else if (!same_sql(verifier, sql, sql_there, &same))
        return false;
    return same || eventure__verify_found(verifier,
                                          "the schema was changed: the %s %s differs from that of Eventure; it "
                                          "is: %s",
                                          type, name,
                                          sql_there != NULL ? eventure__quote(sql_there, strlen(sql_there)).text : "");
}

static bool check_objects(eventure__verifier *verifier, sqlite3 *expected_db)
{
    sqlite3_stmt *expected = NULL;
    sqlite3_stmt *found = NULL;
    int step = SQLITE_DONE;
    if (sqlite3_prepare_v2(expected_db,
                           "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type <> 'table', rowid", -1,
                           &expected, NULL) != SQLITE_OK)
        return fail_memory_store(verifier, expected_db);
    bool ok =
        eventure__verify_take(verifier, "SELECT type, tbl_name, sql FROM main.sqlite_schema WHERE name = ?1", &found);
    while (ok && (step = sqlite3_step(expected)) == SQLITE_ROW)
    {
        ok = check_object(verifier, expected, found);
        sqlite3_reset(found);
    }
    if (ok && step != SQLITE_DONE)
        ok = fail_memory_store(verifier, expected_db);
    sqlite3_finalize(expected);
    eventure__store_release(verifier->store, found);
    return ok;
}

/* Whether a trigger of the store is on a table or view of the library. The column with the name of its table may be
 * wrong, so SQLite prepares the statement in the database in memory, which contains only objects of the library. The
 * statement is not run. */
static bool is_on_ours(eventure__verifier *verifier, sqlite3 *expected_db, const char *sql, bool *out_ours)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(expected_db, sql, -1, &statement, NULL);
    sqlite3_finalize(statement);
    *out_ours = code == SQLITE_OK;
    return (code & 0xFF) != SQLITE_NOMEM || eventure__verify_no_memory(verifier);
}

static bool check_trigger(eventure__verifier *verifier, sqlite3 *expected_db, sqlite3_stmt *known, sqlite3_stmt *row)
{
    const char *name = (const char *)sqlite3_column_text(row, 0);
    const char *sql = (const char *)sqlite3_column_text(row, 1);
    bool ours = false;
    if (name == NULL || sql == NULL)
        return sqlite3_column_type(row, 0) == SQLITE_NULL || sqlite3_column_type(row, 1) == SQLITE_NULL ||
               eventure__verify_no_memory(verifier);
    if (sqlite3_bind_text(known, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)
        return eventure__verify_no_memory(verifier);
    int step = sqlite3_step(known);
    sqlite3_reset(known);
    if (step == SQLITE_ROW)
        return true; /* compared with the library's already */
    if (step != SQLITE_DONE)
        return fail_memory_store(verifier, expected_db);
    if (!is_on_ours(verifier, expected_db, sql, &ours))
        return false;
    return !ours ||
           eventure__verify_found(verifier, "the schema was changed: the trigger %s does not belong to Eventure: %s",
                                  eventure__quote(name, strlen(name)).text, eventure__quote(sql, strlen(sql)).text);
}

static bool check_triggers(eventure__verifier *verifier, sqlite3 *expected_db)
{
    sqlite3_stmt *known = NULL;
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(expected_db, "SELECT 1 FROM sqlite_schema WHERE name = ?1", -1, &known, NULL) != SQLITE_OK)
        return fail_memory_store(verifier, expected_db);
    bool ok = eventure__verify_take(
        verifier, "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY rowid", &row);
    while (ok && eventure__verify_step(verifier, row, "check the schema", &ok))
        ok = check_trigger(verifier, expected_db, known, row);
    eventure__store_release(verifier->store, row);
    sqlite3_finalize(known);
    return ok;
}

bool eventure__verify_schema(eventure__verifier *verifier)
{
    sqlite3 *expected = NULL;
    bool ok =
        make_expected(verifier, &expected) && check_objects(verifier, expected) && check_triggers(verifier, expected);
    sqlite3_close(expected);
    return ok;
}
