/*
 * Several projections on the command line: `--projection FILE`, which may be given again.
 */
#ifndef EVENTURE_TOOL_PROJECTION_LIST_H
#define EVENTURE_TOOL_PROJECTION_LIST_H

#include <stddef.h>

#include <eventure/projection.h>

typedef struct projection_list
{
    const char **paths;
    eventure_projection **projections; /* as many, once they are open */
    size_t count;
} projection_list;

/* Takes one path: an option_set_fn whose target is the list. */
const char *projection_list_add(const char *value, void *target);

/* Opens all. Returns the exit code; errors have been said. */
int projection_list_open(projection_list *list);

/* Closes and frees, also what was only begun. */
void projection_list_close(projection_list *list);

#endif
