/*
 * A thread that writes: what a log sends goes through a bounded queue to its writer, which commits whole ticks, several
 * at a time when it is behind.
 *
 * The queue is a ring (ring.h) with one thread at each end. The log's thread places records and publishes them, at the
 * end of a tick at the latest; the writer's thread takes them. Each waits for the other only when there is nothing to
 * take, or no room.
 *
 * The writer's thread is the only user of the writer, except while the queue is empty and the thread waits: then the
 * log's thread may call the writer, until it publishes again (eventure__background_settle).
 *
 * Only the log's thread may call these functions, except where a comment says otherwise. An error of the writer stays
 * until eventure__background_forget; until then, records that are sent are discarded.
 */
#ifndef EVENTURE_WRITER_BACKGROUND_H
#define EVENTURE_WRITER_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "writer/writer.h"

typedef struct eventure__background eventure__background;

/* Starts the thread. The writer is borrowed; everything before its current tick is committed. On error NULL, with the
 * text in the writer's store.
 */
eventure__background *eventure__background_start(eventure__writer *writer, size_t queue_bytes);

/* Ends the thread after it has written all records. NULL is allowed. */
void eventure__background_stop(eventure__background *self);

/* Frees the memory in a child process, which does not have the thread of its parent; there it replaces
 * eventure__background_stop. */
void eventure__background_abandon(eventure__background *self);

/* Whether this number of events with this total length of text fits now. Also true when the queue is empty, because
 * waiting would free no more room: a batch can be larger than the ring. The queue holds at most one event whose text is
 * too long for the ring. */
bool eventure__background_has_room(eventure__background *self, size_t events, size_t text_len);

/* Send a record, and wait while there is no room for it. False: out of memory. */
bool eventure__background_send_event(eventure__background *self, const eventure__entry *entry);
void eventure__background_send_tick(eventure__background *self, int64_t tick);

/* Waits until all that was sent is written, and every tick that was advanced past is committed. */
void eventure__background_settle(eventure__background *self);

/* Whether the writer has failed; its error is then in its store, once this is settled. */
bool eventure__background_has_failed(const eventure__background *self);

/* Lets the thread write again after an error. The caller has waited for the thread (eventure__background_settle),
 * rolled back, and loaded the writer again. */
void eventure__background_forget(eventure__background *self);

/* Returns the tick before which everything is committed. Any thread may call it. */
int64_t eventure__background_durable_tick(const eventure__background *self);

/* Waits until the durable tick is `tick` or later, or the writer has failed, and returns true. Returns false after
 * timeout_ms milliseconds; negative: no limit. */
bool eventure__background_wait_durable(eventure__background *self, int64_t tick, int timeout_ms);

/* Records that the log's thread has committed up to this tick, or rolled back to it. The queue must be empty. */
void eventure__background_set_durable(eventure__background *self, int64_t tick);

#endif
