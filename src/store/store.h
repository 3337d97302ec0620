/*
 * The store: one SQLite connection, for writing or for reading. It is what a public eventure_reader is, and what a log
 * holds; everything above talks to SQLite through it.
 *
 * Statements come from a cache by their text: taken, stepped, and given back. Each statement is a constant, or
 * assembled of constant fragments; values are always bound.
 */
#ifndef EVENTURE_STORE_STORE_H
#define EVENTURE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include <eventure/log.h>
#include <eventure/reader.h>

#include "base/buffer.h"
#include "base/error.h"

/* The writer's page cache, 8 MiB (negative: in KiB): docs/decisions/0009-page-cache-and-checkpoints.md. */
#define EVENTURE__WRITER_CACHE "PRAGMA cache_size = -8192"

#define EVENTURE__STATEMENTS 32

typedef struct eventure__statement
{
    char *sql;
    size_t sql_len;
    sqlite3_stmt *handle;
    bool taken;
    uint64_t used; /* for finding the one unused for longest */
} eventure__statement;

struct eventure_reader
{
    sqlite3 *db;
    char *path;
    bool writable;
    bool borrows;             /* the connection is another store's */
    bool held;                /* between eventure_reader_begin and _end */
    sqlite3_stmt *let_go;     /* while a commit is held: what ends that, prepared, so that it needs no memory */
    bool has_query_functions; /* src/query has added its SQL functions to the connection */
    int busy_timeout_ms;
    eventure__error error;
    eventure__statement statements[EVENTURE__STATEMENTS];
    uint64_t statements_used;
    int (*before_read)(void *context); /* a log's: makes what it still holds visible to SQL; returns a status */
    void *before_read_context;
    int64_t opened_format;  /* the format of the file when it was opened; 0: there was none */
    char *kept_copy;        /* where the store as it was is kept, when opening brought it up to date; NULL: nowhere */
    int64_t max_file_bytes; /* 0: no limit (see size.h) */
    int64_t max_pages;
    int64_t page_bytes;
};

/*
 * Opens. For writing, the file is made or migrated as `mode` says; the caller holds the writer's lock (see lock.h).
 * out_store receives the store also on error, for its error text; NULL only when there was no memory.
 */
eventure_status eventure__store_open_read(const char *path, eventure_reader **out_store);

/* As eventure__store_open_read, and opens a store of an older format too, of which nothing but its format may be asked.
 */
eventure_status eventure__store_open_any(const char *path, eventure_reader **out_store);
eventure_status eventure__store_open_write(const char *path, const eventure_log_options *options,
                                           eventure_reader **out_store);
void eventure__store_close(eventure_reader *store);

/* A second view of a store's connection, for a thread of its own: with statements and an error text that are nobody
 * else's. To be closed before the store. NULL: out of memory. */
eventure_reader *eventure__store_share(eventure_reader *store);

/* A shared connection has one error for both views: between a call of SQLite that may fail and asking it why, nobody
 * else may call it. The same thread may enter several times. Costs nothing where the connection is not shared. */
void eventure__store_enter(eventure_reader *store);
void eventure__store_leave(eventure_reader *store);

/* Takes a statement from the cache, prepared, with nothing bound. Give it back with eventure__store_give; until then it
 * is the caller's alone. */
eventure_status eventure__store_take(eventure_reader *store, const char *sql, size_t sql_len, sqlite3_stmt **out);

/* Resets, unbinds and returns a statement; NULL is allowed. */
void eventure__store_give(eventure_reader *store, sqlite3_stmt *statement);

/* Must be called before a question is asked: forgets the error before, and lets a log make visible what it still
 * holds. */
eventure_status eventure__store_before_read(eventure_reader *store);

/* Whether what a clock gave is a time: EVENTURE_ERROR_ARGUMENT otherwise. */
eventure_status eventure__store_check_time(eventure_reader *store, double time);

/* For work of several questions that must see one commit: holds the newest one, unless the caller holds one already, or
 * the store is a log's, which sees what it writes. */
eventure_status eventure__store_hold(eventure_reader *store, bool *out_held);
void eventure__store_let_go(eventure_reader *store, bool held);

/* Runs statements that answer nothing, such as BEGIN. */
eventure_status eventure__store_run(eventure_reader *store, const char *sql, const char *what);

/* Turns SQLite's last error into a status and a text: "what: SQLite's message". Always an error status. */
eventure_status eventure__store_fail(eventure_reader *store, const char *what);
#ifdef __clang_analyzer__
#define eventure__store_fail(store, what) (eventure__store_fail((store), (what)), EVENTURE_ERROR_IO)
#endif

/* Finds the seq of an id: EVENTURE_ERROR_NOT_FOUND, with a text that names the id, when there is none. */
eventure_status eventure__store_seq_of_id(eventure_reader *store, const char *id, int64_t *out_seq);

/* As eventure__store_seq_of_id, and leaves the statement that found it open, to be given back: what is read until then
 * is of the same commit, and needs no second lock on the file. */
eventure_status eventure__store_open_id(eventure_reader *store, const char *id, int64_t *out_seq,
                                        sqlite3_stmt **out_open);

#endif
