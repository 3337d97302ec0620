/**
 * @file
 * Callbacks that take the place of a FILE: one receives the bytes that a call writes, one gives the bytes that a call
 * reads. A callback runs in the thread of the call, and must not use the handle of the call.
 *
 * A callback returns 0, or an error, which ends the call. The call returns a negative value as it is, and
 * EVENTURE_ERROR_HANDLER for a positive one, so that every error of a call is negative.
 */
#ifndef EVENTURE_STREAM_H
#define EVENTURE_STREAM_H

#include <stddef.h>

#include <eventure/export.h>

/**
 * Receives the bytes of a saved state, of an export, of a dry run, or of a viewer's output, in order.
 * @param bytes the next bytes
 * @param len the number of bytes
 * @param sink the pointer given to the call
 * @return 0, or an error
 */
typedef int (*eventure_write_fn)(const void *bytes, size_t len, void *sink);

/**
 * Gives the next bytes of an input.
 * @param bytes receives them
 * @param capacity the room for them, at least 1 byte
 * @param out_len receives the number of bytes, 0 only at the end of the input; it is 0 before the call
 * @param source the pointer given to the call
 * @return 0, or an error
 */
typedef int (*eventure_read_fn)(void *bytes, size_t capacity, size_t *out_len, void *source);

#endif
