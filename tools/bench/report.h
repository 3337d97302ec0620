/*
 * The results as Markdown tables, as JSON, and as columns for plots.
 */
#ifndef EVENTURE_BENCH_REPORT_H
#define EVENTURE_BENCH_REPORT_H

#include <stdio.h>

#include "samples.h"

void bench_report_markdown(FILE *out, const bench_samples *samples);
void bench_report_json(FILE *out, const bench_samples *samples, uint64_t seed);

/* Prints one line for each series: measure, contestant, n, and the numbers, separated by tabs. */
void bench_report_columns(FILE *out, const bench_samples *samples);

#endif
