/*
 * The text of one event: its symbol and type, its id, its data, and the later ticks that contain its effects.
 */
#include <string.h>

#include "cascade/cascade_internal.h"
#include "event/json.h"
#include "store/archived.h"

/* The location of an event's cause. */
typedef enum cause_kind
{
    CAUSE_NONE,
    CAUSE_SAME_TICK,
    CAUSE_EARLIER_TICK,
    CAUSE_EXTERNAL /* the parent is not in this store */
} cause_kind;

typedef struct cause
{
    cause_kind kind;
    const char *type; /* type and tick of the parent; for CAUSE_EARLIER_TICK */
    int64_t tick;
} cause;

/* The left margin of an event's lines after the first. */
typedef struct margin
{
    size_t spaces;
    bool line; /* draw the line to the next sibling */
} margin;

eventure_status eventure__viewer_seek(eventure__viewer *viewer, int64_t seq, eventure_event *out)
{
    *out = (eventure_event){.type = "", .data = "{}", .data_len = 2, .id = ""}; /* readable also after an error */
    if (viewer->contents_seq == 0 || viewer->contents_seq + 1 != seq)
    {
        sqlite3_reset(viewer->contents);
        sqlite3_bind_int64(viewer->contents, 1, seq);
    }
    viewer->contents_seq = 0;
    const int step = sqlite3_step(viewer->contents);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return eventure__store_fail(viewer->store, "show cascade");
    if (step == SQLITE_DONE || sqlite3_column_int64(viewer->contents, 0) != seq)
        return eventure__store_fail_archived(viewer->store, seq);
    viewer->contents_seq = seq;
    return eventure__row_read(viewer->store, viewer->contents, out);
}

static eventure_status cause_read(eventure__viewer *viewer, const eventure_event *event, cause *out)
{
    *out = (cause){CAUSE_NONE, NULL, 0};
    if (event->parent_seq == 0)
    {
        const cause_kind external = viewer->options.external_as_local ? CAUSE_SAME_TICK : CAUSE_EXTERNAL;
        out->kind = event->parent_id != NULL ? external : CAUSE_NONE;
        return EVENTURE_OK;
    }
    sqlite3_stmt *row = viewer->contents;
    out->type = (const char *)sqlite3_column_text(row, EVENTURE__EVENT_COLUMN_COUNT + 1);
    if (out->type == NULL && sqlite3_errcode(viewer->store->db) == SQLITE_NOMEM)
        return eventure__store_fail(viewer->store, "show cascade");
    if (out->type == NULL)
        return eventure__fail(&viewer->store->error, EVENTURE_ERROR_CORRUPT,
                              "%s is damaged: event %lld has a parent that is not there", viewer->store->path,
                              (long long)event->seq);
    out->tick = sqlite3_column_int64(row, EVENTURE__EVENT_COLUMN_COUNT);
    out->kind = out->tick == event->tick ? CAUSE_SAME_TICK : CAUSE_EARLIER_TICK;
    return EVENTURE_OK;
}

static void begin_line(eventure__output *output, margin left)
{
    eventure__output_spaces(output, left.spaces);
    if (left.line)
        eventure__output_text(output, "│ ");
}

static void show_cause(eventure__output *output, const eventure_event *event, const cause *from)
{
    if (from->kind != CAUSE_EARLIER_TICK && from->kind != CAUSE_EXTERNAL)
        return;
    eventure__output_style(output, EVENTURE__STYLE_DIM);
    eventure__output_text(output, " (caused by: ");
    if (from->kind == CAUSE_EXTERNAL)
    {
        eventure__output_text(output, "external ");
        eventure__output_escaped(output, event->parent_id, event->parent_id_len);
    }
    else
    {
        eventure__output_escaped(output, from->type, strlen(from->type));
        eventure__output_text(output, " @ tick ");
        eventure__output_int(output, from->tick);
    }
    eventure__output_text(output, ")");
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
}

/* Prints the line with the symbol and the type. */
static void show_type(eventure__output *output, const eventure_event *event, const char *symbol, eventure__style style,
                      const cause *from)
{
    eventure__output_style(output, style);
    eventure__output_text(output, symbol);
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
    eventure__output_text(output, " ");
    eventure__output_style(output, EVENTURE__STYLE_TYPE);
    eventure__output_escaped(output, event->type, event->type_len);
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
    show_cause(output, event, from);
    eventure__output_text(output, "\n");
}

static void show_id(eventure__output *output, const eventure_event *event, margin left)
{
    begin_line(output, left);
    eventure__output_style(output, EVENTURE__STYLE_DIM);
    eventure__output_text(output, "ID: ");
    eventure__output_escaped(output, event->id, event->id_len);
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
    eventure__output_text(output, "\n");
}

/* Prints the value of a string literal, which is given with its quotes. Returns false when memory runs out. */
static bool show_string(eventure__viewer *viewer, eventure__span literal)
{
    if (literal.len < 2)
        return true;
    if (memchr(literal.at, '\\', literal.len) == NULL)
    {
        eventure__output_escaped(&viewer->output, literal.at + 1, literal.len - 2);
        return true;
    }
    eventure__buffer_clear(&viewer->text);
    eventure__json_unescape(literal, &viewer->text);
    if (viewer->text.failed)
        return false;
    eventure__output_escaped(&viewer->output, viewer->text.bytes, viewer->text.len);
    return true;
}

static bool show_value(eventure__viewer *viewer, eventure__span value)
{
    if (value.len > 0 && value.at[0] == '"')
        return show_string(viewer, value);
    eventure__output_escaped(&viewer->output, value.at, value.len);
    return true;
}

static eventure_status show_data(eventure__viewer *viewer, const eventure_event *event, margin left)
{
    eventure__output *output = &viewer->output;
    eventure__members members = eventure__members_of(event->data, event->data_len);
    eventure__span key;
    eventure__span value;
    bool first = true;
    while (eventure__members_next(&members, &key, &value))
    {
        if (first)
        {
            begin_line(output, left);
            eventure__output_text(output, "Data:\n");
            first = false;
        }
        begin_line(output, left);
        eventure__output_text(output, "  ");
        bool shown = show_string(viewer, (eventure__span){key.at - 1, key.len + 2});
        eventure__output_text(output, ": ");
        shown = shown && show_value(viewer, value);
        eventure__output_text(output, "\n");
        if (!shown)
            return eventure__fail(&viewer->store->error, EVENTURE_ERROR_MEMORY, "show cascade: out of memory");
    }
    return EVENTURE_OK;
}

static void show_triggered_tick(eventure__output *output, int64_t tick, int64_t count)
{
    eventure__output_text(output, "tick ");
    eventure__output_int(output, tick);
    eventure__output_text(output, " (");
    eventure__output_int(output, count);
    eventure__output_text(output, ")");
}

/* Prints the line about effects in later ticks. Children are read in append order, so those of one tick are adjacent
 * and can be counted without storing them. */
static eventure_status show_triggered(eventure__viewer *viewer, int64_t seq, int64_t last_seq, margin left)
{
    eventure__output *output = &viewer->output;
    sqlite3_stmt *triggered = viewer->triggered;
    int64_t tick = 0;
    int64_t count = 0;
    bool several = false;
    int step = SQLITE_OK;
    begin_line(output, left);
    eventure__output_style(output, EVENTURE__STYLE_CAUSED);
    eventure__output_text(output, "↓ Triggers events in");
    sqlite3_bind_int64(triggered, 1, seq);
    sqlite3_bind_int64(triggered, 2, last_seq);
    sqlite3_bind_int64(triggered, 3, viewer->newest_seq);
    while ((step = sqlite3_step(triggered)) == SQLITE_ROW)
    {
        const int64_t child_tick = sqlite3_column_int64(triggered, 0);
        if (count > 0 && child_tick != tick)
        {
            eventure__output_text(output, several ? " " : ": ");
            show_triggered_tick(output, tick, count);
            eventure__output_text(output, ",");
            several = true;
            count = 0;
        }
        tick = child_tick;
        count++;
    }
    const eventure_status status =
        step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(viewer->store, "show cascade");
    sqlite3_reset(triggered);
    eventure__output_text(output, " ");
    show_triggered_tick(output, tick, count);
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
    eventure__output_text(output, "\n");
    return status;
}

eventure_status eventure__event_show(eventure__viewer *viewer, int64_t seq, size_t level, bool triggers,
                                     int64_t last_seq)
{
    eventure__output *output = &viewer->output;
    eventure_event event;
    cause from;
    eventure_status status = eventure__viewer_seek(viewer, seq, &event);
    if (status == EVENTURE_OK)
        status = cause_read(viewer, &event, &from);
    if (status != EVENTURE_OK)
        return status;
    const bool child = from.kind == CAUSE_SAME_TICK;
    const margin left = {2 * level + (child ? 0 : 2), child};
    eventure__output_spaces(output, child ? 2 * level : 0);
    eventure__output_text(output, "│\n");
    eventure__output_spaces(output, 2 * level);
    if (child)
        show_type(output, &event, "└─", EVENTURE__STYLE_CHILD, &from);
    else if (from.kind == CAUSE_NONE)
        show_type(output, &event, "●", EVENTURE__STYLE_ROOT, &from);
    else
        show_type(output, &event, "↓", EVENTURE__STYLE_CAUSED, &from);
    show_id(output, &event, left);
    if (!viewer->options.without_data)
        status = show_data(viewer, &event, left);
    if (status == EVENTURE_OK && triggers)
        status = show_triggered(viewer, seq, last_seq, left);
    return status != EVENTURE_OK ? status : output->status;
}

void eventure__event_show_left_out(eventure__viewer *viewer, int64_t count, size_t level)
{
    eventure__output *output = &viewer->output;
    eventure__output_spaces(output, 2 * (level + 1));
    eventure__output_text(output, "│\n");
    eventure__output_spaces(output, 2 * (level + 1));
    eventure__output_style(output, EVENTURE__STYLE_DIM);
    eventure__output_text(output, "└─ … ");
    eventure__output_int(output, count);
    eventure__output_text(output, count == 1 ? " more event below" : " more events below");
    eventure__output_style(output, EVENTURE__STYLE_PLAIN);
    eventure__output_text(output, "\n");
}

eventure_status eventure__event_show_details(eventure__viewer *viewer, int64_t seq)
{
    const margin left = {2, false};
    eventure_event event;
    cause from;
    eventure_status status = eventure__viewer_seek(viewer, seq, &event);
    if (status == EVENTURE_OK)
        status = cause_read(viewer, &event, &from);
    if (status != EVENTURE_OK)
        return status;
    show_type(&viewer->output, &event, "●", EVENTURE__STYLE_ROOT, &from);
    show_id(&viewer->output, &event, left);
    if (!viewer->options.without_data)
        status = show_data(viewer, &event, left);
    return status;
}
