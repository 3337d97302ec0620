/*
 * From an older format to the present one: see upgrade.h. What the formats had, and where it goes, stands in
 * schema/upgrade.
 */
#include "store/migrate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "embedded_sql.h"
#include "store/files.h"
#include "store/schema.h"
#include "store/size.h"

/* So many copies of one format at most. */
#define MOST_COPIES 99

eventure_status eventure__migrate_write_copy(eventure_reader *store, const char *path)
{
    static const char sql[] = "VACUUM INTO ?1";
    sqlite3_stmt *statement = NULL;
    char *plain = eventure__files_plain_name(path);
    if (plain == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "upgrade %s: out of memory", store->path);
    eventure_status status = eventure__store_prepare(store, sql, sizeof sql - 1, &statement);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_text(statement, 1, plain, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_DONE)
            status = eventure__store_fail(store, "make a copy of the store as it was");
        eventure__store_release(store, statement);
    }
    free(plain);
    return status;
}

/* Whether the file itself holds everything: nothing is in the write-ahead log, and the caller's transaction keeps
 * others from writing. */
static bool is_all_inside(eventure_reader *store)
{
    sqlite3_file *log = NULL;
    sqlite3_int64 size = 0;
    return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
           (log == NULL || log->pMethods == NULL || (log->pMethods->xFileSize(log, &size) == SQLITE_OK && size == 0));
}

/* Copies the file byte for byte where nobody else reads it; else a copy of its rows has to do. */
static eventure_status write_bytes(eventure_reader *store, const char *path)
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
    eventure_status status = write_bytes(store, temporary);
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

/* While the store is what it was, a copy of it is of no use, and whoever tries again would make one each time. */
static void drop_copy(eventure_reader *store)
{
    if (store->kept_copy != NULL)
        eventure__files_remove(store->kept_copy);
    free(store->kept_copy);
    store->kept_copy = NULL;
}

eventure_status eventure__migrate_keep_copy(eventure_reader *store)
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
                          "upgrade %s: there are %d copies of its format already; move them away", store->path,
                          MOST_COPIES);
}

/* What cannot be moved would be left out: an event whose type is not there, the row that says which store it is. */
static eventure_status check_moved(eventure_reader *store)
{
    int64_t before = 0;
    int64_t after = 0;
    int64_t stores = 0;
    eventure_status status = eventure__store_ask_int(
        store, "cannot read it", "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM archived_event)", 0, 0,
        &before);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int(
            store, "cannot read it", "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM archived_events)", 0,
            0, &after);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int(store, "cannot read it", "SELECT count(*) FROM store", 0, 0, &stores);
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

/* Each event gets its type, and the HASH in its id, as text of its own. In a store of ours both are short; a file made
 * to harm, with a long one that many events share, would grow without measure. */
static eventure_status check_types(eventure_reader *store)
{
    int64_t bad = 0;
    eventure_status status =
        eventure__store_ask_int(store, "cannot read it",
                                "SELECT count(*) FROM type WHERE length(CAST(name AS BLOB)) NOT BETWEEN 1 AND 255 OR "
                                "length(CAST(hash AS BLOB)) > 4",
                                0, 0, &bad);
    if (status != EVENTURE_OK || bad == 0)
        return status;
    return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: %lld of its types are none",
                          store->path, (long long)bad);
}

static eventure_status rebuild(eventure_reader *store)
{
    /* Views of others that name our tables stay as they are. */
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

/* After a disk that is full, nothing was committed. After other errors a crash may still bring it about. */
static eventure_status commit(eventure_reader *store)
{
    eventure_status status = eventure__store_exec(store, "COMMIT", "upgrade");
    if (status != EVENTURE_OK && (sqlite3_errcode(store->db) & 0xFF) == SQLITE_FULL)
        drop_copy(store);
    return status;
}

eventure_status eventure__migrate(eventure_reader *store)
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
    /* The old tables have left their pages free. That is only space: a disk without room for this is no error. */
    if (status == EVENTURE_OK)
        sqlite3_exec(store->db, "VACUUM", NULL, NULL, NULL);
    /* The file may be larger now than it was, and than it may become. */
    return status == EVENTURE_OK ? eventure__store_limit_size(store, store->max_file_bytes, false) : status;
}
