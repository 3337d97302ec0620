/*
 * eventure stats: the figures of a history.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "command_options.h"
#include "commands.h"
#include "filter_options.h"
#include "hint.h"
#include "message.h"
#include "statistics.h"
#include "store_file.h"
#include "text.h"

typedef struct figure
{
    const char *name;
    size_t offset;
    bool needs_events; /* not defined for an empty store */
} figure;

static const figure figures_in_order[] = {
    {"disk_bytes", offsetof(statistics, disk_bytes), false},
    {"events", offsetof(statistics, events), false},
    {"types", offsetof(statistics, types_count), false},
    {"current_tick", offsetof(statistics, current_tick), false},
    {"first_tick", offsetof(statistics, first_tick), true},
    {"last_tick", offsetof(statistics, last_tick), true},
    {"ticks_used", offsetof(statistics, ticks_used), false},
    {"without_parent", offsetof(statistics, without_parent), false},
    {"roots", offsetof(statistics, roots), false},
    {"max_depth", offsetof(statistics, max_depth), false},
    {"largest_cascade", offsetof(statistics, largest_cascade), false},
};

#define FIGURES (sizeof figures_in_order / sizeof figures_in_order[0])

static int64_t value_of(const statistics *figures, const figure *one)
{
    return *(const int64_t *)(const void *)((const char *)figures + one->offset);
}

static void print_json(const statistics *figures)
{
    puts("{");
    for (size_t i = 0; i < FIGURES; i++)
    {
        const figure *one = &figures_in_order[i];
        if (one->needs_events && figures->events == 0)
            printf("  \"%s\": null,\n", one->name);
        else
            printf("  \"%s\": %" PRId64 ",\n", one->name, value_of(figures, one));
    }
    fputs("  \"count_by_type\": {", stdout);
    for (int64_t i = 0; i < figures->types_count; i++)
    {
        fputs(i > 0 ? ",\n    " : "\n    ", stdout);
        text_write_json(stdout, figures->types[i].type, strlen(figures->types[i].type));
        printf(": %" PRId64, figures->types[i].count);
    }
    puts(figures->types_count > 0 ? "\n  }\n}" : "}\n}");
}

static void print_text(const statistics *figures)
{
    for (size_t i = 0; i < FIGURES; i++)
    {
        const figure *one = &figures_in_order[i];
        if (one->needs_events && figures->events == 0)
            printf("%-15s %12s\n", one->name, "-");
        else
            printf("%-15s %12" PRId64 "\n", one->name, value_of(figures, one));
    }
    if (figures->types_count > 0)
        puts("\ncount_by_type");
    for (int64_t i = 0; i < figures->types_count; i++)
    {
        printf("%12" PRId64 "  ", figures->types[i].count);
        text_write(stdout, figures->types[i].type, strlen(figures->types[i].type));
        fputc('\n', stdout);
    }
}

static int run(const char *path, const eventure_filter *filter, bool json)
{
    eventure_reader *reader = NULL;
    statistics figures = {0};
    const eventure_filter *part = filter_chooses(filter) ? filter : NULL;
    if (filter->reverse)
        return message_usage("stats", "stats: --reverse is not supported: figures have no order");
    int exit_code = store_open_reader(path, &reader);
    if (exit_code == EXIT_DONE)
        exit_code = statistics_gather(reader, path, part, &figures);
    if (exit_code == EXIT_DONE && json)
        print_json(&figures);
    else if (exit_code == EXIT_DONE)
        print_text(&figures);
    if (exit_code == EXIT_DONE && part != NULL && fflush(stdout) == 0)
        hint_filter(reader, path, part, figures.events);
    statistics_free(&figures);
    eventure_reader_close(reader);
    return exit_code;
}

int cmd_stats(int argc, char **argv)
{
    filter_options filter = FILTER_OPTIONS_INIT;
    bool json = false;
    const char *operands[1];
    option_spec specs[] = {{"format", OPTION_VALUE, option_set_text_json, &json, false},
                           {"json", OPTION_FLAG, option_set_flag, &json, false},
                           FILTER_OPTION_ROWS(&filter),
                           OPTIONS_END};
    static const char *const names[] = {"DB", NULL};
    command_line line = {"stats", specs, names, operands};
    int exit_code = EXIT_DONE;
    options_hide(specs, "reverse");
    if (options_parse(&line, argc, argv, &exit_code))
        exit_code = run(operands[0], &filter.filter, json);
    filter_options_free(&filter);
    return exit_code;
}
