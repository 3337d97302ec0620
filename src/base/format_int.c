/*
 * Integers as text, from the last digit to the first.
 */
#include "base/format_int.h"

static size_t count_digits(uint64_t value)
{
    size_t count = 1;
    for (; value >= 100; value /= 100)
        count += 2;
    return count + (value >= 10);
}

size_t eventure__format_int(char out[EVENTURE__INT_BYTES], int64_t value)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t len = count_digits(rest) + (value < 0);
    char *at = out + len;
    *at = '\0';
    for (; rest >= 10; rest /= 10)
        *--at = (char)('0' + (int)(rest % 10));
    *--at = (char)('0' + (int)rest);
    if (value < 0)
        *--at = '-';
    return len;
}
