/*
 * The output of a comparison of two histories: the first event in which they differ, on both sides, with its causes.
 */
#ifndef EVENTURE_TOOL_DIFFERENCE_OUTPUT_H
#define EVENTURE_TOOL_DIFFERENCE_OUTPUT_H

#include <stdbool.h>

#include <eventure/integrity.h>

/* One of the two histories. */
typedef struct difference_side
{
    const char *path;
    eventure_reader *reader;
    const eventure_event *event; /* NULL: the history has ended */
} difference_side;

/* Prints lines of text, or a JSON object without a line feed. Returns an exit code: reading the causes may fail. */
int difference_print(const eventure_difference *difference, const difference_side *left, const difference_side *right,
                     bool json);

#endif
