/*
 * Opening a damaged store for verify and repair: a file that is shorter than its header says, or whose schema cannot be
 * read. Nothing is written to it.
 */
#include "store/schema.h"
#include "store/store_internal.h"

#define MOST_UNREADABLE_PAGES (1 << 20) /* missing pages assumed when the header of the file cannot be read */

/* Counts the pages that are missing at the end of the file, relative to the number in its header. */
static eventure_status count_missing(eventure__store *store)
{
    unsigned char header[100] = {0};
    sqlite3_file *file = NULL;
    sqlite3_int64 bytes = 0;
    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || file == NULL ||
        file->pMethods == NULL || file->pMethods->xFileSize(file, &bytes) != SQLITE_OK)
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: cannot examine the file", store->path);
    if (bytes < (sqlite3_int64)sizeof header || file->pMethods->xRead(file, header, sizeof header, 0) != SQLITE_OK)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT, "open %s: not an Eventure store: it is too short",
                              store->path);
    int64_t page_bytes = (int64_t)header[16] << 8 | header[17];
    int64_t header_pages =
        (int64_t)header[28] << 24 | (int64_t)header[29] << 16 | (int64_t)header[30] << 8 | header[31];
    page_bytes = page_bytes == 1 ? 65536 : page_bytes;
    store->missing_pages = page_bytes >= 512 ? header_pages - bytes / page_bytes : 0;
    if (store->missing_pages < 0)
        store->missing_pages = 0;
    return EVENTURE_OK;
}

/* SQLite opens a file that is shorter than its header says only when its schema is writable. Nothing is written
 * here. */
static eventure_status open_short(eventure__store *store)
{
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    if (sqlite3_exec(store->db, "PRAGMA writable_schema = ON", NULL, NULL, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "open");
    eventure_status status = eventure__store_inspect_read(store);
    return status == EVENTURE_OK ? count_missing(store) : status;
}

eventure_status eventure__store_open_damaged(const char *path, eventure__store **out_store)
{
    eventure_status status = eventure__store_open_read(path, out_store);
    eventure__store *store = *out_store;
    if ((status != EVENTURE_ERROR_CORRUPT && status != EVENTURE_ERROR_FORMAT) || store == NULL || store->db == NULL)
        return status;
    const int code = sqlite3_errcode(store->db) & 0xFF;
    if (code != SQLITE_CORRUPT && code != SQLITE_NOTADB && code != SQLITE_ERROR)
        return status; /* a readable database that is not a store, or a store of another format */
    store->opening_error = store->error;
    status = open_short(store);
    if (status != EVENTURE_ERROR_CORRUPT && status != EVENTURE_ERROR_FORMAT)
        return status;
    store->is_unreadable = true; /* the file is read page by page */
    status = count_missing(store);
    store->missing_pages += MOST_UNREADABLE_PAGES;
    return status;
}

eventure_status eventure__store_open_scratch(const char *path, eventure__store **out_store)
{
    eventure__store *store = eventure__store_make(path);
    *out_store = store;
    if (store == NULL)
        return EVENTURE_ERROR_MEMORY;
    eventure_status status =
        eventure__store_connect(store, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
    return status == EVENTURE_OK ? eventure__schema_make_tables(store) : status;
}
