/*
 * Saving the state of a fold as a snapshot.
 */
#ifndef EVENTURE_REPLAY_SNAPSHOT_SAVE_H
#define EVENTURE_REPLAY_SNAPSHOT_SAVE_H

#include "base/buffer.h"
#include "replay/replay_fold.h"

/* Saves the state of the fold as the snapshot of a tick, in the current transaction. `state` is working memory. */
eventure_status eventure__fold_save(eventure_log *log, eventure__fold *fold, eventure__buffer *state, int64_t tick);

#endif
