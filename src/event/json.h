/*
 * JSON (RFC 8259) at memory speed, without a tree.
 *
 * Data is stored in a *compact form*: no white space between tokens; numbers as they were written; members in their
 * order; strings as UTF-8 with the fewest escapes (\" \\ \b \f \n \r \t, \u00xx in lower case for the other control
 * characters below U+0020). All stored data comes from eventure__json_compact or from typed
 * fields. The other functions require compact text. They do not validate it, but never read beyond its end.
 *
 * Nothing here recurses with the depth of the data.
 */
#ifndef EVENTURE_EVENT_JSON_H
#define EVENTURE_EVENT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <eventure/data.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

/* Maximum nesting depth of data; an object without nested containers has depth 1. */
#define EVENTURE__JSON_MAX_DEPTH 1000

static inline bool eventure__span_is(eventure__span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

/*
 * Validates JSON text and appends its compact form. Anything that is not RFC 8259, invalid UTF-8, lone surrogates and
 * NaN are refused with EVENTURE_ERROR_JSON, and nesting beyond max_depth with EVENTURE_ERROR_LIMIT. The error text
 * contains the position, counted from 0, and the cause ("at byte 17: a string ends in the middle"). Returns
 * EVENTURE_ERROR_MEMORY when out of memory. On error `out` is unchanged. max_depth is at most EVENTURE__JSON_MAX_DEPTH
 * + 1, which the JSON line of an event needs.
 */
eventure_status eventure__json_compact(const char *text, size_t len, int max_depth, eventure__buffer *out,
                                       eventure__error *error);

/* Appends the compact form of an event's data, given as text or fields. Anything but an object is EVENTURE_ERROR_JSON
 * "data is not a JSON object: ..." Keys given twice in fields, NULL keys or texts, NaN: refused. Beyond max_bytes:
 * EVENTURE_ERROR_LIMIT. On error `out` is unchanged. */
eventure_status eventure__data_compact(const eventure_data *data, size_t max_bytes, int max_depth,
                                       eventure__buffer *out, eventure__error *error);

/* Appends one field's value in compact form. */
eventure_status eventure__field_compact(const eventure_field *field, int max_depth, eventure__buffer *out,
                                        eventure__error *error);

/* Appends a string literal: the text in quotes, with the fewest escapes. The text must be valid UTF-8. */
void eventure__json_append_string(eventure__buffer *out, const char *text, size_t len);

/* Iterates over the members of a compact object. Initialise `rest` with the whole object. Returns false at the end. The
 * key is returned without its quotes, still escaped. */
typedef struct eventure__members
{
    const char *at;
    const char *end;
} eventure__members;

eventure__members eventure__members_of(const char *object, size_t len);
bool eventure__members_next(eventure__members *members, eventure__span *out_key, eventure__span *out_value);

/* Finds a top-level member by its unescaped key; the last one, if there are several. */
bool eventure__json_find(const char *object, size_t len, const char *key, size_t key_len, eventure__span *out_value);

/* Finds an element of an array by its number from 0. */
bool eventure__json_element(const char *array, size_t len, size_t index, eventure__span *out_value);

/*
 * Finds the value at a path in a compact object. A path is a key, or keys with a dot between them that lead from object
 * to object: `pos.x`. An element of an array is named by its number from 0. Where keys hold dots themselves, the
 * longest key that the object has is taken.
 */
bool eventure__json_path(eventure__span object, const char *path, size_t path_len, eventure__span *out_value);

/* The first byte of a compact value determines its kind: '{' '[' '"' 't' 'f' 'n', else a number. */
static inline bool eventure__json_is_number(eventure__span value)
{
    return value.len > 0 && (*value.at == '-' || (*value.at >= '0' && *value.at <= '9'));
}

/* Appends the value of a compact string literal, which is given with its quotes. The value can contain NUL. */
void eventure__json_unescape(eventure__span literal, eventure__buffer *out);

/* As eventure__json_unescape, into sufficient memory, which may be that of the literal. With out == NULL only the
 * length is computed. Returns the length, which never exceeds that of the literal without quotes. Does not write a NUL.
 */
size_t eventure__json_unescape_to(eventure__span literal, char *out);

/* Appends the canonical form of a compact value, in which equal values have equal bytes: numbers by value, object
 * members sorted by key (the last of equal keys only). */
void eventure__json_canonical(eventure__span value, eventure__buffer *out);

/* Returns whether two compact values are equal as JSON. Returns false and sets *out_failed when memory runs out. */
bool eventure__json_equal(eventure__span a, eventure__span b, bool *out_failed);

/* Appends a compact value in the spelling of Python's json.dumps: ", " and ": ", non-ASCII characters escaped. */
void eventure__json_append_python(eventure__span value, eventure__buffer *out);

/* Appends text as a string literal in the spelling of json.dumps. */
void eventure__json_append_python_string(eventure__buffer *out, const char *text, size_t len);

#endif
