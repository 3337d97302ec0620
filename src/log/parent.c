/*
 * Parents: a caller names one by the event it was handed, or by an id. It must be in this very store.
 */
#include <string.h>

#include "log/private.h"

static eventure_status fail_unknown(eventure_log *log, const char *id)
{
    return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT, "parent %s is not in this store",
                          eventure__quote(id, strlen(id)).text);
}

eventure_status eventure__log_parent_by_id(eventure_log *log, const char *id, int64_t *out_seq)
{
    *out_seq = eventure__log_recall(log, id);
    if (*out_seq != 0)
        return EVENTURE_OK;
    eventure_status status = eventure__log_settle(log);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_find_id(log, id, out_seq);
    if (status == EVENTURE_ERROR_NOT_FOUND)
        return fail_unknown(log, id);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure__log_parent(eventure_log *log, const eventure_event *parent, int64_t *out_seq)
{
    *out_seq = 0;
    if (parent == NULL)
        return EVENTURE_OK;
    if (parent->id == NULL)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT, "the parent given has no id");
    if (eventure__log_is_recent(log, parent->seq, parent->id))
    {
        *out_seq = parent->seq;
        return EVENTURE_OK;
    }
    eventure_status status = eventure__log_parent_by_id(log, parent->id, out_seq);
    if (status == EVENTURE_OK && parent->seq > 0 && parent->seq != *out_seq)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT,
                              "parent %s is event %lld of this store, not %lld: it comes from another one",
                              eventure__quote(parent->id, strlen(parent->id)).text, (long long)*out_seq,
                              (long long)parent->seq);
    return status;
}
