/*
 * A store of its own for each test, in the directory that the test runs in; and the short forms that most tests need.
 */
#ifndef EVENTURE_TESTS_SCRATCH_H
#define EVENTURE_TESTS_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include <eventure/eventure.h>

#define SCRATCH_PATH "scratch.db"

/* Removes the store and what SQLite and the lock keep beside it. */
void scratch_remove(const char *path);

/* Opens a log at path, with a clock that always says 1700000000.5; fails the test when that fails. */
eventure_log *scratch_open(const char *path);

/* Opens a fresh log at SCRATCH_PATH. */
eventure_log *scratch_new(void);

/* Appends with JSON data (NULL: none) under the parent of that id (NULL: none); the id is good until the next call. */
const char *scratch_append(eventure_log *log, const char *type, const char *json, const char *parent_id);

/* The ids that a cursor answers, with a space between them; frees the cursor. To be freed. "error: NAME" on errors. */
char *scratch_ids(eventure_status status, eventure_cursor *cursor);

/* Asserts that a filter answers these ids, with a space between them. */
void scratch_expect(eventure_reader *reader, const eventure_filter *filter, const char *ids);

/* Runs SQL on a file with stock SQLite; returns its error text (to be freed with sqlite3_free), NULL when all was well.
 */
char *scratch_sql(const char *path, const char *sql);

/* The first column of the first row that stock SQLite answers, as text, to be freed. */
char *scratch_ask(const char *path, const char *sql);

/* Asserts that stock SQLite answers this about the store at SCRATCH_PATH. */
void scratch_expect_answer(const char *sql, const char *expected);

/* Damages the index on the parent: the entry of the event `child`, one of the children of event 1, refers to event 1
   itself. Whether a look-up reads this entry depends on the number of entries. The store must not be open. */
void scratch_make_own_child(const char *path, char child);

#endif
