/*
 * Opening a store: see store_file.h.
 */
#include "store_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connection.h"
#include "interrupt.h"
#include "message.h"

/* Every failure to open a store is an error of the file. */
static int open_failed(const char *text)
{
    message("%s", text);
    return EXIT_FILE;
}

/* Returns the reader, or reports why it was not opened. */
static int opened(eventure_status status, eventure_reader **out_reader)
{
    if (status == EVENTURE_OK)
        return EXIT_DONE;
    int exit_code = open_failed(eventure_reader_message(*out_reader));
    eventure_reader_close(*out_reader);
    *out_reader = NULL;
    return exit_code;
}

void store_prepare_reading(void)
{
    static bool is_watched;
    interrupt_catch_reading();
    if (!is_watched)
        connection_watch();
    is_watched = true;
}

int store_open_reader(const char *path, eventure_reader **out_reader)
{
    store_prepare_reading();
    return opened(eventure_reader_open(path, out_reader), out_reader);
}

int store_open_damaged(const char *path, eventure_reader **out_reader)
{
    store_prepare_reading();
    return opened(eventure_reader_open_damaged(path, out_reader), out_reader);
}

int store_open_existing(const char *path, eventure_log **out_log)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_EXISTING;
    if (eventure_log_open(path, &options, out_log) == EVENTURE_OK)
        return EXIT_DONE;
    int exit_code = open_failed(eventure_log_message(*out_log));
    eventure_log_close(*out_log);
    *out_log = NULL;
    return exit_code;
}

int store_open_writer(const char *path, const eventure_log_options *options, store_writer *out_writer)
{
    eventure_log_options with_mode = EVENTURE_LOG_OPTIONS_INIT;
    struct stat info;
    memset(out_writer, 0, sizeof *out_writer);
    if (options != NULL)
        with_mode = *options;
    out_writer->path = path;
    /* Only the exclusive mode guarantees that this call created the file. */
    out_writer->created = lstat(path, &info) != 0;
    with_mode.mode = out_writer->created ? EVENTURE_OPEN_NEW : EVENTURE_OPEN_OR_CREATE;
    if (eventure_log_open(path, &with_mode, &out_writer->log) == EVENTURE_OK)
        return EXIT_DONE;
    int exit_code = open_failed(eventure_log_message(out_writer->log));
    eventure_log_close(out_writer->log);
    out_writer->log = NULL;
    return exit_code;
}

int store_close_failed(const char *path, eventure_status status)
{
    /* Everything is already committed. */
    message("close %s: %s: everything is written, but a part remains in %s-wal, because it could not be copied "
            "into the file (is the disk full?); the next command that opens the store tries again",
            path, eventure_status_name(status), path);
    return EXIT_FILE;
}

int store_close_existing(const char *path, eventure_log *log, int exit_code)
{
    if (log == NULL)
        return exit_code;
    eventure_status status = exit_code == EXIT_DONE ? eventure_log_commit(log) : EVENTURE_OK;
    if (status != EVENTURE_OK)
        exit_code = message_status(status, eventure_log_message(log));
    status = eventure_log_close(log);
    return status != EVENTURE_OK && exit_code == EXIT_DONE ? store_close_failed(path, status) : exit_code;
}

static void remove_store(const char *path)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal", ""};
    size_t size = strlen(path) + sizeof "-journal";
    char *name = malloc(size);
    for (size_t i = 0; name != NULL && i < sizeof suffixes / sizeof suffixes[0]; i++)
    {
        snprintf(name, size, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    free(name);
}

int store_close_writer(store_writer *writer, int exit_code)
{
    if (writer->log == NULL)
        return exit_code;
    eventure_status status = EVENTURE_OK;
    if (exit_code == EXIT_DONE)
        status = eventure_log_commit(writer->log);
    else
        eventure_log_rollback(writer->log);
    if (status != EVENTURE_OK)
        exit_code = message_status(status, eventure_log_message(writer->log));
    status = eventure_log_close(writer->log);
    writer->log = NULL;
    if (exit_code != EXIT_DONE && writer->created)
        remove_store(writer->path);
    if (status != EVENTURE_OK && exit_code == EXIT_DONE)
        exit_code = store_close_failed(writer->path, status);
    return exit_code;
}
