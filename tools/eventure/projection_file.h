/*
 * The common part of state, snapshot and project: opening a projection's file, and reporting its errors.
 */
#ifndef EVENTURE_TOOL_PROJECTION_FILE_H
#define EVENTURE_TOOL_PROJECTION_FILE_H

#include <eventure/projection.h>

/* Opens a projection; `path` is NULL when the option was not given. Returns the exit code; errors have been reported.
 * On an error *out_projection is NULL. */
int projection_file_open(const char *command, const char *path, eventure_projection **out_projection);

/* As message_status: a statement that fails is an error of the data. */
int projection_failed(eventure_status status, const char *text);

#endif
