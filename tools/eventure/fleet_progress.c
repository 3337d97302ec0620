/*
 * The progress of a fleet: see fleet_progress.h.
 */
#include "fleet_progress.h"

#include <stdio.h>
#include <string.h>

#include "terminal.h"

#define FIRST_AFTER_S 0.5
#define INTERVAL_S 0.1

static double seconds_since(const struct timespec *start, const struct timespec *now)
{
    return (double)(now->tv_sec - start->tv_sec) + (double)(now->tv_nsec - start->tv_nsec) * 1e-9;
}

void fleet_progress_begin(fleet_progress *progress, size_t total)
{
    memset(progress, 0, sizeof *progress);
    progress->total = total;
    progress->on_terminal = terminal_is(stderr);
    clock_gettime(CLOCK_MONOTONIC, &progress->begin);
    progress->last = progress->begin;
}

void fleet_progress_show(fleet_progress *progress, size_t done)
{
    struct timespec now;
    if (!progress->on_terminal || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return;
    double passed = seconds_since(&progress->begin, &now);
    if (passed < FIRST_AFTER_S || (progress->shown && seconds_since(&progress->last, &now) < INTERVAL_S))
        return;
    progress->last = now;
    progress->shown = true;
    fflush(stdout);
    double rate = (double)done / passed;
    fprintf(stderr, "\rfleet: %zu of %zu runs", done, progress->total);
    if (done > 0)
        fprintf(stderr, ", %.*f/s, %.0f s left", rate < 10 ? 1 : 0, rate, (double)(progress->total - done) / rate);
    fputs("\033[K", stderr);
    fflush(stderr);
}

void fleet_progress_erase(fleet_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
