/**
 * @file
 * A batch collects events that are appended together: all of them, or none. It copies type, data and parent of each
 * event, so that a loop may reuse its buffers.
 *
 * @code
 * eventure_batch *batch = NULL;
 * eventure_status status = eventure_batch_new(&batch);
 * for (int i = 0; i < 1000 && status == EVENTURE_OK; i++)
 *     status = eventure_batch_add(batch, "item.added", EVENTURE_DATA(eventure_int("id", i)), NULL);
 * if (status == EVENTURE_OK)
 *     status = eventure_batch_append(batch, log, NULL);
 * eventure_batch_free(batch);
 * @endcode
 */
#ifndef EVENTURE_BATCH_H
#define EVENTURE_BATCH_H

#include <stddef.h>

#include <eventure/data.h>
#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A list of events that are not yet appended. One thread at a time may use it; it is independent of any log. */
typedef struct eventure_batch eventure_batch;

/**
 * Makes an empty batch.
 * @param out_batch receives the batch, to be freed with eventure_batch_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_batch_new(eventure_batch **out_batch);

/** Frees a batch with its events; NULL is allowed. */
EVENTURE_API void eventure_batch_free(eventure_batch *batch);

/**
 * Adds an event.
 * @param batch the batch
 * @param type,data,parent as for eventure_log_append; all of it is copied
 * @return EVENTURE_OK, EVENTURE_ERROR_TYPE, EVENTURE_ERROR_JSON, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_LIMIT or
 *         EVENTURE_ERROR_MEMORY. On an error the batch is unchanged. Conditions that depend on the log are checked when
 *         the batch is appended
 */
EVENTURE_API eventure_status eventure_batch_add(eventure_batch *batch, const char *type, eventure_data data,
                                                const eventure_event *parent);

/** As eventure_batch_add, with every property of an event. `parent_in_batch` is a position in this batch. */
EVENTURE_API eventure_status eventure_batch_add_input(eventure_batch *batch, const eventure_event_input *input);

/** Returns the number of events in the batch, which is also the value of parent_in_batch for the event added last. */
EVENTURE_API size_t eventure_batch_count(const eventure_batch *batch);

/**
 * Appends the events to the current tick of a log: all of them, or none. The batch keeps them.
 * @param batch the batch
 * @param log the log to append to
 * @param out_events an array for as many events as the batch has, which receives the events as stored, valid until the
 *        next call on the log; may be NULL
 * @return as eventure_log_append_batch; the error text is the log's
 */
EVENTURE_API eventure_status eventure_batch_append(const eventure_batch *batch, eventure_log *log,
                                                   eventure_event *out_events);

/** Removes all events from a batch, and keeps its memory for the next ones. */
EVENTURE_API void eventure_batch_clear(eventure_batch *batch);

/** Returns the text of the batch's last error; valid until the next call on it. */
EVENTURE_API const char *eventure_batch_message(const eventure_batch *batch);

#ifdef __cplusplus
}
#endif

#endif
