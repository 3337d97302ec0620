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

#include <eventure/reader.h>

#include "base/buffer.h"
#include "base/error.h"
#include "store/identity.h"
#include "store/inode.h"

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
    char *path; /* as the caller spelled it, for messages */
    char *file; /* the file itself, by its absolute name, found on opening: all that opens or looks at it uses this */
    uint64_t generation;          /* of the process that has opened it (base/fork.h) */
    eventure__inode *inode;       /* its share in the file; NULL: it borrows */
    eventure__identity *identity; /* of a writable store: whether its names still lead to its files */
    bool is_locked;               /* as the only log of its file */
    bool writable;
    bool borrows;         /* the connection is another store's */
    bool held;            /* between eventure_reader_begin and _end */
    sqlite3_stmt *let_go; /* while a commit is held: what ends that, prepared, so that it needs no memory */
    struct eventure__read_file *read_file; /* of a reader that may make no files beside the store; NULL otherwise */
    bool may_be_older;                     /* opened by eventure__store_open_any */
    bool has_query_functions;              /* src/query has added its SQL functions to the connection */
    int busy_timeout_ms;
    eventure__error error;
    eventure__statement statements[EVENTURE__STATEMENTS];
    uint64_t statements_used;
    int (*before_read)(void *context); /* a log's: makes what it still holds visible to SQL; returns a status */
    void *before_read_context;
    int64_t opened_format; /* the format of the file when it was opened; 0: there was none */
    char *kept_copy;       /* where the store as it was is kept, when opening brought it up to date; NULL: nowhere */
    bool is_unreadable;    /* opened damaged: not even the schema can be read */
    eventure__error opening_error; /* opened damaged: what is wrong with it; EVENTURE_OK when nothing is seen yet */
    int64_t missing_pages;         /* opened damaged: so many pages are missing at the end of the file */
    int64_t max_file_bytes;        /* 0: no limit (see size.h) */
    int64_t max_pages;
    int64_t page_bytes;
};

/* Opens for reading. (For writing: open_write.h.) out_store receives the store also on error, for its error text; NULL
 * only when out of memory. */
eventure_status eventure__store_open_read(const char *path, eventure_reader **out_store);

/* Opens the file of a store once more, wherever the process is by now; messages name it as those of the store do. */
eventure_status eventure__store_reopen(const eventure_reader *store, eventure_reader **out_store);

/* As eventure__store_open_read, and opens a store of an older format too, of which nothing but its format may be asked.
 */
eventure_status eventure__store_open_any(const char *path, eventure_reader **out_store);

/* A store of its own in a temporary file, which has the tables and no indexes and no row; `path` is for messages. */
eventure_status eventure__store_open_scratch(const char *path, eventure_reader **out_store);

/* As eventure_reader_open_damaged. */
eventure_status eventure__store_open_damaged(const char *path, eventure_reader **out_store);

/* Frees the store also when it says that not everything could be done: EVENTURE_ERROR_IO when its file was gone (see
 * eventure__store_check_file). NULL is allowed. */
eventure_status eventure__store_close(eventure_reader *store);

/* Brings what the write-ahead log holds into the file, but what readers still need there. Closing does that too, and
 * does not tell when it could not. On an error nothing is lost: it stays in the write-ahead log. */
eventure_status eventure__store_bring_inside(eventure_reader *store);

/* A second view of a store's connection, for a thread of its own: with statements and an error text that are nobody
 * else's. To be closed before the store. NULL: out of memory. */
eventure_reader *eventure__store_share(eventure_reader *store);

/* A shared connection has one error for both views: between a call of SQLite that may fail and asking it why, nobody
 * else may call it. The same thread may enter several times. Costs nothing where the connection is not shared. */
void eventure__store_enter(eventure_reader *store);
void eventure__store_leave(eventure_reader *store);

/* Takes a statement from the cache, prepared, with nothing bound. Give it back with eventure__store_release; until then
 * it is the caller's alone. */
eventure_status eventure__store_prepare(eventure_reader *store, const char *sql, size_t sql_len, sqlite3_stmt **out);

/* Resets, unbinds and returns a statement; NULL is allowed. */
void eventure__store_release(eventure_reader *store, sqlite3_stmt *statement);

/* Finalises all cached statements, before the connection is closed. */
void eventure__store_forget_statements(eventure_reader *store);

/* Whether this is the process that has opened the store: EVENTURE_ERROR_ARGUMENT in a child of it. What calls SQLite
 * without a statement from the cache asks first. */
eventure_status eventure__store_check_process(eventure_reader *store);
bool eventure__store_is_inherited(const eventure_reader *store);

/* Whether the name of a writable store still leads to its file, and those beside it to what SQLite has open:
 * EVENTURE_ERROR_IO otherwise, with what happened. Each commit asks that by itself, and becomes a rollback. A store
 * that has lost its file commits nothing any more. */
eventure_status eventure__store_check_file(eventure_reader *store);

/* After a commit, before it is acknowledged: whether the name of the store has led to its file all the time. */
eventure_status eventure__store_check_committed(eventure_reader *store);
bool eventure__store_is_lost(const eventure_reader *store);

/* For a store that has lost its file, outside of transactions: what was committed is in its write-ahead log, which has
 * perhaps no name any more. Brings it into the database while that is safe. */
void eventure__store_save_rest(eventure_reader *store);

/* Must be called before a question is asked: forgets the error before, and lets a log make visible what it still
 * holds. */
eventure_status eventure__store_before_read(eventure_reader *store);

/* The end of work that goes on where reading fails (it counts what is damaged) or that does not ask by statements: when
 * the store was written meanwhile, and this reader has no locks, that is its error; otherwise the status is. */
eventure_status eventure__store_check_read(eventure_reader *store, eventure_status status);

/* Whether what a clock gave is a time: EVENTURE_ERROR_ARGUMENT otherwise. */
eventure_status eventure__store_check_time(eventure_reader *store, double time);

/* For work of several questions that must see one commit: holds the newest one, unless the caller holds one already, or
 * the store is a log's, which sees what it writes. */
eventure_status eventure__store_read_begin(eventure_reader *store, bool *out_held);
void eventure__store_read_end(eventure_reader *store, bool held);

/* Runs one statement of the cache that returns no rows, such as BEGIN. */
eventure_status eventure__store_run(eventure_reader *store, const char *sql, const char *what);

/* Runs any number of statements once, without the cache. */
eventure_status eventure__store_exec(eventure_reader *store, const char *sql, const char *what);

/* Reads the integer in the first column of the first row, `missing` when there is no row. `parameter` is bound to ?1 if
 * the statement has a parameter. `what` begins the text of an error. */
eventure_status eventure__store_ask_int(eventure_reader *store, const char *what, const char *sql, int64_t parameter,
                                        int64_t missing, int64_t *out);

/* The error of a reader whose file was changed while it read. */
eventure_status eventure__store_fail_changed(eventure_reader *store);

/* The status of a result code of SQLite that is an error; extended codes are allowed. */
eventure_status eventure__sqlite_status(int code);

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
