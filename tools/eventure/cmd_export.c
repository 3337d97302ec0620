/*
 * eventure export: a history, or the part of it that a filter chooses, as JSON Lines.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <eventure/transfer.h>

#include "commands.h"
#include "filter_options.h"
#include "interrupt.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "output_file.h"
#include "progress_line.h"
#include "store_file.h"

static int export_to(eventure_reader *reader, FILE *out, const eventure_filter *filter,
                     eventure_transfer_counts *out_counts)
{
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    progress_line progress;
    progress_begin(&progress, "export");
    options.filter = filter;
    options.progress = progress_show;
    options.progress_context = &progress;
    eventure_status status = eventure_export(reader, out, &options, out_counts);
    progress_end(&progress);
    if (interrupt_came())
        return EXIT_FILE;
    /* Why a stream cannot be written is said when it is closed. */
    if (status == EVENTURE_ERROR_IO && ferror(out))
        return EXIT_DONE;
    return status == EVENTURE_OK ? EXIT_DONE : output_query_failed(reader, status);
}

static int export_to_file(eventure_reader *reader, const char *path, const eventure_filter *filter)
{
    eventure_transfer_counts counts = {0, 0};
    output_file file;
    int exit_code = output_file_open(path, &file);
    if (exit_code != EXIT_DONE)
        return exit_code;
    exit_code = export_to(reader, file.stream, filter, &counts);
    exit_code = output_file_close(&file, exit_code);
    if (exit_code == EXIT_DONE)
        fprintf(stderr, "%" PRId64 " events, %" PRId64 " ticks\n", counts.events, counts.ticks);
    return exit_code;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat of_a;
    struct stat of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static int export_store(const char *path, const char *target, const eventure_filter *filter)
{
    eventure_reader *reader = NULL;
    bool to_file = target != NULL && strcmp(target, "-") != 0;
    if (to_file && is_same_file(path, target))
        return message_usage("export", "export: %s is the store itself", target);
    int exit_code = store_open_reader(path, &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    interrupt_catch();
    exit_code = to_file ? export_to_file(reader, target, filter) : export_to(reader, stdout, filter, NULL);
    eventure_reader_close(reader);
    interrupt_finish();
    return exit_code;
}

int cmd_export(int argc, char **argv)
{
    filter_options options = FILTER_OPTIONS_INIT;
    const char *operands[2];
    option_spec specs[] = {FILTER_OPTION_ROWS(&options), OPTIONS_END};
    static const char *const names[] = {"DB", "[FILE]", NULL};
    command_line line = {"export", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
        exit_code = export_store(operands[0], operands[1], &options.filter);
    filter_options_free(&options);
    return exit_code;
}
