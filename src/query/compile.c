/*
 * Compiles a filter to SQL: see compile.h.
 */
#include "query/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/tick.h"
#include "event/json.h"
#include "query/conditions.h"
#include "query/data_source.h"
#include "query/filter_check.h"
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
    eventure__store *store;
    const eventure_filter *filter;
    eventure__compiled_query *query;
    source source;
    eventure__cascade_root cascade;
    int64_t ancestors_seq;
    eventure__type_set types;
    eventure__data_source data;
    eventure__answer answer;
} compilation;

static void emit(compilation *compiler, const char *fragment)
{
    eventure__compiled_query_emit(compiler->query, fragment);
}

static void bind_int(compilation *compiler, int64_t value)
{
    eventure__compiled_query_bind_int(compiler->query, value);
}

/* Binds the text that was appended since `offset`. */
static void bind_text_since(compilation *compiler, size_t offset)
{
    eventure__compiled_query_bind_text_since(compiler->query, offset);
}

static void bind_text(compilation *compiler, eventure__span text)
{
    eventure__compiled_query_bind_text(compiler->query, text);
}

/* --- Ids and types of the filter --- */

/* The first look-up of a reader stays open, so that the query reads the same commit in which the id was found. The
 * connection of a log needs no such transaction. */
static eventure_status resolve_id(compilation *compiler, eventure__span id, int64_t *out_seq)
{
    sqlite3_stmt **id_lookup = &compiler->query->id_lookup;
    *out_seq = 0;
    if (id.at == NULL)
        return EVENTURE_OK;
    if (compiler->store->writable || *id_lookup != NULL)
        return eventure__store_seq_of_id(compiler->store, id, out_seq);
    return eventure__store_open_id(compiler->store, id, out_seq, id_lookup);
}

static bool is_cascade(const compilation *compiler)
{
    return compiler->cascade.seq != 0 || compiler->cascade.is_of_effects;
}

/* The cascade of an id that is not in the store is that of the events which name it as their parent. */
static eventure_status resolve_cascade(compilation *compiler)
{
    const eventure__span id = eventure__text_span(compiler->filter->cascade_of, compiler->filter->cascade_of_len);
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
        status = resolve_id(compiler, eventure__text_span(filter->ancestors_of, filter->ancestors_of_len),
                            &compiler->ancestors_seq);
    return status;
}

/* Binds the types as one JSON array, so that the text of the statement does not depend on their number. */
static void bind_types(compilation *compiler)
{
    eventure__buffer *texts = &compiler->query->texts;
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
    const eventure__type *type = &compiler->types.types.list[i];
    bind_text(compiler, (eventure__span){type->name, type->name_len});
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
    emit(compiler, "WITH RECURSIVE ");
    if (is_cascade(compiler))
        eventure__emit_cascade_table(compiler->query, &compiler->cascade, compiler->filter);
    if (is_cascade(compiler) && compiler->ancestors_seq != 0)
        emit(compiler, ", ");
    if (compiler->ancestors_seq != 0)
        eventure__emit_ancestors_table(compiler->query, compiler->ancestors_seq, compiler->filter->levels);
    emit(compiler, " ");
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
    emit(compiler, column);
    emit(compiler, end->comparison);
    if (has_both)
        emit(compiler, end->narrower);
    if (end->has_seq)
    {
        emit(compiler, has_both ? "(?, " : "?");
        bind_int(compiler, compiler->filter->after_seq);
    }
    if (end->has_tick)
    {
        emit(compiler, end->of_tick);
        bind_int(compiler, end->tick);
    }
    if (has_both)
        emit(compiler, ")");
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
        emit(compiler, is_closed ? " AND likelihood(" : " AND ");
        emit_range_end(compiler, column, &begin);
        emit(compiler, is_closed ? ", 0.9)" : "");
    }
    if (ends_early(filter))
    {
        emit(compiler, is_closed ? " AND likelihood(" : " AND ");
        emit_range_end(compiler, column, &end);
        emit(compiler, is_closed ? ", 0.9)" : "");
    }
}

/* Binds the value in the form that the index contains. */
static void bind_indexed_value(compilation *compiler)
{
    eventure__compiled_query *query = compiler->query;
    eventure__buffer compact = {0};
    bool is_digest = false;
    size_t offset = query->texts.len;
    /* emit_data reports an invalid value. */
    if (eventure__field_compact(compiler->data.field, EVENTURE__JSON_MAX_DEPTH, &compact, NULL) == EVENTURE_OK)
        eventure__data_value_append((eventure__span){compact.bytes, compact.len}, &query->texts, &is_digest);
    bind_text_since(compiler, offset);
    if (is_digest && !query->failed)
        query->params[query->params_count - 1].kind = EVENTURE__PARAMETER_BLOB;
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
    emit(compiler, " FROM (SELECT data_value.seq AS seq FROM data_value WHERE data_value.index_id = ? "
                   "AND data_value.value = ?");
    bind_int(compiler, compiler->data.index_id);
    bind_indexed_value(compiler);
    emit_range_of(compiler, "data_value.seq");
    emit(compiler, " UNION ALL SELECT events.seq FROM events "
                   "WHERE events.seq > coalesce((SELECT data_index.upto FROM data_index WHERE data_index.id = ?), 0)");
    bind_int(compiler, compiler->data.index_id);
    emit_range_of(compiler, "events.seq");
    emit(compiler, descends ? " ORDER BY 1 DESC" : " ORDER BY 1");
    emit(compiler, " LIMIT -1) AS hit CROSS JOIN events ON events.seq = hit.seq");
}

/* Reads the seqs of each type from the index, which contains them in order, and merges them. `LIMIT -1` limits nothing,
 * but without it SQLite drops the ORDER BY of the subquery. */
static void emit_some_types_source(compilation *compiler)
{
    for (size_t i = 0; i < compiler->types.types.count; i++)
    {
        emit(compiler, i == 0 ? " FROM (" : " UNION ALL ");
        emit(compiler, "SELECT events.seq AS seq FROM events WHERE " TYPE_IS);
        bind_type(compiler, i);
        emit_range_of(compiler, "events.seq");
    }
    emit(compiler, finds_backwards(compiler) ? " ORDER BY 1 DESC" : " ORDER BY 1");
    emit(compiler, " LIMIT -1) AS hit CROSS JOIN events ON events.seq = hit.seq");
}

static void emit_from(compilation *compiler)
{
    switch (compiler->source)
    {
    case SOURCE_CASCADE:
        emit(compiler, " FROM cascade CROSS JOIN events ON events.seq = cascade.seq");
        break;
    case SOURCE_ANCESTORS:
        emit(compiler, " FROM ancestors CROSS JOIN events ON events.seq = ancestors.seq");
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
        emit(compiler, " FROM events");
        break;
    }
    emit(compiler, " WHERE 1");
}

/* The unary plus prevents the use of the index on types when another access path was chosen. */
static void emit_types(compilation *compiler)
{
    size_t count = compiler->types.types.count;
    if (compiler->types.all || compiler->source == SOURCE_SOME_TYPES)
        return;
    if (count == 0)
        emit(compiler, " AND 0");
    else if (count == 1)
    {
        emit(compiler, compiler->source == SOURCE_ONE_TYPE ? " AND " TYPE_IS : " AND +events.type = ?");
        bind_type(compiler, 0);
    }
    else
    {
        emit(compiler, " AND +events.type IN (SELECT value FROM json_each(?))");
        bind_types(compiler);
    }
}

static void emit_relations(compilation *compiler)
{
    const eventure_filter *filter = compiler->filter;
    if (filter->children_of != NULL)
    {
        emit(compiler, compiler->source == SOURCE_CHILDREN ? " AND " PARENT_IS : " AND +events.parent_id = ?");
        bind_text(compiler, eventure__text_span(filter->children_of, filter->children_of_len));
    }
    if (compiler->source == SOURCE_CASCADE && compiler->ancestors_seq != 0)
        emit(compiler, " AND events.seq IN (SELECT ancestors.seq FROM ancestors)");
    if (filter->roots)
        emit(compiler, " AND (+events.parent_seq IS NULL OR +events.parent_seq < "
                       "(SELECT tick.first_seq FROM tick WHERE tick.tick = events.tick))");
}

/* On the connection of a log, events that are appended during the query are excluded. The unary plus keeps the
 * condition from becoming a second bound of the range. */
static void emit_end(compilation *compiler)
{
    if (!compiler->store->writable)
        return;
    emit(compiler, begins_late(compiler->filter) || ends_early(compiler->filter) ? " AND +" : " AND ");
    emit(compiler, "events.seq <= (SELECT max(events.seq) FROM events)");
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
        emit(compiler, keys[i]);
        emit(compiler, direction);
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
            emit(compiler, " ORDER BY row_number() OVER () DESC");
        return EVENTURE_OK;
    }
    if (order != EVENTURE_ORDER_APPEND && compiler->source == SOURCE_ANCESTORS)
    {
        if (compiler->filter->reverse)
            emit(compiler, " ORDER BY ancestors.depth DESC");
        return EVENTURE_OK;
    }
    if (compiler->source == SOURCE_DATA ||
        compiler->source == SOURCE_SOME_TYPES) /* the index returns the rows in the order of seq */
        return EVENTURE_OK;
    emit(compiler, " ORDER BY events.seq");
    emit(compiler, direction);
    return EVENTURE_OK;
}

/* Counts are of a list of events, so that a limit counts too. */
static void emit_select(compilation *compiler)
{
    switch (compiler->answer)
    {
    case EVENTURE__ANSWER_EVENTS:
        emit(compiler, "SELECT " EVENTURE__FIRST_COLUMNS);
        emit(compiler, compiler->filter->without_data ? "'', " : "events.data, ");
        emit(compiler, compiler->filter->without_ids ? "'', " : "events.id, ");
        emit(compiler, compiler->filter->without_parent_ids ? "events.parent_seq, NULL, "
                                                            : "events.parent_seq, events.parent_id, ");
        emit(compiler, depth_of(compiler));
        break;
    case EVENTURE__ANSWER_COUNT:
        emit(compiler, "SELECT count(*) FROM (SELECT events.seq");
        break;
    case EVENTURE__ANSWER_BY_TYPE:
        emit(compiler, "SELECT type, tick, count(*), min(seq) FROM "
                       "(SELECT events.seq AS seq, events.tick AS tick, events.type AS type");
        break;
    case EVENTURE__ANSWER_BY_TICK:
        emit(compiler, "SELECT NULL, tick, count(*) FROM (SELECT events.seq, events.tick AS tick");
        break;
    }
}

static void emit_groups(compilation *compiler)
{
    if (compiler->answer == EVENTURE__ANSWER_COUNT)
        emit(compiler, ")");
    else if (compiler->answer == EVENTURE__ANSWER_BY_TYPE)
        emit(compiler, ") GROUP BY type ORDER BY min(seq)");
    else if (compiler->answer == EVENTURE__ANSWER_BY_TICK)
        emit(compiler, ") GROUP BY tick ORDER BY tick");
}

static eventure_status emit_all(compilation *compiler)
{
    bool has_limit = compiler->filter->limit > 0;
    emit_tables(compiler);
    emit_select(compiler);
    emit_from(compiler);
    emit_types(compiler);
    emit_relations(compiler);
    emit_ticks(compiler);
    emit_end(compiler);
    eventure_status status = eventure__emit_conditions(compiler->query, compiler->store, compiler->filter);
    /* The order decides which events are within the limit, so that groups need it then. */
    bool needs_order =
        compiler->answer == EVENTURE__ANSWER_EVENTS || (compiler->answer != EVENTURE__ANSWER_COUNT && has_limit);
    if (status == EVENTURE_OK && needs_order)
        status = emit_order(compiler);
    if (has_limit)
    {
        emit(compiler, " LIMIT ?");
        bind_int(compiler, compiler->filter->limit);
    }
    emit_groups(compiler);
    return status;
}

eventure_status eventure__compile(eventure__store *store, const eventure_filter *filter, eventure__answer answer,
                                  eventure__compiled_query *query)
{
    compilation compiler = {.store = store, .filter = filter, .query = query, .answer = answer};
    eventure_status status = eventure__filter_check(store, filter);
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
    if (status == EVENTURE_OK && (query->failed || query->texts.failed || eventure__buffer_text(&query->sql) == NULL))
        status = eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "query: out of memory");
    return status;
}
