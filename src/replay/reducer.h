/*
 * Calls of a reducer. Errors of its callbacks become texts that name the reducer, the position and the cause.
 */
#ifndef EVENTURE_REPLAY_REDUCER_H
#define EVENTURE_REPLAY_REDUCER_H

#include <eventure/replay.h>

#include "base/buffer.h"
#include "base/error.h"

/* Copies and checks a reducer of any supported size, and sets its name. EVENTURE_ERROR_ARGUMENT: it is incomplete; the
 * error text begins with `what`. */
eventure_status eventure__reducer_take(const eventure_reducer *given, const char *what, eventure__error *error,
                                       eventure_reducer *out);

/* As eventure__reducer_take, and requires save and load, and a name under which snapshots are stored (base/name.h). */
eventure_status eventure__reducer_take_saving(const eventure_reducer *given, const char *what, eventure__error *error,
                                              eventure_reducer *out);

/* Returns its name for messages. */
eventure__quoted eventure__reducer_name(const eventure_reducer *reducer);

eventure_status eventure__reducer_reset(const eventure_reducer *reducer, void *context, eventure__error *error);

/* EVENTURE_OK, EVENTURE_REPLAY_STOP, or an error. When a query of the same reader failed inside apply, its
 * error text is kept as the cause. */
eventure_status eventure__reducer_apply(const eventure_reducer *reducer, const eventure_event *event, void *context,
                                        eventure__error *error);

/* Saves the state into the buffer, which is cleared first. */
eventure_status eventure__reducer_save(const eventure_reducer *reducer, void *context, eventure__buffer *out,
                                       eventure__error *error);

/* Loads a state. The tick is used in error texts. */
eventure_status eventure__reducer_load(const eventure_reducer *reducer, const void *bytes, size_t len, int64_t tick,
                                       void *context, eventure__error *error);

#endif
