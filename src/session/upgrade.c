/*
 * Bringing a store up to date from outside: in place by opening a log on it, which does the work (store/migrate.h), or
 * in a copy at another place.
 */
#include <eventure/upgrade.h>

#include <stdio.h>

#include "base/error.h"
#include "base/options.h"
#include "log/log.h"
#include "store/atomic_file.h"
#include "store/migrate.h"
#include "store/schema.h"

static eventure_status take_options(const eventure_upgrade_options *given, eventure_upgrade_options *out,
                                    eventure__error *error)
{
    return EVENTURE__TAKE(given, out, eventure_upgrade_options, "upgrade", error);
}

/* Opens a log on the store, which brings it up to date, and closes it. */
static eventure_status upgrade_in_place(const char *path, bool without_backup, eventure_sync sync,
                                        eventure_upgrade_report *report, eventure__error *error)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_EXISTING;
    options.sync = sync;
    options.without_backup = without_backup;
    eventure_status status = eventure__log_open(path, &options, &log);
    if (status != EVENTURE_OK)
        eventure__fail(error, status, "%s", eventure_log_message(log));
    else
    {
        const eventure__store *store = eventure_log_reader(log);
        report->from_format = store->opened_format;
        if (store->kept_copy != NULL)
            snprintf(report->backup, sizeof report->backup, "%s", store->kept_copy);
    }
    eventure_status closed = eventure__log_close(log, status == EVENTURE_OK ? error : NULL);
    if (status == EVENTURE_OK && closed != EVENTURE_OK)
    {
        status = closed;
        eventure__fail_prefix(error, "upgrade: cannot close %s, which is of the new format now", path);
    }
    return status;
}

static eventure_status upgrade_copy(eventure_reader *from, const eventure_upgrade_options *options,
                                    eventure_upgrade_report *report, eventure__error *error)
{
    eventure__atomic_file target;
    if (from->opened_format == EVENTURE__FORMAT)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "upgrade: %s is of format %d already; a copy of it is made by: eventure copy", from->path,
                              EVENTURE__FORMAT);
    eventure_status status =
        eventure__atomic_file_open(&target, "upgrade", options->new_path, options->replace, from->file, error);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__migrate_write_copy(from, target.temporary);
    if (status != EVENTURE_OK)
        *error = from->error;
    else /* EVENTURE_SYNC_OFF: eventure__atomic_file_close syncs the complete file */
        status = upgrade_in_place(target.temporary, true, EVENTURE_SYNC_OFF, report, error);
    /* Name the old store in every error: the caller passed its path, and the text may name only the temporary file. */
    if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "upgrade %s", from->path);
    return eventure__atomic_file_close(&target, status);
}

static eventure_status upgrade_to_new(const char *path, const eventure_upgrade_options *options,
                                      eventure_upgrade_report *report, eventure__error *error)
{
    eventure_reader *from = NULL;
    eventure_status status = eventure__store_open_any(path, &from);
    if (status != EVENTURE_OK && from == NULL)
        status = eventure__fail(error, status, "upgrade %s: out of memory", path);
    else if (status != EVENTURE_OK)
        *error = from->error;
    else
        status = upgrade_copy(from, options, report, error);
    eventure_reader_close(from);
    return status;
}

eventure_status eventure_store_upgrade(const char *path, const eventure_upgrade_options *options,
                                       eventure_upgrade_report *out_report)
{
    eventure_upgrade_options with_defaults;
    eventure__error error = {0};
    if (path == NULL || out_report == NULL)
        return eventure__fail_argument(__func__);
    *out_report = (eventure_upgrade_report){.from_format = EVENTURE__FORMAT, .to_format = EVENTURE__FORMAT};
    eventure_status status = take_options(options, &with_defaults, &error);
    if (status == EVENTURE_OK && with_defaults.new_path != NULL)
        status = upgrade_to_new(path, &with_defaults, out_report, &error);
    else if (status == EVENTURE_OK)
        status = upgrade_in_place(path, with_defaults.without_backup, EVENTURE_SYNC_FULL, out_report, &error);
    if (status != EVENTURE_OK)
        eventure__set_last_error(&error);
    return status;
}

void eventure_upgrade_options_init(eventure_upgrade_options *options, size_t size)
{
    eventure__options_init(options, size);
}
