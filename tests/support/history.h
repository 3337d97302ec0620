/*
 * A history that is determined by its tick numbers: the content of a tick depends on its number alone. A store can
 * therefore be checked without knowing how it was made: it must contain whole ticks only, and unchanged.
 */
#ifndef EVENTURE_TESTS_HISTORY_H
#define EVENTURE_TESTS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/eventure.h>

/* The size of the text of a problem. */
#define HISTORY_PROBLEM 1200

typedef struct history
{
    double now;     /* the time of its clock */
    bool remembers; /* stores the newest event instead of querying it, because a query would wait for a background
                       writer */
    /* The newest event, if it is known. Call history_forget after an error of another call. */
    int64_t seq;
    char id[64];
} history;

/* Returns the number of events of a tick: 0 to 8, sometimes 40. */
int history_events(int64_t tick);

/* A clock for eventure_log_options; its context is a history. */
double history_clock(void *context);

/* Forgets the newest event. */
void history_forget(history *self);

/* Opens a log whose clock is the history's. */
eventure_status history_open(history *self, const char *path, const eventure_log_options *options, eventure_log **out);

/* Appends the events of the log's current tick, and advances it. Stops at the first error. */
eventure_status history_tick(history *self, eventure_log *log);

/* Appends the events of the log's current tick only. */
eventure_status history_append(history *self, eventure_log *log);

/* Whether the store contains the ticks before its current one completely, and nothing else. With `tail` > 0 only that
   number of last ticks is checked. On false, problem contains a description. */
bool history_check(eventure_reader *reader, int64_t tail, int64_t *out_ticks, char problem[HISTORY_PROBLEM]);

/* As history_check, for a file, which must also verify. */
bool history_check_file(const char *path, int64_t *out_ticks, char problem[HISTORY_PROBLEM]);

#endif
