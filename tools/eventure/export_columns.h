/*
 * The keys of --columns: a list separated by commas, and \\, for a comma in a key.
 */
#ifndef EVENTURE_TOOL_EXPORT_COLUMNS_H
#define EVENTURE_TOOL_EXPORT_COLUMNS_H

#include <stddef.h>

typedef struct export_columns
{
    const char **keys; /* owned, including each key */
    size_t count;
} export_columns;

/* Takes one --columns, an option_set_fn. */
const char *export_columns_add(const char *value, void *target);

void export_columns_free(export_columns *columns);

#endif
