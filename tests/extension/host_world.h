/*
 * A store, and a host: a connection of stock SQLite that has loaded eventure.so. For the tests of the extension.
 */
#ifndef EVENTURE_TESTS_HOST_WORLD_H
#define EVENTURE_TESTS_HOST_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "scratch.h"
#include "testing.h"

/* Opens a database and loads the extension into the connection. */
static inline sqlite3 *host_open(const char *path, int flags)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open_v2(path, &db, flags, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL), SQLITE_OK);
    int code = sqlite3_load_extension(db, EVENTURE_EXTENSION, NULL, &message);
    ck_assert_msg(code == SQLITE_OK, "%s", message);
    ck_assert_int_eq(sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL), SQLITE_OK);
    return db;
}

/* Returns the result of SQL: values separated by |, rows by a space; or "error: " and the message. Valid until the next
 * call. */
static inline const char *host_ask(sqlite3 *db, const char *sql)
{
    static char answer[65536];
    sqlite3_stmt *statement = NULL;
    size_t len = 0;
    int step = SQLITE_ERROR;
    answer[0] = '\0';
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK)
    {
        while ((step = sqlite3_step(statement)) == SQLITE_ROW && len < sizeof answer)
        {
            for (int i = 0; i < sqlite3_column_count(statement) && len < sizeof answer; i++)
            {
                const char *value = (const char *)sqlite3_column_text(statement, i);
                len += (size_t)snprintf(answer + len, sizeof answer - len, "%s%s",
                                        i > 0     ? "|"
                                        : len > 0 ? " "
                                                  : "",
                                        value != NULL ? value : "NULL");
            }
        }
    }
    if (step != SQLITE_DONE && step != SQLITE_ROW)
        snprintf(answer, sizeof answer, "error: %s", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return answer;
}

#endif
