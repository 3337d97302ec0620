/*
 * What state, snapshot and project have in common: a projection's file, and what can be wrong with it.
 */
#ifndef EVENTURE_TOOL_PROJECTION_FILE_H
#define EVENTURE_TOOL_PROJECTION_FILE_H

#include <eventure/projection.h>

/* Opens a projection; `path` is NULL when the option was not given. Returns the exit code; errors have been said. On an
 * error *out_projection is NULL. */
int projection_file_open(const char *command, const char *path, eventure_projection **out_projection);

/* As message_status: a statement that fails is the data's fault. */
int projection_failed(eventure_status status, const char *text);

#endif
