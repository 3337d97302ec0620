/*
 * Damages a store, and verifies it: see damage.h.
 */
#include "damage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "scratch.h"
#include "testing.h"

int damage_store(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
    int changed = sqlite3_total_changes(db);
    sqlite3_close(db);
    return changed;
}

void damage_root(const char *path, const char *name)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT rootpage * page_size FROM sqlite_schema, pragma_page_size WHERE name = '%s'",
             name);
    char *end = scratch_ask(path, sql);
    snprintf(sql, sizeof sql, "SELECT page_size FROM pragma_page_size");
    char *size = scratch_ask(path, sql);
    long len = 0;
    unsigned char *bytes = harness_load(path, &len);
    ck_assert(end != NULL && size != NULL && atol(end) <= len);
    memset(bytes + atol(end) - atol(size), 0, (size_t)atol(size));
    harness_store(path, bytes, len);
    free(bytes);
    free(size);
    free(end);
}

eventure_verify_report damage_verify(const char *path, bool quick)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.quick = quick;
    expect_ok(NULL, eventure_reader_open_damaged(path, &reader));
    expect_ok(reader, eventure_store_verify(reader, &options, &report));
    eventure_reader_close(reader);
    return report;
}
