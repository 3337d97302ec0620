/*
 * A file that appears whole or not at all: written beside its place and moved there at the end.
 */
#ifndef EVENTURE_TOOL_OUTPUT_FILE_H
#define EVENTURE_TOOL_OUTPUT_FILE_H

#include <stdio.h>

typedef struct output_file
{
    FILE *stream;
    const char *name; /* as given, for messages */
    char *place;      /* where it goes; NULL: it is written in place, being no regular file */
    char *temporary;
} output_file;

/* Opens for writing. Returns the exit code; errors have been said. */
int output_file_open(const char *path, output_file *out);

/* Moves the file to its place if the work was done (exit_code is EXIT_DONE), else takes it away. Returns exit_code, or
 * that of writing. */
int output_file_close(output_file *file, int exit_code);

#endif
