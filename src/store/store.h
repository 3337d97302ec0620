/*
 * The store: one SQLite connection, for writing or for reading. A log owns one, and a public eventure_reader is one.
 * All other code uses SQLite through it.
 *
 * Statements come from a cache, by their text: a caller takes a statement, steps it, and gives it back. Each statement
 * is a constant, or assembled of constant fragments; values are always bound.
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
#include "base/text.h"
#include "store/identity.h"
#include "store/inode.h"

/* The writer's page cache, 8 MiB (negative: in KiB): docs/decisions/0009-page-cache-and-checkpoints.md. */
#define EVENTURE__WRITER_CACHE "PRAGMA cache_size = -8192"

#define EVENTURE__STATEMENTS 32

/* Both types are one struct. Functions that take an eventure__store also work on a store for writing; callers of the
 * public functions see it as an eventure_reader, and can only read. */
typedef struct eventure_reader eventure__store;

typedef struct eventure__statement
{
    char *sql;
    sqlite3_stmt *handle;
    bool taken;
    uint64_t used; /* to find the least recently used statement */
} eventure__statement;

struct eventure_reader
{
    sqlite3 *db;
    char *path;             /* the path as the caller spelled it, for messages */
    char *file;             /* absolute name of the file, found on opening; it is used to open and examine the file; ""
                               for a store in memory */
    char *given;            /* of a store for writing: `path` from the root on, when it is not `file`; NULL otherwise */
    uint64_t generation;    /* generation of the process that opened the store (base/fork_generation.h) */
    eventure__inode *inode; /* share in the file; NULL: it uses the share of another store */
    eventure__identity *identity; /* of a writable store: checks that its names still lead to its files */
    bool is_locked;               /* holds the lock of the file's only log */
    bool writable;
    bool borrows;             /* the connection belongs to another store */
    bool in_read_transaction; /* between eventure_reader_begin and eventure_reader_end */
    sqlite3_stmt *rollback;   /* within a read transaction: the prepared statement that ends it, so that ending it needs
                                 no memory */
    struct eventure__read_file *read_file; /* of a reader that may not make files beside the store; NULL otherwise */
    bool may_be_older;                     /* opened by eventure__store_open_any */
    bool has_query_functions;              /* src/query has added its SQL functions to the connection */
    int busy_timeout_ms;
    eventure__error error;
    eventure__statement statements[EVENTURE__STATEMENTS];
    uint64_t statements_used;
    int (*before_read)(void *context); /* of a log: makes its pending events visible to SQL; returns a status */
    void *before_read_context;
    int64_t opened_format; /* format of the file when it was opened; 0: the file was empty */
    char *kept_copy;       /* path of the copy of the old store, when opening upgraded it; NULL: there is none */
    bool is_unreadable;    /* opened damaged: the schema cannot be read */
    eventure__error opening_error; /* opened damaged: the damage found; EVENTURE_OK when none was found yet */
    int64_t missing_pages;         /* opened damaged: number of pages that are missing at the end of the file */
    int64_t max_file_bytes;        /* 0: no limit (see size.h) */
    int64_t max_pages;
    int64_t page_bytes;
};

/* Opens for reading. (For writing: open_write.h.) out_store receives the store also on error, for its error text; NULL
 * only when out of memory. */
eventure_status eventure__store_open_read(const char *path, eventure__store **out_store);

/* Opens the file of a store again, also after the process has changed its directory. Messages name the file as those
 * of the store do. */
eventure_status eventure__store_reopen(const eventure__store *store, eventure__store **out_store);

/* As eventure__store_open_read, and also opens a store of an older format, of which the caller may only read the
 * format. */
eventure_status eventure__store_open_any(const char *path, eventure__store **out_store);

/* Opens a new store in a temporary file, which has the tables, but no indexes and no rows; `path` is its name in
 * messages. */
eventure_status eventure__store_open_scratch(const char *path, eventure__store **out_store);

/* As eventure_reader_open_damaged. */
eventure_status eventure__store_open_damaged(const char *path, eventure__store **out_store);

/* Frees the store, also when it returns an error: EVENTURE_ERROR_IO when the file was lost (see
 * eventure__store_check_file). NULL is allowed. */
eventure_status eventure__store_close(eventure__store *store);

/* Moves the content of the write-ahead log into the file, except what readers still need. Closing does that too, and
 * does not report when it fails. After an error nothing is lost: the content stays in the write-ahead log. */
eventure_status eventure__store_bring_inside(eventure__store *store);

/* Makes a second view of a store's connection for another thread, with statements and an error text of its own. To
 * be closed before the store. NULL: out of memory. */
eventure__store *eventure__store_share(eventure__store *store);

/* Locks a shared connection: SQLite keeps one error for both views, so a thread must hold this lock from a call that
 * may fail until it has read the error. The lock is recursive. Costs nothing when the connection is not shared. */
void eventure__store_enter(eventure__store *store);
void eventure__store_leave(eventure__store *store);

/* Takes a statement from the cache, prepared, with nothing bound. Only the caller uses it until it gives it back
 * with eventure__store_release. */
eventure_status eventure__store_prepare(eventure__store *store, const char *sql, sqlite3_stmt **out);

/* Resets, unbinds and returns a statement; NULL is allowed. */
void eventure__store_release(eventure__store *store, sqlite3_stmt *statement);

/* Finalises all cached statements, before the connection is closed. None of them may be in use. */
void eventure__store_forget_statements(eventure__store *store);

/* Checks that this process opened the store: EVENTURE_ERROR_ARGUMENT in a child process. Code that calls SQLite
 * without a statement from the cache calls this first. */
eventure_status eventure__store_check_process(eventure__store *store);
bool eventure__store_is_inherited(const eventure__store *store);

/* Whether the store has no file; only its log's connection reaches it. */
bool eventure__store_in_memory(const eventure__store *store);

/* Checks that the name of a writable store still leads to its file, and the names beside it to the files that SQLite
 * has open: EVENTURE_ERROR_IO otherwise, with a description. Each commit makes this check, and becomes a rollback
 * when it fails. A store that has lost its file commits nothing any more. */
eventure_status eventure__store_check_file(eventure__store *store);

/* To be called after a commit, before it is acknowledged: checks that the name of the store has led to its file all
 * the time. */
eventure_status eventure__store_check_committed(eventure__store *store);
bool eventure__store_is_lost(const eventure__store *store);

/* For a store that has lost its file, outside of transactions: its commits are in a write-ahead log that may have no
 * name any more. Moves them into the database when that is safe. */
void eventure__store_save_rest(eventure__store *store);

/* Must be called before a query: lets a log make its pending events visible. */
eventure_status eventure__store_before_read(eventure__store *store);

/* To be called at the end of work that continues after a read error (it counts damage) or that does not use
 * statements. Returns the error of a reader without locks when the store was written meanwhile; otherwise returns
 * `status`. */
eventure_status eventure__store_check_read(eventure__store *store, eventure_status status);

/* Checks that a clock returned a finite time: EVENTURE_ERROR_ARGUMENT otherwise. */
eventure_status eventure__store_check_time(eventure__store *store, double time);

/* For several queries that must see one commit: begins a read transaction, unless the reader is in one already, or the
 * store belongs to a log, which sees its own writes. *out_begun is passed to eventure__store_read_end. */
eventure_status eventure__store_read_begin(eventure__store *store, bool *out_begun);
void eventure__store_read_end(eventure__store *store, bool begun);

/* Runs one statement of the cache that returns no rows, such as BEGIN. */
eventure_status eventure__store_run(eventure__store *store, const char *sql, const char *what);

/* Runs any number of statements once, without the cache. */
eventure_status eventure__store_exec(eventure__store *store, const char *sql, const char *what);

/* Reads the integer in the first column of the first row, 0 when there is no row. `what` begins the text of an error.
 */
eventure_status eventure__store_ask_int(eventure__store *store, const char *what, const char *sql, int64_t *out);

/* As above, `missing` when there is no row. `parameter` is bound to ?1 if the statement has a parameter. */
eventure_status eventure__store_ask_int_with(eventure__store *store, const char *what, const char *sql,
                                             int64_t parameter, int64_t missing, int64_t *out);

/* As eventure__store_ask_int_with, on any connection and without a cache: `missing` also when the value is not an
 * integer. Returns SQLITE_OK, or SQLite's error. */
int eventure__sqlite_ask_int(sqlite3 *db, const char *sql, int64_t missing, int64_t *out);

/* Binds the first `count` values of a row to the parameters from the first one on. Returns SQLITE_OK, or SQLite's
 * error: copying a text can fail for lack of memory, and the parameter is then NULL. */
int eventure__sqlite_bind_row(sqlite3_stmt *statement, sqlite3_stmt *row, int count);

/* Whether the store has a table, which stores from before it existed do not have. */
eventure_status eventure__store_has_table(eventure__store *store, const char *table, bool *out_exists);

/* Whether the store keeps integer timestamps: see timestamp_column.h. */
eventure_status eventure__store_keeps_integers(eventure__store *store, bool *out_keeps);

/* Sets the error of a reader whose file was changed while it read. */
eventure_status eventure__store_fail_changed(eventure__store *store);

/* Returns the status of a result code of SQLite that is an error; extended codes are allowed. */
eventure_status eventure__sqlite_status(int code);

/* Converts SQLite's last error into a status and a text: "what: SQLite's message". Always returns an error. */
eventure_status eventure__store_fail(eventure__store *store, const char *what);
#ifdef __clang_analyzer__
#define eventure__store_fail(store, what) (eventure__store_fail((store), (what)), EVENTURE_ERROR_IO)
#endif

/* Returns the result of a callback, and sets the error text for a negative one: "what: the callback returned ...". When
 * a call on the same store failed inside the callback with this status, its error text is kept as the cause. */
eventure_status eventure__store_called(eventure__store *store, const char *what, int result);

/* Finds the seq of an id: EVENTURE_ERROR_NOT_FOUND, with a text that names the id, when there is no such event. */
eventure_status eventure__store_seq_of_id(eventure__store *store, eventure__span id, int64_t *out_seq);

/* As eventure__store_seq_of_id, and leaves the statement open, which the caller gives back. Reads until then see the
 * same commit, and need no second lock on the file. */
eventure_status eventure__store_open_id(eventure__store *store, eventure__span id, int64_t *out_seq,
                                        sqlite3_stmt **out_open);

#endif
