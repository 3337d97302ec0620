/*
 * Common parts of the benchmark: the description, the run and the measurement of a contestant.
 *
 * A measure has several contestants that do the same work. Each run of a contestant is a process of its own, so that
 * none finds the memory and the caches of another, and its peak memory is its own. Contestants take turns (round by
 * round), so that a machine that slows down slows all of them.
 */
#ifndef EVENTURE_BENCH_BENCH_H
#define EVENTURE_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PATH_BYTES 512

/* The largest number of events for the peers; beyond it only contestants that show growth run. */
#define BENCH_PEERS_MOST 1000000

/* The setting of a run. */
typedef struct bench_setting
{
    const char *directory; /* the folder of its files, on the disk that is measured */
    const char *scripts;   /* the folder of the scripts of peers */
    int64_t events;        /* n of W(n) */
    uint64_t seed;
    int64_t parameter; /* the contestant's own */
} bench_setting;

/* The result of a run. Times are in seconds and cover `operations`. */
typedef struct bench_result
{
    double wall;
    double cpu; /* user and system, of the process and its children */
    int64_t operations;
    int64_t bytes_on_disk; /* 0: not measured, as for all below */
    int64_t wal_bytes;     /* the write-ahead log at its largest */
    int64_t peak_kib;      /* VmHWM of the process */
    double step_p50;       /* of single steps, such as the commit of a tick */
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
    const char *name;  /* for --only, and in files */
    const char *title; /* for people */
    const char *operation;
    const char *peer; /* the contestant that the tables compare the others with; NULL: none */
    const bench_contestant *contestants;
    size_t contestants_count;
    bench_run_fn prepare; /* makes the files that the runs share, once for each n; may be NULL */
    bool is_short;        /* its results vary more, so that it is run more often */
} bench_measure;

/* The number of rounds of a short measure for each round of a long measure, unless only one round is requested. */
#define BENCH_SHORT_TIMES 5

/* Ends the process with a message: a failed run must not look like a fast one. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* DIRECTORY/NAME-EVENTS.SUFFIX; dies when it does not fit. */
void bench_path(const bench_setting *setting, const char *name, const char *suffix, char out[BENCH_PATH_BYTES]);

/* Removes a database with its write-ahead log and all other files beside it. */
void bench_remove_database(const char *path);

/* The size of a file in bytes; 0 when there is none. */
int64_t bench_file_bytes(const char *path);

/* The size of the write-ahead log beside a database. */
int64_t bench_wal_bytes(const char *path);

/* The highest resident set of this process so far, in KiB. */
int64_t bench_peak_kib(void);

/* Runs in a process of its own; dies when that fails. */
void bench_run_apart(bench_run_fn run, const bench_setting *setting, bench_result *result);

#endif
