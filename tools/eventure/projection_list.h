/*
 * Several projections on the command line: `--projection FILE`, which may be given more than once.
 */
#ifndef EVENTURE_TOOL_PROJECTION_LIST_H
#define EVENTURE_TOOL_PROJECTION_LIST_H

#include <stddef.h>

#include <eventure/projection.h>

typedef struct projection_list
{
    const char **paths;
    eventure_projection **projections; /* the projections, after they are opened */
    size_t count;
} projection_list;

/* Adds one path: an option_set_fn whose target is the list. */
const char *projection_list_add(const char *value, void *target);

/* Opens all. Returns the exit code; errors have been reported. */
int projection_list_open(projection_list *list);

/* Closes and frees the list, also when opening failed. */
void projection_list_close(projection_list *list);

#endif
