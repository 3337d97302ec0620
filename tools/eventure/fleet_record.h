/*
 * The values of one run by name: its facts, the keys of its record, and the members of their objects.
 */
#ifndef EVENTURE_TOOL_FLEET_RECORD_H
#define EVENTURE_TOOL_FLEET_RECORD_H

#include <eventure/reader.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "fleet_question.h"

typedef struct fleet_entry
{
    char *key;
    char *json; /* NULL for a fact */
    sqlite3_value *value;
} fleet_entry;

/* One for each thread; it is used for one store after the other. */
typedef struct fleet_record
{
    sqlite3 *db;             /* a connection without tables */
    sqlite3_stmt *member;    /* SELECT json_extract(?1, ?2) */
    sqlite3_stmt *condition; /* NULL: none */
    fleet_entry *entries;
    size_t count;
    size_t capacity;
    sqlite3_value *last; /* the last member */
    bool *found;         /* for each name of the question: a run had it */
} fleet_record;

/* A store that is open. */
typedef struct fleet_store
{
    const char *name; /* relative to the folder */
    const char *path;
    eventure_reader *reader; /* NULL: the store is read with immutable=1 */
    sqlite3 *db;
} fleet_store;

/* Returns false on an error, which has been reported. */
bool fleet_record_begin(fleet_record *record, const fleet_question *question);

/* Reads the values of a store. Returns the exit code. */
int fleet_record_read(fleet_record *record, const fleet_question *question, const fleet_store *store);

/* Returns the value of a name of the question; NULL: the run does not have it. Valid until the next call. */
sqlite3_value *fleet_record_value(fleet_record *record, const fleet_question *question, size_t name);

/* Whether the condition of the question is true for the run. Returns the exit code. */
int fleet_record_judge(fleet_record *record, const fleet_question *question, bool *out_is_chosen);

void fleet_record_end(fleet_record *record);

#endif
