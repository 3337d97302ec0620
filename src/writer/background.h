/*
 * A thread that writes: what a log sends goes through a bounded queue to its writer, which commits whole ticks, several
 * at a time when it is behind.
 *
 * The queue is a ring of bytes with one producer and one consumer. The log's thread writes records and publishes them,
 * at the end of a tick at the latest; the writer's thread takes them and publishes its position. The threads wait for
 * each other only when the ring is empty or full.
 *
 * Only the writer's thread uses the writer, except while the queue is empty and the thread waits: the log's thread may
 * then call the writer, until it publishes again (eventure__background_settle).
 *
 * All functions must be called by the log's thread, unless documented otherwise. An error of the writer persists until
 * eventure__background_forget; until then everything that is sent is discarded.
 */
#ifndef EVENTURE_LOG_BACKGROUND_H
#define EVENTURE_LOG_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "writer/writer.h"

typedef struct eventure__background eventure__background;

/* Starts the thread. The writer is borrowed; its tick is durable. On error NULL, with the text in the writer's store.
 */
eventure__background *eventure__background_start(eventure__writer *writer, size_t queue_bytes);

/* Ends the thread after it has written everything that was sent. NULL is allowed. */
void eventure__background_stop(eventure__background *self);

/* Frees the memory without stopping the thread, in a child of the process that started it, where the thread does not
   exist. */
void eventure__background_abandon(eventure__background *self);

/* Whether this number of events with at most this many bytes of text fits now, or the ring is empty, so that waiting is
   useless (for a batch that is larger than the ring). Of events whose text is too long for the ring, only one can be
   queued. */
bool eventure__background_has_room(eventure__background *self, size_t events, size_t text_len);

/* Sends an event; waits while there is no room. Returns false when out of memory. */
bool eventure__background_send_event(eventure__background *self, const eventure__entry *entry);
void eventure__background_send_tick(eventure__background *self, int64_t tick);

/* Waits until everything that was sent is written, and every complete tick is committed. */
void eventure__background_settle(eventure__background *self);

/* Whether the writer has failed; its error is in its store after eventure__background_settle. */
bool eventure__background_has_failed(const eventure__background *self);

/* Continues after an error, after settling, rolling back, and loading the writer again. */
void eventure__background_forget(eventure__background *self);

/* Returns the tick before which everything is committed. Any thread may call it. */
int64_t eventure__background_durable_tick(const eventure__background *self);

/* Waits until the durable tick is `tick` or later, or the writer has failed, and returns true; returns false when the
   time is over. */
bool eventure__background_wait_durable(eventure__background *self, int64_t tick, int timeout_ms);

/* Sets the durable tick after the log's thread itself has committed, or rolled back to, this tick; must be settled. */
void eventure__background_set_durable(eventure__background *self, int64_t tick);

#endif
