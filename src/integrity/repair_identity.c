/*
 * The parts of a damaged store other than its events: its identity, where its history begins, and the record of the
 * run.
 */
#include <string.h>

#include <eventure/run.h>

#include "embedded_sql.h"
#include "integrity/repair_internal.h"
#include "store/archived.h"
#include "store/record.h"

/* Returns the result of the first step of a query, or the error of preparing it. The caller releases the statement. */
static int first_step(eventure__repairer *repair, const char *sql, sqlite3_stmt **out)
{
    *out = NULL;
    if (eventure__store_prepare(repair->from, sql, out) != EVENTURE_OK)
        return sqlite3_errcode(repair->from->db);
    return sqlite3_step(*out);
}

/* Whether the damaged store keeps digests. When its row in `store` is lost, the rows of `tick` show it. */
static bool has_digests(eventure__repairer *repair)
{
    sqlite3_stmt *row = NULL;
    bool is_known =
        first_step(repair, "SELECT digests FROM store WHERE digests IN ('sha512', 'none')", &row) == SQLITE_ROW;
    const char *digests = is_known ? (const char *)sqlite3_column_text(row, 0) : NULL;
    bool result = digests == NULL || strcmp(digests, "none") != 0;
    eventure__repair_note_out_of_memory(repair);
    eventure__store_release(repair->from, row);
    if (is_known)
        return result;
    result = first_step(repair, "SELECT 1 FROM tick WHERE run_digest IS NOT NULL LIMIT 1", &row) != SQLITE_DONE;
    eventure__repair_note_out_of_memory(repair);
    eventure__store_release(repair->from, row);
    return result;
}

eventure_status eventure__repair_read_identity(eventure__repairer *repair)
{
    sqlite3_stmt *row = NULL;
    repair->has_digests = has_digests(repair);
    if (first_step(repair, eventure__query_digests_at_cut.text, &row) == SQLITE_ROW)
        eventure__record_link(row, 1, &repair->before);
    repair->has_before = true;
    eventure__cut cut = {0, 0};
    eventure__store_cut(repair->from, &cut); /* zeros when it cannot be read, or is not valid */
    repair->tick_before = cut.before_tick - 1;
    repair->cut_seq = cut.last_seq;
    repair->highest_seq = cut.last_seq;
    repair->next_seq = cut.last_seq + 1;
    eventure_status status =
        eventure__repair_note_out_of_memory(repair) ? eventure__repair_fail_memory(repair) : EVENTURE_OK;
    eventure__store_release(repair->from, row);
    return status;
}

eventure_status eventure__repair_save_record(eventure__repairer *repair)
{
    char *record = NULL;
    eventure_status status = eventure_reader_description(repair->damaged, NULL, &record);
    if (status == EVENTURE_ERROR_MEMORY)
        return status;
    repair->report->has_lost_record = status != EVENTURE_OK;
    status = EVENTURE_OK;
    if (record != NULL && strcmp(record, "{}") != 0)
        status = eventure_log_describe(repair->to, eventure_json(record));
    /* A key or a value that is not valid: nothing was written. */
    if (status == EVENTURE_ERROR_ARGUMENT || status == EVENTURE_ERROR_LIMIT || status == EVENTURE_ERROR_JSON)
    {
        repair->report->has_lost_record = true;
        status = EVENTURE_OK;
    }
    if (status != EVENTURE_OK)
        eventure__fail(&repair->damaged->error, status, "repair: %s", eventure_log_message(repair->to));
    eventure_free(record);
    return status;
}
