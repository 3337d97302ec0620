/*
 * Transactions of the library's own: what other folders of src/ write into a log's store, with the log's next commit.
 */
#ifndef EVENTURE_LOG_TRANSACTION_H
#define EVENTURE_LOG_TRANSACTION_H

#include <eventure/log.h>

/* Begins a transaction when there is none: what is then written through the log's reader is committed with the log's
 * next commit, or undone with it. */
eventure_status eventure__log_join(eventure_log *log);

/* After a commit that changed the tables of events and ticks: loads the log's state from the file again. After an error
 * the log cannot be used any more. */
eventure_status eventure__log_reload(eventure_log *log);

/* Notes how a call that appends has ended. After one that failed, closing throws the incomplete tick away. NULL is
 * allowed. */
void eventure__log_note(eventure_log *log, eventure_status status);

#endif
