/*
 * Exports a part of a history as a store: the events of a filter are appended to a new file in one transaction, as an
 * import of their lines would append them.
 */
#include <string.h>

#include <eventure/query.h>
#include <eventure/session.h>

#include "base/error.h"
#include "base/options.h"
#include "base/progress.h"
#include "log/bulk.h"
#include "log/log.h"
#include "log/undo.h"
#include "session/copy_source.h"
#include "store/atomic_file.h"
#include "store/run_record.h"
#include "transfer/format.h"

typedef struct extraction
{
    eventure_extract_options options;
    eventure_filter filter;
    eventure_log *log; /* the new store */
    eventure_reader *from;
    int64_t total; /* 0: not known */
    int64_t last_tick;
    eventure_transfer_counts counts;
} extraction;

static eventure_status options_read(extraction *work, const eventure_extract_options *options, eventure__error *error)
{
    work->last_tick = -1;
    eventure_status status = EVENTURE__TAKE(options, &work->options, eventure_extract_options, "export", error);
    if (status == EVENTURE_OK)
        status = EVENTURE__TAKE(work->options.filter, &work->filter, eventure_filter, "export", error);
    if (status != EVENTURE_OK)
        return status;
    if (work->filter.reverse)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "export: a store is written in the order of time, and the filter is reverse");
    work->filter.order = EVENTURE_ORDER_APPEND;
    return eventure__export_check_filter(&work->filter, error);
}

static eventure_status report_progress(extraction *work)
{
    const eventure_progress progress = {work->counts.events, work->total, work->last_tick < 0 ? 0 : work->last_tick};
    if (work->options.progress == NULL || work->options.progress(&progress, work->options.progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(&work->from->error, EVENTURE_ERROR_INTERRUPTED, "export: stopped by the progress callback");
}

/* Copies the error text of the new store to the source, whose message the caller reads. */
static eventure_status fail_in_log(extraction *work, eventure_status status)
{
    work->from->error = *eventure__log_error(work->log);
    eventure__fail_prefix(&work->from->error, "export");
    return status;
}

static eventure_status append_all(extraction *work)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_status status = eventure_query(work->from, &work->filter, &cursor);
    while (status == EVENTURE_OK && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        status = eventure__log_bulk_append(work->log, &event, true);
        if (status != EVENTURE_OK)
        {
            fail_in_log(work, status);
            break;
        }
        work->counts.events++;
        work->counts.ticks += event.tick != work->last_tick;
        work->last_tick = event.tick;
        if (work->counts.events % EVENTURE__PROGRESS_EVENTS == 0)
            status = report_progress(work);
    }
    eventure_cursor_free(cursor);
    return status == EVENTURE_OK ? report_progress(work) : status;
}

static eventure_status fill(extraction *work)
{
    eventure_status status = EVENTURE_OK;
    if (work->options.filter == NULL && work->options.progress != NULL)
        status = eventure_reader_last_seq(work->from, &work->total);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_bulk_begin(work->log);
    if (status != EVENTURE_OK)
        return fail_in_log(work, status);
    status = eventure__run_record_copy(work->from, eventure_log_reader(work->log), false);
    if (status == EVENTURE_OK)
        status = append_all(work);
    if (status != EVENTURE_OK)
    {
        eventure__log_undo(work->log, EVENTURE_OK);
        return status;
    }
    status = eventure__log_bulk_commit(work->log);
    return status == EVENTURE_OK ? status : fail_in_log(work, status);
}

static eventure_status make(extraction *work, const char *path)
{
    eventure_status status = eventure__log_bulk_open(path, false, &work->log);
    if (status != EVENTURE_OK && work->log == NULL)
        return eventure__fail(&work->from->error, status, "export: out of memory");
    if (status != EVENTURE_OK)
        fail_in_log(work, status);
    else
        status = fill(work);
    eventure_status closed = eventure__log_close(work->log, status == EVENTURE_OK ? &work->from->error : NULL);
    if (status == EVENTURE_OK && closed != EVENTURE_OK)
    {
        status = closed;
        eventure__fail_prefix(&work->from->error, "export: cannot close the new store");
    }
    return status;
}

eventure_status eventure_store_extract(eventure_reader *reader, const char *path,
                                       const eventure_extract_options *options, eventure_transfer_counts *out_counts)
{
    extraction work = {0};
    eventure__copy_source source;
    eventure__atomic_file target;
    if (out_counts != NULL)
        *out_counts = (eventure_transfer_counts){0};
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = options_read(&work, options, &reader->error);
    if (status == EVENTURE_OK)
        status =
            eventure__atomic_file_open(&target, "export", path, work.options.replace, reader->file, &reader->error);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__copy_source_open(&source, reader);
    if (status == EVENTURE_OK)
    {
        work.from = source.reader;
        status = eventure__copy_source_close(&source, make(&work, target.temporary));
    }
    status = eventure__atomic_file_close(&target, status);
    if (status == EVENTURE_OK && out_counts != NULL)
        *out_counts = work.counts;
    return status;
}

void eventure_extract_options_init(eventure_extract_options *options, size_t size)
{
    eventure__options_init(options, size);
}
