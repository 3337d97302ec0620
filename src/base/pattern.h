/*
 * The wildcard patterns of the bus and the filter.
 */
#ifndef EVENTURE_BASE_PATTERN_H
#define EVENTURE_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* Length of the longest literal part: that of the longest type. */
#define EVENTURE__PATTERN_MAX_BYTES 255

/* In dispatch order. */
typedef enum eventure__pattern_kind
{
    EVENTURE__PATTERN_EXACT = 0,
    EVENTURE__PATTERN_PREFIX = 1,
    EVENTURE__PATTERN_SUFFIX = 2,
    EVENTURE__PATTERN_ALL = 3
} eventure__pattern_kind;

typedef struct eventure__pattern
{
    eventure__pattern_kind kind;
    const char *text; /* the literal part including the dot: "player.", ".error"; points into the pattern */
    size_t len;
} eventure__pattern;

/* Parses a pattern. EVENTURE_ERROR_ARGUMENT: NULL, an empty pattern, a literal part of more than 255 bytes, or a `*` in
 * another position. */
eventure_status eventure__pattern_parse(const char *text, eventure__pattern *out, eventure__error *error);

/* As eventure__pattern_parse, of a text that need not end with a NUL. */
eventure_status eventure__pattern_parse_span(eventure__span given, eventure__pattern *out, eventure__error *error);

bool eventure__pattern_matches(const eventure__pattern *pattern, const char *type, size_t type_len);

#endif
