/*
 * Damages a store, and verifies it: for tests of eventure_store_verify and eventure_store_repair.
 */
#ifndef EVENTURE_TESTS_DAMAGE_H
#define EVENTURE_TESTS_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <eventure/eventure.h>

/* Runs SQL as an attacker would: triggers and SQLite's defensive mode are off. Returns the number of changed rows. */
int damage_store(const char *path, const char *sql);

/* Sets all bytes of the root page of a table or an index to zero. */
void damage_root(const char *path, const char *name);

/* The same for a page below the root page of a table, which must not be a leaf; `number` counts from 0. */
void damage_page_below(const char *path, const char *name, size_t number);

/* Verifies. The call must succeed, also when it finds damage. */
eventure_verify_report damage_verify(const char *path, bool quick);

#endif
