/*
 * Graphs: see graph.h.
 */
#include "transfer/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/utf8.h"

#define DEFAULT_MAX_NODES 200

typedef struct node
{
    int64_t seq;
    int64_t left_out; /* number of omitted effects */
} node;

typedef struct graph
{
    const eventure__graph_style *style;
    node *nodes; /* by seq */
    size_t count;
    size_t capacity;
    size_t max;
    int64_t left_out;
} graph;

eventure_status eventure__graph_begin(eventure__writing *writing, const eventure__graph_style *style)
{
    graph *g = calloc(1, sizeof *g);
    writing->state = g;
    if (g == NULL)
        return eventure__writing_out_of_memory(writing);
    g->style = style;
    g->max = writing->options->max_nodes > 0 ? (size_t)writing->options->max_nodes : DEFAULT_MAX_NODES;
    eventure__buffer_append_text(writing->out, style->head);
    return EVENTURE_OK;
}

static node *find(const graph *g, int64_t seq)
{
    size_t low = 0;
    size_t high = g->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (g->nodes[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < g->count && g->nodes[low].seq == seq ? &g->nodes[low] : NULL;
}

static bool add(graph *g, int64_t seq)
{
    if (g->count == g->capacity)
    {
        size_t capacity = g->capacity == 0 ? 64 : g->capacity * 2;
        node *nodes = realloc(g->nodes, capacity * sizeof *nodes);
        if (nodes == NULL)
            return false;
        g->nodes = nodes;
        g->capacity = capacity;
    }
    g->nodes[g->count++] = (node){seq, 0};
    return true;
}

eventure_status eventure__graph_event(eventure__writing *writing, const eventure_event *event)
{
    graph *g = writing->state;
    node *cause = find(g, event->parent_seq);
    if (g->count >= g->max)
    {
        g->left_out++;
        if (cause != NULL)
            cause->left_out++;
        return EVENTURE_ROW;
    }
    g->style->node(writing->out, event);
    if (cause != NULL)
        g->style->edge(writing->out, event->parent_seq, event->seq);
    else if (event->parent_id != NULL)
    {
        g->style->outside(writing->out, event->parent_seq, event->seq, event->parent_id);
        g->style->edge_from_outside(writing->out, event->parent_seq, event->seq);
    }
    return add(g, event->seq) ? EVENTURE_OK : eventure__writing_out_of_memory(writing);
}

eventure_status eventure__graph_end(eventure__writing *writing)
{
    graph *g = writing->state;
    for (size_t i = 0; i < g->count; i++)
        if (g->nodes[i].left_out > 0)
            g->style->more(writing->out, g->nodes[i].seq, g->nodes[i].left_out);
    if (g->left_out > 0)
        g->style->left_out(writing->out, g->left_out);
    eventure__buffer_append_text(writing->out, g->style->tail);
    return EVENTURE_OK;
}

void eventure__graph_release(eventure__writing *writing)
{
    graph *g = writing->state;
    if (g != NULL)
        free(g->nodes);
    free(g);
}

/* Returns whether a character is a control character, a line separator, a bidirectional control, or invalid in XML. */
static bool is_hidden(uint32_t c)
{
    return eventure__controls_terminal(c) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

void eventure__graph_text(eventure__buffer *out, const char *text,
                          void (*put)(eventure__buffer *out, const char *bytes, size_t len, uint32_t code_point))
{
    size_t rest = strlen(text);
    while (rest > 0)
    {
        char escape[8];
        uint32_t code_point = 0;
        size_t len = eventure__utf8_decode(text, rest, &code_point);
        bool shown = len > 0 && !is_hidden(code_point);
        if (shown)
            put(out, text, len, code_point);
        else
        {
            int escape_len = snprintf(escape, sizeof escape, "\\u%04x",
                                      len > 0 ? (unsigned)code_point : (unsigned)(unsigned char)*text);
            for (int i = 0; i < escape_len; i++)
                put(out, escape + i, 1, (unsigned char)escape[i]);
        }
        text += len > 0 ? len : 1;
        rest -= len > 0 ? len : 1;
    }
}
