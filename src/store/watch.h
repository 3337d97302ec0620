/*
 * Waits until another process may have committed to a store, without repeated queries.
 *
 * A commit is written to the file or its write-ahead log, which the system reports (inotify, on Linux). The commit
 * becomes visible a moment after the write, and other systems report nothing; so a wait also ends after a delay, which
 * is a millisecond after a report, and doubles up to a limit while there are none. The caller then checks for new
 * ticks, and waits again.
 */
#ifndef EVENTURE_STORE_WATCH_H
#define EVENTURE_STORE_WATCH_H

#include <stdbool.h>

#include <eventure/status.h>

typedef struct eventure__watch eventure__watch;

/* Watches the store at `path`, which need not exist yet. Returns EVENTURE_ERROR_MEMORY when out of memory; a system
 * that cannot report changes is not an error. */
eventure_status eventure__watch_open(const char *path, eventure__watch **out_watch);

/* Waits until there may be a new commit, a signal arrived (errno is then EINTR, and otherwise not), or timeout_ms
 * have passed (negative: no limit). Returns false only when timeout_ms have passed. */
bool eventure__watch_wait(eventure__watch *watch, int timeout_ms);

/* NULL is allowed. */
void eventure__watch_close(eventure__watch *watch);

#endif
