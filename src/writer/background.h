/*
 * A thread that writes: what a log sends goes through a bounded queue to its writer, which commits whole ticks, several
 * at a time when it is behind.
 *
 * The queue is a ring (ring.h) with one thread at each end. The log's thread places records and publishes them, at the
 * end of a tick at the latest; the writer's thread takes them. Each waits for the other only when there is nothing to
 * take, or no room.
 *
 * The writer's thread is the writer's only user, but while the queue is empty and it waits: then the log's thread may
 * call the writer, until it publishes again (eventure__background_settle).
 *
 * All functions are for the log's thread, but where it says otherwise. An error of the writer stays until
 * eventure__background_forget; until then what is sent is thrown away.
 */
#ifndef EVENTURE_WRITER_BACKGROUND_H
#define EVENTURE_WRITER_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "writer/writer.h"

typedef struct eventure__background eventure__background;

/* Starts the thread. The writer is borrowed; its tick is durable. On error NULL, with the text in the writer's store.
 */
eventure__background *eventure__background_start(eventure__writer *writer, size_t queue_bytes);

/* Ends the thread when it has written all that was sent. NULL is allowed. */
void eventure__background_stop(eventure__background *self);

/* Instead of stopping it, in a child of the process that has started it, which has no such thread: frees the memory. */
void eventure__background_abandon(eventure__background *self);

/* Whether so many events with at most so many bytes of text together fit now; or whether
 * there is nothing that one could wait for, which counts for a batch that is larger than the ring. Of events whose text
 * is too long for the ring there is one at a time. */
bool eventure__background_has_room(eventure__background *self, size_t events, size_t text_len);

/* Send; when there is no room, wait for it. False: out of memory. */
bool eventure__background_send_event(eventure__background *self, const eventure__entry *entry);
void eventure__background_send_tick(eventure__background *self, int64_t tick);

/* Waits until all that was sent is written, and every tick that was advanced past is committed. */
void eventure__background_settle(eventure__background *self);

/* Whether the writer has failed; its error is then in its store, once this is settled. */
bool eventure__background_has_failed(const eventure__background *self);

/* Continues after an error: waits for the writer, rolls back, and loads the writer again. */
void eventure__background_forget(eventure__background *self);

/* All before this tick is committed. For any thread. */
int64_t eventure__background_durable_tick(const eventure__background *self);

/* Waits until that is `tick` or later, or the writer has failed: true; or until the time is over: false. */
bool eventure__background_wait_durable(eventure__background *self, int64_t tick, int timeout_ms);

/* Says that the log's thread itself has committed, or rolled back to, this tick; settled. */
void eventure__background_set_durable(eventure__background *self, int64_t tick);

#endif
