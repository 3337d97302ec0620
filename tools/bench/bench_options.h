/*
 * The command line of eventure_bench.
 */
#ifndef EVENTURE_BENCH_OPTIONS_H
#define EVENTURE_BENCH_OPTIONS_H

#include "bench.h"

#define BENCH_SIZES_MAX 16

typedef struct bench_options
{
    bench_setting setting;
    int64_t sizes[BENCH_SIZES_MAX];
    size_t sizes_count;
    int rounds;
    const char *only;    /* names of measures, with commas; NULL: all */
    const char *who;     /* the name of a contestant; NULL: all */
    const char *json;    /* the output file for JSON; NULL: none */
    const char *columns; /* the output file for columns; NULL: none */
    bool in_process;
    bool keep;
    bool list;
} bench_options;

/* Reads the command line into options with defaults; ends the process when the command line is wrong or requests
 * help. */
void bench_options_read(int argc, char **argv, bench_options *options);

#endif
