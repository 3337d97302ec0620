/*
 * From an older format to the present one: see upgrade.h. What the formats had, and where it goes, stands in
 * schema/upgrade.
 */
#include "store/upgrade.h"

#include <stdlib.h>

#include "embedded_sql.h"
#include "store/files.h"
#include "store/schema.h"

/* So many copies of one format at most. */
#define MOST_COPIES 99

static eventure_status make_copy(eventure_reader *store, const char *path)
{
    static const char sql[] = "VACUUM INTO ?1";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_take(store, sql, sizeof sql - 1, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(store, "keep a copy of the store as it was");
    eventure__store_give(store, statement);
    return status;
}

/* Makes the copy under another name, and gives it its own when it is on the disk. */
static eventure_status make_whole_copy(eventure_reader *store, const char *path)
{
    eventure__buffer name = {0};
    eventure__buffer_append_text(&name, path);
    eventure__buffer_append_text(&name, "-new");
    const char *temporary = eventure__buffer_text(&name);
    if (temporary == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "upgrade %s: out of memory", store->path);
    eventure__files_remove(temporary);
    eventure_status status = make_copy(store, temporary);
    if (status == EVENTURE_OK)
        status = eventure__files_sync(temporary, &store->error);
    if (status == EVENTURE_OK)
        status = eventure__files_rename(temporary, path, &store->error);
    if (status == EVENTURE_OK)
        status = eventure__files_sync_directory(path, &store->error);
    else
        eventure__files_remove(temporary);
    eventure__buffer_free(&name);
    return status;
}

/* The name of the number-th copy of a format; NULL: out of memory. */
static char *name_of_copy(const eventure_reader *store, int number)
{
    eventure__buffer name = {0};
    eventure__buffer_append_text(&name, store->path);
    eventure__buffer_append_text(&name, "-format-");
    eventure__buffer_append_int(&name, store->opened_format);
    if (number > 1)
    {
        eventure__buffer_append_char(&name, '-');
        eventure__buffer_append_int(&name, number);
    }
    return eventure__buffer_take(&name);
}

eventure_status eventure__upgrade_keep_copy(eventure_reader *store)
{
    for (int number = 1; number <= MOST_COPIES; number++)
    {
        char *path = name_of_copy(store, number);
        if (path == NULL)
            return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "upgrade %s: out of memory", store->path);
        if (!eventure__files_exist(path))
        {
            store->kept_copy = path;
            return make_whole_copy(store, path);
        }
        free(path);
    }
    return eventure__fail(&store->error, EVENTURE_ERROR_EXISTS,
                          "upgrade %s: there are %d copies of its format already; move them away", store->path,
                          MOST_COPIES);
}

/* An event whose type cannot be told would be left out. */
static eventure_status check_counts(eventure_reader *store)
{
    int64_t before = 0;
    int64_t after = 0;
    eventure_status status = eventure__schema_ask(
        store, "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM archived_event)", &before);
    if (status == EVENTURE_OK)
        status = eventure__schema_ask(
            store, "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM archived_events)", &after);
    if (status != EVENTURE_OK || before == after)
        return status;
    return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT,
                          "%s is damaged: %lld of its %lld events have no type: repair it with the version of Eventure "
                          "that made it",
                          store->path, (long long)(before - after), (long long)before);
}

static eventure_status rebuild(eventure_reader *store)
{
    /* Views of others that name our tables stay as they are. */
    eventure_status status = eventure__schema_run(store, "PRAGMA legacy_alter_table = ON", "upgrade");
    if (status == EVENTURE_OK)
        status = eventure__schema_run(store, eventure__upgrade_begin.text, "upgrade");
    if (status == EVENTURE_OK)
        status = eventure__schema_make_tables(store);
    if (status == EVENTURE_OK)
        status = eventure__schema_run(store, eventure__upgrade_move.text, "upgrade");
    if (status == EVENTURE_OK)
        status = check_counts(store);
    if (status == EVENTURE_OK)
        status = eventure__schema_run(store, eventure__upgrade_drop.text, "upgrade");
    return status == EVENTURE_OK ? eventure__schema_finish(store) : status;
}

eventure_status eventure__upgrade(eventure_reader *store)
{
    eventure_status status = eventure__schema_run(store, "BEGIN IMMEDIATE", "upgrade");
    if (status != EVENTURE_OK)
        return status;
    status = rebuild(store);
    if (status == EVENTURE_OK)
        status = eventure__schema_run(store, "COMMIT", "upgrade");
    if (status != EVENTURE_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    /* The old tables have left their pages free. That is only space: a disk without room for this is no error. */
    if (status == EVENTURE_OK)
        sqlite3_exec(store->db, "VACUUM", NULL, NULL, NULL);
    return status;
}
