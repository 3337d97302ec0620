/*
 * Opening a store for reading, so that no file remains beside it and no other user is locked out.
 *
 * The owner of the store and root open it for writing, and then write nothing: when they close the last connection,
 * SQLite moves the write-ahead log into the file and removes the files beside it. Other users make no file, because a
 * file of theirs would lock the owner out: they open the store with locks when the files beside it exist, and otherwise
 * without locks (see read_file.h). So does the owner when the file or its directory is read-only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/files.h"
#include "store/guard.h"
#include "store/read_file.h"
#include "store/schema.h"
#include "store/store_internal.h"

/* A log that closes removes the files beside the store one after the other; one of them may exist alone for this
 * time. */
#define ALONE_MS 250
#define STEP_MS 5

/* Returns an absolute name as a URI, `file:///...?parameter=1`. SQLite interprets a text between two slashes at its
 * beginning as a host. */
static char *uri_of(const char *path, const char *parameters)
{
    eventure__buffer name = {0};
    eventure__buffer_append_text(&name, "file://");
    for (const char *c = path; *c != '\0'; c++)
    {
        if (strchr("%?#", *c) != NULL)
        {
            char escaped[8];
            snprintf(escaped, sizeof escaped, "%%%02X", (unsigned)(unsigned char)*c);
            eventure__buffer_append_text(&name, escaped);
        }
        else
            eventure__buffer_append_char(&name, *c);
    }
    eventure__buffer_append_text(&name, parameters);
    return eventure__buffer_take(&name);
}

static eventure_status fail_memory(eventure__store *store)
{
    return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
}

eventure_status eventure__store_inspect_read(eventure__store *store)
{
    eventure__schema_state state = EVENTURE__SCHEMA_EMPTY;
    eventure_status status = eventure__schema_inspect(store, &state, &store->opened_format);
    if (status != EVENTURE_OK)
        return status;
    if (state == EVENTURE__SCHEMA_EMPTY)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT, "open %s: not an Eventure store: it is empty",
                              store->path);
    if (state == EVENTURE__SCHEMA_OLDER && !store->may_be_older)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                              "open %s: made by an older version of Eventure: its format is %lld, this library reads "
                              "format %d; bring it up to date with: eventure upgrade %s",
                              store->path, (long long)store->opened_format, EVENTURE__FORMAT, store->path);
    return EVENTURE_OK;
}

/* Whether the last error means that a file beside the store cannot be made or opened. */
static bool lacks_files(const eventure__store *store)
{
    int code = store->db != NULL ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
    return code != SQLITE_READONLY_ROLLBACK && ((code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_READONLY);
}

static bool is_to_roll_back(const eventure__store *store)
{
    return store->db != NULL && sqlite3_extended_errcode(store->db) == SQLITE_READONLY_ROLLBACK;
}

/* Makes the connection read-only for queries, although the process may write the file. A store of an older format is
 * an exception: VACUUM INTO, which copies it, would be refused. */
static eventure_status refuse_writing(eventure__store *store)
{
    if (!store->may_be_older && sqlite3_exec(store->db, "PRAGMA query_only = ON", NULL, NULL, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "open");
    return EVENTURE_OK;
}

/* Opens the store as a log does. */
static eventure_status open_as_owner(eventure__store *store)
{
    eventure_status status = eventure__store_connect(store, store->file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX);
    if (status == EVENTURE_OK)
        status = refuse_writing(store);
    return status == EVENTURE_OK ? eventure__store_inspect_read(store) : status;
}

static eventure_status open_watched(eventure__store *store, const char *parameters, int flags, const struct stat *seen)
{
    char *name = uri_of(store->file, parameters);
    if (name == NULL)
        return fail_memory(store);
    eventure_status status = eventure__store_connect(store, name, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI);
    free(name);
    if (status != EVENTURE_OK)
        return status;
    store->read_file = eventure__read_file_watch(store->db, store->file, seen);
    if (store->read_file == NULL)
        return fail_memory(store);
    if ((flags & SQLITE_OPEN_READWRITE) != 0)
        status = refuse_writing(store);
    return status == EVENTURE_OK ? eventure__store_inspect_read(store) : status;
}

/* All connections of a process to one store share its open -shm: when a log of this process may write it later, it
 * must not be opened read-only. */
static eventure_status open_with_locks(eventure__store *store, bool may_write)
{
    return may_write ? open_watched(store, "", SQLITE_OPEN_READWRITE, NULL)
                     : open_watched(store, "?readonly_shm=1", SQLITE_OPEN_READONLY, NULL);
}

/* Opens the store without locks. EVENTURE_ERROR_BUSY: a process writes the store, or has just written it. */
static eventure_status open_without_locks(eventure__store *store)
{
    struct stat seen;
    if (!eventure__read_file_look(store->file, &seen))
        return errno == EBUSY
                   ? eventure__store_fail_changed(store)
                   : eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: %s", store->path, strerror(errno));
    eventure_status status = open_watched(store, "?immutable=1", SQLITE_OPEN_READONLY, &seen);
    if (store->read_file != NULL && !eventure__read_file_is_current(store->read_file))
        return eventure__store_fail_changed(store);
    return status;
}

static eventure_status fail_journal(eventure__store *store)
{
    return eventure__fail(
        &store->error, EVENTURE_ERROR_READ_ONLY,
        "open %s: a program crashed while it wrote the store, and its transaction in %s-journal must be "
        "rolled back; the owner does that by opening the store, for instance with: eventure log %s",
        store->path, store->path, store->path);
}

/* Sets an error that names the file that prevents opening. */
static eventure_status fail_beside(eventure__store *store)
{
    int cause = eventure__files_why_unreadable(store->file, "-wal");
    const char *ending = cause != 0 ? "-wal" : "-shm";
    if (cause == 0)
        cause = eventure__files_why_unreadable(store->file, "-shm");
    if (cause == ENOMEM)
        return fail_memory(store);
    return eventure__fail(&store->error, EVENTURE_ERROR_READ_ONLY,
                          "open %s: its newest ticks are in %s-wal, and it cannot be read without %s%s: %s; its owner "
                          "brings them into the file by opening it, for instance with: eventure log %s",
                          store->path, store->path, store->path, ending,
                          cause != 0 ? strerror(cause) : "it cannot be used", store->path);
}

/* The files beside the store may change between looking at them and opening; then opening is tried again. */
static eventure_status open_as_guest(eventure__store *store, bool may_write)
{
    for (int waited_ms = 0;; waited_ms += STEP_MS)
    {
        eventure_status status = open_with_locks(store, may_write);
        if (status == EVENTURE_OK || !lacks_files(store))
            return is_to_roll_back(store) ? fail_journal(store) : status;
        eventure__store_drop_connection(store);
        if (eventure__read_file_has_journal(store->file))
            return fail_journal(store);
        bool has_wal = eventure__read_file_has_wal(store->file);
        if (!has_wal)
        {
            status = open_without_locks(store);
            if (status == EVENTURE_OK || (status != EVENTURE_ERROR_BUSY && !lacks_files(store)))
                return status;
            eventure__store_drop_connection(store);
        }
        if (waited_ms >= ALONE_MS)
            return has_wal ? fail_beside(store) : status;
        sqlite3_sleep(STEP_MS);
    }
}

static eventure_status open_connection(eventure__store *store)
{
    eventure__read_rights rights = eventure__read_file_rights(store->file);
    int cause = rights.may_write ? 0 : eventure__files_why_unreadable(store->file, "");
    if (cause == ENOMEM)
        return fail_memory(store);
    if (cause != 0)
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: %s", store->path, strerror(cause));
    if (!rights.may_create)
        return open_as_guest(store, rights.may_write);
    eventure_status status = open_as_owner(store);
    if (status == EVENTURE_OK || !lacks_files(store))
        return status;
    eventure__store_drop_connection(store);
    return open_as_guest(store, rights.may_write);
}

static eventure_status open_for_reading(eventure__store *store, bool may_be_older)
{
    bool exists = false;
    if (store == NULL)
        return EVENTURE_ERROR_MEMORY;
    store->may_be_older = may_be_older;
    eventure_status status = eventure__store_check_is_file(store, &exists);
    if (status == EVENTURE_OK && !exists)
        status = eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND, "open %s: there is no such file", store->path);
    if (status == EVENTURE_OK)
        status = eventure__guard_use(store);
    return status == EVENTURE_OK ? open_connection(store) : status;
}

eventure_status eventure__store_open_read(const char *path, eventure__store **out_store)
{
    *out_store = eventure__store_make(path);
    return open_for_reading(*out_store, false);
}

eventure_status eventure__store_reopen(const eventure__store *store, eventure__store **out_store)
{
    char *path = strdup(store->path);
    *out_store = path != NULL ? eventure__store_make(store->file) : NULL;
    if (*out_store == NULL)
    {
        free(path);
        return EVENTURE_ERROR_MEMORY;
    }
    free((*out_store)->path);
    (*out_store)->path = path;
    return open_for_reading(*out_store, store->may_be_older);
}

eventure_status eventure__store_open_any(const char *path, eventure__store **out_store)
{
    *out_store = eventure__store_make(path);
    return open_for_reading(*out_store, true);
}

eventure_status eventure__store_check_read(eventure__store *store, eventure_status status)
{
    return eventure__read_file_failed(store->read_file) ? eventure__store_fail_changed(store) : status;
}

static bool has_open_statement(const eventure__store *store)
{
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        if (store->statements[i].taken)
            return true;
    }
    return false;
}

/* To be called before a query of a reader that makes no files and is in no read transaction: opens the connection again
 * when the store was written since it was opened, or another process has begun to write it. While statements are open
 * that is an error, and its text names the reason. */
static eventure_status renew(eventure__store *store)
{
    if (!eventure__read_file_failed(store->read_file) && eventure__read_file_is_current(store->read_file))
        return EVENTURE_OK;
    if (has_open_statement(store))
        return eventure__store_fail_changed(store);
    eventure__store *renewed = NULL;
    eventure_status status = eventure__store_reopen(store, &renewed);
    if (status == EVENTURE_OK)
    {
        eventure__inode *inode = store->inode; /* closing `renewed` releases this share in the file */
        eventure__store_drop_connection(store);
        store->db = renewed->db;
        store->read_file = renewed->read_file;
        store->inode = renewed->inode;
        renewed->db = NULL;
        renewed->read_file = NULL;
        renewed->inode = inode;
    }
    else if (renewed != NULL)
        store->error = renewed->error; /* the connection is unchanged, and the next query tries again */
    else
        fail_memory(store);
    eventure__store_close(renewed);
    return status;
}

eventure_status eventure__store_before_read(eventure__store *store)
{
    eventure_status status = eventure__store_check_process(store);
    if (status != EVENTURE_OK)
        return status;
    eventure__clear(&store->error);
    if (store->before_read != NULL)
        return store->before_read(store->before_read_context);
    return store->read_file != NULL && !store->in_read_transaction ? renew(store) : EVENTURE_OK;
}
