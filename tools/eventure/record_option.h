/*
 * The keys of the record of a run on the command line, and changes of it: KEY=JSON.
 */
#ifndef EVENTURE_TOOL_RECORD_OPTION_H
#define EVENTURE_TOOL_RECORD_OPTION_H

#include <stddef.h>

#include <eventure/data.h>

/* The conventional keys of docs/runs.md in their order, each between two bars. */
#define RECORD_CONVENTIONAL_KEYS "|name|parameters|seed|version|host|started|finished|outcome|"

typedef struct record_changes
{
    eventure_field *fields; /* their keys are owned, their JSON is borrowed from the command line */
    size_t count;
} record_changes;

/* Adds KEY=JSON: an option_set_fn, whose target is a record_changes. Returns NULL, or a text that describes the error
   of the value ("is not KEY=JSON"). */
const char *record_add_change(const char *value, void *target);

/* Returns the changes as data, which is valid until they change. */
eventure_data record_changes_data(const record_changes *changes);

void record_changes_free(record_changes *changes);

#endif
