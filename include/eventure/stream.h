/**
 * @file
 * A callback that receives the bytes that a call writes, instead of a FILE.
 */
#ifndef EVENTURE_STREAM_H
#define EVENTURE_STREAM_H

#include <stddef.h>

#include <eventure/export.h>

/**
 * Receives the bytes of a saved state, of an export, or of a viewer's output, in order. @param bytes the next bytes
 * @param len the number of bytes @param sink the pointer given to the call
 * @return 0, or an error, which ends the call; the call returns it
 */
typedef int (*eventure_write_fn)(const void *bytes, size_t len, void *sink);

#endif
