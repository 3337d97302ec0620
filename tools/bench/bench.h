/*
 * Common parts of the benchmark: the description, the run and the measurement of a contestant.
 *
 * A measure has several contestants that do the same work. Each run of a contestant is a separate process, so that no
 * run benefits from the memory and the caches of another, and the peak memory is that of one run. Contestants take
 * turns (round by round), so that a machine that slows down slows all of them.
 */
#ifndef EVENTURE_BENCH_BENCH_H
#define EVENTURE_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PATH_BYTES 512

/* The largest number of events for the peers. With more events only the contestants run that measure how a cost
 * grows. */
#define BENCH_PEERS_MOST 1000000

/* The setting of a run. */
typedef struct bench_setting
{
    const char *directory; /* the folder of its files, on the disk that is measured */
    const char *scripts;   /* the folder of the scripts of peers */
    int64_t events;        /* the n of W(n) */
    uint64_t seed;
    int64_t parameter; /* defined by each contestant */
} bench_setting;

/* The result of a run. Times are in seconds and cover `operations`. */
typedef struct bench_result
{
    double wall;
    double cpu; /* user and system time, of the process and its children */
    int64_t operations;
    int64_t bytes_on_disk; /* 0: not measured; the same for the members below */
    int64_t wal_bytes;     /* the largest size of the write-ahead log */
    int64_t peak_kib;      /* the peak memory of the process (VmHWM) */
    double step_p50;       /* quantiles of the time of one step, such as the commit of a tick */
    double step_p99;
    double step_p999;
    double step_worst;
} bench_result;

typedef void (*bench_run_fn)(const bench_setting *setting, bench_result *result);

typedef struct bench_contestant
{
    const char *name;
    bench_run_fn run;
    int64_t parameter;
    int64_t most_events; /* the largest number of events; 0: no limit */
} bench_contestant;

typedef struct bench_measure
{
    const char *name;  /* used by --only and in output files */
    const char *title; /* the title in the tables */
    const char *operation;
    const char *peer; /* the contestant that the tables compare the others with; NULL: none */
    const bench_contestant *contestants;
    size_t contestants_count;
    bench_run_fn prepare; /* makes the files that the runs share, once for each n; may be NULL */
    bool is_short;        /* its results vary more, so it runs more often */
} bench_measure;

/* The number of rounds of a short measure for each round of a long measure, unless only one round is requested. */
#define BENCH_SHORT_TIMES 5

/* Prints a message and ends the process, because a failed run must not look like a fast one. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* DIRECTORY/NAME-EVENTS.SUFFIX; dies when it does not fit. */
void bench_path(const bench_setting *setting, const char *name, const char *suffix, char out[BENCH_PATH_BYTES]);

/* Removes a database, its write-ahead log and its other companion files. */
void bench_remove_database(const char *path);

/* The size of a file in bytes; 0 when there is none. */
int64_t bench_file_bytes(const char *path);

/* The size of the write-ahead log beside a database. */
int64_t bench_wal_bytes(const char *path);

/* The highest resident set of this process so far, in KiB. */
int64_t bench_peak_kib(void);

/* Runs a contestant in a child process; ends this process when that fails. */
void bench_run_apart(bench_run_fn run, const bench_setting *setting, bench_result *result);

#endif
