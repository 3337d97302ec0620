/*
 * The cascade viewer's entry points. Each run asks several questions of the store, all of the same commit: a reader
 * that is not held yet is held for the run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/options.h"
#include "base/tick.h"
#include "cascade/viewer.h"
#include "embedded_sql.h"

/* The parent of an event may be archived. */
#define SQL_CONTENTS                                                                                                   \
    "SELECT " EVENTURE__EVENT_COLUMNS ", "                                                                             \
    "CASE WHEN cause.seq IS NULL THEN (SELECT tick FROM archived_events WHERE seq = events.parent_seq) "               \
    "ELSE cause.tick END, "                                                                                            \
    "CASE WHEN cause.seq IS NULL THEN (SELECT type FROM archived_events WHERE seq = events.parent_seq) "               \
    "ELSE cause.type END "                                                                                             \
    "FROM events LEFT JOIN events AS cause ON cause.seq = events.parent_seq "                                          \
    "WHERE events.seq >= ?1 ORDER BY events.seq"

/* What one entry point shows, once the viewer is ready. */
typedef eventure_status (*show_fn)(eventure__viewer *viewer, const char *id);

eventure_status eventure__viewer_tell(eventure__viewer *viewer)
{
    if (viewer->options.progress == NULL)
        return EVENTURE_OK;
    const eventure_progress progress = {viewer->events_done, viewer->events_total, viewer->tick};
    if (viewer->options.progress(&progress, viewer->options.progress_context) != 0)
    {
        return eventure__fail(&viewer->store->error, EVENTURE_ERROR_INTERRUPTED,
                              "show cascade: stopped by the progress callback at tick %lld", (long long)viewer->tick);
    }
    return EVENTURE_OK;
}

static eventure_status viewer_open(eventure__viewer *viewer, eventure_reader *reader, FILE *out)
{
    viewer->store = reader;
    viewer->output.file = out;
    viewer->output.write = viewer->options.write;
    viewer->output.write_sink = viewer->options.write_sink;
    viewer->output.error = &reader->error;
    viewer->output.colour = viewer->options.colour;
    const struct
    {
        const eventure__sql *query;
        sqlite3_stmt **statement;
    } statements[] = {
        {&eventure__query_ticks_between, &viewer->ticks},
        {&eventure__query_parents_between, &viewer->links},
        {&eventure__query_causes_of_later, &viewer->triggering},
        {&eventure__query_ticks_of_later_children, &viewer->triggered},
    };
    eventure_status status = eventure__store_take(reader, SQL_CONTENTS, sizeof SQL_CONTENTS - 1, &viewer->contents);
    for (size_t i = 0; i < sizeof statements / sizeof *statements && status == EVENTURE_OK; i++)
    {
        const eventure__sql *query = statements[i].query;
        status = eventure__store_take(reader, query->text, query->len, statements[i].statement);
    }
    return status;
}

static void viewer_close(eventure__viewer *viewer)
{
    eventure__store_give(viewer->store, viewer->ticks);
    eventure__store_give(viewer->store, viewer->links);
    eventure__store_give(viewer->store, viewer->triggering);
    eventure__store_give(viewer->store, viewer->triggered);
    eventure__store_give(viewer->store, viewer->contents);
    eventure__output_free(&viewer->output);
    eventure__buffer_free(&viewer->text);
    free(viewer->tree.nodes);
}

static eventure_status view(eventure_reader *reader, const char *id, FILE *out, const eventure_cascade_options *options,
                            show_fn show)
{
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure__viewer viewer = {0};
    bool held = false;
    eventure_status status =
        EVENTURE__TAKE(options, &viewer.options, eventure_cascade_options, "show cascade", &reader->error);
    if (status == EVENTURE_OK && (out == NULL) == (viewer.options.write == NULL))
        status = eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT, "show cascade: %s",
                                out == NULL ? "there is no stream to write to" : "there are a stream and a callback");
    if (status == EVENTURE_OK && !reader->held && !reader->writable)
    {
        status = eventure_reader_begin(reader);
        held = status == EVENTURE_OK;
    }
    if (status == EVENTURE_OK)
        status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(reader, &viewer.newest_seq);
    if (status == EVENTURE_OK)
    {
        status = viewer_open(&viewer, reader, out);
        if (status == EVENTURE_OK)
            status = show(&viewer, id);
        if (status == EVENTURE_OK)
            status = eventure__output_flush(&viewer.output);
        viewer_close(&viewer);
    }
    if (held)
        eventure_reader_end(reader);
    return status;
}

/* Goes on to the next tick of a range: EVENTURE_ROW, or EVENTURE_OK at its end. */
static eventure_status next_tick(eventure__viewer *viewer, int64_t *out_first_seq, int64_t *out_last_seq)
{
    const int step = sqlite3_step(viewer->ticks);
    if (step == SQLITE_DONE)
        return EVENTURE_OK;
    if (step != SQLITE_ROW)
        return eventure__store_fail(viewer->store, "show cascade");
    viewer->tick = sqlite3_column_int64(viewer->ticks, 0);
    *out_first_seq = sqlite3_column_int64(viewer->ticks, 1);
    *out_last_seq = sqlite3_column_int64(viewer->ticks, 2);
    /* A reader is held, so that its ticks end by themselves (and one that claims more is damaged); a log may grow. */
    if (viewer->store->writable && *out_first_seq > viewer->newest_seq)
        return EVENTURE_OK;
    if (viewer->store->writable && *out_last_seq > viewer->newest_seq)
        *out_last_seq = viewer->newest_seq;
    return EVENTURE_ROW;
}

static void show_tick_begin(eventure__viewer *viewer)
{
    eventure__output *output = &viewer->output;
    eventure__output_text(output, "\n");
    eventure__output_style(output, EVENTURE__STYLE_TICK);
    eventure__output_text(output, "┌─── TICK ");
    eventure__output_int(output, viewer->tick);
    eventure__output_text(output, " ───┐");
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
    eventure__output_text(output, "\n");
}

static void show_tick_end(eventure__viewer *viewer)
{
    eventure__output *output = &viewer->output;
    char digits[EVENTURE__INT_BYTES];
    const size_t width = 14 + eventure__format_int(digits, viewer->tick);
    eventure__output_style(output, EVENTURE__STYLE_TICK);
    eventure__output_text(output, "└");
    for (size_t i = 0; i < width; i++)
        eventure__output_text(output, "─");
    eventure__output_text(output, "┘");
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
    eventure__output_text(output, "\n");
}

static eventure_status show_history(eventure__viewer *viewer, const char *id)
{
    const eventure_cascade_options *options = &viewer->options;
    const bool whole = options->tick_min <= 0 && options->tick_end == 0;
    int64_t first_seq = 0;
    int64_t last_seq = 0;
    eventure_status status = EVENTURE_OK;
    (void)id;
    viewer->events_total = whole ? viewer->newest_seq : 0;
    eventure__output_text(&viewer->output, "===== EVENT CASCADE VIEWER =====\n");
    sqlite3_bind_int64(viewer->ticks, 1, options->tick_min);
    sqlite3_bind_int64(viewer->ticks, 2, eventure__tick_last(options->tick_end));
    while ((status = next_tick(viewer, &first_seq, &last_seq)) == EVENTURE_ROW)
    {
        show_tick_begin(viewer);
        status = eventure__tree_read(viewer, first_seq, last_seq, false);
        if (status == EVENTURE_OK)
            status = eventure__tree_show(viewer);
        if (status != EVENTURE_OK)
            return status;
        show_tick_end(viewer);
    }
    if (status == EVENTURE_OK && viewer->events_done == 0)
    {
        eventure__output_text(&viewer->output,
                              viewer->newest_seq == 0 ? "\n<No events in log>\n" : "\n<No events in these ticks>\n");
    }
    return status != EVENTURE_OK ? status : eventure__viewer_tell(viewer);
}

static eventure_status find(eventure__viewer *viewer, const char *id, int64_t *out_seq)
{
    if (id == NULL)
        return eventure__fail(&viewer->store->error, EVENTURE_ERROR_ARGUMENT, "show cascade: there is no id");
    return eventure__store_seq_of_id(viewer->store, id, out_seq);
}

static eventure_status show_one(eventure__viewer *viewer, const char *id)
{
    eventure_event event;
    int64_t seq = 0;
    int64_t first_seq = 0;
    int64_t last_seq = 0;
    eventure_status status = find(viewer, id, &seq);
    if (status == EVENTURE_OK)
        status = eventure__viewer_seek(viewer, seq, &event);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(viewer->ticks, 1, event.tick);
    sqlite3_bind_int64(viewer->ticks, 2, event.tick);
    status = next_tick(viewer, &first_seq, &last_seq);
    if (status < 0)
        return status;
    if (status != EVENTURE_ROW || seq < first_seq || seq > last_seq)
    {
        return eventure__fail(&viewer->store->error, EVENTURE_ERROR_CORRUPT,
                              "show cascade: the event with seq %lld is not among those of its tick", (long long)seq);
    }
    status = eventure__tree_read(viewer, seq, last_seq, true);
    return status != EVENTURE_OK ? status : eventure__tree_show(viewer);
}

static eventure_status show_details(eventure__viewer *viewer, const char *id)
{
    int64_t seq = 0;
    const eventure_status status = find(viewer, id, &seq);
    return status != EVENTURE_OK ? status : eventure__event_show_details(viewer, seq);
}

eventure_status eventure_cascade_print(eventure_reader *reader, FILE *out, const eventure_cascade_options *options)
{
    return view(reader, NULL, out, options, show_history);
}

eventure_status eventure_cascade_print_one(eventure_reader *reader, const char *id, FILE *out,
                                           const eventure_cascade_options *options)
{
    return view(reader, id, out, options, show_one);
}

eventure_status eventure_cascade_print_event(eventure_reader *reader, const char *id, FILE *out,
                                             const eventure_cascade_options *options)
{
    return view(reader, id, out, options, show_details);
}

void eventure_cascade_options_init(eventure_cascade_options *options, size_t size)
{
    eventure__options_init(options, size);
}
