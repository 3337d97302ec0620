/*
 * The record of a run: changes are written in the log's own transaction.
 */
#include <assert.h>

#include <eventure/run.h>

#include "base/error.h"
#include "base/name.h"
#include "log/log.h"
#include "log/transaction.h"
#include "log/undo.h"
#include "store/run_record.h"

static_assert(EVENTURE_RUN_KEY_MAX_BYTES == EVENTURE__NAME_MAX_BYTES, "keys are names");
static_assert(EVENTURE_RUN_VALUE_MAX_BYTES == EVENTURE__RUN_VALUE_MAX_BYTES, "one limit with two names");

static eventure_status describe(eventure_log *log, eventure__store *store, const eventure_data *data)
{
    eventure__buffer changes = {0};
    eventure_status status = eventure__run_record_check("describe", data, &changes, &store->error);
    if (status == EVENTURE_OK)
        status = eventure__log_join(log);
    if (status == EVENTURE_OK)
    {
        status = eventure__run_record_change(store, &changes);
        if (status == EVENTURE_OK)
            status = eventure_log_commit(log);
        else
            eventure__log_undo(log, EVENTURE_OK);
    }
    eventure__buffer_free(&changes);
    return status;
}

eventure_status eventure_log_describe(eventure_log *log, eventure_data changes)
{
    eventure__store *store = eventure_log_reader(log);
    if (log == NULL)
        return eventure__fail_argument(__func__);
    if (store == NULL)
    {
        eventure__log_check_open(log, "describe");
        return eventure__log_error(log)->status;
    }
    return describe(log, store, &changes);
}

eventure_status eventure_reader_description(eventure_reader *reader, const char *key, char **out_json)
{
    if (out_json == NULL)
        return eventure__fail_argument(__func__);
    *out_json = NULL;
    return reader != NULL ? eventure__run_record_read(reader, key, out_json) : eventure__fail_argument(__func__);
}
