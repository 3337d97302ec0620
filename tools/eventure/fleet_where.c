/*
 * Conditions on runs: see fleet_where.h.
 *
 * The names are found by compiling: SQLite reports a column that does not exist, which is then added to the columns.
 * `parameters.rate` is for SQL the column rate of a table parameters, so there is a table for each such key. With the
 * names `seed` and `parameters.rate` the statement is
 *
 *     SELECT (CONDITION) FROM (SELECT ?1 AS "seed"), (SELECT ?2 AS "rate") AS "parameters"
 */
#include "fleet_where.h"

#include <stdbool.h>
#include <string.h>

#include "message.h"

#define MOST_NAMES 1000

/* Returns the point in a name such as `parameters.rate`, or NULL. *out_is_used is false for a name with a point that
   the condition does not contain: its column `rate` would change the meaning of "rate" in the condition. */
static const char *point_in(const fleet_question *question, size_t index, bool *out_is_used)
{
    const char *name = question->names.list[index];
    const char *point = strchr(name, '.');
    *out_is_used = point == NULL || strstr(question->where, name) != NULL;
    return point;
}

/* Appends the columns of one table: of the names without a point (key_len is 0), or with a key before the point. */
static void add_columns(const fleet_question *question, sqlite3_str *sql, const char *key, size_t key_len)
{
    const char *before = "";
    for (size_t i = 0; i < question->names.count; i++)
    {
        const char *name = question->names.list[i];
        bool is_used = true;
        const char *point = point_in(question, i, &is_used);
        size_t len = point != NULL ? (size_t)(point - name) : 0;
        if (!is_used || len != key_len || memcmp(name, key, len) != 0)
            continue;
        sqlite3_str_appendf(sql, "%s?%d AS \"%w\"", before, (int)i + 1, len > 0 ? point + 1 : name);
        before = ", ";
    }
}

/* Whether an earlier name that is used has the same key before its point: the statement then has the table already. */
static bool has_table(const fleet_question *question, size_t index, size_t key_len)
{
    for (size_t i = 0; i < index; i++)
    {
        bool is_used = true;
        point_in(question, i, &is_used);
        if (is_used && strncmp(question->names.list[i], question->names.list[index], key_len + 1) == 0)
            return true;
    }
    return false;
}

sqlite3_stmt *fleet_where_compile(const fleet_question *question, sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    sqlite3_str *sql = sqlite3_str_new(db);
    /* The line feed ends a comment at the end of the condition. */
    sqlite3_str_appendf(sql, "SELECT (%s\n) FROM (SELECT ", question->where);
    add_columns(question, sql, "", 0);
    sqlite3_str_appendall(sql, ")");
    for (size_t i = 0; i < question->names.count; i++)
    {
        const char *name = question->names.list[i];
        bool is_used = true;
        const char *point = point_in(question, i, &is_used);
        size_t len = point != NULL ? (size_t)(point - name) : 0;
        if (!is_used || len == 0 || has_table(question, i, len))
            continue;
        sqlite3_str_appendall(sql, ", (SELECT ");
        add_columns(question, sql, name, len);
        sqlite3_str_appendf(sql, ") AS \"%.*w\"", (int)len, name);
    }
    char *text = sqlite3_str_finish(sql);
    if (text == NULL)
        return NULL;
    if (sqlite3_prepare_v2(db, text, -1, &statement, &rest) != SQLITE_OK)
        statement = NULL;
    sqlite3_free(text);
    return statement;
}

/* Adds the names in double quotes, because SQLite interprets a quoted name that is not a column as a string. After `->`
   and `->>` a quoted word is a string, and is not added. */
static bool add_quoted(fleet_question *question)
{
    const char *before = question->where; /* behind the last character that is not a blank */
    for (const char *c = question->where; *c != '\0'; c++)
    {
        if (*c == '\'' || *c == '"')
        {
            const char *end = strchr(c + 1, *c);
            bool is_member = before - question->where >= 2 && before[-1] == '>' &&
                             (before[-2] == '-' || (before[-2] == '>' && before - question->where >= 3));
            if (end == NULL)
                return true; /* the compiler reports it */
            if (*c == '"' && !is_member && fleet_names_add(&question->names, c + 1, (size_t)(end - c - 1)) == SIZE_MAX)
                return false;
            c = end;
        }
        if (strchr(" \t\r\n", *c) == NULL)
            before = c + 1;
    }
    return true;
}

/* Adds the missing column that the error of SQLite names. Returns false when the error is another one, or the name
   cannot be added: it has two points, is in the list already, or is one too many. */
static bool add_missing(fleet_question *question, const char *error)
{
    static const char prefix[] = "no such column: ";
    if (strncmp(error, prefix, sizeof prefix - 1) != 0)
        return false;
    const char *name = error + sizeof prefix - 1;
    const char *point = strchr(name, '.');
    size_t before = question->names.count;
    if (point != NULL && strchr(point + 1, '.') != NULL)
        return false;
    fleet_names_add(&question->names, name, strlen(name));
    return question->names.count > before && before < MOST_NAMES;
}

static int check(fleet_question *question, sqlite3 *db)
{
    static const char *const always[] = {"file", "uuid", "events", "tick", "size", "record", "name", "parameters"};
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
    {
        if (strstr(question->where, always[i]) != NULL &&
            fleet_names_add(&question->names, always[i], strlen(always[i])) == SIZE_MAX)
            return message_memory();
    }
    if (fleet_names_add(&question->names, "name", 4) == SIZE_MAX || !add_quoted(question))
        return message_memory();
    sqlite3_stmt *statement = NULL;
    while ((statement = fleet_where_compile(question, db)) == NULL)
    {
        if (!add_missing(question, sqlite3_errmsg(db)))
            return message_usage("fleet", "fleet: --where: '%s': %s", question->where, sqlite3_errmsg(db));
    }
    bool is_one = sqlite3_column_count(statement) == 1;
    sqlite3_finalize(statement);
    for (size_t i = 0; i < question->names.count; i++)
        question->needs_facts = question->needs_facts || fleet_name_is_fact(question->names.list[i]);
    return is_one ? EXIT_DONE
                  : message_usage("fleet", "fleet: --where: '%s' is not an expression with one value", question->where);
}

int fleet_where_read(fleet_question *question)
{
    sqlite3 *db = NULL;
    int exit_code = EXIT_DONE;
    if (question->where == NULL)
        return EXIT_DONE;
    if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        exit_code = message_memory();
    else
        exit_code = check(question, db);
    sqlite3_close(db);
    return exit_code;
}
