/*
 * Bytes as text in lower-case hexadecimal.
 */
#ifndef EVENTURE_BASE_HEX_H
#define EVENTURE_BASE_HEX_H

#include <stddef.h>

#include "base/buffer.h"

/* Writes two digits for each byte, and a NUL: out has room for 2 * len + 1 characters. */
void eventure__format_hex(char *out, const void *bytes, size_t len);

/* Appends two digits for each byte (see buffer.h). */
void eventure__buffer_append_hex(eventure__buffer *out, const void *bytes, size_t len);

#endif
