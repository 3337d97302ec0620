/*
 * Making and recognising a store: see schema.h. The tables, indexes and views are those of schema/; one transaction
 * makes all of them.
 */
#include "store/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "embedded_sql.h"
#include "store/proof.h"
#include "store/size.h"

/* Checks that `key` is the rowid of the table, so that no two rows have the same one. In a file of unknown origin,
 * several rows may have the same seq; following causes to effects would then not end, because each of these rows would
 * have all the children of the others. A table that cannot be read is missing or damaged; the functions that need it
 * report that. */
static eventure_status check_key(eventure__store *store, const char *table, const char *key)
{
    char sql[64];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "SELECT rowid FROM main.%s", table);
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    /* The title of `rowid` is the name of the INTEGER PRIMARY KEY, when the table has one. */
    const char *name = code == SQLITE_OK ? sqlite3_column_name(statement, 0) : NULL;
    if (code == SQLITE_ERROR)
    {
        code = sqlite3_table_column_metadata(store->db, "main", table, NULL, NULL, NULL, NULL, NULL, NULL);
        name = ""; /* a table without a rowid */
    }
    eventure_status status = EVENTURE_OK;
    if (code == SQLITE_OK && name == NULL)
        status = eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
    else if (code != SQLITE_OK && code != SQLITE_ERROR)
        status = eventure__store_fail(store, "cannot read it");
    else if (code == SQLITE_OK && strcmp(name, key) != 0)
        status = eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                                "open %s: not an Eventure store: %s is not the key of table %s in it", store->path, key,
                                table);
    sqlite3_finalize(statement);
    return status;
}

static eventure_status check_keys(eventure__store *store)
{
    eventure_status status = check_key(store, "events", "seq");
    if (status == EVENTURE_OK)
        status = check_key(store, "archived_events", "seq");
    return status == EVENTURE_OK ? check_key(store, "tick", "tick") : status;
}

/* A file of unknown origin may have views in place of our tables, for instance without an end. */
static eventure_status check_tables(eventure__store *store, const char *const *tables)
{
    char sql[64];
    for (; *tables != NULL; tables++)
    {
        sqlite3_stmt *statement = NULL;
        bool exists = false;
        eventure_status status = eventure__store_has_table(store, *tables, &exists);
        if (status != EVENTURE_OK)
            return status;
        if (exists)
            continue;
        /* A missing table is damage, which the functions that need it report. */
        snprintf(sql, sizeof sql, "SELECT 1 FROM %s LIMIT 0", *tables);
        int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
        sqlite3_finalize(statement);
        if (code != SQLITE_OK && code != SQLITE_ERROR)
            return eventure__store_fail(store, "cannot read it");
        if (code == SQLITE_OK)
            return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                                  "open %s: not an Eventure store: %s is not a table in it", store->path, *tables);
    }
    return EVENTURE_OK;
}

eventure_status eventure__schema_inspect(eventure__store *store, eventure__schema_state *out_state, int64_t *out_format)
{
    static const char *const tables[] = {
        "store",           "events",     "tick",       "snapshot", "save_point", "origin", "archive",
        "archived_events", "data_index", "data_value", "proof",    "run_record", NULL};
    static const char *const old_tables[] = {
        "store",          "type",       "event",           "tick",       "type_tick",  "type_block",
        "type_count",     "foreign_id", "external_parent", "snapshot",   "save_point", "archive",
        "archived_event", "origin",     "data_index",      "data_value", NULL};
    int64_t application_id = 0;
    int64_t format = 0;
    int64_t objects = 0;
    eventure_status status = eventure__store_ask_int(store, "cannot read it", "PRAGMA application_id", &application_id);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int(store, "cannot read it", "PRAGMA user_version", &format);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int(store, "cannot read it", "SELECT count(*) FROM sqlite_schema", &objects);
    *out_format = format;
    if (status != EVENTURE_OK)
        return status;
    if (objects == 0 && format == 0 && (application_id == 0 || application_id == EVENTURE__APPLICATION_ID))
        *out_state = EVENTURE__SCHEMA_EMPTY;
    else if (application_id != EVENTURE__APPLICATION_ID)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                              "open %s: not an Eventure store: an SQLite database of another application "
                              "(application_id is %lld, not %d)",
                              store->path, (long long)application_id, EVENTURE__APPLICATION_ID);
    else if (format > EVENTURE__FORMAT || format < 1)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                              "open %s: made by a newer version of Eventure: its format is %lld, this library knows "
                              "formats up to %d",
                              store->path, (long long)format, EVENTURE__FORMAT);
    else
        *out_state = format < EVENTURE__FORMAT ? EVENTURE__SCHEMA_OLDER : EVENTURE__SCHEMA_CURRENT;
    if (*out_state == EVENTURE__SCHEMA_EMPTY)
        return EVENTURE_OK;
    status = check_tables(store, *out_state == EVENTURE__SCHEMA_CURRENT ? tables : old_tables);
    return status == EVENTURE_OK && *out_state == EVENTURE__SCHEMA_CURRENT ? check_keys(store) : status;
}

static eventure_status run_all(eventure__store *store, const eventure__sql *scripts, size_t count)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
        status = eventure__store_exec(store, scripts[i].text, scripts[i].name);
    return status;
}

eventure_status eventure__schema_make_tables(eventure__store *store)
{
    return run_all(store, eventure__tables, eventure__tables_count);
}

eventure_status eventure__schema_finish(eventure__store *store)
{
    char marks[96];
    eventure_status status = run_all(store, eventure__indexes, eventure__indexes_count);
    if (status == EVENTURE_OK)
        status = run_all(store, eventure__views, eventure__views_count);
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d", EVENTURE__APPLICATION_ID,
             EVENTURE__FORMAT);
    if (status == EVENTURE_OK)
        status = eventure__store_exec(store, marks, "mark the store");
    return status == EVENTURE_OK ? eventure__proof_note_all(store) : status;
}

/* Makes the row of `store`. The uuid is 16 random bytes with version and variant set as in RFC 4122. */
static eventure_status make_identity(eventure__store *store, bool with_digests)
{
    unsigned char random[16];
    char uuid[37];
    sqlite3_randomness(sizeof random, random);
    random[6] = (unsigned char)((random[6] & 0x0F) | 0x40);
    random[8] = (unsigned char)((random[8] & 0x3F) | 0x80);
    snprintf(uuid, sizeof uuid, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", random[0],
             random[1], random[2], random[3], random[4], random[5], random[6], random[7], random[8], random[9],
             random[10], random[11], random[12], random[13], random[14], random[15]);
    sqlite3_stmt *statement = NULL;
    static const char sql[] = "INSERT INTO store (id, uuid, created, current_tick, digests, foreign_ids) "
                              "VALUES (1, ?1, ?2, 0, ?3, 0)";
    if (sqlite3_prepare_v2(store->db, sql, sizeof sql, &statement, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "make the store");
    sqlite3_bind_text(statement, 1, uuid, -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 2, eventure__clock_now());
    sqlite3_bind_text(statement, 3, with_digests ? "sha512" : "none", -1, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    eventure_status status = step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, "make the store");
    sqlite3_finalize(statement);
    return status;
}

static eventure_status make(eventure__store *store, bool with_digests)
{
    eventure_status status = eventure__schema_make_tables(store);
    if (status == EVENTURE_OK)
        status = make_identity(store, with_digests);
    if (status == EVENTURE_OK)
        status = eventure__schema_finish(store);
    return status == EVENTURE_OK ? eventure__store_check_size(store) : status;
}

eventure_status eventure__schema_make(eventure__store *store, bool with_digests)
{
    eventure_status status = eventure__store_exec(store, "BEGIN IMMEDIATE", "make the store");
    if (status != EVENTURE_OK)
        return status;
    status = make(store, with_digests);
    if (status == EVENTURE_OK)
        status = eventure__store_exec(store, "COMMIT", "make the store");
    if (status != EVENTURE_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
