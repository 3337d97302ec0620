/*
 * Hints about SQL: see hint.h. The types and keys of a statement are found by a simple scan of its text, which is
 * sufficient for hints: comparisons of `type` with a literal, and members of the data by `->`, `->>` or a JSON path.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "message.h"
#include "terminal.h"

#define MOST_LITERALS 16
#define LITERAL_BYTES 256

/* Larger stores are not searched for a hint. */
#define MOST_LOOKED_AT 1000000

typedef struct literals
{
    char text[MOST_LITERALS][LITERAL_BYTES];
    size_t count;
} literals;

/* Reads the string literal at `at`; returns the text after it, NULL when there is no literal or it is too long. */
static const char *read_literal(const char *at, char out[LITERAL_BYTES])
{
    size_t len = 0;
    while (isspace((unsigned char)*at))
        at++;
    if (*at++ != '\'')
        return NULL;
    for (; *at != '\0' && len < LITERAL_BYTES - 1; at++)
    {
        if (*at == '\'' && at[1] != '\'')
        {
            out[len] = '\0';
            return at + 1;
        }
        at += *at == '\'';
        out[len++] = *at;
    }
    return NULL;
}

static void add(literals *list, const char *text)
{
    if (list->count < MOST_LITERALS && *text != '\0')
        snprintf(list->text[list->count++], LITERAL_BYTES, "%s", text);
}

/* Adds a key, written for `->>` or as a path: `$.key`. */
static void add_key(literals *keys, const char *literal)
{
    const char *key = strncmp(literal, "$.", 2) == 0 ? literal + 2 : literal;
    if (*key != '$' && strpbrk(key, ".[\"") == NULL)
        add(keys, key);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether a word ends before `at`. */
static bool follows_word(const char *sql, const char *at, const char *word)
{
    size_t len = strlen(word);
    while (at > sql && isspace((unsigned char)at[-1]))
        at--;
    return (size_t)(at - sql) >= len && strncmp(at - len, word, len) == 0 &&
           ((size_t)(at - sql) == len || !is_word(at[-(ptrdiff_t)len - 1]));
}

/* Gathers the literals that `type` is compared with, and the keys of the data. */
static void scan(const char *sql, literals *types, literals *keys)
{
    char literal[LITERAL_BYTES] = "";
    for (const char *at = sql; *at != '\0';)
    {
        const char *behind = NULL;
        bool is_type = *at == '=' && follows_word(sql, at, "type");
        bool is_arrow = strncmp(at, "->", 2) == 0;
        if (is_type)
            behind = read_literal(at + (at[1] == '=' ? 2 : 1), literal);
        else if (is_arrow)
            behind = read_literal(at + (at[2] == '>' ? 3 : 2), literal);
        else if (*at == '\'')
            behind = read_literal(at, literal);
        if (behind != NULL && is_type)
            add(types, literal);
        if (behind != NULL && (is_arrow || (!is_type && strncmp(literal, "$.", 2) == 0)))
            add_key(keys, literal);
        at = behind != NULL ? behind : at + 1;
    }
}

/* Returns the integer result of a query with one text for ?1; -1 on an error. */
static int64_t ask(sql_guard *guard, const char *sql, const char *text)
{
    sqlite3_stmt *statement = NULL;
    int64_t answer = -1;
    if (sqlite3_prepare_v2(guard->db, sql, -1, &statement, NULL) == SQLITE_OK)
    {
        sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) == SQLITE_ROW)
            answer = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return answer;
}

static bool hint_types(sql_guard *guard, const literals *types)
{
    for (size_t i = 0; i < types->count; i++)
        if (ask(guard, "SELECT EXISTS (SELECT 1 FROM events WHERE type = ?1)", types->text[i]) == 0)
        {
            message("hint: no event of the store has the type '%s'", types->text[i]);
            return true;
        }
    return false;
}

static bool hint_keys(sql_guard *guard, const literals *keys)
{
    static const char sql[] = "SELECT EXISTS (SELECT 1 FROM events, json_each(events.data) WHERE json_each.key = ?1)";
    for (size_t i = 0; i < keys->count; i++)
        if (ask(guard, sql, keys->text[i]) == 0)
        {
            message("hint: no event of the store has the key '%s'", keys->text[i]);
            return true;
        }
    return false;
}

/* Whether the statement reads the whole table. */
static bool scans(sql_guard *guard, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    bool found = false;
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    if (explain != NULL && sqlite3_prepare_v2(guard->db, explain, -1, &statement, NULL) == SQLITE_OK)
        while (!found && sqlite3_step(statement) == SQLITE_ROW)
        {
            const char *step = (const char *)sqlite3_column_text(statement, 3);
            found = step != NULL && strncmp(step, "SCAN ", 5) == 0 && strstr(step, " USING ") == NULL &&
                    strncmp(step, "SCAN CONSTANT", 13) != 0;
        }
    sqlite3_finalize(statement);
    sqlite3_free(explain);
    return found;
}

void hint_sql(sql_guard *guard, const char *path, const char *sql)
{
    literals types = {.count = 0};
    literals keys = {.count = 0};
    if (!terminal_is(stderr))
        return;
    scan(sql, &types, &keys);
    if (hint_types(guard, &types) || keys.count == 0)
        return;
    int64_t events = ask(guard, "SELECT count(*) FROM events", "");
    if (events <= MOST_LOOKED_AT && hint_keys(guard, &keys))
        return;
    if (events >= HINT_EVENTS && scans(guard, sql))
        message("hint: this reads all %" PRId64 " events; after 'eventure index add %s %s' the view indexed_data finds "
                "those with a value of '%s': see 'eventure help index'",
                events, path, keys.text[0], keys.text[0]);
}
