/*
 * The entry points of the cascade viewer. Each run executes several queries in one read transaction.
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/number.h"
#include "base/options.h"
#include "base/tick.h"
#include "cascade/cascade_internal.h"
#include "embedded_sql.h"

/* The parent of an event can be archived. */
#define SQL_CONTENTS                                                                                                   \
    "SELECT " EVENTURE__EVENT_COLUMNS ", "                                                                             \
    "CASE WHEN cause.seq IS NULL THEN (SELECT tick FROM archived_events WHERE seq = events.parent_seq) "               \
    "ELSE cause.tick END, "                                                                                            \
    "CASE WHEN cause.seq IS NULL THEN (SELECT type FROM archived_events WHERE seq = events.parent_seq) "               \
    "ELSE cause.type END "                                                                                             \
    "FROM events LEFT JOIN events AS cause ON cause.seq = events.parent_seq "                                          \
    "WHERE events.seq >= ?1 ORDER BY events.seq"

/* The output function of one entry point. */
typedef eventure_status (*show_fn)(eventure__viewer *viewer, const char *id);

static eventure_status viewer_open(eventure__viewer *viewer, eventure_reader *reader, FILE *out)
{
    viewer->store = reader;
    viewer->output.file = out;
    viewer->output.write = viewer->options.write;
    viewer->output.write_sink = viewer->options.write_sink;
    viewer->output.error = &reader->error;
    viewer->output.color = viewer->options.color;
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
    eventure_status status = eventure__store_prepare(reader, SQL_CONTENTS, &viewer->contents);
    for (size_t i = 0; i < sizeof statements / sizeof *statements && status == EVENTURE_OK; i++)
    {
        const eventure__sql *query = statements[i].query;
        status = eventure__store_prepare(reader, query->text, statements[i].statement);
    }
    return status;
}

static eventure_status check_ticks(eventure__viewer *viewer, int64_t tick_min, int64_t tick_end)
{
    if (tick_min >= 0 && tick_end >= 0)
        return EVENTURE_OK;
    return eventure__fail(&viewer->store->error, EVENTURE_ERROR_TICK, "show cascade: tick %lld is negative",
                          (long long)(tick_min < 0 ? tick_min : tick_end));
}

/* Asks which events are shown, of the same commit as everything else. */
static eventure_status choose_events(eventure__viewer *viewer, int64_t tick_min, int64_t tick_max)
{
    const eventure_filter *given = viewer->options.filter;
    eventure_filter filter;
    if (given == NULL)
        return EVENTURE_OK;
    eventure_status status =
        EVENTURE__TAKE(given, &filter, eventure_filter, "show cascade: filter", &viewer->store->error);
    if (status != EVENTURE_OK)
        return status;
    if (filter.reverse)
        return eventure__fail(&viewer->store->error, EVENTURE_ERROR_ARGUMENT, "show cascade: the filter is reverse");
    status = check_ticks(viewer, filter.tick_min, filter.tick_end);
    if (status != EVENTURE_OK)
        return status;
    int64_t filter_max = eventure__tick_last(filter.tick_end);
    filter.order = EVENTURE_ORDER_APPEND;
    filter.tick_min = filter.tick_min > tick_min ? filter.tick_min : tick_min;
    filter.tick_end = eventure__tick_end(filter_max < tick_max ? filter_max : tick_max);
    return eventure_query(viewer->store, &filter, &viewer->chosen);
}

static void viewer_close(eventure__viewer *viewer)
{
    eventure_cursor_free(viewer->chosen);
    eventure__store_release(viewer->store, viewer->ticks);
    eventure__store_release(viewer->store, viewer->links);
    eventure__store_release(viewer->store, viewer->triggering);
    eventure__store_release(viewer->store, viewer->triggered);
    eventure__store_release(viewer->store, viewer->contents);
    eventure__output_free(&viewer->output);
    eventure__buffer_free(&viewer->text);
    free(viewer->tree.nodes);
}

/* `function` is the public function, for the text of an error. */
static eventure_status view(const char *function, eventure_reader *reader, const char *id, FILE *out,
                            const eventure_cascade_options *options, show_fn show)
{
    if (reader == NULL)
        return eventure__fail_argument(function);
    eventure__viewer viewer = {0};
    bool begun = false;
    eventure_status status =
        EVENTURE__TAKE(options, &viewer.options, eventure_cascade_options, "show cascade", &reader->error);
    const eventure__option_range levels = {"levels", viewer.options.levels, 0, INT64_MAX};
    if (status == EVENTURE_OK)
        status = eventure__options_check(&levels, 1, "show cascade", &reader->error);
    if (status == EVENTURE_OK && (out == NULL) == (viewer.options.write == NULL))
        status = eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT, "show cascade: %s",
                                out == NULL ? "neither a stream nor a callback is given"
                                            : "both a stream and a callback are given");
    if (status == EVENTURE_OK)
        status = eventure__store_read_begin(reader, &begun);
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
    eventure__store_read_end(reader, begun);
    return status;
}

/* Moves to the next tick of a range. Returns EVENTURE_ROW, or EVENTURE_OK at the end. */
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
    /* A reader is in a read transaction, so the query ends at its newest tick. A log can grow during the run. */
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
    const bool whole = options->tick_min == 0 && options->tick_end == 0;
    int64_t first_seq = 0;
    int64_t last_seq = 0;
    eventure_status status = check_ticks(viewer, options->tick_min, options->tick_end);
    (void)id;
    if (status != EVENTURE_OK)
        return status;
    viewer->events_total = whole ? viewer->newest_seq : 0;
    eventure__output_text(&viewer->output, "===== EVENT CASCADE VIEWER =====\n");
    status = choose_events(viewer, options->tick_min, eventure__tick_last(options->tick_end));
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(viewer->ticks, 1, options->tick_min);
    sqlite3_bind_int64(viewer->ticks, 2, eventure__tick_last(options->tick_end));
    while ((status = next_tick(viewer, &first_seq, &last_seq)) == EVENTURE_ROW)
    {
        status = eventure__tree_read(viewer, first_seq, last_seq, false);
        if (status == EVENTURE_OK && viewer->tree.first_root == EVENTURE__NODE_NONE)
            continue; /* no event of the tick was asked for */
        if (status == EVENTURE_OK)
        {
            show_tick_begin(viewer);
            status = eventure__tree_show(viewer);
        }
        if (status != EVENTURE_OK)
            return status;
        show_tick_end(viewer);
    }
    if (status == EVENTURE_OK && viewer->events_done == 0)
    {
        eventure__output_text(&viewer->output, viewer->newest_seq == 0          ? "\n<No events in log>\n"
                                               : viewer->options.filter != NULL ? "\n<No such events>\n"
                                                                                : "\n<No events in these ticks>\n");
    }
    return status != EVENTURE_OK ? status : eventure__viewer_report_progress(viewer);
}

static eventure_status find(eventure__viewer *viewer, const char *id, int64_t *out_seq)
{
    if (id == NULL)
        return eventure__fail(&viewer->store->error, EVENTURE_ERROR_ARGUMENT, "show cascade: there is no id");
    return eventure__store_seq_of_id(viewer->store, eventure__text_span(id, 0), out_seq);
}

static eventure_status show_seq(eventure__viewer *viewer, int64_t seq)
{
    eventure_event event;
    int64_t first_seq = 0;
    int64_t last_seq = 0;
    eventure_status status = eventure__viewer_seek(viewer, seq, &event);
    if (status != EVENTURE_OK)
        return status;
    status = choose_events(viewer, event.tick, event.tick);
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

/* The events that name an id as their parent which is not in the store, each with its effects. */
static eventure_status show_effects(eventure__viewer *viewer, const char *id, bool *out_any)
{
    static const char sql[] = "SELECT seq FROM events WHERE parent_id = ?1 ORDER BY seq";
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_DONE;
    *out_any = false;
    eventure_status status = eventure__store_prepare(viewer->store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        if (*out_any)
            eventure__output_text(&viewer->output, "\n");
        *out_any = true;
        status = show_seq(viewer, sqlite3_column_int64(statement, 0));
        sqlite3_reset(viewer->ticks);
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(viewer->store, "show cascade");
    eventure__store_release(viewer->store, statement);
    return status;
}

static eventure_status show_one(eventure__viewer *viewer, const char *id)
{
    int64_t seq = 0;
    bool has_effects = false;
    eventure_status status = find(viewer, id, &seq);
    if (status == EVENTURE_OK)
        return show_seq(viewer, seq);
    if (status != EVENTURE_ERROR_NOT_FOUND)
        return status;
    const eventure__error unknown = viewer->store->error;
    status = show_effects(viewer, id, &has_effects);
    if (status != EVENTURE_OK || has_effects)
        return status;
    viewer->store->error = unknown;
    return EVENTURE_ERROR_NOT_FOUND;
}

static eventure_status show_details(eventure__viewer *viewer, const char *id)
{
    int64_t seq = 0;
    const eventure_status status = find(viewer, id, &seq);
    return status != EVENTURE_OK ? status : eventure__event_show_details(viewer, seq);
}

eventure_status eventure_cascade_print(eventure_reader *reader, FILE *out, const eventure_cascade_options *options)
{
    return view(__func__, reader, NULL, out, options, show_history);
}

eventure_status eventure_cascade_print_one(eventure_reader *reader, const char *id, FILE *out,
                                           const eventure_cascade_options *options)
{
    return view(__func__, reader, id, out, options, show_one);
}

eventure_status eventure_cascade_print_event(eventure_reader *reader, const char *id, FILE *out,
                                             const eventure_cascade_options *options)
{
    return view(__func__, reader, id, out, options, show_details);
}

void eventure_cascade_options_init(eventure_cascade_options *options, size_t size)
{
    eventure__options_init(options, size);
}
