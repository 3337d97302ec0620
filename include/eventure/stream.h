/**
 * @file
 * Where a call writes bytes to that is no FILE: a callback.
 */
#ifndef EVENTURE_STREAM_H
#define EVENTURE_STREAM_H

#include <stddef.h>

#include <eventure/export.h>

/**
 * Receives bytes, in order: of a state that is being saved, of an export, or of what a viewer shows.
 * @param bytes some of them
 * @param len how many
 * @param sink as given to the call
 * @return 0, or an error, which ends the call and is returned by it
 */
typedef int (*eventure_write_fn)(const void *bytes, size_t len, void *sink);

#endif
