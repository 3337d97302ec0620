/*
 * Formatting and parsing of ids. Each id has exactly one spelling, so different texts never denote the same event.
 */
#include "event/id.h"

#include <string.h>

#include "base/number.h"

size_t eventure__id_format(char out[EVENTURE__ID_BYTES], int64_t tick, const char *hash, int64_t n)
{
    size_t len = eventure__format_int(out, tick);
    out[len++] = '-';
    while (*hash != '\0')
        out[len++] = *hash++;
    out[len++] = '-';
    return len + eventure__format_int(out + len, n);
}

/* Parses digits without leading zeros, up to INT64_MAX, and advances *at. */
static bool read_number(const char **at, const char *end, int64_t *out)
{
    const char *begin = *at;
    int64_t value = 0;
    while (*at < end && **at >= '0' && **at <= '9')
    {
        int digit = **at - '0';
        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
        (*at)++;
    }
    *out = value;
    return *at > begin && (*begin != '0' || *at == begin + 1);
}

bool eventure__id_parse(const char *text, size_t len, eventure__id *out)
{
    const char *at = text;
    const char *end = text + len;
    eventure__id id = {0};
    if (!read_number(&at, end, &id.tick) || at == end || *at++ != '-')
        return false;
    size_t letters = 0;
    while (at < end && *at >= 'A' && *at <= 'F')
    {
        if (letters == 4)
            return false;
        id.hash[letters++] = *at++;
    }
    if (at == end || *at++ != '-' || !read_number(&at, end, &id.n) || at != end || id.n < 1)
        return false;
    *out = id;
    return true;
}

uint32_t eventure__hash_code(const char *hash)
{
    uint32_t code = 0;
    for (int i = 0; i < 4 && hash[i] != '\0'; i++)
        code = code * 7 + (uint32_t)(hash[i] - 'A' + 1);
    return code % EVENTURE__HASH_CODES;
}
