/*
 * Batches, for those who append one: the inputs that a batch of the program holds, as an array.
 */
#ifndef EVENTURE_LOG_BATCH_H
#define EVENTURE_LOG_BATCH_H

#include <eventure/batch.h>

#include "base/error.h"

/* The inputs of a batch; their texts are the batch's. */
typedef struct eventure__batch_inputs_of
{
    eventure_event_input *inputs;
    eventure_event *parents; /* what some of them point to */
    size_t count;
} eventure__batch_inputs_of;

/* EVENTURE_OK, or EVENTURE_ERROR_MEMORY, without a text. */
eventure_status eventure__batch_inputs(const eventure_batch *batch, eventure__batch_inputs_of *out);
void eventure__batch_inputs_free(eventure__batch_inputs_of *inputs);

/* Says in the log's text that there was no memory; returns EVENTURE_ERROR_MEMORY. */
eventure_status eventure__log_fail_memory(eventure_log *log, const char *what);

#endif
