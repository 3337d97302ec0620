/*
 * A log, for the other folders of src/: opening it with its error text, its limits, its newest event and its clock.
 */
#ifndef EVENTURE_LOG_LOG_H
#define EVENTURE_LOG_LOG_H

#include <eventure/log.h>

#include "base/error.h"

/* As eventure_log_open, but also returns the log on error, for eventure__log_error and eventure_log_close; NULL when
   out of memory. */
eventure_status eventure__log_open(const char *path, const eventure_log_options *options, eventure_log **out_log);

/* As eventure_log_close, but stores the error text in the caller's `error`, which may be NULL. */
eventure_status eventure__log_close(eventure_log *log, eventure__error *out_error);

/* The limits of its options. */
size_t eventure__log_max_data_bytes(const eventure_log *log);
int eventure__log_max_depth(const eventure_log *log);

/* Checks an id of the input: 1 to 1024 bytes of UTF-8 without NUL. `whose` names it in the error text, as "the id". */
eventure_status eventure__log_check_id(eventure_log *log, const char *whose, const char *id, size_t len);

/* Returns the seq of the newest event that was appended, committed or not, without waiting. */
int64_t eventure__log_last_seq(const eventure_log *log);

/* Returns the time of the log's clock. */
double eventure__log_now(eventure_log *log);

#endif
