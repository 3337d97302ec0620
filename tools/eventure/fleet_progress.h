/*
 * The progress of a fleet on standard error, when it is a terminal: the number of runs, their rate, and the time that
 * remains.
 */
#ifndef EVENTURE_TOOL_FLEET_PROGRESS_H
#define EVENTURE_TOOL_FLEET_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fleet_progress
{
    size_t total;
    bool on_terminal;
    bool shown;
    int64_t begin_ms; /* by eventure__clock_ms */
    int64_t last_ms;
} fleet_progress;

void fleet_progress_begin(fleet_progress *progress, size_t total);

/* Shows the number of runs that are done, a few times a second. */
void fleet_progress_show(fleet_progress *progress, size_t done);

/* Erases the line, before other output and at the end. */
void fleet_progress_erase(fleet_progress *progress);

#endif
