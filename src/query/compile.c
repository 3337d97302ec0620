/*
 * Compiles a filter to SQL: see compile.h.
 */
#include "query/compile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/tick.h"
#include "event/json.h"
#include "query/conditions.h"
#include "query/data_source.h"
#include "query/late_causes.h"
#include "query/query_functions.h"
#include "query/recursive_tables.h"
#include "query/row.h"
#include "query/type_set.h"
#include "store/archived.h"
#include "store/data_index.h"
#include "store/size.h"

/* Maximum number of types that are merged from the index on types. A filter that matches more types scans all events.
 */
#define MERGED_TYPES 64

/* The likelihood keeps SQLite from avoiding the index because of statistics about the most frequent type or about
 * events without a parent. */
#define TYPE_IS "likelihood(events.type = ?, 0.05)"
#define PARENT_IS "likelihood(events.parent_id = ?, 0.05)"

/* The access path of a query. */
typedef enum source
{
    SOURCE_CASCADE,
    SOURCE_ANCESTORS,
    SOURCE_CHILDREN,
    SOURCE_DATA,
    SOURCE_ONE_TYPE,
    SOURCE_SOME_TYPES,
    SOURCE_SCAN
} source;

typedef struct compilation
{
    eventure_reader *store;
    const eventure_filter *filter;
    eventure__compiled_query *question;
    source source;
    eventure__cascade_root cascade;
    int64_t ancestors_seq;
    eventure__type_set types;
    eventure__data_source data;
    eventure__answer answer;
} compilation;

static void say(compilation *compiler, const char *fragment)
{
    eventure__question_say(compiler->question, fragment);
}

static void bind_int(compilation *compiler, int64_t value)
{
    eventure__question_bind_int(compiler->question, value);
}

/* Binds the text that was appended since `offset`. */
static void bind_text_since(compilation *compiler, size_t offset)
{
    eventure__question_bind_text_since(compiler->question, offset);
}

static void bind_text(compilation *compiler, const char *text)
{
    size_t offset = compiler->question->texts.len;
    eventure__buffer_append_text(&compiler->question->texts, text);
    bind_text_since(compiler, offset);
}

/* --- Ids and types of the filter --- */

/* The first look-up of a reader stays open, so that the query reads the same commit in which the id was found. The
 * connection of a log needs no such transaction. */
static eventure_status resolve_id(compilation *compiler, const char *id, int64_t *out_seq)
{
    sqlite3_stmt **anchor = &compiler->question->anchor;
    *out_seq = 0;
    if (id == NULL)
        return EVENTURE_OK;
    if (compiler->store->writable || *anchor != NULL)
        return eventure__store_seq_of_id(compiler->store, id, out_seq);
    return eventure__store_open_id(compiler->store, id, out_seq, anchor);
}

static bool is_cascade(const compilation *compiler)
{
    return compiler->cascade.seq != 0 || compiler->cascade.is_of_effects;
}

/* The cascade of an id that is not in the store is that of the events which name it as their parent. */
static eventure_status resolve_cascade(compilation *compiler)
{
    const char *id = compiler->filter->cascade_of;
    eventure_status status = resolve_id(compiler, id, &compiler->cascade.seq);
    compiler->cascade.is_by_id = status == EVENTURE_ERROR_NOT_FOUND;
    if (compiler->cascade.is_by_id)
        return eventure__late_find_effects(compiler->store, id, &compiler->cascade.is_of_effects);
    if (status == EVENTURE_OK && compiler->cascade.seq != 0)
        status = eventure__late_causes_exist(compiler->store, &compiler->cascade.is_by_id);
    return status;
}

static eventure_status resolve_ids(compilation *compiler)
{
    const eventure_filter *filter = compiler->filter;
    eventure__cut cut = {0, 0};
    eventure_status status = resolve_cascade(compiler);
    if (status == EVENTURE_OK && is_cascade(compiler))
        status = eventure__store_most_rows(compiler->store, &compiler->cascade.max_rows);
    if (status == EVENTURE_OK && compiler->cascade.seq != 0)
        status = eventure__store_cut(compiler->store, &cut);
    compiler->cascade.is_archived = compiler->cascade.seq <= cut.last_seq;
    if (status == EVENTURE_OK)
        status = resolve_id(compiler, filter->ancestors_of, &compiler->ancestors_seq);
    return status;
}

/* Binds the types as one JSON array, so that the text of the statement does not depend on their number. */
static void bind_types(compilation *compiler)
{
    eventure__buffer *texts = &compiler->question->texts;
    const eventure__types *types = &compiler->types.types;
    size_t offset = texts->len;
    eventure__buffer_append_char(texts, '[');
    for (size_t i = 0; i < types->count; i++)
    {
        if (i > 0)
            eventure__buffer_append_char(texts, ',');
        eventure__json_append_string(texts, types->list[i].name, types->list[i].name_len);
    }
    eventure__buffer_append_char(texts, ']');
    bind_text_since(compiler, offset);
}

static void bind_type(compilation *compiler, size_t i)
{
    bind_text(compiler, compiler->types.types.list[i].name);
}

/* --- The statement, part by part --- */

static source choose_source(const compilation *compiler)
{
    if (is_cascade(compiler))
        return SOURCE_CASCADE;
    if (compiler->ancestors_seq != 0)
        return SOURCE_ANCESTORS;
    if (compiler->filter->children_of != NULL)
        return SOURCE_CHILDREN;
    if (compiler->data.index_id != 0)
        return SOURCE_DATA;
    size_t types = compiler->types.types.count;
    if (types == 1)
        return SOURCE_ONE_TYPE;
    return types >= 2 && types <= MERGED_TYPES ? SOURCE_SOME_TYPES : SOURCE_SCAN;
}

static void emit_tables(compilation *compiler)
{
    if (!is_cascade(compiler) && compiler->ancestors_seq == 0)
        return;
    say(compiler, "WITH RECURSIVE ");
    if (is_cascade(compiler))
        eventure__say_cascade_table(compiler->question, &compiler->cascade, compiler->filter);
    if (is_cascade(compiler) && compiler->ancestors_seq != 0)
        say(compiler, ", ");
    if (compiler->ancestors_seq != 0)
        eventure__say_ancestors_table(compiler->question, compiler->ancestors_seq, compiler->filter->levels);
    say(compiler, " ");
}

static const char *depth_of(const compilation *compiler)
{
    return compiler->source == SOURCE_CASCADE     ? "cascade.depth"
           : compiler->source == SOURCE_ANCESTORS ? "ancestors.depth"
                                                  : "0";
}

/* One end of the range of seqs that a filter selects. */
typedef struct range_end
{
    const char *comparison;
    const char *narrower; /* the SQL function that selects the narrower of two ends */
    const char *of_tick;
    bool has_tick;
    int64_t tick;
    bool has_seq;
} range_end;

/* SQLite uses one bound of each kind for an index range and checks further bounds for each row. Therefore all bounds of
 * a kind are combined into one. */
static void emit_range_end(compilation *compiler, const char *column, const range_end *end)
{
    bool has_both = end->has_tick && end->has_seq;
    say(compiler, column);
    say(compiler, end->comparison);
    if (has_both)
        say(compiler, end->narrower);
    if (end->has_seq)
    {
        say(compiler, has_both ? "(?, " : "?");
        bind_int(compiler, compiler->filter->after_seq);
    }
    if (end->has_tick)
    {
        say(compiler, end->of_tick);
        bind_int(compiler, end->tick);
    }
    if (has_both)
        say(compiler, ")");
}

static bool begins_late(const eventure_filter *filter)
{
    return filter->tick_min > 0 || (filter->after_seq != 0 && !filter->reverse);
}

static bool ends_early(const eventure_filter *filter)
{
    return filter->tick_end > 0 || (filter->after_seq != 0 && filter->reverse);
}

/* Emits the range of seqs that the filter's ticks and after_seq select. Each bound has a likelihood, because statistics
 * of a small store can make SQLite ignore the second bound. */
static void emit_range_of(compilation *compiler, const char *column)
{
    const eventure_filter *filter = compiler->filter;
    const range_end begin = {
        .comparison = " > ",
        .narrower = "max",
        .of_tick = "(SELECT tick.first_seq - 1 FROM tick WHERE tick.tick >= ? ORDER BY tick.tick LIMIT 1)",
        .has_tick = filter->tick_min > 0,
        .tick = filter->tick_min,
        .has_seq = filter->after_seq != 0 && !filter->reverse,
    };
    const range_end end = {
        .comparison = " < ",
        .narrower = "min",
        .of_tick = "(SELECT tick.last_seq + 1 FROM tick WHERE tick.tick <= ? ORDER BY tick.tick DESC LIMIT 1)",
        .has_tick = filter->tick_end > 0,
        .tick = eventure__tick_last(filter->tick_end),
        .has_seq = filter->after_seq != 0 && filter->reverse,
    };
    bool is_closed = begins_late(filter) && ends_early(filter);
    if (begins_late(filter))
    {
        say(compiler, is_closed ? " AND likelihood(" : " AND ");
        emit_range_end(compiler, column, &begin);
        say(compiler, is_closed ? ", 0.9)" : "");
    }
    if (ends_early(filter))
    {
        say(compiler, is_closed ? " AND likelihood(" : " AND ");
        emit_range_end(compiler, column, &end);
        say(compiler, is_closed ? ", 0.9)" : "");
    }
}

/* Binds the value in the form that the index contains. */
static void bind_indexed_value(compilation *compiler)
{
    eventure__compiled_query *question = compiler->question;
    eventure__buffer compact = {0};
    bool is_digest = false;
    size_t offset = question->texts.len;
    /* emit_data reports an invalid value. */
    if (eventure__field_compact(compiler->data.field, EVENTURE__JSON_MAX_DEPTH, &compact, NULL) == EVENTURE_OK)
        eventure__data_value_append((eventure__span){compact.bytes, compact.len}, &question->texts, &is_digest);
    bind_text_since(compiler, offset);
    if (is_digest && !question->failed)
        question->bound[question->bound_count - 1].kind = EVENTURE__PARAMETER_BLOB;
    eventure__buffer_free(&compact);
}

/* Returns whether the access path returns the rows in reverse order. Rows in the order of ids are sorted afterwards. */
static bool finds_backwards(const compilation *compiler)
{
    return compiler->filter->reverse && compiler->filter->order != EVENTURE_ORDER_ID;
}

/* Emits the rows of the index, followed by the events that are not indexed yet, both ordered by seq and merged while
 * they are read. The LIMIT without effect keeps SQLite from dropping the order. An index that was dropped in the
 * meantime has no rows, and all events are scanned. */
static void emit_data_source(compilation *compiler)
{
    bool descends = finds_backwards(compiler);
    say(compiler, " FROM (SELECT data_value.seq AS seq FROM data_value WHERE data_value.index_id = ? "
                  "AND data_value.value = ?");
    bind_int(compiler, compiler->data.index_id);
    bind_indexed_value(compiler);
    emit_range_of(compiler, "data_value.seq");
    say(compiler, " UNION ALL SELECT events.seq FROM events "
                  "WHERE events.seq > coalesce((SELECT data_index.upto FROM data_index WHERE data_index.id = ?), 0)");
    bind_int(compiler, compiler->data.index_id);
    emit_range_of(compiler, "events.seq");
    say(compiler, descends ? " ORDER BY 1 DESC" : " ORDER BY 1");
    say(compiler, " LIMIT -1) AS hit CROSS JOIN events ON events.seq = hit.seq");
}

/* The index contains the events of each type ordered by seq; they are merged while they are read. The LIMIT without
 * effect keeps SQLite from dropping the order. */
static void emit_some_types_source(compilation *compiler)
{
    for (size_t i = 0; i < compiler->types.types.count; i++)
    {
        say(compiler, i == 0 ? " FROM (" : " UNION ALL ");
        say(compiler, "SELECT events.seq AS seq FROM events WHERE " TYPE_IS);
        bind_type(compiler, i);
        emit_range_of(compiler, "events.seq");
    }
    say(compiler, finds_backwards(compiler) ? " ORDER BY 1 DESC" : " ORDER BY 1");
    say(compiler, " LIMIT -1) AS hit CROSS JOIN events ON events.seq = hit.seq");
}

static void emit_from(compilation *compiler)
{
    switch (compiler->source)
    {
    case SOURCE_CASCADE:
        say(compiler, " FROM cascade CROSS JOIN events ON events.seq = cascade.seq");
        break;
    case SOURCE_ANCESTORS:
        say(compiler, " FROM ancestors CROSS JOIN events ON events.seq = ancestors.seq");
        break;
    case SOURCE_SOME_TYPES:
        emit_some_types_source(compiler);
        break;
    case SOURCE_DATA:
        emit_data_source(compiler);
        break;
    case SOURCE_ONE_TYPE:
    case SOURCE_CHILDREN:
    case SOURCE_SCAN:
        say(compiler, " FROM events");
        break;
    }
    say(compiler, " WHERE 1");
}

/* The unary plus prevents the use of the index on types when another access path was chosen. */
static void emit_types(compilation *compiler)
{
    size_t count = compiler->types.types.count;
    if (compiler->types.all || compiler->source == SOURCE_SOME_TYPES)
        return;
    if (count == 0)
        say(compiler, " AND 0");
    else if (count == 1)
    {
        say(compiler, compiler->source == SOURCE_ONE_TYPE ? " AND " TYPE_IS : " AND +events.type = ?");
        bind_type(compiler, 0);
    }
    else
    {
        say(compiler, " AND +events.type IN (SELECT value FROM json_each(?))");
        bind_types(compiler);
    }
}

static void emit_relations(compilation *compiler)
{
    if (compiler->filter->children_of != NULL)
    {
        say(compiler, compiler->source == SOURCE_CHILDREN ? " AND " PARENT_IS : " AND +events.parent_id = ?");
        bind_text(compiler, compiler->filter->children_of);
    }
    if (compiler->source == SOURCE_CASCADE && compiler->ancestors_seq != 0)
        say(compiler, " AND events.seq IN (SELECT ancestors.seq FROM ancestors)");
    if (compiler->filter->roots)
        say(compiler, " AND (+events.parent_seq IS NULL OR +events.parent_seq < "
                      "(SELECT tick.first_seq FROM tick WHERE tick.tick = events.tick))");
}

/* On the connection of a log, events that are appended during the query are excluded. The unary plus keeps the
 * condition from becoming a second bound of the range. */
static void emit_end(compilation *compiler)
{
    if (!compiler->store->writable)
        return;
    say(compiler, begins_late(compiler->filter) || ends_early(compiler->filter) ? " AND +" : " AND ");
    say(compiler, "events.seq <= (SELECT max(events.seq) FROM events)");
}

/* Translates the range of ticks to a range of seqs with the table `tick`. */
static void emit_ticks(compilation *compiler)
{
    if (compiler->source != SOURCE_SOME_TYPES)
        emit_range_of(compiler, "events.seq");
}

/* An explicit id is ordered by the HASH of its type, before the derived ids. */
static eventure_status emit_id_order(compilation *compiler, const char *direction)
{
    static const char *const keys[] = {" ORDER BY events.tick", ", " EVENTURE__ID_HASH "(events.id, events.type)",
                                       ", " EVENTURE__ID_N "(events.id)", ", events.seq"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    {
        say(compiler, keys[i]);
        say(compiler, direction);
    }
    return eventure__query_functions_add(compiler->store);
}

static eventure_status emit_order(compilation *compiler)
{
    eventure_order order = compiler->filter->order;
    const char *direction = compiler->filter->reverse ? " DESC" : "";
    if (order == EVENTURE_ORDER_ID)
        return emit_id_order(compiler, direction);
    if (order != EVENTURE_ORDER_APPEND && compiler->source == SOURCE_CASCADE)
    {
        /* The recursive table returns its rows breadth-first, as a queue; `position` numbers them. */
        if (compiler->filter->reverse)
            say(compiler, " ORDER BY row_number() OVER () DESC");
        return EVENTURE_OK;
    }
    if (order != EVENTURE_ORDER_APPEND && compiler->source == SOURCE_ANCESTORS)
    {
        if (compiler->filter->reverse)
            say(compiler, " ORDER BY ancestors.depth DESC");
        return EVENTURE_OK;
    }
    if (compiler->source == SOURCE_DATA ||
        compiler->source == SOURCE_SOME_TYPES) /* the index returns the rows in the order of seq */
        return EVENTURE_OK;
    say(compiler, " ORDER BY events.seq");
    say(compiler, direction);
    return EVENTURE_OK;
}

/* Counts are of a list of events, so that a limit counts too. */
static void say_select(compilation *compiler)
{
    switch (compiler->answer)
    {
    case EVENTURE__ANSWER_EVENTS:
        say(compiler, "SELECT " EVENTURE__FIRST_COLUMNS);
        say(compiler, compiler->filter->without_data ? "'', " : "events.data, ");
        say(compiler, compiler->filter->without_ids ? "'', " : "events.id, ");
        say(compiler, compiler->filter->without_parent_ids ? "events.parent_seq, NULL, "
                                                           : "events.parent_seq, events.parent_id, ");
        say(compiler, depth_of(compiler));
        break;
    case EVENTURE__ANSWER_COUNT:
        say(compiler, "SELECT count(*) FROM (SELECT events.seq");
        break;
    case EVENTURE__ANSWER_BY_TYPE:
        say(compiler, "SELECT type, tick, count(*), min(seq) FROM "
                      "(SELECT events.seq AS seq, events.tick AS tick, events.type AS type");
        break;
    case EVENTURE__ANSWER_BY_TICK:
        say(compiler, "SELECT NULL, tick, count(*) FROM (SELECT events.seq, events.tick AS tick");
        break;
    }
}

static void say_groups(compilation *compiler)
{
    if (compiler->answer == EVENTURE__ANSWER_COUNT)
        say(compiler, ")");
    else if (compiler->answer == EVENTURE__ANSWER_BY_TYPE)
        say(compiler, ") GROUP BY type ORDER BY min(seq)");
    else if (compiler->answer == EVENTURE__ANSWER_BY_TICK)
        say(compiler, ") GROUP BY tick ORDER BY tick");
}

static eventure_status emit_all(compilation *compiler)
{
    bool has_limit = compiler->filter->limit > 0;
    emit_tables(compiler);
    say_select(compiler);
    emit_from(compiler);
    emit_types(compiler);
    emit_relations(compiler);
    emit_ticks(compiler);
    emit_end(compiler);
    eventure_status status = eventure__say_conditions(compiler->question, compiler->store, compiler->filter);
    /* The order decides which events are within the limit, so that groups need it then. */
    bool needs_order =
        compiler->answer == EVENTURE__ANSWER_EVENTS || (compiler->answer != EVENTURE__ANSWER_COUNT && has_limit);
    if (status == EVENTURE_OK && needs_order)
        status = emit_order(compiler);
    if (has_limit)
    {
        say(compiler, " LIMIT ?");
        bind_int(compiler, compiler->filter->limit);
    }
    say_groups(compiler);
    return status;
}

static eventure_status check_filter(eventure_reader *store, const eventure_filter *filter)
{
    const char *wrong = NULL;
    if (filter->tick_min < 0 || filter->tick_end < 0)
        wrong = "a tick is negative";
    else if (filter->limit < 0 || filter->levels < 0)
        wrong = filter->limit < 0 ? "the limit is negative" : "the number of levels is negative";
    else if (filter->after_seq < 0)
        wrong = "after_seq is negative";
    else if ((int)filter->order < 0 || filter->order > EVENTURE_ORDER_ID)
        wrong = "there is no such order";
    else if (filter->order == EVENTURE_ORDER_BREADTH_FIRST && filter->cascade_of == NULL)
        wrong = "breadth-first is an order of cascades only";
    else if ((filter->types_count > 0 && filter->types == NULL) || (filter->data_count > 0 && filter->data == NULL) ||
             (filter->conditions_count > 0 && filter->conditions == NULL))
        wrong = "a list is NULL, but its count is not 0";
    else if ((filter->timestamp_min != NULL && isnan(*filter->timestamp_min)) ||
             (filter->timestamp_max != NULL && isnan(*filter->timestamp_max)))
        wrong = "a timestamp is not a number";
    if (wrong != NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: %s", wrong);
    return EVENTURE_OK;
}

eventure_status eventure__compile(eventure_reader *store, const eventure_filter *filter, eventure__answer answer,
                                  eventure__compiled_query *question)
{
    compilation compiler = {.store = store, .filter = filter, .question = question, .answer = answer};
    eventure_status status = check_filter(store, filter);
    if (status == EVENTURE_OK)
        status = resolve_ids(&compiler);
    if (status == EVENTURE_OK)
        status = eventure__filter_types(store, filter, &compiler.types);
    if (status == EVENTURE_OK && filter->data_count > 0)
    {
        status = eventure__data_source_find(store, filter, &compiler.types, &compiler.data);
    }
    if (status == EVENTURE_OK)
    {
        compiler.source = choose_source(&compiler);
        status = emit_all(&compiler);
    }
    eventure__type_set_free(&compiler.types);
    if (status == EVENTURE_OK &&
        (question->failed || question->texts.failed || eventure__buffer_text(&question->sql) == NULL))
        status = eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "query: out of memory");
    return status;
}
