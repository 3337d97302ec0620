/*
 * Transactions of the library's own: what other folders of src/ write into a log's store, with the log's next commit.
 */
#ifndef EVENTURE_LOG_TRANSACTION_H
#define EVENTURE_LOG_TRANSACTION_H

#include <eventure/log.h>

/* Begins a transaction when there is none: writes through the log's reader are then committed, or rolled back, with the
   log's transaction. */
eventure_status eventure__log_join(eventure_log *log);

/* After a commit that changed the tables of events and ticks: loads the log's state from the file again. After an error
 * the log cannot be used any more. */
eventure_status eventure__log_reload(eventure_log *log);

/* Records the status of a call that appends. After a failed one, closing discards the incomplete tick. NULL is
   allowed. */
void eventure__log_note(eventure_log *log, eventure_status status);

#endif
