/*
 * The progress line of long work: printed on standard error, when it is a terminal, a few times a second.
 */
#ifndef EVENTURE_TOOL_PROGRESS_LINE_H
#define EVENTURE_TOOL_PROGRESS_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/progress.h>

typedef struct progress_line
{
    const char *what; /* "import" */
    bool on_terminal;
    bool shown;
    int64_t last_ms; /* by eventure__clock_ms */
} progress_line;

void progress_begin(progress_line *line, const char *what);

/* An eventure_progress_fn, whose context is the line. Also ends the work when a signal has arrived. */
int progress_show(const eventure_progress *progress, void *context);

/* An eventure_progress_fn without a line: ends the work of a command that only reads when a signal has arrived. */
int progress_stop_reading(const eventure_progress *progress, void *context);

/* Erases the line. */
void progress_end(progress_line *line);

#endif
