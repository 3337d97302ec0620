/*
 * eventure append: one event from the command line.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/log.h>

#include "command_options.h"
#include "commands.h"
#include "limit_options.h"
#include "message.h"
#include "store_file.h"

typedef struct append_options
{
    const char *parent;
    int64_t advance; /* by how many ticks, afterwards */
    bool with_timestamp;
    double timestamp;
    eventure_log_options log; /* the limits; the rest is filled in when it is opened */
} append_options;

static const char *set_advance(const char *value, void *target)
{
    return option_set_count(value != NULL ? value : "1", target);
}

static const char *set_timestamp(const char *value, void *target)
{
    append_options *options = target;
    char *end = NULL;
    options->timestamp = strtod(value, &end);
    options->with_timestamp = true;
    if (end == value || *end != '\0' || strspn(value, "+-.0123456789eE") != strlen(value) ||
        !isfinite(options->timestamp))
        return "is not a number of seconds";
    return NULL;
}

static double fixed_clock(void *context)
{
    return *(double *)context;
}

/* Reads all of standard input. Returns the exit code. */
static int read_input(char **out_text, size_t *out_len)
{
    char block[65536];
    size_t got = 0;
    FILE *memory = open_memstream(out_text, out_len);
    if (memory == NULL)
        return message_memory();
    while ((got = fread(block, 1, sizeof block, stdin)) > 0)
        fwrite(block, 1, got, memory);
    int cause = ferror(stdin) ? errno : 0;
    bool no_memory = ferror(memory) != 0;
    no_memory = fclose(memory) != 0 || no_memory;
    if (cause != 0)
    {
        message("read standard input: %s", strerror(cause));
        return EXIT_FILE;
    }
    return no_memory ? message_memory() : EXIT_DONE;
}

static int advance(eventure_log *log, int64_t by)
{
    int64_t tick = eventure_log_tick(log);
    if (by > INT64_MAX - tick)
    {
        message("append: --advance: tick %lld cannot be advanced by %lld", (long long)tick, (long long)by);
        return EXIT_DATA;
    }
    eventure_status status = eventure_log_advance_to(log, tick + by);
    return status == EVENTURE_OK ? EXIT_DONE : message_status(status, eventure_log_message(log));
}

/* Appends, and copies the new id, which the caller frees with free. Returns the exit code. */
static int append_event(eventure_log *log, const char *type, eventure_data data, const append_options *options,
                        char **out_id)
{
    eventure_event parent;
    eventure_event event;
    memset(&parent, 0, sizeof parent);
    parent.id = options->parent;
    eventure_status status = eventure_log_append(log, type, data, parent.id != NULL ? &parent : NULL, &event);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_log_message(log));
    *out_id = strdup(event.id);
    if (*out_id == NULL)
        return message_memory();
    return options->advance > 0 ? advance(log, options->advance) : EXIT_DONE;
}

static int append_to_store(const char *path, const char *type, const char *text, append_options *options)
{
    store_writer writer = {NULL, NULL, false};
    char *id = NULL;
    char *input = NULL;
    size_t input_len = 0;
    int exit_code = EXIT_DONE;
    eventure_data data = text != NULL ? eventure_json(text) : eventure_no_data();
    if (text != NULL && strcmp(text, "-") == 0)
    {
        exit_code = read_input(&input, &input_len);
        data = eventure_json_n(input, input_len);
    }
    if (options->with_timestamp)
    {
        options->log.clock = fixed_clock;
        options->log.clock_context = &options->timestamp;
    }
    if (exit_code == EXIT_DONE)
        exit_code = store_open_writer(path, &options->log, &writer);
    if (exit_code == EXIT_DONE)
        exit_code = append_event(writer.log, type, data, options, &id);
    exit_code = store_close_writer(&writer, exit_code);
    if (exit_code == EXIT_DONE)
        puts(id);
    free(id);
    free(input);
    return exit_code;
}

int cmd_append(int argc, char **argv)
{
    append_options options = {NULL, 0, false, 0.0, EVENTURE_LOG_OPTIONS_INIT};
    const char *operands[3];
    option_spec specs[] = {
        {"parent", OPTION_VALUE, option_set_text, &options.parent, false},
        {"advance", OPTION_OPTIONAL, set_advance, &options.advance, false},
        {"timestamp", OPTION_VALUE, set_timestamp, &options, false},
        LIMIT_OPTIONS(options.log),
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "TYPE", "[DATA]", NULL};
    command_line line = {"append", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = limit_options_check("append", &options.log);
    if (exit_code != EXIT_DONE)
        return exit_code;
    return append_to_store(operands[0], operands[1], operands[2], &options);
}
