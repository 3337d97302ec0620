/*
 * The files of hostile.c: what each is called, and the SQL that makes it of a store that means no harm. Those of the
 * present format are in hostile_files.c, those of an older one in hostile_old_files.c.
 */
#ifndef EVENTURE_TESTS_HOSTILE_FILES_H
#define EVENTURE_TESTS_HOSTILE_FILES_H

typedef struct attack
{
    const char *name;
    const char *sql;
} attack;

/* The first of each is what the test of the test needs: a view with a function; a store of the format 5 without harm.
 */
extern const attack hostile_files[];
extern const int hostile_files_count;
extern const attack hostile_old_files[];
extern const int hostile_old_files_count;

/* Replaces text in the definition of a table. */
#define REWRITE(table, from, to)                                                                                       \
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '" from "', '" to                        \
    "') WHERE name = '" table "'; PRAGMA writable_schema = RESET;"

#define ENDLESS "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT "

#endif
