/*
 * The limits in the log's options, except those on data, which are checked when data is parsed.
 */
#include "log/log_internal.h"

eventure_status eventure__log_check_limits(eventure_log *log, const char *type, size_t type_len, int64_t tick,
                                           size_t ahead)
{
    const eventure_log_options *options = &log->options;
    eventure__error *error = &log->store->error;
    if (options->max_type_bytes < EVENTURE_TYPE_MAX_BYTES && type_len > (size_t)options->max_type_bytes)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT,
                              "the type %s is %zu bytes long; the limit max_type_bytes is %d",
                              eventure__quote(type, type_len).text, type_len, options->max_type_bytes);
    if (options->max_tick_events == 0)
        return EVENTURE_OK;
    int64_t events = (tick == log->tick ? log->tick_events : 0) + (int64_t)ahead;
    if (events >= options->max_tick_events)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT,
                              "tick %lld has %lld events already; the limit max_tick_events is %lld", (long long)tick,
                              (long long)events, (long long)options->max_tick_events);
    return EVENTURE_OK;
}
