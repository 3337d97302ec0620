/*
 * Restricts a process, and each program that it executes: they cannot make, truncate, rename or append to files. SQLite
 * can still open its own files beside a store, and temporary ones.
 */
#ifndef EVENTURE_TOOL_NO_NEW_FILES_H
#define EVENTURE_TOOL_NO_NEW_FILES_H

#include <stdbool.h>

/* Restricts this process until it ends. Returns false where the system cannot. */
bool no_new_files(void);

#endif
