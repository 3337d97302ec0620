/*
 * Files and processes of the runs: see bench.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

void bench_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("eventure_bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void bench_path(const bench_setting *setting, const char *name, const char *suffix, char out[BENCH_PATH_BYTES])
{
    int len =
        snprintf(out, BENCH_PATH_BYTES, "%s/%s-%lld.%s", setting->directory, name, (long long)setting->events, suffix);
    if (len < 0 || len >= BENCH_PATH_BYTES)
        bench_die("the directory %s has too long a name", setting->directory);
}

static void beside(const char *path, const char *ending, char out[BENCH_PATH_BYTES])
{
    int len = snprintf(out, BENCH_PATH_BYTES, "%s%s", path, ending);
    if (len < 0 || len >= BENCH_PATH_BYTES)
        bench_die("%s is too long a name", path);
}

void bench_remove_database(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char name[BENCH_PATH_BYTES];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    {
        beside(path, endings[i], name);
        if (remove(name) != 0 && errno != ENOENT)
            bench_die("remove %s: %s", name, strerror(errno));
    }
}

int64_t bench_file_bytes(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

int64_t bench_wal_bytes(const char *path)
{
    char name[BENCH_PATH_BYTES];
    beside(path, "-wal", name);
    return bench_file_bytes(name);
}

int64_t bench_peak_kib(void)
{
    char line[256];
    long long peak = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        return 0; /* not Linux: not measured */
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtoll(line + 6, NULL, 10); /* in kB; only one line matches */
    fclose(status);
    return peak;
}

static void run_and_tell(bench_run_fn run, const bench_setting *setting, int descriptor)
{
    bench_result result = {0};
    run(setting, &result);
    result.peak_kib = bench_peak_kib();
    if (write(descriptor, &result, sizeof result) != (ssize_t)sizeof result)
        bench_die("the result of a run cannot be reported: %s", strerror(errno));
}

void bench_run_apart(bench_run_fn run, const bench_setting *setting, bench_result *result)
{
    int ends[2];
    int state = 0;
    if (pipe(ends) != 0)
        bench_die("pipe: %s", strerror(errno));
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        bench_die("fork: %s", strerror(errno));
    if (child == 0)
    {
        close(ends[0]);
        run_and_tell(run, setting, ends[1]);
        exit(0);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], result, sizeof *result);
    close(ends[0]);
    if (waitpid(child, &state, 0) != child || !WIFEXITED(state) || WEXITSTATUS(state) != 0 ||
        got != (ssize_t)sizeof *result)
        bench_die("a run failed");
}
