/*
 * A temporary file. Its name is removed as soon as it is open, so that the system deletes it when the process ends for
 * any reason.
 */
#ifndef EVENTURE_TRANSFER_TEMPORARY_H
#define EVENTURE_TRANSFER_TEMPORARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct eventure__temporary
{
    int descriptor; /* -1: not open */
    int64_t len;
} eventure__temporary;

/* Makes a file in a folder. EVENTURE_ERROR_IO, EVENTURE_ERROR_MEMORY. */
eventure_status eventure__temporary_open(eventure__temporary *file, const char *folder, eventure__error *error);

/* Appends. EVENTURE_ERROR_IO. */
eventure_status eventure__temporary_write(eventure__temporary *file, const void *bytes, size_t len,
                                          eventure__error *error);

/* Reads exactly len bytes. EVENTURE_ERROR_IO. */
eventure_status eventure__temporary_read(const eventure__temporary *file, int64_t offset, void *out, size_t len,
                                         eventure__error *error);

void eventure__temporary_close(eventure__temporary *file);

#endif
