/*
 * Gathering writes: see wal_writes.h.
 *
 * The methods of the open file are replaced by ours. Our table of methods is the first member of a structure with our
 * data, so that a file leads to that data. The code relies on only these facts of the format
 * (https://www.sqlite.org/fileformat2.html#walformat): a frame is a header of 24 bytes and a page; bytes 4 to 7 of the
 * header are not zero in the last frame of a commit.
 */
#include "store/wal_writes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "store/file_methods.h"

#define HEAD_BYTES 24

typedef struct gathered
{
    sqlite3_io_methods methods; /* must be first: the file points to it */
    const sqlite3_io_methods *original;
    sqlite3_int64 begin; /* offset in the file of the gathered bytes */
    size_t len;          /* number of gathered bytes */
    sqlite3_int64 next;  /* end of the last write */
    bool in_frame;       /* the last write was the header of a frame, and is gathered */
    bool is_commit;      /* that frame is the last of its commit */
    bool is_synced;      /* there was no write since the last sync */
    bool is_truncated;   /* another program truncated the log */
    unsigned char bytes[EVENTURE__WAL_WRITES_BYTES];
} gathered;

static gathered *of(sqlite3_file *file)
{
    union
    {
        const sqlite3_io_methods *methods;
        gathered *self;
    } there = {.methods = file->pMethods};
    return there.self;
}

static int write_out(sqlite3_file *file)
{
    gathered *self = of(file);
    int len = (int)self->len;
    self->len = 0;
    return len > 0 ? self->original->xWrite(file, self->bytes, len, self->begin) : SQLITE_OK;
}

static int keep(sqlite3_file *file, const void *bytes, size_t len, sqlite3_int64 offset)
{
    gathered *self = of(file);
    int result = len > sizeof self->bytes - self->len ? write_out(file) : SQLITE_OK;
    if (result != SQLITE_OK)
        return result;
    if (self->len == 0)
        self->begin = offset;
    memcpy(self->bytes + self->len, bytes, len);
    self->len += len;
    return SQLITE_OK;
}

/* Checks that the log reaches to the offset of the next frame. A truncated log is refused until SQLite starts at its
 * beginning again. */
static int check_length(sqlite3_file *file, sqlite3_int64 offset, bool is_head)
{
    gathered *self = of(file);
    sqlite3_int64 size = 0;
    if (offset == 0)
        self->is_truncated = false;
    else if (is_head && self->is_synced)
    {
        int result = self->original->xFileSize(file, &size);
        if (result != SQLITE_OK)
            return result;
        self->is_truncated = self->is_truncated || size < offset;
    }
    self->is_synced = false;
    return self->is_truncated ? EVENTURE__IOERR_TRUNCATED_LOG : SQLITE_OK;
}

static int gather_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    gathered *self = of(file);
    const unsigned char *head = bytes;
    bool goes_on = offset == self->next && (size_t)len <= sizeof self->bytes;
    bool is_page = goes_on && self->in_frame;
    bool is_head = goes_on && !self->in_frame && len == HEAD_BYTES;
    int result = check_length(file, offset, is_head);
    if (result != SQLITE_OK)
        return result;
    self->next = offset + len;
    self->in_frame = is_head;
    if (is_head)
    {
        self->is_commit = (head[4] | head[5] | head[6] | head[7]) != 0;
        return keep(file, bytes, (size_t)len, offset);
    }
    if (is_page)
    {
        result = keep(file, bytes, (size_t)len, offset);
        return result == SQLITE_OK && self->is_commit ? write_out(file) : result;
    }
    result = write_out(file);
    return result == SQLITE_OK ? self->original->xWrite(file, bytes, len, offset) : result;
}

static int gather_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    int result = write_out(file);
    return result == SQLITE_OK ? of(file)->original->xRead(file, bytes, len, offset) : result;
}

static int gather_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int result = write_out(file);
    return result == SQLITE_OK ? of(file)->original->xTruncate(file, size) : result;
}

static int gather_sync(sqlite3_file *file, int flags)
{
    int result = write_out(file);
    if (result == SQLITE_OK)
        result = of(file)->original->xSync(file, flags);
    of(file)->is_synced = result == SQLITE_OK;
    return result;
}

static int gather_size(sqlite3_file *file, sqlite3_int64 *out_size)
{
    int result = write_out(file);
    return result == SQLITE_OK ? of(file)->original->xFileSize(file, out_size) : result;
}

/* The bytes gathered now were never committed, since SQLite closes between transactions. They are written all the
 * same, because SQLite has written them. */
static int gather_close(sqlite3_file *file)
{
    gathered *self = of(file);
    int result = write_out(file);
    file->pMethods = self->original;
    free(self);
    int closed = file->pMethods->xClose(file);
    return closed == SQLITE_OK ? result : closed;
}

void eventure__wal_writes_gather_file(sqlite3_file *file)
{
    gathered *self = malloc(sizeof *self);
    if (self == NULL)
        return;
    memset(self, 0, offsetof(gathered, bytes));
    self->original = file->pMethods;
    self->next = -1;
    eventure__file_methods_copy(&self->methods, self->original);
    self->methods.xClose = gather_close;
    self->methods.xRead = gather_read;
    self->methods.xWrite = gather_write;
    self->methods.xTruncate = gather_truncate;
    self->methods.xSync = gather_sync;
    self->methods.xFileSize = gather_size;
    file->pMethods = &self->methods;
}

void eventure__wal_writes_gather(sqlite3 *db)
{
    sqlite3_file *database = NULL;
    sqlite3_file *log = NULL;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &database) != SQLITE_OK ||
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
        return;
    if (log != NULL && log != database && log->pMethods != NULL)
        eventure__wal_writes_gather_file(log);
}
