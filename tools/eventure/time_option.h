/*
 * A moment on the command line: RFC 3339, a date, seconds since 1970, or how long ago.
 */
#ifndef EVENTURE_TOOL_TIME_OPTION_H
#define EVENTURE_TOOL_TIME_OPTION_H

/* The time now. */
double time_option_now(void);

/* Reads a moment. Returns NULL, or what is wrong with it ("is no time: ..."). */
const char *time_option_read(const char *value, double *out_timestamp);

/* Reads a length of time as seconds: `90s`, `5m`, `2h`, `30d`, `1w`, or several of them, as in `1h30m`. Returns NULL,
 * or what is wrong with it. */
const char *time_option_read_length(const char *value, double *out_seconds);

#endif
