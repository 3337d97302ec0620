/*
 * The tree of one tick: each event below its cause in the same tick.
 *
 * A parent always has a smaller seq than its children. One pass in append order therefore reads all links, and one pass
 * backwards links children and roots in append order. The walk follows parent links and needs no stack, for any depth.
 * The contents of an event are read when it is printed. Depth-first order is mostly append order, because a bus appends
 * depth-first, so reading is mostly one scan.
 */
#include <stdlib.h>

#include <eventure/query.h>

#include "base/progress.h"
#include "cascade/cascade_internal.h"

/* The number of a node fits 32 bits, and the size of all nodes fits a size_t. */
#define NODES_MAX (SIZE_MAX / sizeof(eventure__node) < UINT32_MAX ? SIZE_MAX / sizeof(eventure__node) : UINT32_MAX)

/* Progress is reported after this many events or bytes, because a deep tree has few events per byte. */
#define PROGRESS_BYTES ((int64_t)16 * 1024 * 1024)

eventure_status eventure__viewer_report_progress(eventure__viewer *viewer)
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

static eventure_status node_add(eventure__viewer *viewer, uint32_t parent)
{
    eventure__tree *tree = &viewer->tree;
    if (tree->count == tree->capacity)
    {
        const size_t capacity = tree->capacity == 0 ? 1024 : tree->capacity * 2;
        eventure__node *nodes = capacity > NODES_MAX ? NULL : realloc(tree->nodes, capacity * sizeof *nodes);
        if (nodes == NULL)
            return eventure__fail(&viewer->store->error, EVENTURE_ERROR_MEMORY,
                                  "show cascade: out of memory for the events with seq %lld to %lld",
                                  (long long)tree->first_seq, (long long)tree->last_seq);
        tree->nodes = nodes;
        tree->capacity = capacity;
    }
    tree->nodes[tree->count++] = (eventure__node){parent, EVENTURE__NODE_NONE, EVENTURE__NODE_NONE, false, true};
    return EVENTURE_OK;
}

static eventure_status corrupt(eventure__viewer *viewer, int64_t seq, const char *what)
{
    return eventure__fail(&viewer->store->error, EVENTURE_ERROR_CORRUPT, "show cascade: the event with seq %lld %s",
                          (long long)seq, what);
}

/* Reads one node per event, with its parent. */
static eventure_status read_links(eventure__viewer *viewer)
{
    eventure__tree *tree = &viewer->tree;
    sqlite3_stmt *links = viewer->links;
    eventure_status status = EVENTURE_OK;
    int step = SQLITE_OK;
    sqlite3_bind_int64(links, 1, tree->first_seq);
    sqlite3_bind_int64(links, 2, tree->last_seq);
    while (status == EVENTURE_OK && (step = sqlite3_step(links)) == SQLITE_ROW)
    {
        const int64_t expected = tree->first_seq + (int64_t)tree->count;
        const int64_t parent = sqlite3_column_int64(links, 1); /* 0 for NULL */
        if (sqlite3_column_int64(links, 0) != expected)
        {
            status = corrupt(viewer, expected, "is missing");
        }
        else if (parent >= expected)
        {
            status = corrupt(viewer, expected, "has a parent that is not before it");
        }
        else
        {
            const bool inside = parent >= tree->first_seq;
            status = node_add(viewer, inside ? (uint32_t)(parent - tree->first_seq) : EVENTURE__NODE_NONE);
        }
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(viewer->store, "show cascade");
    sqlite3_reset(links);
    if (status == EVENTURE_OK && (tree->count == 0 || tree->last_seq != tree->first_seq + (int64_t)tree->count - 1))
        status = corrupt(viewer, tree->first_seq + (int64_t)tree->count, "is missing");
    return status;
}

/* Marks the nodes that have children in later ticks. The query reads only an index. */
static eventure_status mark_triggering(eventure__viewer *viewer)
{
    eventure__tree *tree = &viewer->tree;
    sqlite3_stmt *triggering = viewer->triggering;
    int step = SQLITE_OK;
    sqlite3_bind_int64(triggering, 1, tree->first_seq);
    sqlite3_bind_int64(triggering, 2, tree->last_seq);
    sqlite3_bind_int64(triggering, 3, viewer->newest_seq);
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && (step = sqlite3_step(triggering)) == SQLITE_ROW)
    {
        /* A corrupt index can return rows outside the requested range. */
        const int64_t parent = sqlite3_column_int64(triggering, 0);
        if (parent < tree->first_seq || parent > tree->last_seq)
            status = corrupt(viewer, parent, "is not where the index on parents has it");
        else
            tree->nodes[parent - tree->first_seq].triggers = true;
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(viewer->store, "show cascade");
    sqlite3_reset(triggering);
    return status;
}

/* Marks the nodes that match the filter. Its cursor and the ticks are both in append order. */
static eventure_status mark_shown(eventure__viewer *viewer, bool only_first)
{
    eventure__tree *tree = &viewer->tree;
    eventure_event event;
    if (viewer->chosen == NULL)
        return EVENTURE_OK;
    for (size_t i = 0; i < tree->count; i++)
        tree->nodes[i].shown = i == 0 && only_first;
    while (viewer->chosen_seq <= tree->last_seq)
    {
        if (viewer->chosen_seq >= tree->first_seq)
            tree->nodes[viewer->chosen_seq - tree->first_seq].shown = true;
        eventure_status status = eventure_cursor_next(viewer->chosen, &event);
        if (status < 0)
            return status;
        viewer->chosen_seq = status == EVENTURE_ROW ? event.seq : INT64_MAX;
    }
    /* A parent precedes its children, so its own parent is final when the children are processed. */
    for (size_t i = 0; i < tree->count; i++)
    {
        uint32_t parent = tree->nodes[i].parent;
        if (parent != EVENTURE__NODE_NONE && !tree->nodes[parent].shown)
            tree->nodes[i].parent = tree->nodes[parent].parent;
    }
    return EVENTURE_OK;
}

/* Inserts each node before its siblings, from the last node to the first, which gives append order. */
static void link_nodes(eventure__tree *tree, bool only_first)
{
    tree->first_root = EVENTURE__NODE_NONE;
    for (uint32_t i = (uint32_t)tree->count; i-- > 0;)
    {
        eventure__node *node = &tree->nodes[i];
        if (!node->shown)
            continue;
        if (node->parent == EVENTURE__NODE_NONE)
        {
            if (i == 0 || !only_first)
            {
                node->next_sibling = tree->first_root;
                tree->first_root = i;
            }
        }
        else
        {
            node->next_sibling = tree->nodes[node->parent].first_child;
            tree->nodes[node->parent].first_child = i;
        }
    }
}

eventure_status eventure__tree_read(eventure__viewer *viewer, int64_t first_seq, int64_t last_seq, bool only_first)
{
    viewer->tree.first_seq = first_seq;
    viewer->tree.last_seq = last_seq;
    viewer->tree.count = 0;
    eventure_status status = read_links(viewer);
    if (status == EVENTURE_OK)
        status = mark_triggering(viewer);
    if (status == EVENTURE_OK)
        status = mark_shown(viewer, only_first);
    if (status == EVENTURE_OK)
        link_nodes(&viewer->tree, only_first);
    return status;
}

/* Calls the progress callback when it is due. */
static eventure_status report_when_due(eventure__viewer *viewer)
{
    viewer->events_done++;
    if (viewer->options.progress == NULL ||
        (viewer->events_done - viewer->reported_events < EVENTURE__PROGRESS_EVENTS &&
         viewer->output.bytes_written - viewer->reported_bytes < PROGRESS_BYTES))
        return EVENTURE_OK;
    viewer->reported_events = viewer->events_done;
    viewer->reported_bytes = viewer->output.bytes_written;
    return eventure__viewer_report_progress(viewer);
}

/* Counts the events below a node, in the same order as they are printed. */
static int64_t count_below(const eventure__tree *tree, uint32_t node)
{
    int64_t count = 0;
    uint32_t at = node;
    while (true)
    {
        if (tree->nodes[at].first_child != EVENTURE__NODE_NONE)
        {
            at = tree->nodes[at].first_child;
            count++;
            continue;
        }
        while (at != node && tree->nodes[at].next_sibling == EVENTURE__NODE_NONE)
            at = tree->nodes[at].parent;
        if (at == node)
            return count;
        at = tree->nodes[at].next_sibling;
        count++;
    }
}

eventure_status eventure__tree_show(eventure__viewer *viewer)
{
    const eventure__tree *tree = &viewer->tree;
    const int64_t levels = viewer->options.levels;
    eventure_status status = EVENTURE_OK;
    uint32_t at = tree->first_root;
    size_t level = 1;
    while (at != EVENTURE__NODE_NONE && status == EVENTURE_OK)
    {
        status = eventure__event_show(viewer, tree->first_seq + at, level, tree->nodes[at].triggers, tree->last_seq);
        if (status == EVENTURE_OK)
            status = report_when_due(viewer);
        if (tree->nodes[at].first_child != EVENTURE__NODE_NONE && levels > 0 && (uint64_t)levels <= level)
            eventure__event_show_left_out(viewer, count_below(tree, at), level);
        else if (tree->nodes[at].first_child != EVENTURE__NODE_NONE)
        {
            at = tree->nodes[at].first_child;
            level++;
            continue;
        }
        while (at != EVENTURE__NODE_NONE && tree->nodes[at].next_sibling == EVENTURE__NODE_NONE)
        {
            at = tree->nodes[at].parent;
            level--;
        }
        if (at != EVENTURE__NODE_NONE)
            at = tree->nodes[at].next_sibling;
    }
    return status;
}
