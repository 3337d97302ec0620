/*
 * Graphs: events up to a limit as nodes, their causes as edges, and the number of omitted events. The formats differ
 * only in their syntax.
 *
 * Nodes are in append order, so a cause precedes its effects. A cause that is not among the nodes is written as an
 * outside node. Omitted effects are counted at their cause.
 */
#ifndef EVENTURE_TRANSFER_GRAPH_H
#define EVENTURE_TRANSFER_GRAPH_H

#include "transfer/format.h"

typedef struct eventure__graph_style
{
    const char *head;
    void (*node)(eventure__buffer *out, const eventure_event *event);
    /* Writes a cause that is not among the nodes: an event of the store (its seq), or an outside id (seq 0;
     * `effect_seq` identifies it). */
    void (*outside)(eventure__buffer *out, int64_t seq, int64_t effect_seq, const char *id);
    void (*edge)(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq);
    void (*edge_from_outside)(eventure__buffer *out, int64_t cause_seq, int64_t effect_seq);
    void (*more)(eventure__buffer *out, int64_t seq, int64_t count); /* number of omitted effects of a node */
    void (*left_out)(eventure__buffer *out, int64_t count);          /* total number of omitted events */
    const char *tail;
} eventure__graph_style;

eventure_status eventure__graph_begin(eventure__writing *writing, const eventure__graph_style *style);
eventure_status eventure__graph_event(eventure__writing *writing, const eventure_event *event);
eventure_status eventure__graph_end(eventure__writing *writing);
void eventure__graph_release(eventure__writing *writing);

/* Writes text safely for all formats: characters that are invalid in XML or would end a line are written as \uXXXX.
 * `put` writes any other character. */
void eventure__graph_text(eventure__buffer *out, const char *text,
                          void (*put)(eventure__buffer *out, const char *bytes, size_t len, uint32_t code_point));

#endif
