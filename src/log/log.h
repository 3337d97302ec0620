/*
 * A log, for the other folders of src/: opening it with its error text, its limits, its newest event and its clock.
 */
#ifndef EVENTURE_LOG_LOG_H
#define EVENTURE_LOG_LOG_H

#include <eventure/log.h>

#include "base/error.h"

/* As eventure_log_open, and hands out the log also on error, for eventure__log_error and eventure_log_close; NULL when
 * there was no memory for it. */
eventure_status eventure__log_open(const char *path, const eventure_log_options *options, eventure_log **out_log);

/* As eventure_log_close, which frees the log: the text of its error is the caller's, who may do without (NULL). */
eventure_status eventure__log_close(eventure_log *log, eventure__error *out_error);

/* The limits of its options. */
size_t eventure__log_max_data_bytes(const eventure_log *log);
int eventure__log_max_depth(const eventure_log *log);

/* The newest event that was appended, committed or not; asking it waits for nothing. */
int64_t eventure__log_last_seq(const eventure_log *log);

/* The time of the log's clock. */
double eventure__log_now(eventure_log *log);

#endif
