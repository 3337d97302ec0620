/*
 * Shared by the files of the list of operations: see operation_list.h.
 */
#ifndef EVENTURE_TESTS_OPERATION_PARTS_H
#define EVENTURE_TESTS_OPERATION_PARTS_H

#include <eventure/eventure.h>

#include "harness.h"

/* The id of the first event of tick 2. */
extern char operation_start_id[32];

static inline eventure_status told(eventure_status status, const char *message)
{
    must(status >= 0 || (message != NULL && message[0] != '\0'), "%s without a text", eventure_status_name(status));
    return status > 0 ? EVENTURE_OK : status;
}

/* Reads all events of a cursor, and frees the cursor. */
static inline eventure_status drain(eventure_status status, eventure_cursor **cursor)
{
    eventure_event event;
    while (status >= 0 && (status = eventure_cursor_next(*cursor, &event)) == EVENTURE_ROW)
        continue;
    eventure_cursor_free(*cursor);
    *cursor = NULL;
    return status < 0 ? status : EVENTURE_OK;
}

static inline int go_on(const eventure_progress *progress, void *context)
{
    (void)context;
    return progress->done < 0;
}

eventure_status operation_import_map(eventure_log *log);
eventure_status operation_import_chrome(eventure_log *log);
eventure_status operation_append_batch(eventure_log *log);
eventure_status operation_describe(eventure_log *log);
eventure_status operation_restore(eventure_reader *reader);
eventure_status operation_join(eventure_reader *reader);
eventure_status operation_resume(eventure_reader *reader);
eventure_status operation_states(eventure_reader *reader);
eventure_status operation_build_snapshots(eventure_log *log);
eventure_status operation_follow_with_snapshots(eventure_log *log);
eventure_status operation_play(eventure_reader *reader);
eventure_status operation_project(eventure_reader *reader);
eventure_status operation_project_snapshots(eventure_log *log);
eventure_status operation_save_points(eventure_log *log);
eventure_status operation_copy(eventure_reader *reader);
eventure_status operation_fork_at_tick(eventure_reader *reader);
eventure_status operation_fork_at_save(eventure_reader *reader);
eventure_status operation_archive(eventure_log *log);
eventure_status operation_follow(eventure_reader *reader);
eventure_status operation_index_data(eventure_log *log);
eventure_status operation_create(eventure_reader *reader);
eventure_status operation_failed_tick(eventure_reader *reader);
eventure_status operation_fold(eventure_log *log);
eventure_status operation_drop_snapshots(eventure_log *log);
eventure_status operation_columns(eventure_reader *reader);
eventure_status operation_archived(eventure_reader *reader);
eventure_status operation_repair(eventure_reader *reader);
eventure_status operation_repair_rows(eventure_reader *reader);
eventure_status operation_repair_pages(eventure_reader *reader);

/* Makes the damaged stores from OPERATION_STORE. */
void operations_damage(void);

#endif
