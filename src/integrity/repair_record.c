/*
 * Saves the record of the run of a damaged store.
 */
#include <string.h>

#include <eventure/run.h>

#include "integrity/repair_internal.h"

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
    if (status != EVENTURE_OK)
        eventure__fail(&repair->damaged->error, status, "repair: %s", eventure_log_message(repair->to));
    eventure_free(record);
    return status;
}
