/*
 * The inputs of a batch (eventure_batch) as an array, for the functions that append it.
 */
#ifndef EVENTURE_LOG_BATCH_H
#define EVENTURE_LOG_BATCH_H

#include <eventure/batch.h>

#include "base/error.h"

/* The inputs of a batch; the batch owns their texts. */
typedef struct eventure__batch_inputs_of
{
    eventure_event_input *inputs;
    eventure_event *parents; /* the parents that the inputs point to */
    size_t count;
} eventure__batch_inputs_of;

/* Makes the array. Returns EVENTURE_OK, or EVENTURE_ERROR_MEMORY without an error text. */
eventure_status eventure__batch_inputs(const eventure_batch *batch, eventure__batch_inputs_of *out);
void eventure__batch_inputs_free(eventure__batch_inputs_of *inputs);

/* Sets the log's error text to "out of memory"; returns EVENTURE_ERROR_MEMORY. */
eventure_status eventure__log_fail_memory(eventure_log *log, const char *what);

#endif
