/*
 * eventure import: appends the events of a file to a store, all of them or none.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/transfer.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "limit_options.h"
#include "message.h"
#include "progress_line.h"
#include "store_file.h"
#include "text.h"

/* The options of the command line. */
typedef struct import_request
{
    eventure_import_options options;
    eventure_log_options limits;
    bool is_dry_run;
} import_request;

/* Prints the counts on standard error; the unusual ones only when they are not 0. */
static void say_counts(const eventure_transfer_counts *counts)
{
    char events[COUNT_BYTES];
    char ticks[COUNT_BYTES];
    fprintf(stderr, "%s, %s\n", text_count(events, counts->events, "event"), text_count(ticks, counts->ticks, "tick"));
    if (counts->known > 0)
        fprintf(stderr,
                counts->known == 1 ? "%" PRId64 " event was known already\n"
                                   : "%" PRId64 " events were known already\n",
                counts->known);
    if (counts->other > 0)
        fprintf(stderr,
                counts->other == 1 ? "%" PRId64 " entry of the file is not an event, and was skipped\n"
                                   : "%" PRId64 " entries of the file are not events, and were skipped\n",
                counts->other);
    if (counts->unknown_parents > 0)
        fprintf(stderr,
                counts->unknown_parents == 1 ? "%" PRId64 " parent is not in the store\n"
                                             : "%" PRId64 " parents are not in the store\n",
                counts->unknown_parents);
}

/* Prints the option that can avoid the error. */
static void say_hint(eventure_status status, const char *text, const eventure_import_options *options)
{
    if (status == EVENTURE_ERROR_EXISTS && !options->skip_known)
        message("hint: --skip-known skips the events that are already in the store");
    else if (status == EVENTURE_ERROR_TICK && !options->sort && strstr(text, "goes back") != NULL)
        message("hint: --sort sorts the events by tick and time");
    else if (status == EVENTURE_ERROR_PARENT)
        message("hint: --external-parents stores such a parent as an external one; --sort sorts causes before their "
                "effects");
}

static int import_from(FILE *in, const char *path, import_request *request)
{
    eventure_transfer_counts counts = {0};
    progress_line progress;
    store_writer writer;
    int exit_code = store_open_writer(path, &request->limits, &writer);
    if (exit_code != EXIT_DONE)
        return exit_code;
    progress_begin(&progress, "import");
    request->options.progress = progress_show;
    request->options.progress_context = &progress;
    eventure_status status = eventure_log_import(writer.log, in, &request->options, &counts);
    progress_end(&progress);
    if (status != EVENTURE_OK)
    {
        exit_code = interrupt_came() ? EXIT_FILE : message_status(status, eventure_log_message(writer.log));
        if (!interrupt_came())
            say_hint(status, eventure_log_message(writer.log), &request->options);
    }
    if (request->is_dry_run)
    {
        /* A store that was created for the dry run is removed. */
        (void)store_close_writer(&writer, EXIT_DATA);
        return exit_code;
    }
    exit_code = store_close_writer(&writer, exit_code);
    if (exit_code == EXIT_DONE)
        say_counts(&counts);
    return exit_code;
}

static const char *set_format(const char *value, void *target)
{
    if (strcmp(value, "jsonl") != 0 && strcmp(value, "csv") != 0 && strcmp(value, "cloudevents") != 0 &&
        strcmp(value, "chrome") != 0)
        return "is not one of jsonl, csv, cloudevents, chrome";
    return eventure_format_find(value, target) == EVENTURE_OK ? NULL : "is not known";
}

static const char *set_time_format(const char *value, void *target)
{
    static const char *const names[] = {"auto", "s", "ms", "us", "ns", "rfc3339"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(value, names[i]) == 0)
        {
            *(eventure_time_format *)target = (eventure_time_format)i;
            return NULL;
        }
    return "is not one of auto, s, ms, us, ns, rfc3339";
}

/* `100ms`, `2s`, or `line`, `10lines`. */
static const char *set_tick_every(const char *value, void *target)
{
    static const struct
    {
        const char *name;
        int64_t ns; /* 0: lines */
    } units[] = {{"ns", 1},
                 {"us", 1000},
                 {"ms", 1000000},
                 {"s", 1000000000},
                 {"m", INT64_C(60000000000)},
                 {"min", INT64_C(60000000000)},
                 {"h", INT64_C(3600000000000)},
                 {"d", INT64_C(86400000000000)},
                 {"line", 0},
                 {"lines", 0}};
    eventure_import_options *options = target;
    const size_t digits = strspn(value, "0123456789");
    int64_t count = 1;
    if (digits > 0 && (!options_read_number(value, digits, &count) || count == 0))
        return "is not a whole number from 1 on with its unit";
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    {
        if (strcmp(value + digits, units[i].name) != 0 || (digits == 0 && units[i].ns != 0))
            continue;
        if (units[i].ns != 0 && count > INT64_MAX / units[i].ns)
            return "is too large";
        *(units[i].ns != 0 ? &options->tick_every_ns : &options->tick_every_events) =
            units[i].ns != 0 ? count * units[i].ns : count;
        return NULL;
    }
    return "is not a tick length such as 100ms, 2s, 5min, line or 10lines";
}

/* A number of bytes, with K, M or G. */
static const char *set_bytes(const char *value, void *target)
{
    const size_t digits = strspn(value, "0123456789");
    const char *unit = value + digits;
    int64_t count = 0;
    const int shift = strcmp(unit, "K") == 0 ? 10 : strcmp(unit, "M") == 0 ? 20 : strcmp(unit, "G") == 0 ? 30 : 0;
    if (!options_read_number(value, digits, &count) || (*unit != '\0' && shift == 0) || count > (INT64_MAX >> 30))
        return "is not a number of bytes, such as 67108864, 64M or 1G";
    *(int64_t *)target = count << shift;
    return count << shift >= 65536 ? NULL : "is less than 64K";
}

int cmd_import(int argc, char **argv)
{
    import_request request = {EVENTURE_IMPORT_OPTIONS_INIT, EVENTURE_LOG_OPTIONS_INIT, false};
    eventure_import_options *options = &request.options;
    const char *operands[2];
    option_spec specs[] = {
        {"format", OPTION_VALUE, set_format, &options->format, false},
        {"map", OPTION_VALUE, option_set_text, &options->map, false},
        {"time-format", OPTION_VALUE, set_time_format, &options->time_format, false},
        {"time", OPTION_VALUE, option_set_text, &options->time, false},
        {"tick-every", OPTION_VALUE, set_tick_every, options, false},
        {"sort", OPTION_FLAG, option_set_flag, &options->sort, false},
        {"sort-memory", OPTION_VALUE, set_bytes, &options->sort_memory, false},
        {"skip-known", OPTION_FLAG, option_set_flag, &options->skip_known, false},
        {"external-parents", OPTION_FLAG, option_set_flag, &options->external_parents, false},
        {"dry-run", OPTION_FLAG, option_set_flag, &request.is_dry_run, false},
        LIMIT_OPTIONS(request.limits),
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "[FILE]", NULL};
    command_line line = {"import", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = limit_options_check("import", &request.limits);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (options->sort_memory != 0 && !options->sort)
        return message_usage("import", "import: --sort-memory is for --sort");
    if (options->map == NULL && options->time_format != EVENTURE_TIME_AUTO)
        return message_usage("import", "import: --time-format is for --map");
    if (options->map == NULL && options->format == EVENTURE_FORMAT_CSV)
        return message_usage("import", "import: --format csv needs --map");
    if (request.is_dry_run)
        options->dry_run = stdout;
    options->temporary_folder = getenv("TMPDIR");
    bool from_file = operands[1] != NULL && strcmp(operands[1], "-") != 0;
    FILE *in = from_file ? fopen(operands[1], "rb") : stdin;
    if (in == NULL)
    {
        message("open %s: %s", operands[1], strerror(errno));
        return EXIT_FILE;
    }
    options->name = from_file ? operands[1] : "stdin";
    interrupt_catch();
    exit_code = import_from(in, operands[0], &request);
    if (from_file)
        fclose(in);
    interrupt_finish();
    return exit_code;
}
