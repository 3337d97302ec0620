/*
 * The machine of the measurements.
 */
#ifndef EVENTURE_BENCH_MACHINE_H
#define EVENTURE_BENCH_MACHINE_H

#include <stdio.h>

/* Prints a Markdown list: processor, system, compiler, SQLite, and how long the disk below the directory takes to sync.
 */
void bench_machine_print(FILE *out, const char *directory);

#endif
