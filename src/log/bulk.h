/*
 * Appends imported events, which have their own tick, timestamp and id, many in one transaction.
 */
#ifndef EVENTURE_LOG_BULK_H
#define EVENTURE_LOG_BULK_H

#include <stdbool.h>

#include <eventure/event.h>
#include <eventure/log.h>

#include "base/buffer.h"

/* Opens a log in a temporary file of an eventure__atomic_file, which is empty and which no other program uses. The
 * complete file is synced at the end. The limits are the largest ones: an event of a store satisfies those of another.
 * As eventure__log_open, *out_log is NULL only when out of memory. */
eventure_status eventure__log_bulk_open(const char *path, bool without_digests, eventure_log **out_log);

/* Commits uncommitted events, and begins a transaction in which only eventure__log_bulk_append is called. */
eventure_status eventure__log_bulk_begin(eventure_log *log);

/*
 * Appends one event as it is: tick (moving the current tick on), timestamp, type, id, data (compact form, an object),
 * and parent_id, which is looked up. Errors (the text names the value, without a place): EVENTURE_ERROR_TICK goes back,
 * _EXISTS the id is taken, _PARENT not in the store (unless external_parents), _TYPE, _LIMIT; _IO and the like.
 * After an error the caller calls eventure__log_undo.
 */
eventure_status eventure__log_bulk_append(eventure_log *log, const eventure_event *event, bool external_parents);

/* As eventure__log_bulk_append, for an event whose id may be NULL: the log then assigns its id. Sets the seq, the id
   and the parent's seq (0: none in the store) of the event; the assigned texts are valid until the next call. */
eventure_status eventure__log_bulk_place(eventure_log *log, eventure_event *event, bool external_parents);

/* Appends the data of the event with an id to `out`; EVENTURE_ERROR_NOT_FOUND when there is none in the store. */
eventure_status eventure__log_bulk_data(eventure_log *log, const char *id, eventure__buffer *out);

/* Counts the distinct parent ids that events after a seq name and that no event of the store has. */
eventure_status eventure__log_bulk_unknown_parents(eventure_log *log, int64_t after_seq, int64_t *out_ids);

/* Whether the current tick has events. */
bool eventure__log_bulk_tick_has_events(const eventure_log *log);

/* Whether the log has an event with that id. */
eventure_status eventure__log_bulk_knows(eventure_log *log, const char *id, bool *out_known);

/* Commits. On error everything since bulk_begin is rolled back. */
eventure_status eventure__log_bulk_commit(eventure_log *log);

#endif
