/*
 * Temporary files: see temporary.h.
 */
#include "transfer/temporary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "/eventure-sort-XXXXXX"

static eventure_status fail(eventure__error *error, const char *what)
{
    return eventure__fail(error, EVENTURE_ERROR_IO, "%s a temporary file: %s", what, strerror(errno));
}

eventure_status eventure__temporary_open(eventure__temporary *file, const char *folder, eventure__error *error)
{
    const size_t len = strlen(folder);
    char *path = malloc(len + sizeof NAME);
    *file = (eventure__temporary){-1, 0};
    if (path == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
    memcpy(path, folder, len);
    memcpy(path + len, NAME, sizeof NAME);
    file->descriptor = mkstemp(path);
    eventure_status status = EVENTURE_OK;
    if (file->descriptor < 0)
        status = eventure__fail(error, EVENTURE_ERROR_IO, "make a temporary file in %s: %s", folder, strerror(errno));
    else if (unlink(path) != 0)
        status = fail(error, "remove the name of");
    free(path);
    return status;
}

eventure_status eventure__temporary_write(eventure__temporary *file, const void *bytes, size_t len,
                                          eventure__error *error)
{
    const char *at = bytes;
    while (len > 0)
    {
        const ssize_t written = pwrite(file->descriptor, at, len, (off_t)file->len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(error, "write");
        at += written;
        len -= (size_t)written;
        file->len += written;
    }
    return EVENTURE_OK;
}

eventure_status eventure__temporary_read(const eventure__temporary *file, int64_t offset, void *out, size_t len,
                                         eventure__error *error)
{
    char *at = out;
    while (len > 0)
    {
        const ssize_t got = pread(file->descriptor, at, len, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            return eventure__fail(error, EVENTURE_ERROR_IO, "read a temporary file: it ends too early");
        if (got < 0)
            return fail(error, "read");
        at += got;
        len -= (size_t)got;
        offset += got;
    }
    return EVENTURE_OK;
}

void eventure__temporary_close(eventure__temporary *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    file->descriptor = -1;
}
