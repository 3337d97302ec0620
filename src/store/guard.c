/*
 * The file of a store: see guard.h.
 */
#include "store/guard.h"

#include <errno.h>
#include <string.h>

#include "store/files.h"
#include "store/hard_links.h"

/* --- The names --- */

/* The mutex of the connection protects the identity, because commits of a background writer check it too. */
static eventure_status check(eventure__store *store, bool only_committed)
{
    eventure_status status = EVENTURE_OK;
    if (store->identity == NULL || eventure__store_is_inherited(store))
        return eventure__store_check_process(store);
    eventure__store_enter(store);
    if ((!only_committed && !eventure__identity_holds(store->identity)) ||
        !eventure__identity_is_reached(store->identity))
        status = eventure__identity_fail(store->identity, &store->error);
    eventure__store_leave(store);
    return status;
}

eventure_status eventure__store_check_file(eventure__store *store)
{
    return check(store, false);
}

eventure_status eventure__store_check_committed(eventure__store *store)
{
    return check(store, true);
}

bool eventure__store_is_lost(const eventure__store *store)
{
    return store->identity != NULL && eventure__identity_is_lost(store->identity);
}

/* Does not wait for readers: the frames that they still need stay in the write-ahead log. */
void eventure__store_save_rest(eventure__store *store)
{
    if (store->db == NULL || !eventure__store_is_lost(store))
        return;
    eventure__inode_unlock_shared(store->inode);
    if (!eventure__identity_may_save(store->identity, !eventure__inode_has_others(store->inode)))
    {
        eventure__inode_lock_shared(store->inode);
        return;
    }
    sqlite3_busy_timeout(store->db, 0);
    sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

/* Turns a commit into a rollback when the names do not lead to the files of the store. */
static int before_commit(void *context)
{
    return eventure__identity_holds(context) ? 0 : 1;
}

/* --- Opening and closing --- */

static eventure_status fail_to_use(eventure__store *store, int cause)
{
    if (cause == EVENTURE__INODE_INHERITED)
        return eventure__fail(
            &store->error, EVENTURE_ERROR_ARGUMENT,
            "open %s: it was in use when this process was forked, and SQLite cannot open it safely in "
            "the child: close it before fork, or open it in a program of its own (exec)",
            store->path);
    if (cause == EWOULDBLOCK)
        return eventure__fail(&store->error, EVENTURE_ERROR_BUSY,
                              "open %s: another log writes this store; only one log at a time can write it",
                              store->path);
    return eventure__fail(&store->error, eventure__errno_name_status(cause), "open %s: %s", store->path,
                          cause == ENOMEM ? "out of memory" : strerror(cause));
}

eventure_status eventure__guard_watch(eventure__store *store)
{
    int cause = eventure__inode_lock_shared(store->inode);
    if (cause == EWOULDBLOCK)
        return eventure__fail(&store->error, EVENTURE_ERROR_BUSY,
                              "open %s: another program has an exclusive lock on it", store->path);
    if (cause == 0)
        cause = eventure__identity_open(store->file, store->path, store->given,
                                        eventure__inode_descriptor(store->inode), &store->identity);
    if (cause != 0)
    {
        eventure__identity_close(store->identity);
        store->identity = NULL;
        return fail_to_use(store, cause);
    }
    sqlite3_commit_hook(store->db, before_commit, store->identity);
    return EVENTURE_OK;
}

eventure_status eventure__guard_use(eventure__store *store)
{
    int cause = eventure__inode_use(store->file, false, &store->inode);
    return cause == 0 ? eventure__hard_links_check(store) : fail_to_use(store, cause);
}

eventure_status eventure__guard_lock(eventure__store *store, bool exists)
{
    int cause = eventure__inode_use(store->file, !exists, &store->inode);
    if (cause == 0)
    {
        cause = eventure__inode_lock(store->inode, store->file);
        store->is_locked = cause == 0;
        if (!exists && cause != 0 && cause != EWOULDBLOCK)
            eventure__files_remove(store->file);
    }
    if (cause != 0)
        return fail_to_use(store, cause);
    return exists ? eventure__hard_links_check(store) : EVENTURE_OK;
}

/* After the loss of a name of the file, SQLite would remove files by name that do not belong to the store. */
eventure_status eventure__guard_close(eventure__store *store)
{
    eventure_status status = eventure__store_check_file(store);
    if (store->identity != NULL)
    {
        sqlite3_commit_hook(store->db, NULL, NULL);
        eventure__store_save_rest(store);
        bool may_remove = status == EVENTURE_OK || eventure__identity_keeps_names(store->identity);
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !may_remove, NULL);
        eventure__inode_unlock_shared(store->inode);
    }
    eventure__inode_disconnected(store->inode, store->db);
    sqlite3_close_v2(store->db);
    if (eventure__store_is_lost(store))
        eventure__identity_clear(store->identity);
    eventure__identity_close(store->identity);
    store->identity = NULL;
    if (store->is_locked)
        eventure__inode_unlock(store->inode);
    store->is_locked = false;
    eventure__inode_leave(store->inode);
    store->inode = NULL;
    return status;
}
