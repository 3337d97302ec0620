/*
 * A time on the command line: RFC 3339, a date, seconds since 1970, or a length of time before now.
 */
#ifndef EVENTURE_TOOL_TIME_OPTION_H
#define EVENTURE_TOOL_TIME_OPTION_H

/* Reads a time. Returns NULL, or a text that describes the error ("is not a time such as ..."). */
const char *time_option_read(const char *value, double *out_timestamp);

/* Reads a length of time as seconds: `90s`, `5m`, `2h`, `30d`, `1w`, or several of them, as in `1h30m`. Returns NULL,
   or a text that describes the error. */
const char *time_option_read_length(const char *value, double *out_seconds);

#endif
