/*
 * The progress line: see progress_line.h.
 */
#include "progress_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "interrupt.h"
#include "terminal.h"

#define INTERVAL_MS 100

void progress_begin(progress_line *line, const char *what)
{
    memset(line, 0, sizeof *line);
    line->what = what;
    line->on_terminal = terminal_is(stderr);
}

static bool is_due(progress_line *line)
{
    const int64_t now = eventure__clock_ms();
    if (line->shown && now - line->last_ms < INTERVAL_MS)
        return false;
    line->last_ms = now;
    return true;
}

int progress_stop_reading(const eventure_progress *progress, void *context)
{
    (void)progress;
    (void)context;
    return interrupt_ends_reading() ? 1 : 0;
}

int progress_show(const eventure_progress *progress, void *context)
{
    progress_line *line = context;
    if (interrupt_came())
        return 1;
    if (!line->on_terminal || !is_due(line))
        return 0;
    fprintf(stderr, "\r%s: %" PRId64, line->what, progress->done);
    if (progress->total > 0)
        fprintf(stderr, " of %" PRId64, progress->total);
    fprintf(stderr, " events, tick %" PRId64 "\033[K", progress->tick);
    fflush(stderr);
    line->shown = true;
    return 0;
}

void progress_end(progress_line *line)
{
    if (line->shown)
        fputs("\r\033[K", stderr);
    line->shown = false;
}
