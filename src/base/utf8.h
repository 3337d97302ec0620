/*
 * UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing beyond U+10FFFF.
 */
#ifndef EVENTURE_BASE_UTF8_H
#define EVENTURE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns the length in bytes of the valid sequence at text, or 0 when it is invalid. out receives its code point and
 * may be NULL. */
size_t eventure__utf8_decode(const char *text, size_t len, uint32_t *out);

/* Writes one code point; returns 1 to 4. */
size_t eventure__utf8_encode(uint32_t code_point, char out[4]);

bool eventure__utf8_valid(const char *text, size_t len);

#endif
