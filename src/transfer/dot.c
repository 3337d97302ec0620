/*
 * Graphviz: see graph.h. In a label, a backslash begins an escape and an ampersand an HTML entity.
 */
#include "transfer/graph.h"

static void put(eventure__buffer *out, const char *bytes, size_t len, uint32_t code_point)
{
    if (code_point == '&')
        eventure__buffer_append_text(out, "&amp;");
    else
    {
        if (code_point == '"' || code_point == '\\')
            eventure__buffer_append_char(out, '\\');
        eventure__buffer_append(out, bytes, len);
    }
}

static void name(eventure__buffer *out, const char *kind, int64_t seq)
{
    eventure__buffer_append_text(out, kind);
    eventure__buffer_append_int(out, seq);
}

static void dot_node(eventure__buffer *out, const eventure_event *event)
{
    name(out, "  n", event->seq);
    eventure__buffer_append_text(out, " [label=\"");
    eventure__graph_text(out, event->type, put);
    eventure__buffer_append_text(out, "\\n");
    eventure__graph_text(out, event->id, put);
    eventure__buffer_append_text(out, "\"];\n");
}

static void outside_name(eventure__buffer *out, int64_t seq, int64_t effect_seq)
{
    name(out, seq > 0 ? "  p" : "  x", seq > 0 ? seq : effect_seq);
}

static void dot_outside(eventure__buffer *out, int64_t seq, int64_t effect_seq, const char *id)
{
    outside_name(out, seq, effect_seq);
    eventure__buffer_append_text(out, " [style=dashed, label=\"");
    eventure__graph_text(out, id, put);
    eventure__buffer_append_text(out, "\\n(not among these)\"];\n");
}

static void dot_edge(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq)
{
    name(out, "  n", cause_seq);
    name(out, " -> n", effect_seq);
    eventure__buffer_append_text(out, ";\n");
}

static void dot_edge_from_outside(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq)
{
    outside_name(out, cause_seq, effect_seq);
    name(out, " -> n", effect_seq);
    eventure__buffer_append_text(out, " [style=dashed];\n");
}

static void dot_more(eventure__buffer *out, int64_t seq, int64_t count)
{
    name(out, "  m", seq);
    eventure__buffer_append_text(out, " [shape=plaintext, label=\"");
    eventure__buffer_append_int(out, count);
    eventure__buffer_append_text(out, " more\"];\n");
    name(out, "  n", seq);
    name(out, " -> m", seq);
    eventure__buffer_append_text(out, " [style=dotted];\n");
}

static void dot_left_out(eventure__buffer *out, int64_t count)
{
    eventure__buffer_append_text(out, "  left_out [shape=note, label=\"");
    eventure__buffer_append_int(out, count);
    eventure__buffer_append_text(out, " later events are not shown\"];\n");
}

static eventure_status dot_begin(eventure__writing *writing)
{
    static const eventure__graph_style style = {
        "digraph eventure {\n  charset=\"UTF-8\";\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n",
        dot_node,
        dot_outside,
        dot_edge,
        dot_edge_from_outside,
        dot_more,
        dot_left_out,
        "}\n"};
    return eventure__graph_begin(writing, &style);
}

const eventure__format eventure__format_dot = {
    "dot", true, dot_begin, eventure__graph_event, eventure__graph_end, eventure__graph_release};
