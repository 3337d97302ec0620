/*
 * A store of its own for each test, in the directory that the test runs in; and the short forms that most tests need.
 */
#ifndef EVENTURE_TESTS_SCRATCH_H
#define EVENTURE_TESTS_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <eventure/eventure.h>

#define SCRATCH_PATH "scratch.db"

/* Removes the store, SQLite's files beside it, and the lock file, as harness_remove does. */
void scratch_remove(const char *path);

/* Opens a log at path, with a clock that always returns 1700000000.5; fails the test when that fails. */
eventure_log *scratch_open(const char *path);

/* Opens a fresh log at SCRATCH_PATH. */
eventure_log *scratch_new(void);

/* Appends with JSON data (NULL: none) under the parent of that id (NULL: none); the id is valid until the next call. */
const char *scratch_append(eventure_log *log, const char *type, const char *json, const char *parent_id);

/* The seq of the newest event; 0: there is none. */
int64_t scratch_last_seq(eventure_reader *reader);

/* Closes a log, which must go well, and removes the store at SCRATCH_PATH. */
void scratch_close(eventure_log *log);

/* The clock of scratch_open. */
double scratch_clock(void *context);

/* Runs a command of the shell, which must succeed. */
void scratch_run(const char *command);

/* Writes a file that contains this text. */
void scratch_write(const char *path, const char *text);

/* Returns the permissions of a file. */
mode_t scratch_mode(const char *path);

/* Text as a stream to read. */
FILE *scratch_stream(const char *text, size_t len);

/* Imports a text, with the default options when `options` is NULL. Returns what the import returns. */
eventure_status scratch_import(eventure_log *log, const char *text, const eventure_import_options *options);

/* Verifies a store, which must be sound. Returns the report. */
eventure_verify_report scratch_expect_sound(eventure_reader *reader);

/* For eventure_query_count_by_type: adds "type=count " to the text of 256 bytes at `context`. */
int scratch_note_count(const char *type, int64_t count, void *context);

/* Returns the ids that a cursor returns, separated by spaces, or "error: NAME"; frees the cursor. The caller frees the
 * text. */
char *scratch_ids(eventure_status status, eventure_cursor *cursor);

/* Asserts that a filter returns these ids, separated by spaces. */
void scratch_expect(eventure_reader *reader, const eventure_filter *filter, const char *ids);

/* Runs SQL on a file with stock SQLite. Returns the error text (the caller frees it with sqlite3_free), or NULL on
 * success.
 */
char *scratch_sql(const char *path, const char *sql);

/* Returns the first column of the first row that stock SQLite returns, as text; the caller frees it. */
char *scratch_ask(const char *path, const char *sql);

/* Asserts the result of a query with stock SQLite on the store at SCRATCH_PATH. */
void scratch_expect_answer(const char *sql, const char *expected);

/* Damages the index on the parent: the entry of the event `child`, one of the children of event 1, refers to event 1
   itself. Whether a look-up reads this entry depends on the number of entries. The store must not be open. */
void scratch_make_own_child(const char *path, char child);

#endif
