/*
 * Starting a fold from a public reducer and options.
 */
#ifndef EVENTURE_REPLAY_STATE_H
#define EVENTURE_REPLAY_STATE_H

#include "replay/replay_fold.h"

/* Checks and copies the reducer and the options (NULL: defaults). Neither touches the state nor reads the store. */
eventure_status eventure__state_begin(eventure__fold *fold, eventure_reader *reader, const eventure_reducer *reducer,
                                      void *context, const eventure_state_options *options);

#endif
