/*
 * Stores of older formats, from tests/data/formats.
 */
#ifndef EVENTURE_TESTS_OLD_STORE_H
#define EVENTURE_TESTS_OLD_STORE_H

#include <stdint.h>

/* Unpacks a golden store, "format-5-rich", to a path, with nothing beside it. `folder` is that of the golden stores. */
void old_store_unpack(const char *folder, const char *name, const char *path);

/* Returns the content of the tables of a file, and its format, as one text, to be freed: equal for equal stores. */
char *old_store_content(const char *path);

/* PRAGMA user_version. */
int64_t old_store_format(const char *path);

/* Removes the files of the directory that the test runs in whose names begin so. */
void old_store_clear(const char *beginning);

#endif
