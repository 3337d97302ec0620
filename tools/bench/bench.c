/*
 * eventure_bench: measures the library against its peers, side by side, and prints a table of ratios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_options.h"
#include "machine.h"
#include "measures.h"
#include "report.h"
#include "stores.h"

static const bench_measure *const measures[] = {
    &bench_append_normal, &bench_append_full, &bench_caller,  &bench_by_id,         &bench_children, &bench_at_tick,
    &bench_of_type,       &bench_all_of_type, &bench_by_data, &bench_count_by_type, &bench_cascade,  &bench_replay,
    &bench_state,         &bench_text,        &bench_verify,  &bench_import,        &bench_bus,      &bench_open,
};

#define MEASURES_COUNT (sizeof measures / sizeof *measures)

static void print_list(void)
{
    for (size_t i = 0; i < MEASURES_COUNT; i++)
    {
        printf("%-16s %s\n", measures[i]->name, measures[i]->title);
        for (size_t j = 0; j < measures[i]->contestants_count; j++)
            printf("%-16s   %s\n", "", measures[i]->contestants[j].name);
    }
}

/* Whether a name is in a comma-separated list. */
static bool is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; at != NULL; at = strchr(at, ','))
    {
        at += *at == ',';
        if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return list == NULL;
}

static bool is_measure(const char *name, size_t len)
{
    for (size_t i = 0; i < MEASURES_COUNT; i++)
        if (strlen(measures[i]->name) == len && memcmp(measures[i]->name, name, len) == 0)
            return true;
    return false;
}

/* Ends the process when a name in the list is not the name of a measure; it would otherwise be ignored without an
 * error. */
static void check_list(const char *list)
{
    for (const char *at = list; at != NULL; at = strchr(at, ','))
    {
        at += *at == ',';
        size_t len = strcspn(at, ",");
        if (!is_measure(at, len))
            bench_die("there is no measure '%.*s' (see --list)", (int)len, at);
    }
}

static void run(const bench_options *options, bench_run_fn function, const bench_setting *setting, bench_result *result)
{
    if (options->in_process)
        function(setting, result);
    else
        bench_run_apart(function, setting, result);
}

/* Runs one round: each contestant once. Each round begins with a different contestant. */
static void run_round(const bench_options *options, const bench_measure *measure, bench_setting setting, int round,
                      bench_samples *samples)
{
    for (size_t i = 0; i < measure->contestants_count; i++)
    {
        const bench_contestant *contestant = &measure->contestants[(i + (size_t)round) % measure->contestants_count];
        if ((options->who != NULL && strcmp(options->who, contestant->name) != 0) ||
            (contestant->most_events != 0 && setting.events > contestant->most_events))
            continue;
        setting.parameter = contestant->parameter;
        bench_result *result = bench_samples_add(samples, measure, contestant, setting.events);
        run(options, contestant->run, &setting, result);
        fprintf(stderr, "%s, n = %lld, round %d: %s %.2f s\n", measure->name, (long long)setting.events, round + 1,
                contestant->name, result->wall);
    }
}

static int rounds_of(const bench_options *options, const bench_measure *measure)
{
    bool is_repeated = measure->is_short && options->rounds > 1;
    int rounds = options->rounds * (is_repeated ? BENCH_SHORT_TIMES : 1);
    return rounds < BENCH_ROUNDS_MAX ? rounds : BENCH_ROUNDS_MAX;
}

static void run_all(const bench_options *options, bench_samples *samples)
{
    for (size_t i = 0; i < MEASURES_COUNT; i++)
    {
        if (!is_listed(options->only, measures[i]->name))
            continue;
        for (size_t size = 0; size < options->sizes_count; size++)
        {
            bench_setting setting = options->setting;
            bench_result unused = {0};
            setting.events = options->sizes[size];
            if (measures[i]->prepare != NULL)
                run(options, measures[i]->prepare, &setting, &unused);
            for (int round = 0; round < rounds_of(options, measures[i]); round++)
                run_round(options, measures[i], setting, round, samples);
        }
    }
}

static void remove_shared(const bench_options *options)
{
    bench_setting setting = options->setting;
    for (size_t i = 0; i < options->sizes_count && !options->keep; i++)
    {
        setting.events = options->sizes[i];
        bench_remove_shared(&setting);
    }
}

static void write_file(const char *path, const bench_samples *samples, const bench_options *options)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        bench_die("cannot write %s", path);
    if (path == options->json)
        bench_report_json(out, samples, options->setting.seed);
    else
        bench_report_columns(out, samples);
    if (fclose(out) != 0)
        bench_die("cannot write %s", path);
}

int main(int argc, char **argv)
{
    bench_options options = {.setting = {.directory = ".", .scripts = BENCH_SCRIPTS, .seed = 1}, .rounds = 5};
    bench_samples samples = {0};
    bench_options_read(argc, argv, &options);
    if (options.list)
    {
        print_list();
        return 0;
    }
    check_list(options.only);
    bench_machine_print(stdout, options.setting.directory);
    remove_shared(&options);
    run_all(&options, &samples);
    remove_shared(&options);
    if (samples.count == 0)
        bench_die("nothing was measured: there is no such contestant for so many events (see --list)");
    bench_report_markdown(stdout, &samples);
    if (options.json != NULL)
        write_file(options.json, &samples, &options);
    if (options.columns != NULL)
        write_file(options.columns, &samples, &options);
    free(samples.series);
    return 0;
}
