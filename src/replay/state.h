/*
 * Beginning a fold for somebody's reducer and options.
 */
#ifndef EVENTURE_REPLAY_STATE_H
#define EVENTURE_REPLAY_STATE_H

#include "replay/fold.h"

/* Checks and takes the reducer and the options (NULL: all defaults). The state is not touched, and nothing is read. */
eventure_status eventure__state_begin(eventure__fold *fold, eventure_reader *reader, const eventure_reducer *reducer,
                                      void *context, const eventure_state_options *options);

#endif
