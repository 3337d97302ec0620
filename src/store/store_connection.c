/*
 * The connection of a store: making the store, opening and closing SQLite's connection, and a second view of it.
 *
 * A store may come from an untrusted source, so connections do not trust it: its schema may not call functions with
 * side effects (trusted_schema), its triggers do not run, and it cannot be edited behind SQLite's back (defensive).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fork_generation.h"
#include "base/path.h"
#include "store/files.h"
#include "store/guard.h"
#include "store/store_internal.h"

#define DEFAULT_BUSY_TIMEOUT_MS 5000

eventure__store *eventure__store_make(const char *path)
{
    eventure__store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->path = strdup(path);
    store->file = eventure__path_real(path);
    if (store->path == NULL || store->file == NULL)
    {
        free(store->path);
        free(store->file);
        free(store);
        return NULL;
    }
    store->busy_timeout_ms = DEFAULT_BUSY_TIMEOUT_MS;
    store->generation = eventure__fork_generation();
    return store;
}

eventure_status eventure__store_connect(eventure__store *store, const char *name, int flags)
{
    /* In a shared cache, which the program may have enabled, a writer blocks the readers of its process. */
    flags |= SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(name, &store->db, flags, NULL) != SQLITE_OK)
    {
        if (store->db == NULL)
            return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
        return eventure__store_fail(store, "open");
    }
    if (store->inode != NULL && !eventure__inode_connected(store->inode, store->db))
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_busy_timeout(store->db, store->busy_timeout_ms);
    return EVENTURE_OK;
}

eventure_status eventure__store_check_is_file(eventure__store *store, bool *out_exists)
{
    struct stat info;
    *out_exists = stat(store->file, &info) == 0;
    if (!*out_exists)
    {
        if (errno == ENOENT)
            return eventure__files_check_beside(store->path, &store->error);
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: %s", store->path, strerror(errno));
    }
    if (S_ISDIR(info.st_mode))
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: it is a directory", store->path);
    if (!S_ISREG(info.st_mode)) /* opening a FIFO would wait for a writer */
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: it is not a regular file", store->path);
    return eventure__files_check_beside(store->path, &store->error);
}

void eventure__store_drop_connection(eventure__store *store)
{
    eventure__store_forget_statements(store);
    eventure__inode_disconnected(store->inode, store->db);
    sqlite3_close_v2(store->db);
    store->db = NULL;
    store->read_file = NULL;
    store->has_query_functions = false;
}

eventure_status eventure__store_disconnect(eventure__store *store)
{
    eventure_status status = EVENTURE_OK;
    eventure__store_forget_statements(store);
    if (!store->borrows)
        status = eventure__guard_close(store);
    store->db = NULL;
    store->read_file = NULL;
    return status;
}

/* An inherited connection is abandoned: closing it could change files of the parent, or wait for a mutex that was
 * locked when the process was forked. */
static void abandon(eventure__store *store)
{
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
        free(store->statements[i].sql);
}

eventure_status eventure__store_close(eventure__store *store)
{
    eventure_status status = EVENTURE_OK;
    if (store == NULL)
        return EVENTURE_OK;
    if (eventure__store_is_inherited(store))
        abandon(store);
    else
        status = eventure__store_disconnect(store);
    free(store->kept_copy);
    free(store->path);
    free(store->file);
    free(store->given);
    free(store);
    return status;
}

eventure__store *eventure__store_share(eventure__store *store)
{
    eventure__store *view = eventure__store_make(store->path);
    if (view == NULL)
        return NULL;
    view->db = store->db;
    if (eventure__store_in_memory(store))
        view->file[0] = '\0';
    view->writable = store->writable;
    view->borrows = true;
    view->identity = store->identity;
    view->busy_timeout_ms = store->busy_timeout_ms;
    view->max_file_bytes = store->max_file_bytes;
    view->max_pages = store->max_pages;
    view->page_bytes = store->page_bytes;
    return view;
}
