/*
 * Opening a store for a command. Errors are said here; what comes back is an exit code.
 */
#ifndef EVENTURE_TOOL_STORE_FILE_H
#define EVENTURE_TOOL_STORE_FILE_H

#include <stdbool.h>

#include <eventure/log.h>
#include <eventure/reader.h>

/* Opens for reading, for a command that only reads (see interrupt_catch_reading). On an error *out_reader is NULL. */
int store_open_reader(const char *path, eventure_reader **out_reader);

/* As store_open_reader, also a store that is too damaged for all but verify and repair. */
int store_open_damaged(const char *path, eventure_reader **out_reader);

/* Opens a store that exists for writing. On an error *out_log is NULL. */
int store_open_existing(const char *path, eventure_log **out_log);

/* Commits if the work was done (exit_code is EXIT_DONE); closes. Returns exit_code, or that of committing or of
 * closing. */
int store_close_existing(const char *path, eventure_log *log, int exit_code);

/* Says that a log, which has committed everything, could not bring it into the file when it was closed. */
int store_close_failed(const char *path, eventure_status status);

/* A store opened for writing, which is taken away again when it was made for work that then failed. */
typedef struct store_writer
{
    eventure_log *log;
    const char *path;
    bool created;
} store_writer;

/* Opens for writing, making the file where there is none. */
int store_open_writer(const char *path, const eventure_log_options *options, store_writer *out_writer);

/* Commits if the work was done (exit_code is EXIT_DONE), else rolls back; closes. Returns exit_code, or the exit code
 * of committing. */
int store_close_writer(store_writer *writer, int exit_code);

#endif
