/*
 * Making a store from another one: see new_store.h.
 */
#include "new_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <eventure/query.h>

#include "command_options.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "store_file.h"
#include "text.h"

/* Runs the work in one read transaction, which closing the reader ends. Erases the line of progress before any
   message. */
static int make_in_transaction(eventure_reader *reader, const char *target, const eventure_copy_options *options,
                               const new_store *work, progress_line *progress)
{
    char count[COUNT_BYTES];
    int64_t events = 0;
    eventure_status status = eventure_reader_begin(reader);
    if (status == EVENTURE_OK)
        status = work->make(reader, target, options, work->context);
    if (status == EVENTURE_OK)
        status = work->count(reader, work->context, &events);
    progress_end(progress);
    int exit_code = status == EVENTURE_OK ? EXIT_DONE : message_status(status, eventure_reader_message(reader));
    if (exit_code == EXIT_DONE)
        fprintf(stderr, "%s\n", text_count(count, events, "event"));
    return exit_code;
}

int new_store_make(const char *path, const char *target, bool force, const new_store *work)
{
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    eventure_reader *reader = NULL;
    progress_line progress;
    int exit_code = store_open_reader(path, &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    interrupt_catch();
    progress_begin(&progress, work->command);
    options.replace = force;
    options.progress = progress_show;
    options.progress_context = &progress;
    exit_code = make_in_transaction(reader, target, &options, work, &progress);
    eventure_reader_close(reader);
    interrupt_finish();
    return exit_code;
}
