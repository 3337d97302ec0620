/*
 * Wildcard patterns. Matching is one comparison, because `*` is allowed at one end only.
 */
#include "base/pattern.h"

#include <string.h>

#include "base/utf8.h"

eventure_status eventure__pattern_parse(const char *text, eventure__pattern *out, eventure__error *error)
{
    return eventure__pattern_parse_span(eventure__text_span(text, 0), out, error);
}

eventure_status eventure__pattern_parse_span(eventure__span given, eventure__pattern *out, eventure__error *error)
{
    const char *text = given.at;
    const size_t len = given.len;
    if (text == NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "the pattern is NULL");
    if (len == 0)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "the pattern is empty; `*` stands for every type");

    eventure__pattern pattern = {EVENTURE__PATTERN_EXACT, text, len};
    if (len == 1 && text[0] == '*')
        pattern = (eventure__pattern){EVENTURE__PATTERN_ALL, text + 1, 0};
    else if (len >= 2 && text[len - 1] == '*' && text[len - 2] == '.')
        pattern = (eventure__pattern){EVENTURE__PATTERN_PREFIX, text, len - 1};
    else if (len >= 2 && text[0] == '*' && text[1] == '.')
        pattern = (eventure__pattern){EVENTURE__PATTERN_SUFFIX, text + 1, len - 1};

    if (memchr(pattern.text, '*', pattern.len) != NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "pattern %s: `*` may stand alone, after a last `.`, or before a first `.`",
                              eventure__quote(text, len).text);
    if (pattern.len > EVENTURE__PATTERN_MAX_BYTES)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "pattern %s is %zu bytes long; types have at most %d",
                              eventure__quote(text, len).text, pattern.len, EVENTURE__PATTERN_MAX_BYTES);
    if (!eventure__utf8_valid(text, len))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "pattern %s is not valid UTF-8",
                              eventure__quote(text, len).text);
    *out = pattern;
    return EVENTURE_OK;
}

bool eventure__pattern_matches(const eventure__pattern *pattern, const char *type, size_t type_len)
{
    if (type_len < pattern->len)
        return false;
    switch (pattern->kind)
    {
    case EVENTURE__PATTERN_EXACT:
        return type_len == pattern->len && memcmp(type, pattern->text, pattern->len) == 0;
    case EVENTURE__PATTERN_PREFIX:
        return memcmp(type, pattern->text, pattern->len) == 0;
    case EVENTURE__PATTERN_SUFFIX:
        return memcmp(type + type_len - pattern->len, pattern->text, pattern->len) == 0;
    default:
        return true;
    }
}
