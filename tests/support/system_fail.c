/*
 * The linker's --wrap turns calls of open into calls of __wrap_open, and __real_open is the one of the C library.
 */
#define _GNU_SOURCE /* for F_OFD_SETLK */
#include "system_fail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static unsigned failing;
static long countdown; /* the call that brings it to 0 fails */
static int failure;
static bool failed;
static void (*interloper)(void); /* runs in place of the failure */
static size_t most;              /* bytes that a call transfers; 0: no bound */

void system_fail_at(unsigned kinds, long n, int error)
{
    failing = kinds;
    countdown = n;
    failure = error;
    failed = false;
    interloper = NULL;
}

void system_run_before(unsigned kinds, long n, void (*run)(void))
{
    system_fail_at(kinds, n, 0);
    interloper = run;
}

bool system_fail_stop(void)
{
    countdown = 0;
    return failed;
}

void system_transfer_at_most(size_t len)
{
    most = len;
}

static size_t bounded(size_t len)
{
    return most > 0 && len > most ? most : len;
}

static bool fails_now(unsigned kind)
{
    if ((failing & kind) == 0 || countdown <= 0 || --countdown > 0)
        return false;
    if (interloper != NULL)
    {
        interloper();
        return false;
    }
    failed = true;
    errno = failure;
    return true;
}

/* Declares both and defines the one that may fail. */
#define WRAP(kind, type, name, parameters, arguments)                                                                  \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return fails_now(kind) ? -1 : __real_##name arguments;                                                         \
    }

WRAP(SYSTEM_READ, ssize_t, read, (int descriptor, void *bytes, size_t len), (descriptor, bytes, bounded(len)))
WRAP(SYSTEM_READ, ssize_t, pread, (int descriptor, void *bytes, size_t len, off_t at),
     (descriptor, bytes, bounded(len), at))
WRAP(SYSTEM_WRITE, ssize_t, write, (int descriptor, const void *bytes, size_t len), (descriptor, bytes, bounded(len)))
WRAP(SYSTEM_WRITE, ssize_t, pwrite, (int descriptor, const void *bytes, size_t len, off_t at),
     (descriptor, bytes, bounded(len), at))
WRAP(SYSTEM_WRITE, int, ftruncate, (int descriptor, off_t len), (descriptor, len))
WRAP(SYSTEM_SYNC, int, fsync, (int descriptor), (descriptor))
WRAP(SYSTEM_RENAME, int, rename, (const char *from, const char *to), (from, to))
WRAP(SYSTEM_LINK, int, link, (const char *from, const char *to), (from, to))
WRAP(SYSTEM_UNLINK, int, unlink, (const char *path), (path))
WRAP(SYSTEM_LOCK, int, flock, (int descriptor, int operation), (descriptor, operation))
WRAP(SYSTEM_STAT, int, stat, (const char *path, struct stat *info), (path, info))
WRAP(SYSTEM_STAT, int, lstat, (const char *path, struct stat *info), (path, info))
WRAP(SYSTEM_STAT, int, fstat, (int descriptor, struct stat *info), (descriptor, info))
WRAP(SYSTEM_STAT, int, access, (const char *path, int mode), (path, mode))
WRAP(SYSTEM_WATCH, int, inotify_init1, (int flags), (flags))

int __real_close(int descriptor);
int __wrap_close(int descriptor);
int __wrap_close(int descriptor)
{
    int result = __real_close(descriptor);
    return fails_now(SYSTEM_CLOSE) ? -1 : result;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0)
    {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    return fails_now(SYSTEM_OPEN) ? -1 : __real_open(path, flags, mode);
}

/* fcntl fails only for locks of open file descriptions. */
int __real_fcntl(int descriptor, int command, ...);
int __wrap_fcntl(int descriptor, int command, ...);
int __wrap_fcntl(int descriptor, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return command == F_OFD_SETLK && fails_now(SYSTEM_LOCK) ? -1 : __real_fcntl(descriptor, command, argument);
}
