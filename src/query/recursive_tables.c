/*
 * The recursive tables of a compiled query: see recursive_tables.h.
 */
#include "query/recursive_tables.h"

#define CHILD_ROW "SELECT child.seq, cascade.depth + 1 FROM cascade "

static void emit(eventure__compiled_query *query, const char *fragment)
{
    eventure__compiled_query_emit(query, fragment);
}

/* Ends a recursive SELECT. A row of depth D has children of depth D + 1, which must not exceed max_depth. */
static void emit_depth_limit(eventure__compiled_query *query, int64_t max_depth, bool has_limit)
{
    if (!has_limit)
        return;
    emit(query, " WHERE cascade.depth < ?");
    eventure__compiled_query_bind_int(query, max_depth);
}

/* Invariants: a child has a greater seq than its parent, and no event occurs twice. A corrupt file can break them, and
 * the query must still terminate. The condition with the unary plus repeats the range check for each row, because a
 * corrupt index can return rows outside the requested range. The cascade also passes through archived events, whose
 * effects may be in this store. */
static void emit_children_by_seq(eventure__compiled_query *query, const char *table)
{
    emit(query, CHILD_ROW "CROSS JOIN ");
    emit(query, table);
    emit(query, " AS child ON child.parent_seq = cascade.seq AND child.seq > cascade.seq "
                "AND +child.seq > cascade.seq");
}

/* As each event has one parent, only the first event of a cascade can be reached again, when it descends from itself.
 * The condition on its seq excludes it, so that the query terminates. */
static void emit_children_by_id(eventure__compiled_query *query, const char *parents, int64_t root)
{
    emit(query, CHILD_ROW "CROSS JOIN ");
    emit(query, parents);
    emit(query, " AS parent ON parent.seq = cascade.seq CROSS JOIN events AS child "
                "ON child.parent_id = parent.id AND child.seq <> ?");
    eventure__compiled_query_bind_int(query, root);
}

static void emit_first(eventure__compiled_query *query, const eventure__cascade_root *root,
                       const eventure_filter *filter)
{
    if (root->is_of_effects)
    {
        emit(query, "cascade (seq, depth) AS (SELECT events.seq, 1 FROM events WHERE events.parent_id = ?");
        eventure__compiled_query_bind_text(query, eventure__text_span(filter->cascade_of, filter->cascade_of_len));
        return;
    }
    emit(query, "cascade (seq, depth) AS (SELECT ?, 0");
    eventure__compiled_query_bind_int(query, root->seq);
}

void eventure__emit_cascade_table(eventure__compiled_query *query, const eventure__cascade_root *root,
                                  const eventure_filter *filter)
{
    const bool has_limit = filter->levels > 0;
    const int64_t max_depth = filter->levels - (root->is_of_effects ? 0 : 1);
    emit_first(query, root, filter);
    if (root->is_archived)
    {
        emit(query, " UNION ALL ");
        emit_children_by_seq(query, "archived_events");
        emit_depth_limit(query, max_depth, has_limit);
    }
    if (root->is_archived && root->is_by_id)
    {
        emit(query, " UNION ALL ");
        emit_children_by_id(query, "archived_events", root->seq);
        emit_depth_limit(query, max_depth, has_limit);
    }
    emit(query, " UNION ALL ");
    if (root->is_by_id)
        emit_children_by_id(query, "events", root->seq);
    else
        emit_children_by_seq(query, "events");
    emit_depth_limit(query, max_depth, has_limit);
    emit(query, " LIMIT ?)");
    eventure__compiled_query_bind_int(query, root->max_rows);
}

void eventure__emit_ancestors_table(eventure__compiled_query *query, int64_t seq, int64_t levels)
{
    emit(query, "ancestors (seq, depth) AS ("
                "SELECT events.parent_seq, 1 FROM events WHERE events.seq = ? AND events.parent_seq < events.seq "
                "UNION ALL SELECT events.parent_seq, ancestors.depth + 1 FROM ancestors CROSS JOIN events "
                "ON events.seq = ancestors.seq WHERE events.parent_seq < events.seq");
    eventure__compiled_query_bind_int(query, seq);
    if (levels > 0)
    {
        emit(query, " AND ancestors.depth < ?");
        eventure__compiled_query_bind_int(query, levels);
    }
    emit(query, ")");
}
