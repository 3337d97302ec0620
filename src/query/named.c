/*
 * The named queries. Each is a filter with one or two members set.
 */

#include <eventure/query.h>

#include "base/error.h"
#include "base/tick.h"
#include "query/row.h"
#include "store/archived.h"
#include "store/store.h"

eventure_status eventure_query_by_type(eventure_reader *reader, const char *pattern, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.types = &pattern; /* not .type, because a NULL type matches any type */
    filter.types_count = 1;
    return eventure_query(reader, &filter, out_cursor);
}

eventure_status eventure_query_by_data(eventure_reader *reader, eventure_field member, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    return eventure_query(reader, &filter, out_cursor);
}

eventure_status eventure_query_at_tick(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = tick;
    filter.tick_end = eventure__tick_end(tick);
    return eventure_query(reader, &filter, out_cursor);
}

eventure_status eventure_query_until_tick(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_end = eventure__tick_end(tick);
    return eventure_query(reader, &filter, out_cursor);
}

eventure_status eventure_query_roots(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.roots = true;
    if (tick != -1)
    {
        filter.tick_min = tick;
        filter.tick_end = eventure__tick_end(tick);
    }
    return eventure_query(reader, &filter, out_cursor);
}

/* Queries about one event require its id. `function` is the public one, for the text of an error. */
static eventure_status ask_about(const char *function, eventure_reader *reader, const char *id,
                                 const eventure_filter *filter, eventure_cursor **out_cursor)
{
    if (out_cursor != NULL)
        *out_cursor = NULL;
    if (reader == NULL || id == NULL)
        return eventure__fail_argument(function);
    return eventure_query(reader, filter, out_cursor);
}

eventure_status eventure_query_children(eventure_reader *reader, const char *id, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.children_of = id;
    return ask_about(__func__, reader, id, &filter, out_cursor);
}

eventure_status eventure_query_ancestors(eventure_reader *reader, const char *id, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.ancestors_of = id;
    return ask_about(__func__, reader, id, &filter, out_cursor);
}

eventure_status eventure_query_cascade(eventure_reader *reader, const char *id, eventure_order order,
                                       eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = id;
    filter.order = order;
    return ask_about(__func__, reader, id, &filter, out_cursor);
}

/* Reads and copies the event with the given seq. */
static eventure_status copy_event(eventure_reader *reader, int64_t seq, eventure_event **out_event)
{
    static const char sql[] = "SELECT " EVENTURE__EVENT_COLUMNS " FROM events WHERE events.seq = ?1";
    sqlite3_stmt *statement = NULL;
    eventure_event event;
    eventure_status status = eventure__store_prepare(reader, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, seq);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        status = eventure__row_read(reader, statement, &event);
    else
        status = step == SQLITE_DONE ? eventure__store_fail_archived(reader, seq)
                                     : eventure__store_fail(reader, "read an event");
    if (status == EVENTURE_OK && eventure_event_copy(&event, out_event) != EVENTURE_OK)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "read an event: out of memory");
    eventure__store_release(reader, statement);
    return status;
}

eventure_status eventure_query_find_seq(eventure_reader *reader, int64_t seq, eventure_event **out_event)
{
    eventure__cut cut;
    int64_t last_seq = 0;
    if (out_event == NULL)
        return eventure__fail_argument(__func__);
    *out_event = NULL;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure_reader_last_seq(reader, &last_seq);
    if (status == EVENTURE_OK && (seq < 1 || seq > last_seq))
        return eventure__fail(&reader->error, EVENTURE_ERROR_NOT_FOUND,
                              "there is no event %lld: the newest one is %lld", (long long)seq, (long long)last_seq);
    if (status == EVENTURE_OK)
        status = eventure__store_cut(reader, &cut);
    if (status == EVENTURE_OK && seq <= cut.last_seq)
        return eventure__fail(&reader->error, EVENTURE_ERROR_ARCHIVED, "event %lld is in an archive", (long long)seq);
    return status == EVENTURE_OK ? copy_event(reader, seq, out_event) : status;
}

eventure_status eventure_query_find(eventure_reader *reader, const char *id, eventure_event **out_event)
{
    int64_t seq = 0;
    sqlite3_stmt *open = NULL;
    if (out_event == NULL)
        return eventure__fail_argument(__func__);
    *out_event = NULL;
    if (reader == NULL || id == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__store_open_id(reader, eventure__text_span(id, 0), &seq, &open);
    if (status == EVENTURE_OK)
        status = copy_event(reader, seq, out_event);
    eventure__store_release(reader, open);
    return status;
}
