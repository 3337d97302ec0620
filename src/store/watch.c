/*
 * Waiting for commits: see watch.h.
 *
 * The directory is watched, not the files, because the write-ahead log appears and disappears with its writers. Only a
 * change of the store's own two files ends a wait.
 */
#include "store/watch.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "base/clock.h"

#define FIRST_DELAY_MS 1
#define LONGEST_DELAY_TOLD_MS 1000  /* while the system reports changes */
#define LONGEST_DELAY_UNTOLD_MS 100 /* while the system reports no changes */

struct eventure__watch
{
    int descriptor; /* -1: the system reports no changes */
    int delay_ms;
    size_t base_len;
    char base[]; /* name of the store in its directory */
};

#ifdef __linux__

static int watch_directory(const char *path)
{
    int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0)
        return -1;
    char *copy = strdup(path);
    if (copy == NULL ||
        inotify_add_watch(descriptor, dirname(copy), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE) < 0)
    {
        close(descriptor);
        descriptor = -1;
    }
    free(copy);
    return descriptor;
}

/* Whether the name is that of the store or its write-ahead log. */
static bool is_ours(const eventure__watch *watch, const char *name)
{
    return strncmp(name, watch->base, watch->base_len) == 0 &&
           (name[watch->base_len] == '\0' || strcmp(name + watch->base_len, "-wal") == 0);
}

/* Reads all pending reports. Returns whether one of them concerned the store. */
static bool take_events(eventure__watch *watch)
{
    _Alignas(struct inotify_event) char bytes[4096];
    bool ours = false;
    ssize_t len;
    while ((len = read(watch->descriptor, bytes, sizeof bytes)) > 0)
    {
        for (ssize_t at = 0; at < len;)
        {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)(bytes + at);
            if ((event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && is_ours(watch, event->name)))
                ours = true;
            at += (ssize_t)(sizeof *event + event->len);
        }
    }
    return ours;
}

#else

static int watch_directory(const char *path)
{
    (void)path;
    return -1;
}

static bool take_events(eventure__watch *watch)
{
    (void)watch;
    return false;
}

#endif

eventure_status eventure__watch_open(const char *path, eventure__watch **out_watch)
{
    *out_watch = NULL;
    char *real = realpath(path, NULL); /* a writer changes the target of a link */
    char *copy = strdup(real != NULL ? real : path);
    const char *base = copy != NULL ? basename(copy) : NULL;
    size_t base_len = base != NULL ? strlen(base) : 0;
    eventure__watch *watch = base != NULL ? calloc(1, sizeof *watch + base_len + 1) : NULL;
    if (watch != NULL)
    {
        memcpy(watch->base, base, base_len);
        watch->base_len = base_len;
        watch->delay_ms = FIRST_DELAY_MS;
        watch->descriptor = watch_directory(real != NULL ? real : path);
    }
    free(copy);
    free(real);
    *out_watch = watch;
    return watch != NULL ? EVENTURE_OK : EVENTURE_ERROR_MEMORY;
}

bool eventure__watch_wait(eventure__watch *watch, int timeout_ms)
{
    struct pollfd waited = {.fd = watch->descriptor, .events = POLLIN};
    bool is_callers = timeout_ms >= 0 && timeout_ms < watch->delay_ms;
    int64_t end = eventure__clock_ms() + (is_callers ? timeout_ms : watch->delay_ms);
    for (;;)
    {
        int64_t left = end - eventure__clock_ms();
        int ready = poll(&waited, watch->descriptor >= 0, left > 0 ? (int)left : 0);
        if (ready < 0)
            return true; /* a signal */
        if (ready > 0 && take_events(watch))
        {
            watch->delay_ms = FIRST_DELAY_MS;
            return true;
        }
        if (eventure__clock_ms() >= end)
            break;
    }
    if (is_callers)
        return false;
    int longest = watch->descriptor >= 0 ? LONGEST_DELAY_TOLD_MS : LONGEST_DELAY_UNTOLD_MS;
    watch->delay_ms = watch->delay_ms * 2 < longest ? watch->delay_ms * 2 : longest;
    return true;
}

void eventure__watch_close(eventure__watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->descriptor >= 0)
        close(watch->descriptor);
    free(watch);
}
