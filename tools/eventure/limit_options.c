/*
 * Limits as options: see limit_options.h.
 */
#include "limit_options.h"

#include <limits.h>

#include "message.h"

#define MOST_DEPTH 1000

const char *limit_set_int(const char *value, void *target)
{
    int64_t number = 0;
    const char *wrong = option_set_count(value, &number);
    if (wrong == NULL && number > INT_MAX)
        return "is too large";
    if (wrong == NULL)
        *(int *)target = (int)number;
    return wrong;
}

int limit_options_check(const char *command, const eventure_log_options *limits)
{
    if (limits->max_data_bytes != 0 && (limits->max_data_bytes < 2 || limits->max_data_bytes > EVENTURE_DATA_MAX_BYTES))
        return message_usage(command, "%s: --max-data-bytes: must be from 2 to %lld", command,
                             (long long)EVENTURE_DATA_MAX_BYTES);
    if (limits->max_type_bytes > EVENTURE_TYPE_MAX_BYTES)
        return message_usage(command, "%s: --max-type-bytes: must be from 1 to %d", command, EVENTURE_TYPE_MAX_BYTES);
    if (limits->max_depth > MOST_DEPTH)
        return message_usage(command, "%s: --max-depth: must be from 1 to %d", command, MOST_DEPTH);
    return EXIT_DONE;
}
