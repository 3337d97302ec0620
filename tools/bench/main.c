/*
 * eventure_bench: measures the library against its peers, side by side, and prints a table of ratios.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measures.h"
#include "report.h"

#define SIZES_MAX 16

typedef struct bench_options
{
    bench_setting setting;
    int64_t sizes[SIZES_MAX];
    size_t sizes_count;
    int rounds;
    const char *only;    /* names of measures, with commas; NULL: all */
    const char *who;     /* of a contestant; NULL: all */
    const char *json;    /* where to write it; NULL: nowhere */
    const char *columns; /* likewise */
    bool in_process;
} bench_options;

static const bench_measure *const measures[] = {
    &bench_append_normal, &bench_append_full, &bench_by_id, &bench_children, &bench_at_tick, &bench_of_type,
    &bench_cascade,       &bench_replay,      &bench_text,  &bench_import,   &bench_bus,     &bench_open,
};

#define MEASURES_COUNT (sizeof measures / sizeof *measures)

static void print_help(FILE *out)
{
    fputs("Usage: eventure_bench [OPTION]...\n"
          "Measures Eventure against its peers, side by side, and prints Markdown tables.\n\n"
          "  -n, --events=N[,N]...  sizes of the workload (default 10000,100000,1000000)\n"
          "      --large            also 10000000 events: takes some GB and half an hour\n"
          "  -r, --rounds=N         how often everything is measured (default 5)\n"
          "  -o, --only=NAME[,NAME] only these measures (see --list)\n"
          "  -w, --who=NAME         only this contestant\n"
          "  -d, --directory=DIR    where the databases go (default .): a folder on the disk to measure\n"
          "      --scripts=DIR      where the scripts of peers are (default: beside the sources)\n"
          "  -s, --seed=N           of the workload (default 1)\n"
          "      --json=FILE        write every result\n"
          "      --columns=FILE     write medians, for plots\n"
          "      --in-process       run without processes of their own, for profilers\n"
          "      --list             print the measures and their contestants\n"
          "      --help             print this\n",
          out);
}

static void print_list(void)
{
    for (size_t i = 0; i < MEASURES_COUNT; i++)
    {
        printf("%-16s %s\n", measures[i]->name, measures[i]->title);
        for (size_t j = 0; j < measures[i]->contestants_count; j++)
            printf("%-16s   %s\n", "", measures[i]->contestants[j].name);
    }
}

static int64_t read_number(const char *text, int64_t least, int64_t most)
{
    char *end = NULL;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value < least || value > most)
        bench_die("%s is not a number from %lld to %lld", text, (long long)least, (long long)most);
    return value;
}

static void add_size(bench_options *options, const char *text)
{
    if (options->sizes_count == SIZES_MAX)
        bench_die("more than %d sizes", SIZES_MAX);
    options->sizes[options->sizes_count++] = read_number(text, 1, INT64_C(1000000000));
}

static void read_sizes(bench_options *options, char *text)
{
    options->sizes_count = 0;
    for (char *part = strtok(text, ","); part != NULL; part = strtok(NULL, ","))
        add_size(options, part);
}

/* Whether a name is in a list with commas. */
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

static void read_options(int argc, char **argv, bench_options *options)
{
    enum
    {
        LARGE = 256,
        SCRIPTS,
        JSON,
        COLUMNS,
        IN_PROCESS,
        LIST,
        HELP
    };
    static const struct option known[] = {
        {"events", required_argument, NULL, 'n'},
        {"large", no_argument, NULL, LARGE},
        {"rounds", required_argument, NULL, 'r'},
        {"only", required_argument, NULL, 'o'},
        {"who", required_argument, NULL, 'w'},
        {"directory", required_argument, NULL, 'd'},
        {"scripts", required_argument, NULL, SCRIPTS},
        {"seed", required_argument, NULL, 's'},
        {"json", required_argument, NULL, JSON},
        {"columns", required_argument, NULL, COLUMNS},
        {"in-process", no_argument, NULL, IN_PROCESS},
        {"list", no_argument, NULL, LIST},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    char sizes[] = "10000,100000,1000000";
    char large[] = "10000000";
    read_sizes(options, sizes);
    for (int option; (option = getopt_long(argc, argv, "n:r:o:w:d:s:", known, NULL)) != -1;)
    {
        switch (option)
        {
        case 'n':
            read_sizes(options, optarg);
            break;
        case LARGE:
            add_size(options, large);
            break;
        case 'r':
            options->rounds = (int)read_number(optarg, 1, 99);
            break;
        case 'o':
            options->only = optarg;
            break;
        case 'w':
            options->who = optarg;
            break;
        case 'd':
            options->setting.directory = optarg;
            break;
        case SCRIPTS:
            options->setting.scripts = optarg;
            break;
        case 's':
            options->setting.seed = (uint64_t)read_number(optarg, 0, INT64_MAX);
            break;
        case JSON:
            options->json = optarg;
            break;
        case COLUMNS:
            options->columns = optarg;
            break;
        case IN_PROCESS:
            options->in_process = true;
            break;
        case LIST:
            print_list();
            exit(0);
        case HELP:
            print_help(stdout);
            exit(0);
        default:
            print_help(stderr);
            exit(2);
        }
    }
    if (optind != argc)
        bench_die("what is %s? see --help", argv[optind]);
}

static void run(const bench_options *options, bench_run_fn function, const bench_setting *setting, bench_result *result)
{
    if (options->in_process)
        function(setting, result);
    else
        bench_run_apart(function, setting, result);
}

/* One round: each contestant once, beginning with another one each time. */
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
            for (int round = 0; round < options->rounds; round++)
                run_round(options, measures[i], setting, round, samples);
        }
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
    read_options(argc, argv, &options);
    run_all(&options, &samples);
    bench_report_markdown(stdout, &samples);
    if (options.json != NULL)
        write_file(options.json, &samples, &options);
    if (options.columns != NULL)
        write_file(options.columns, &samples, &options);
    free(samples.series);
    return 0;
}
