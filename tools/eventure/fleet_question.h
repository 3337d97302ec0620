/*
 * The query that runs on every store of a folder. It does not change while stores are queried, so all threads share it.
 */
#ifndef EVENTURE_TOOL_FLEET_QUESTION_H
#define EVENTURE_TOOL_FLEET_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names of values of a run: facts (file, uuid, events, tick, size), keys of its record, and members of a key's object
   (`parameters.rate`). */
typedef struct fleet_names
{
    char **list;
    size_t count;
} fleet_names;

typedef enum fleet_kind
{
    FLEET_SQL = 0,
    FLEET_LIST, /* the values of the run only */
    FLEET_CHECK /* verify the store */
} fleet_kind;

typedef struct fleet_question
{
    fleet_kind kind;
    const char *folder;
    const char *sql;
    const char *projection; /* the file; NULL: the question is for the store itself */
    const char *kept;       /* the folder of the projections that are kept; NULL: the state is made in memory */
    int64_t tick;
    const char *where; /* the condition; NULL: none */
    fleet_names names; /* the names that the condition and the columns need */
    size_t *columns;   /* the columns in front of the answer, as indexes of names */
    size_t columns_count;
    bool needs_facts;
} fleet_question;

/* Adds a name, unless the list has it already. Returns its index; SIZE_MAX: out of memory. */
size_t fleet_names_add(fleet_names *names, const char *name, size_t len);

/* Whether the name is that of a fact. */
bool fleet_name_is_fact(const char *name);

/* Adds a column. False: out of memory. A column that is there already is not added again. */
bool fleet_question_add_column(fleet_question *question, const char *name, size_t len);

void fleet_question_free(fleet_question *question);

#endif
