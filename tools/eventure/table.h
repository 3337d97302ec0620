/*
 * A streamed table: the first rows determine the widths of the columns, so that memory does not grow with the number of
 * rows. On a terminal, lines are cut to its width.
 */
#ifndef EVENTURE_TOOL_TABLE_H
#define EVENTURE_TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* One cell. A column whose cells are all numbers, or absent, is aligned to the right. */
typedef struct table_cell
{
    const char *text;
    size_t len;
    bool number;
    bool absent; /* a placeholder for no value */
} table_cell;

typedef struct table_column
{
    const char *title;
    const char *style; /* the style of its cells, as the parameters of an SGR sequence (ECMA-48): "36"; NULL for none */
} table_column;

typedef struct table table;

/* Makes a table on out. width is SIZE_MAX for lines of any length. The columns are copied, their texts borrowed. NULL:
   out of memory. */
table *table_new(FILE *out, const table_column *columns, size_t columns_count, size_t width, bool color);

/* Adds a row with one cell for each column; copied. False when out of memory. */
bool table_add(table *t, const table_cell *cells);

/* Writes the remaining rows; with with_titles, the titles are written even when there are no rows. */
bool table_end(table *t, bool with_titles);

void table_free(table *t);

#endif
