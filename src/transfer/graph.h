/*
 * Graphs: the events that there is room for as nodes, their causes as edges, and what was left out. The formats only
 * differ in how these are written.
 *
 * Nodes come in the order of time, and a cause before its effects. A cause that is not among the nodes is a node of
 * its own kind, outside; effects that had no room are counted at their cause.
 */
#ifndef EVENTURE_TRANSFER_GRAPH_H
#define EVENTURE_TRANSFER_GRAPH_H

#include "transfer/format.h"

typedef struct eventure__graph_style
{
    const char *head;
    void (*node)(eventure__buffer *out, const eventure_event *event);
    /* A cause that is not shown, which is an event of the store (its seq) or not (0, then `effect_seq` names it). */
    void (*outside)(eventure__buffer *out, int64_t seq, int64_t effect_seq, const char *id);
    void (*edge)(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq);
    void (*edge_from_outside)(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq);
    void (*more)(eventure__buffer *out, int64_t seq, int64_t count); /* effects of a node that had no room */
    void (*left_out)(eventure__buffer *out, int64_t count);          /* all that had no room */
    const char *tail;
} eventure__graph_style;

eventure_status eventure__graph_begin(eventure__writing *writing, const eventure__graph_style *style);
eventure_status eventure__graph_event(eventure__writing *writing, const eventure_event *event);
eventure_status eventure__graph_end(eventure__writing *writing);
void eventure__graph_release(eventure__writing *writing);

/* Text that may be shown anywhere, character by character: what XML does not take, and what would end a line, is
 * spelled \uXXXX. `put` writes one character that can be shown. */
void eventure__graph_text(eventure__buffer *out, const char *text,
                          void (*put)(eventure__buffer *out, const char *bytes, size_t len, uint32_t code_point));

#endif
