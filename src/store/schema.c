/*
 * The schema: migrations run in order, each once; `user_version` counts them. Views hold no data and are made anew
 * whenever a migration ran. All of it is one transaction.
 */
#include "store/schema.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "embedded_sql.h"
#include "store/size.h"

/* One integer that a statement answers. */
static eventure_status ask_int(eventure_reader *store, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "cannot read it");
    int step = sqlite3_step(statement);
    *out = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (step == SQLITE_ROW)
        step = SQLITE_DONE;
    eventure_status status = step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, "cannot read it");
    sqlite3_finalize(statement);
    return status;
}

/* A file from anybody may have views of its own in place of our tables, without an end for instance. */
static eventure_status check_tables(eventure_reader *store)
{
    static const char *const tables[] = {"store",      "type",           "event",           "tick",       "type_block",
                                         "type_count", "foreign_id",     "external_parent", "snapshot",   "save_point",
                                         "archive",    "archived_event", "origin",          "data_index", "data_value"};
    char sql[64];
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    {
        sqlite3_stmt *statement = NULL;
        if (sqlite3_table_column_metadata(store->db, "main", tables[i], NULL, NULL, NULL, NULL, NULL, NULL) ==
            SQLITE_OK)
            continue;
        /* A table that is missing is damage, which those find who need it. */
        snprintf(sql, sizeof sql, "SELECT 1 FROM %s LIMIT 0", tables[i]);
        int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
        sqlite3_finalize(statement);
        if (code != SQLITE_OK && code != SQLITE_ERROR)
            return eventure__store_fail(store, "cannot read it");
        if (code == SQLITE_OK)
            return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                                  "open %s: not an Eventure store: %s is not a table in it", store->path, tables[i]);
    }
    return EVENTURE_OK;
}

eventure_status eventure__schema_inspect(eventure_reader *store, eventure__schema_state *out_state)
{
    int64_t application_id = 0;
    int64_t version = 0;
    int64_t objects = 0;
    eventure_status status = ask_int(store, "PRAGMA application_id", &application_id);
    if (status == EVENTURE_OK)
        status = ask_int(store, "PRAGMA user_version", &version);
    if (status == EVENTURE_OK)
        status = ask_int(store, "SELECT count(*) FROM sqlite_schema", &objects);
    if (status != EVENTURE_OK)
        return status;
    if (objects == 0 && version == 0 && (application_id == 0 || application_id == EVENTURE__APPLICATION_ID))
        *out_state = EVENTURE__SCHEMA_EMPTY;
    else if (application_id != EVENTURE__APPLICATION_ID)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                              "open %s: not an Eventure store: an SQLite database of another application "
                              "(application_id is %lld, not %d)",
                              store->path, (long long)application_id, EVENTURE__APPLICATION_ID);
    else if (version > (int64_t)eventure__migrations_count || version < 1)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                              "open %s: made by a newer version of Eventure: its format is %lld, this library knows "
                              "formats up to %d",
                              store->path, (long long)version, (int)eventure__migrations_count);
    else
        *out_state = version < (int64_t)eventure__migrations_count ? EVENTURE__SCHEMA_OLDER : EVENTURE__SCHEMA_CURRENT;
    return *out_state == EVENTURE__SCHEMA_EMPTY ? EVENTURE_OK : check_tables(store);
}

static eventure_status run_script(eventure_reader *store, const char *sql, const char *name)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return EVENTURE_OK;
    return eventure__store_fail(store, name);
}

static eventure_status make_views(eventure_reader *store)
{
    char drop[128];
    for (size_t i = 0; i < eventure__views_count; i++)
    {
        snprintf(drop, sizeof drop, "DROP VIEW IF EXISTS %s", eventure__views[i].name);
        eventure_status status = run_script(store, drop, eventure__views[i].name);
        if (status == EVENTURE_OK)
            status = run_script(store, eventure__views[i].text, eventure__views[i].name);
        if (status != EVENTURE_OK)
            return status;
    }
    return EVENTURE_OK;
}

/* The one row of `store`. The uuid is 16 random bytes with version and variant set as RFC 4122 says. */
static eventure_status make_identity(eventure_reader *store, bool with_digests)
{
    unsigned char random[16];
    char uuid[37];
    sqlite3_randomness(sizeof random, random);
    random[6] = (unsigned char)((random[6] & 0x0F) | 0x40);
    random[8] = (unsigned char)((random[8] & 0x3F) | 0x80);
    snprintf(uuid, sizeof uuid, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", random[0],
             random[1], random[2], random[3], random[4], random[5], random[6], random[7], random[8], random[9],
             random[10], random[11], random[12], random[13], random[14], random[15]);
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);

    sqlite3_stmt *statement = NULL;
    static const char sql[] = "INSERT INTO store (id, uuid, created, current_tick, digests) VALUES (1, ?1, ?2, 0, ?3)";
    if (sqlite3_prepare_v2(store->db, sql, sizeof sql, &statement, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "make the store");
    sqlite3_bind_text(statement, 1, uuid, -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 2, (double)now.tv_sec + (double)now.tv_nsec * 1e-9);
    sqlite3_bind_text(statement, 3, with_digests ? "sha512" : "none", -1, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    eventure_status status = step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, "make the store");
    sqlite3_finalize(statement);
    return status;
}

static eventure_status migrate(eventure_reader *store, bool with_digests)
{
    int64_t version = 0;
    eventure_status status = ask_int(store, "PRAGMA user_version", &version);
    for (size_t i = (size_t)version; status == EVENTURE_OK && i < eventure__migrations_count; i++)
        status = run_script(store, eventure__migrations[i].text, eventure__migrations[i].name);
    if (status == EVENTURE_OK && version == 0)
        status = make_identity(store, with_digests);
    if (status == EVENTURE_OK)
        status = make_views(store);
    if (status == EVENTURE_OK)
    {
        char marks[96];
        snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d", EVENTURE__APPLICATION_ID,
                 (int)eventure__migrations_count);
        status = run_script(store, marks, "mark the store");
    }
    /* A store that is there is brought up to date whatever that takes, or it could not be opened any more. */
    return status == EVENTURE_OK && version == 0 ? eventure__store_check_size(store) : status;
}

eventure_status eventure__schema_bring_up(eventure_reader *store, bool with_digests)
{
    eventure_status status = run_script(store, "BEGIN IMMEDIATE", "begin the migration");
    if (status != EVENTURE_OK)
        return status;
    status = migrate(store, with_digests);
    if (status == EVENTURE_OK)
        status = run_script(store, "COMMIT", "commit the migration");
    if (status != EVENTURE_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
