/*
 * The files of hostile.c: their names, and the SQL that makes each from a sound store. Those of the present format are
 * in hostile_files.c, those of an older one in hostile_old_files.c.
 */
#ifndef EVENTURE_TESTS_HOSTILE_FILES_H
#define EVENTURE_TESTS_HOSTILE_FILES_H

typedef struct attack
{
    const char *name;
    const char *sql;
} attack;

/* The test of the test uses the first of each list: a view that calls a function, and a sound store of format 5.
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
