/*
 * A scratch log and one projection of it, for the tests of projections.
 */
#ifndef EVENTURE_TESTS_PROJECTION_WORLD_H
#define EVENTURE_TESTS_PROJECTION_WORLD_H

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "bus_world.h"
#include "ledger.h"

static eventure_projection *projection;

static inline void close_projecting_world(void)
{
    eventure_projection_close(projection);
    projection = NULL;
    close_world();
}

static inline eventure_status parse(const char *text)
{
    eventure_projection_close(projection);
    return eventure_projection_parse("folder/x.sql", text, strlen(text), NULL, &projection);
}

static inline void open_projection(const char *text)
{
    expect_ok(projection, parse(text));
}

static inline eventure_status state_at(int64_t tick)
{
    return eventure_replay_at(reader(), eventure_projection_reducer(projection), projection, tick, NULL);
}

/* Returns the result of a query of the state: the values of all rows, each followed by `|`. The caller frees it. */
static inline char *ask(const char *sql)
{
    void *image = NULL;
    size_t len = 0;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char *text = calloc(1, 65536);
    ck_assert_ptr_nonnull(text);
    expect_ok(projection, eventure_projection_image(projection, &image, &len));
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_deserialize(db, "main", image, (sqlite3_int64)len, (sqlite3_int64)len, SQLITE_DESERIALIZE_READONLY),
        SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++)
        {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            strcat(text, value != NULL ? value : "NULL");
            strcat(text, "|");
        }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    eventure_free(image);
    return text;
}

static inline void expect_answer(const char *sql, const char *answer)
{
    char *text = ask(sql);
    ck_assert_str_eq(text, answer);
    free(text);
}

static inline void expect_state(int64_t tick, const char *sql, const char *answer)
{
    expect_ok(here.log, state_at(tick));
    expect_answer(sql, answer);
}

static inline void append(const char *type, const char *data)
{
    scratch_append(here.log, type, data, NULL);
}

#endif
