/*
 * Upgrade from an older format to the current one: see migrate.h. The tables of the older formats, and the statements
 * that move their rows, are in schema/upgrade.
 */
#include "store/migrate.h"

#include <stdlib.h>
#include <unistd.h>

#include "embedded_sql.h"
#include "store/files.h"
#include "store/schema.h"
#include "store/size.h"

/* Limit for the number of copies of one format. */
#define MOST_COPIES 99

eventure_status eventure__migrate_write_copy(eventure__store *store, const char *path)
{
    static const char sql[] = "VACUUM INTO ?1";
    sqlite3_stmt *statement = NULL;
    char *plain = eventure__files_plain_name(path);
    if (plain == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "upgrade %s: out of memory", store->path);
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_text(statement, 1, plain, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_DONE)
            status = eventure__store_fail(store, "make a copy of the old store");
        eventure__store_release(store, statement);
    }
    free(plain);
    return status;
}

/* Whether the file itself contains everything: the write-ahead log is empty, and the caller's transaction excludes
 * other writers. */
static bool is_all_inside(eventure__store *store)
{
    sqlite3_file *log = NULL;
    sqlite3_int64 size = 0;
    return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
           (log == NULL || log->pMethods == NULL || (log->pMethods->xFileSize(log, &size) == SQLITE_OK && size == 0));
}

/* Copies the file byte for byte when no other connection reads it; otherwise copies its rows. */
static eventure_status write_bytes(eventure__store *store, const char *path)
{
    sqlite3_file *file = NULL;
    bool is_alone = sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK;
    eventure_status status = eventure__store_exec(store, "BEGIN IMMEDIATE", "upgrade");
    if (status != EVENTURE_OK)
        return status;
    is_alone = is_alone && is_all_inside(store) &&
               sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK && file != NULL;
    if (is_alone)
        status = eventure__files_write_bytes(file, store->file, path, &store->error);
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    if (is_alone)
        return status;
    int descriptor = -1;
    int cause = eventure__files_make(path, eventure__files_mode(store->file), &descriptor);
    if (cause != 0)
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "write %s: %s", path, eventure__files_why(cause));
    close(descriptor);
    return eventure__migrate_write_copy(store, path);
}

/* Makes the copy under a temporary name, and renames it when it is synced. */
static eventure_status make_whole_copy(eventure__store *store, const char *path)
{
    char *temporary = eventure__files_beside(path, "-new");
    if (temporary == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "upgrade %s: out of memory", store->path);
    eventure__files_remove(temporary);
    eventure_status status = write_bytes(store, temporary);
    if (status == EVENTURE_OK)
        status = eventure__files_sync(temporary, &store->error);
    if (status == EVENTURE_OK)
        status = eventure__files_rename(temporary, path, &store->error);
    if (status == EVENTURE_OK)
        status = eventure__files_sync_directory(path, &store->error);
    else
        eventure__files_remove(temporary);
    free(temporary);
    return status;
}

/* Returns the name of the copy with a number; NULL: out of memory. */
static char *name_of_copy(const eventure__store *store, int number)
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

/* Removes the copy after a failed upgrade: the store is unchanged, so the copy is useless, and each further attempt
 * would make another one. */
static void drop_copy(eventure__store *store)
{
    if (store->kept_copy != NULL)
        eventure__files_remove(store->kept_copy);
    free(store->kept_copy);
    store->kept_copy = NULL;
}

eventure_status eventure__migrate_keep_copy(eventure__store *store)
{
    for (int number = 1; number <= MOST_COPIES; number++)
    {
        char *path = name_of_copy(store, number);
        if (path == NULL)
            return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "upgrade %s: out of memory", store->path);
        if (!eventure__files_exist(path))
        {
            store->kept_copy = path;
            eventure_status status = make_whole_copy(store, path);
            if (status != EVENTURE_OK)
                drop_copy(store);
            return status;
        }
        free(path);
    }
    return eventure__fail(&store->error, EVENTURE_ERROR_EXISTS,
                          "upgrade %s: there are already %d copies of its format; move them away", store->path,
                          MOST_COPIES);
}

/* Checks that all rows were moved. A row that cannot be moved would be omitted: an event without a type, or the row
 * of `store`. */
static eventure_status check_moved(eventure__store *store)
{
    int64_t before = 0;
    int64_t after = 0;
    int64_t stores = 0;
    eventure_status status =
        eventure__store_ask_int(store, "cannot read it",
                                "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM archived_event)", &before);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int(
            store, "cannot read it", "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM archived_events)",
            &after);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int(store, "cannot read it", "SELECT count(*) FROM store", &stores);
    if (status != EVENTURE_OK || (before == after && stores == 1))
        return status;
    if (stores != 1)
        return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: its table store is empty",
                              store->path);
    return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT,
                          "%s is damaged: %lld of its %lld events have no type: repair it with the version of Eventure "
                          "that made it",
                          store->path, (long long)(before - after), (long long)before);
}

/* Each event gets its type, and the HASH in its id, as text of its own. Both are short in a store of this library.
 * In a malicious file a long text that many events share would make the new store grow without limit. */
static eventure_status check_types(eventure__store *store)
{
    int64_t bad = 0;
    eventure_status status =
        eventure__store_ask_int(store, "cannot read it",
                                "SELECT count(*) FROM type WHERE length(CAST(name AS BLOB)) NOT BETWEEN 1 AND 255 OR "
                                "length(CAST(hash AS BLOB)) > 4",
                                &bad);
    if (status != EVENTURE_OK || bad == 0)
        return status;
    return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: %lld of its types are invalid",
                          store->path, (long long)bad);
}

static eventure_status rebuild(eventure__store *store)
{
    /* Views that users added and that name our tables must not be rewritten. */
    eventure_status status = eventure__store_exec(store, "PRAGMA legacy_alter_table = ON", "upgrade");
    if (status == EVENTURE_OK)
        status = check_types(store);
    if (status == EVENTURE_OK)
        status = eventure__store_exec(store, eventure__upgrade_begin.text, "upgrade");
    if (status == EVENTURE_OK)
        status = eventure__schema_make_tables(store);
    if (status == EVENTURE_OK)
        status = eventure__store_exec(store, eventure__upgrade_move.text, "upgrade");
    if (status == EVENTURE_OK)
        status = check_moved(store);
    if (status == EVENTURE_OK)
        status = eventure__store_exec(store, eventure__upgrade_drop.text, "upgrade");
    return status == EVENTURE_OK ? eventure__schema_finish(store) : status;
}

/* After a full disk, nothing was committed. After other errors a crash may still complete the commit. */
static eventure_status commit(eventure__store *store)
{
    eventure_status status = eventure__store_exec(store, "COMMIT", "upgrade");
    if (status != EVENTURE_OK && (sqlite3_errcode(store->db) & 0xFF) == SQLITE_FULL)
        drop_copy(store);
    return status;
}

eventure_status eventure__migrate(eventure__store *store)
{
    eventure_status status = eventure__store_exec(store, "BEGIN IMMEDIATE", "upgrade");
    if (status == EVENTURE_OK)
        status = rebuild(store);
    if (status != EVENTURE_OK)
        drop_copy(store);
    else
        status = commit(store);
    if (status != EVENTURE_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    /* The old tables have left free pages. They cost only space: a full disk is not an error here. */
    if (status == EVENTURE_OK)
        sqlite3_exec(store->db, "VACUUM", NULL, NULL, NULL);
    /* The file may be larger now than before, and larger than the limit. */
    return status == EVENTURE_OK ? eventure__store_limit_size(store, store->max_file_bytes, false) : status;
}
