/*
 * The progress of a fleet: see fleet_progress.h.
 */
#include "fleet_progress.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "terminal.h"

#define FIRST_AFTER_MS 500
#define INTERVAL_MS 100

void fleet_progress_begin(fleet_progress *progress, size_t total)
{
    memset(progress, 0, sizeof *progress);
    progress->total = total;
    progress->on_terminal = terminal_is(stderr);
    progress->begin_ms = eventure__clock_ms();
    progress->last_ms = progress->begin_ms;
}

void fleet_progress_show(fleet_progress *progress, size_t done)
{
    if (!progress->on_terminal)
        return;
    const int64_t now = eventure__clock_ms();
    const int64_t passed_ms = now - progress->begin_ms;
    if (passed_ms < FIRST_AFTER_MS || (progress->shown && now - progress->last_ms < INTERVAL_MS))
        return;
    progress->last_ms = now;
    progress->shown = true;
    fflush(stdout);
    double rate = (double)done * 1000 / (double)passed_ms;
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
