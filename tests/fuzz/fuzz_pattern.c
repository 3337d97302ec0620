/*
 * A pattern and a type, separated by a line feed: the result of matching must equal that of a simple implementation.
 */
#include <stdbool.h>
#include <string.h>

#include "base/pattern.h"
#include "fuzz.h"

/* The definition: `*` is everything, `a.*` begins with `a.`, `*.b` ends with `.b`, anything else is equal. */
static bool matches(const char *pattern, size_t len, const char *type, size_t type_len)
{
    if (len == 1 && pattern[0] == '*')
        return true;
    if (pattern[len - 1] == '*')
        return type_len >= len - 1 && memcmp(pattern, type, len - 1) == 0;
    if (pattern[0] == '*')
        return type_len >= len - 1 && memcmp(pattern + 1, type + type_len - (len - 1), len - 1) == 0;
    return len == type_len && memcmp(pattern, type, len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *line = memchr(bytes, '\n', len);
    size_t pattern_len = line != NULL ? (size_t)(line - bytes) : len;
    const char *type = line != NULL ? (const char *)line + 1 : "";
    size_t type_len = line != NULL ? len - pattern_len - 1 : 0;
    char *text = malloc(pattern_len + 1);
    eventure__pattern pattern;
    eventure__error error = {0};
    fuzz_must(text != NULL);
    memcpy(text, bytes, pattern_len);
    text[pattern_len] = '\0';
    if (eventure__pattern_parse(text, &pattern, &error) != EVENTURE_OK)
        fuzz_must(error.text[0] != '\0');
    else
        fuzz_must(eventure__pattern_matches(&pattern, type, type_len) == matches(text, strlen(text), type, type_len));
    free(text);
    return 0;
}
