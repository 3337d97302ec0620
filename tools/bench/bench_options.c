/*
 * The command line: see bench_options.h.
 */
#include "bench_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    LARGE = 256,
    SCRIPTS,
    JSON,
    COLUMNS,
    IN_PROCESS,
    KEEP,
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
    {"keep", no_argument, NULL, KEEP},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

static void print_help(FILE *out)
{
    fputs("Usage: eventure_bench [OPTION]...\n"
          "Measures Eventure against its peers, side by side, and prints Markdown tables.\n\n"
          "  -n, --events=N[,N]...  sizes of the workload (default 10000,100000,1000000)\n"
          "      --large            also 10000000 events: takes some GB and half an hour\n"
          "  -r, --rounds=N         how often everything is measured (default 5); what is short, five times as often\n"
          "  -o, --only=NAME[,NAME] only these measures (see --list)\n"
          "  -w, --who=NAME         only this contestant\n"
          "  -d, --directory=DIR    where the databases go (default .): a folder on the disk to measure\n"
          "      --scripts=DIR      where the scripts of peers are (default: beside the sources)\n"
          "  -s, --seed=N           of the workload (default 1)\n"
          "      --json=FILE        write every result\n"
          "      --columns=FILE     write medians, for plots\n"
          "      --in-process       run without processes of their own, for profilers\n"
          "      --keep             leave the databases that were read, and use those that are there\n"
          "      --list             print the measures and their contestants\n"
          "      --help             print this\n",
          out);
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
    if (options->sizes_count == BENCH_SIZES_MAX)
        bench_die("more than %d sizes", BENCH_SIZES_MAX);
    options->sizes[options->sizes_count++] = read_number(text, 1, INT64_C(1000000000));
}

static void read_sizes(bench_options *options, char *text)
{
    options->sizes_count = 0;
    for (char *part = strtok(text, ","); part != NULL; part = strtok(NULL, ","))
        add_size(options, part);
}

static void read_option(int option, bench_options *options)
{
    char large[] = "10000000";
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
    case KEEP:
        options->keep = true;
        break;
    case LIST:
        options->list = true;
        break;
    case HELP:
        print_help(stdout);
        exit(0);
    default:
        print_help(stderr);
        exit(2);
    }
}

void bench_options_read(int argc, char **argv, bench_options *options)
{
    char sizes[] = "10000,100000,1000000";
    read_sizes(options, sizes);
    for (int option; (option = getopt_long(argc, argv, "n:r:o:w:d:s:", known, NULL)) != -1;)
        read_option(option, options);
    if (optind != argc)
        bench_die("what is %s? see --help", argv[optind]);
}
