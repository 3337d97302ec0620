/*
 * Writing JSON for a page in a browser: bytes that are not UTF-8 are replaced (U+FFFD), and an integer that JavaScript
 * would round (beyond 2^53 - 1) is written as a string.
 */
#ifndef EVENTURE_SERVE_JSON_WRITER_H
#define EVENTURE_SERVE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* The text so far. A zero-initialised object is empty. After an error `out.failed` is set; callers check it once, at
 * the end. */
typedef struct json
{
    eventure__buffer out;
    bool needs_comma;
} json;

/* Opens an object or an array. `key`, here and in the functions below, is the key of the value in an object; NULL in an
 * array. */
void json_open(json *to, const char *key, char bracket);
void json_close(json *to, char bracket);

void json_text(json *to, const char *key, const char *text);
void json_text_n(json *to, const char *key, const char *text, size_t len);
void json_int(json *to, const char *key, int64_t value);
void json_double(json *to, const char *key, double value); /* a value that is not finite is written as a string */
void json_bool(json *to, const char *key, bool value);
void json_null(json *to, const char *key);

#endif
