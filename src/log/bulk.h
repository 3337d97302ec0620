/*
 * Appending events that come from elsewhere with their own tick, timestamp and id, many in one transaction.
 */
#ifndef EVENTURE_LOG_BULK_H
#define EVENTURE_LOG_BULK_H

#include <stdbool.h>

#include <eventure/event.h>
#include <eventure/log.h>

#include "base/error.h"

/* As eventure_log_open, and hands out the log also on error, for eventure__log_error and eventure_log_close; NULL when
 * there was no memory for it. */
eventure_status eventure__log_open(const char *path, const eventure_log_options *options, eventure_log **out_log);

/* Commits what is there, and begins a transaction in which only eventure__log_bulk_append is called. */
eventure_status eventure__log_bulk_begin(eventure_log *log);

/*
 * Appends one event as it is: tick (moving the current tick on), timestamp, type, id, data (compact form, an object),
 * and parent_id, which is looked up. Errors (the text names the value, without a place): EVENTURE_ERROR_TICK goes back,
 * _EXISTS the id is taken, _PARENT not in the store (unless external_parents), _TYPE, _LIMIT; _IO and the like.
 * After an error the caller abandons.
 */
eventure_status eventure__log_bulk_append(eventure_log *log, const eventure_event *event, bool external_parents);

/* Whether the log has an event of that id already. */
eventure_status eventure__log_bulk_knows(eventure_log *log, const char *id, bool *out_known);

/* Commits. On error everything since bulk_begin is gone. */
eventure_status eventure__log_bulk_commit(eventure_log *log);

/* Undoes everything since bulk_begin; keeps the error text. */
void eventure__log_bulk_abandon(eventure_log *log);

/* Where the log's errors go, and its limits. */
eventure__error *eventure__log_error(eventure_log *log);
size_t eventure__log_max_data_bytes(const eventure_log *log);
int eventure__log_max_depth(const eventure_log *log);

#endif
