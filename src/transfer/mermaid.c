/*
 * Mermaid's flowchart: see graph.h. In a quoted label, all characters except ASCII letters, digits and harmless
 * punctuation are written as entities (#35; is the number sign), because quotes, brackets and backquotes have a
 * meaning.
 */
#include "transfer/graph.h"

#include <string.h>

static void put(eventure__buffer *out, const char *bytes, size_t len, uint32_t code_point)
{
    bool plain = (code_point >= '0' && code_point <= '9') || (code_point >= 'A' && code_point <= 'Z') ||
                 (code_point >= 'a' && code_point <= 'z') || (code_point < 0x80 && strchr(" ._-", (int)code_point));
    if (plain)
    {
        eventure__buffer_append(out, bytes, len);
        return;
    }
    eventure__buffer_append_char(out, '#');
    eventure__buffer_append_int(out, code_point);
    eventure__buffer_append_char(out, ';');
}

static void name(eventure__buffer *out, const char *kind, int64_t seq)
{
    eventure__buffer_append_text(out, kind);
    eventure__buffer_append_int(out, seq);
}

static void mermaid_node(eventure__buffer *out, const eventure_event *event)
{
    name(out, "  n", event->seq);
    eventure__buffer_append_text(out, "[\"");
    eventure__graph_text(out, event->type, put);
    eventure__buffer_append_text(out, "<br/>");
    eventure__graph_text(out, event->id, put);
    eventure__buffer_append_text(out, "\"]\n");
}

static void outside_name(eventure__buffer *out, int64_t seq, int64_t effect_seq)
{
    name(out, seq > 0 ? "  p" : "  x", seq > 0 ? seq : effect_seq);
}

static void mermaid_outside(eventure__buffer *out, int64_t seq, int64_t effect_seq, const char *id)
{
    outside_name(out, seq, effect_seq);
    eventure__buffer_append_text(out, "([\"");
    eventure__graph_text(out, id, put);
    eventure__buffer_append_text(out, "<br/>not among these\"])\n");
}

static void mermaid_edge(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq)
{
    name(out, "  n", cause_seq);
    name(out, " --> n", effect_seq);
    eventure__buffer_append_char(out, '\n');
}

static void mermaid_edge_from_outside(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq)
{
    outside_name(out, cause_seq, effect_seq);
    name(out, " -.-> n", effect_seq);
    eventure__buffer_append_char(out, '\n');
}

static void mermaid_more(eventure__buffer *out, int64_t seq, int64_t count)
{
    name(out, "  n", seq);
    name(out, " -.-> m", seq);
    eventure__buffer_append_text(out, "([\"");
    eventure__buffer_append_int(out, count);
    eventure__buffer_append_text(out, " more\"])\n");
}

static void mermaid_left_out(eventure__buffer *out, int64_t count)
{
    eventure__buffer_append_text(out, "  left_out[/\"");
    eventure__buffer_append_int(out, count);
    eventure__buffer_append_text(out, " later events are not shown\"/]\n");
}

static eventure_status mermaid_begin(eventure__writing *writing)
{
    static const eventure__graph_style style = {"flowchart TD\n",          mermaid_node, mermaid_outside,  mermaid_edge,
                                                mermaid_edge_from_outside, mermaid_more, mermaid_left_out, ""};
    return eventure__graph_begin(writing, &style);
}

const eventure__format eventure__format_mermaid = {
    "mermaid", true, mermaid_begin, eventure__graph_event, eventure__graph_end, eventure__graph_release};
