/*
 * A file that appears complete or not at all: it is written beside its place and renamed at the end.
 */
#ifndef EVENTURE_TOOL_OUTPUT_FILE_H
#define EVENTURE_TOOL_OUTPUT_FILE_H

#include <stdio.h>

typedef struct output_file
{
    FILE *stream;
    const char *name; /* as given, for messages */
    char *place;      /* the final path; NULL: it is not a regular file and is written in place */
    char *temporary;
} output_file;

/* Opens for writing. Returns the exit code; errors have been reported. `store` is the store from which the file is
   made, whose permission bits a new file receives; NULL: none. A name under which a store keeps a file of its own is
   refused. */
int output_file_open(const char *path, const char *store, output_file *out);

/* Renames the file to its place if the work succeeded (exit_code is EXIT_DONE), otherwise removes it. Returns
   exit_code, or the exit code of writing. */
int output_file_close(output_file *file, int exit_code);

#endif
