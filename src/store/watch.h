/*
 * Waiting until another process may have committed to a store, without asking it again and again.
 *
 * A commit is written to the file or its write-ahead log, which the system tells about (inotify, on Linux). What was
 * written becomes visible a moment later, and elsewhere the system tells nothing; so a wait also ends after a delay
 * that begins at a millisecond when something was seen, and doubles up to a bound while nothing is. Whoever waits looks
 * whether there is anything new, and waits again.
 */
#ifndef EVENTURE_STORE_WATCH_H
#define EVENTURE_STORE_WATCH_H

#include <stdbool.h>

#include <eventure/status.h>

typedef struct eventure__watch eventure__watch;

/* Watches the store at path, which need not be there yet. EVENTURE_ERROR_MEMORY; that the system cannot tell anything
 * is no error. */
eventure_status eventure__watch_open(const char *path, eventure__watch **out_watch);

/* Waits until there may be something new, a signal came (errno is then EINTR, and otherwise not), or timeout_ms have
 * passed (negative: no bound of the caller's). Whether it is worth a look: false only when timeout_ms have passed. */
bool eventure__watch_wait(eventure__watch *watch, int timeout_ms);

/* NULL is allowed. */
void eventure__watch_close(eventure__watch *watch);

#endif
