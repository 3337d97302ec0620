/*
 * For tests of copies, forks and archives: a history with all kinds of events, and comparisons of two stores.
 */
#ifndef EVENTURE_TESTS_SESSION_WORLD_H
#define EVENTURE_TESTS_SESSION_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/eventure.h>

#define WORLD_WHOLE "whole.db"
#define WORLD_ARCHIVE "archive.db"

/* Makes a store: `ticks` ticks of ten events, derived and explicit ids, parents in the same tick, in earlier ones and
 * outside the store, empty ticks (every seventh), a save point "save N" in the middle of every tenth tick. The log is
 * at tick `ticks` then. */
eventure_log *world_make(const char *path, int64_t ticks);

/* Returns the events of a store after `after_seq` and up to last_seq as JSON Lines with their seqs; the caller frees
 * the text.
 */
char *world_lines(const char *path, int64_t after_seq, int64_t last_seq);

/* Asserts that a query in SQL returns the same rows for two files. */
void world_expect_same(const char *path, const char *other, const char *sql);

/* Returns the number of files in the test's directory whose names have this beginning. */
int world_files(const char *beginning);

/* Asserts that a store is not damaged: runs SQLite's check, and compares redundant data of the store. */
void world_check(const char *path);

/* Makes a history (world_make) at SCRATCH_PATH, and a complete copy of it at WORLD_WHOLE. */
eventure_log *world_whole(int64_t ticks);

/* Archives; fails the test on an error. */
eventure_archive_counts world_archive(eventure_log *log, const char *path, int64_t before_tick);

/* Asserts that eventure_store_verify and world_check find a store sound. */
void world_verify(const char *path);

/* Asserts that a store holds the events and ticks that the whole one holds. */
void world_expect_same_lines(const char *path, int64_t after_seq, int64_t last_seq);
void world_expect_same_ticks(const char *path, int64_t tick_min, int64_t tick_max);

/* Returns the number that a query in SQL returns; -1 when it returns no row. */
int64_t world_number(const char *path, const char *sql);

#endif
