/*
 * Calling a reducer: its callbacks' errors become texts that say which reducer, where, and why.
 */
#ifndef EVENTURE_REPLAY_REDUCER_H
#define EVENTURE_REPLAY_REDUCER_H

#include <eventure/replay.h>

#include "base/buffer.h"
#include "base/error.h"

/* Copies a reducer, of whatever size its program knew, with a name. EVENTURE_ERROR_ARGUMENT when it is not filled in;
 * `what` begins the text. */
eventure_status eventure__reducer_take(const eventure_reducer *given, const char *what, eventure__error *error,
                                       eventure_reducer *out);

/* The same, for what cannot do without snapshots: save and load must be there. */
eventure_status eventure__reducer_take_saving(const eventure_reducer *given, const char *what, eventure__error *error,
                                              eventure_reducer *out);

/* Its name as messages show it. */
eventure__quoted eventure__reducer_name(const eventure_reducer *reducer);

eventure_status eventure__reducer_reset(const eventure_reducer *reducer, void *context, eventure__error *error);

/* EVENTURE_OK, EVENTURE_REPLAY_STOP, or an error. When a question to the reader whose error this is failed inside
 * apply, its text is the cause and stays behind ours. */
eventure_status eventure__reducer_apply(const eventure_reducer *reducer, const eventure_event *event, void *context,
                                        eventure__error *error);

/* Saves into the buffer, which is emptied first. */
eventure_status eventure__reducer_save(const eventure_reducer *reducer, void *context, eventure__buffer *out,
                                       eventure__error *error);

/* Loads; the tick is for the text. */
eventure_status eventure__reducer_load(const eventure_reducer *reducer, const void *bytes, size_t len, int64_t tick,
                                       void *context, eventure__error *error);

#endif
