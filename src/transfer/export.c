/*
 * Export: writes the rows of one query in a format. One statement returns all rows, so the export is the history at one
 * commit, and memory is bounded.
 */
#include <errno.h>
#include <string.h>

#include <eventure/query.h>
#include <eventure/transfer.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/options.h"
#include "base/progress.h"
#include "store/store.h"
#include "transfer/format.h"
#include "transfer/tick_count.h"

/* Size of the buffer that is written to the FILE at once. */
#define PENDING_BYTES ((size_t)64 * 1024)

typedef struct exporter
{
    eventure_reader *reader;
    FILE *out;
    eventure_export_options options;
    eventure__buffer pending;
    eventure__tick_count ticks;
    const eventure__format *format;
    eventure__writing writing;
    int64_t events;
    int64_t left_out; /* events left out by the format */
    int64_t total;    /* 0: unknown */
    int64_t tick;
} exporter;

static bool comes_breadth_first(const eventure_filter *filter)
{
    return filter != NULL && filter->cascade_of != NULL &&
           (filter->order == EVENTURE_ORDER_DEFAULT || filter->order == EVENTURE_ORDER_BREADTH_FIRST);
}

static eventure_status hand_over(exporter *export)
{
    eventure__error *error = &export->reader->error;
    if (export->pending.failed)
    {
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "export: out of memory after %lld events",
                              (long long)export->events);
    }
    if (export->pending.len > 0 && export->options.write != NULL)
    {
        int result = export->options.write(export->pending.bytes, export->pending.len, export->options.write_sink);
        if (result != 0)
            return eventure__fail(error, result < 0 ? result : EVENTURE_ERROR_HANDLER,
                                  "export: the callback that writes returned %d after %lld events", result,
                                  (long long)export->events);
    }
    errno = 0;
    if (export->pending.len > 0 && export->options.write == NULL &&
        fwrite(export->pending.bytes, 1, export->pending.len, export->out) != export->pending.len)
    {
        return eventure__fail(error, EVENTURE_ERROR_IO, "export: cannot write after %lld events: %s",
                              (long long)export->events, errno != 0 ? strerror(errno) : "the stream takes no more");
    }
    eventure__buffer_clear(&export->pending);
    return EVENTURE_OK;
}

static eventure_status report_progress(exporter *export)
{
    if (export->options.progress == NULL)
        return EVENTURE_OK;
    const eventure_progress progress = {export->events, export->total, export->tick};
    if (export->options.progress(&progress, export->options.progress_context) != 0)
    {
        return eventure__fail(&export->reader->error, EVENTURE_ERROR_INTERRUPTED,
                              "export: stopped by the progress callback after %lld events", (long long)export->events);
    }
    return EVENTURE_OK;
}

static eventure_status export_event(exporter *export, const eventure_event *event)
{
    eventure_status status = export->format->event(&export->writing, event);
    if (status < 0)
        return status;
    export->events++;
    export->tick = event->tick;
    if (status == EVENTURE_ROW)
        export->left_out++;
    else if (!eventure__tick_count_add(&export->ticks, event->tick))
    {
        return eventure__fail(&export->reader->error, EVENTURE_ERROR_MEMORY, "export: out of memory after %lld events",
                              (long long)export->events);
    }
    status = EVENTURE_OK;
    if (export->pending.failed || export->pending.len >= PENDING_BYTES)
        status = hand_over(export);
    if (status == EVENTURE_OK && export->events % EVENTURE__PROGRESS_EVENTS == 0)
        status = report_progress(export);
    return status;
}

static eventure_status export_answer(exporter *export)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_status status = EVENTURE_OK;
    if (export->options.filter == NULL && export->options.progress != NULL)
        status = eventure_reader_last_seq(export->reader, &export->total);
    if (status == EVENTURE_OK)
        status = eventure_query(export->reader, export->options.filter, &cursor);
    if (status == EVENTURE_OK && export->format->begin != NULL)
        status = export->format->begin(&export->writing);
    while (status == EVENTURE_OK && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        status = export_event(export, &event);
    eventure_cursor_free(cursor);
    if (status == EVENTURE_OK && export->format->end != NULL)
        status = export->format->end(&export->writing);
    if (status == EVENTURE_OK)
        status = hand_over(export);
    return status == EVENTURE_OK ? report_progress(export) : status;
}

/* Selects the format and checks that it supports the filter. */
static eventure_status choose_format(exporter *export, eventure_filter *in_order)
{
    const eventure_filter *filter = export->options.filter;
    export->format = eventure__format_of(export->options.format);
    if (export->format == NULL)
        return eventure__fail(&export->reader->error, EVENTURE_ERROR_ARGUMENT, "export: there is no format %d",
                              (int)export->options.format);
    export->writing = (eventure__writing){.reader = export->reader,
                                          .error = &export->reader->error,
                                          .options = &export->options,
                                          .out = &export->pending,
                                          .whole = filter == NULL};
    if (filter == NULL || !export->format->in_order)
        return EVENTURE_OK;
    if (filter->reverse)
        return eventure__fail(&export->reader->error, EVENTURE_ERROR_ARGUMENT,
                              "export: %s is written in the order of time, and the filter is reverse",
                              export->format->name);
    *in_order = *filter;
    in_order->order = EVENTURE_ORDER_APPEND;
    export->options.filter = in_order;
    return EVENTURE_OK;
}

eventure_status eventure_store_export(eventure_reader *reader, FILE *out, const eventure_export_options *options,
                                      eventure_transfer_counts *out_counts)
{
    exporter export = {0};
    eventure_filter in_order;
    eventure_filter filter;
    if (out_counts != NULL)
        *out_counts = (eventure_transfer_counts){0};
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    export.reader = reader;
    export.out = out;
    eventure_status status =
        EVENTURE__TAKE(options, &export.options, eventure_export_options, "export", &reader->error);
    if (status == EVENTURE_OK && (out == NULL) == (export.options.write == NULL))
        status = eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT, "export: %s",
                                out == NULL ? "neither a stream nor a callback is given"
                                            : "both a stream and a callback are given");
    if (status == EVENTURE_OK && export.options.filter != NULL)
    {
        status = EVENTURE__TAKE(export.options.filter, &filter, eventure_filter, "export", &reader->error);
        export.options.filter = &filter;
        if (status == EVENTURE_OK)
            status = eventure__export_check_filter(&filter, &reader->error);
    }
    if (status == EVENTURE_OK)
        status = choose_format(&export, &in_order);
    if (status == EVENTURE_OK)
    {
        export.ticks.scattered = comes_breadth_first(export.options.filter);
        status = export_answer(&export);
    }
    if (out_counts != NULL)
        *out_counts = (eventure_transfer_counts){.events = export.events - export.left_out,
                                                 .ticks = eventure__tick_count_get(&export.ticks)};
    if (export.format != NULL && export.format->release != NULL)
        export.format->release(&export.writing);
    eventure__tick_count_free(&export.ticks);
    eventure__buffer_free(&export.pending);
    return status;
}

void eventure_export_options_init(eventure_export_options *options, size_t size)
{
    eventure__options_init(options, size);
}
