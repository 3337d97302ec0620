/*
 * Opening a store for a command. The functions report errors and return an exit code.
 */
#ifndef EVENTURE_TOOL_STORE_FILE_H
#define EVENTURE_TOOL_STORE_FILE_H

#include <stdbool.h>

#include <eventure/log.h>
#include <eventure/reader.h>

/* Prepares reading stores: signals end it cleanly. The functions below do so themselves; a command that opens readers
   in several threads calls this first, in the thread that starts them. */
void store_prepare_reading(void);

/* Opens for reading, for a command that only reads (see interrupt_catch_reading). On an error *out_reader is NULL. */
int store_open_reader(const char *path, eventure_reader **out_reader);

/* As store_open_reader, but also opens a store that only verify and repair can read. */
int store_open_damaged(const char *path, eventure_reader **out_reader);

/* Opens a store that exists for writing. On an error *out_log is NULL. */
int store_open_existing(const char *path, eventure_log **out_log);

/* Commits if the work succeeded (exit_code is EXIT_DONE), and closes. Returns exit_code, or the exit code of the commit
   or of closing. */
int store_close_existing(const char *path, eventure_log *log, int exit_code);

/* Reports that a log, which has committed everything, could not copy it into the file when it was closed. */
int store_close_failed(const char *path, eventure_status status);

/* A store opened for writing. When this command created it and the work fails, it is removed. */
typedef struct store_writer
{
    eventure_log *log;
    const char *path;
    bool created;
} store_writer;

/* Opens for writing, and creates the file when it does not exist. */
int store_open_writer(const char *path, const eventure_log_options *options, store_writer *out_writer);

/* Commits if the work succeeded (exit_code is EXIT_DONE), otherwise rolls back; closes. Returns exit_code, or the exit
   code of the commit. */
int store_close_writer(store_writer *writer, int exit_code);

#endif
