/*
 * The machine of the measurements: see machine.h.
 */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <sqlite3.h>

#include "bench.h"
#include "stopwatch.h"

#define SYNCS 50

static void print_processor(FILE *out)
{
    char line[256];
    FILE *info = fopen("/proc/cpuinfo", "r");
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    fprintf(out, "- %ld processors", processors);
    while (info != NULL && fgets(line, sizeof line, info) != NULL)
    {
        char *name = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || name == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        fprintf(out, ", %s", name + 2);
        break;
    }
    if (info != NULL)
        fclose(info);
    fputc('\n', out);
}

/* Prints how long it takes to write and sync a page. */
static void print_sync(FILE *out, const char *directory)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    char page[4096] = {0};
    bench_result result = {0};
    bench_setting setting = {.directory = directory};
    bench_path(&setting, "sync", "tmp", path);
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0)
        bench_die("%s: %s", path, strerror(errno));
    for (int i = 0; i < SYNCS; i++)
    {
        bench_watch_start(&watch);
        if (pwrite(descriptor, page, sizeof page, (off_t)i * (off_t)sizeof page) < 0 || fdatasync(descriptor) != 0)
            bench_die("%s: %s", path, strerror(errno));
        bench_watch_stop(&watch);
    }
    bench_watch_report(&watch, SYNCS, &result);
    close(descriptor);
    unlink(path);
    fprintf(out, "- writing 4 KiB and syncing it: median %.0f µs, worst %.0f µs\n", result.step_p50 * 1e6,
            result.step_worst * 1e6);
}

void bench_machine_print(FILE *out, const char *directory)
{
    struct utsname system;
    print_processor(out);
    if (uname(&system) == 0)
        fprintf(out, "- %s %s, %s\n", system.sysname, system.release, system.machine);
#ifdef __clang__
    fprintf(out, "- compiled by %s; SQLite %s\n", __VERSION__, sqlite3_libversion());
#else
    fprintf(out, "- compiled by GCC %s; SQLite %s\n", __VERSION__, sqlite3_libversion());
#endif
    print_sync(out, directory);
    fputc('\n', out);
}
