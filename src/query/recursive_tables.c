/*
 * The recursive tables of a compiled query: see recursive_tables.h.
 */
#include "query/recursive_tables.h"

#define CHILD_ROW "SELECT child.seq, cascade.depth + 1 FROM cascade "

static void say(eventure__compiled_query *question, const char *fragment)
{
    eventure__question_say(question, fragment);
}

static void bind_text(eventure__compiled_query *question, const char *text)
{
    size_t offset = question->texts.len;
    eventure__buffer_append_text(&question->texts, text);
    eventure__question_bind_text_since(question, offset);
}

/* Ends a recursive SELECT. A row of depth D has children of depth D + 1, which must not exceed max_depth. */
static void say_depth_limit(eventure__compiled_query *question, int64_t max_depth, bool has_limit)
{
    if (!has_limit)
        return;
    say(question, " WHERE cascade.depth < ?");
    eventure__question_bind_int(question, max_depth);
}

/* Invariants: a child has a greater seq than its parent, and no event occurs twice. A corrupt file can break them, and
 * the query must still terminate. The condition with the unary plus repeats the range check for each row, because a
 * corrupt index can return rows outside the requested range. The cascade also passes through archived events, whose
 * effects may be in this store. */
static void say_children_by_seq(eventure__compiled_query *question, const char *table)
{
    say(question, CHILD_ROW "CROSS JOIN ");
    say(question, table);
    say(question, " AS child ON child.parent_seq = cascade.seq AND child.seq > cascade.seq "
                  "AND +child.seq > cascade.seq");
}

/* As each event has one parent, only the first event of a cascade can be reached again, when it descends from itself.
 * The condition on its seq excludes it, so that the query terminates. */
static void say_children_by_id(eventure__compiled_query *question, const char *parents, int64_t root)
{
    say(question, CHILD_ROW "CROSS JOIN ");
    say(question, parents);
    say(question, " AS parent ON parent.seq = cascade.seq CROSS JOIN events AS child "
                  "ON child.parent_id = parent.id AND child.seq <> ?");
    eventure__question_bind_int(question, root);
}

static void say_first(eventure__compiled_query *question, const eventure__cascade_root *root,
                      const eventure_filter *filter)
{
    if (root->is_of_effects)
    {
        say(question, "cascade (seq, depth) AS (SELECT events.seq, 1 FROM events WHERE events.parent_id = ?");
        bind_text(question, filter->cascade_of);
        return;
    }
    say(question, "cascade (seq, depth) AS (SELECT ?, 0");
    eventure__question_bind_int(question, root->seq);
}

void eventure__say_cascade_table(eventure__compiled_query *question, const eventure__cascade_root *root,
                                 const eventure_filter *filter)
{
    const bool has_limit = filter->levels > 0;
    const int64_t max_depth = filter->levels - (root->is_of_effects ? 0 : 1);
    say_first(question, root, filter);
    if (root->is_archived)
    {
        say(question, " UNION ALL ");
        say_children_by_seq(question, "archived_events");
        say_depth_limit(question, max_depth, has_limit);
    }
    if (root->is_archived && root->is_by_id)
    {
        say(question, " UNION ALL ");
        say_children_by_id(question, "archived_events", root->seq);
        say_depth_limit(question, max_depth, has_limit);
    }
    say(question, " UNION ALL ");
    if (root->is_by_id)
        say_children_by_id(question, "events", root->seq);
    else
        say_children_by_seq(question, "events");
    say_depth_limit(question, max_depth, has_limit);
    say(question, " LIMIT ?)");
    eventure__question_bind_int(question, root->max_rows);
}

void eventure__say_ancestors_table(eventure__compiled_query *question, int64_t seq, int64_t levels)
{
    say(question, "ancestors (seq, depth) AS ("
                  "SELECT events.parent_seq, 1 FROM events WHERE events.seq = ? AND events.parent_seq < events.seq "
                  "UNION ALL SELECT events.parent_seq, ancestors.depth + 1 FROM ancestors CROSS JOIN events "
                  "ON events.seq = ancestors.seq WHERE events.parent_seq < events.seq");
    eventure__question_bind_int(question, seq);
    if (levels > 0)
    {
        say(question, " AND ancestors.depth < ?");
        eventure__question_bind_int(question, levels);
    }
    say(question, ")");
}
