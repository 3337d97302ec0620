/*
 * The intake of structs that a caller filled: see options.h.
 */
#include "base/options.h"

#include <stdbool.h>
#include <string.h>

/* No struct of any version is larger. A struct with a larger size was never initialised. */
#define LARGEST_SIZE 4096

static bool is_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static size_t size_of(const void *given)
{
    size_t size = 0;
    memcpy(&size, given, sizeof size);
    return size;
}

const void *eventure__options_at(const void *array, size_t index)
{
    return array != NULL ? (const char *)array + index * size_of(array) : NULL;
}

eventure_status eventure__options_take(const void *given, void *out, size_t out_size, const char *type,
                                       const char *what, eventure__error *error)
{
    eventure__options_init(out, out_size);
    if (given == NULL)
        return EVENTURE_OK;
    size_t size = size_of(given);
    if (size < sizeof size || size > LARGEST_SIZE)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "%s: the %s was not initialised: its size is %zu; begin with its _INIT macro or with "
                              "%s_init",
                              what, type, size, type);
    if (size > out_size && !is_zero((const unsigned char *)given + out_size, size - out_size))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "%s: the %s is newer than this library: it has %zu bytes, the library knows %zu of them, "
                              "and one of the others is set",
                              what, type, size, out_size);
    memcpy(out, given, size < out_size ? size : out_size);
    memcpy(out, &out_size, sizeof out_size);
    return EVENTURE_OK;
}

eventure_status eventure__options_check(const eventure__option_range *ranges, size_t count, const char *what,
                                        eventure__error *error)
{
    const char *prefix = what != NULL ? what : "";
    const char *colon = what != NULL ? ": " : "";
    for (size_t i = 0; i < count; i++)
    {
        const eventure__option_range *range = &ranges[i];
        const long long value = range->value;
        const long long least = range->least;
        const long long greatest = range->greatest;
        if (value >= least && value <= greatest)
            continue;
        if (greatest == INT64_MAX)
            return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s%soption %s is %lld, less than %lld", prefix,
                                  colon, range->name, value, least);
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s%soption %s is %lld, not between %lld and %lld",
                              prefix, colon, range->name, value, least, greatest);
    }
    return EVENTURE_OK;
}

eventure_status eventure__options_check_list(const char *name, const void *list, size_t count, const char *what,
                                             eventure__error *error)
{
    if (list != NULL || count == 0)
        return EVENTURE_OK;
    return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s%s%s is NULL, but %s_count is %zu",
                          what != NULL ? what : "", what != NULL ? ": " : "", name, name, count);
}

void eventure__options_init(void *options, size_t size)
{
    if (options == NULL || size < sizeof size)
        return;
    memset(options, 0, size);
    memcpy(options, &size, sizeof size);
}
