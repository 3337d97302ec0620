/*
 * The operations on new stores and their logs; on states and snapshots that follow a log; on columns, groups and
 * archived events. See operation_list.h.
 */
#include "operation_list.h"

#include <stddef.h>
#include <string.h>

#include "ledger.h"
#include "operation_parts.h"

static ledger state;

static eventure_status open_other(int64_t commit_every_ticks, eventure_log **out)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    options.commit_every_ticks = commit_every_ticks;
    return told(eventure_log_open(OPERATION_OTHER, &options, out), eventure_log_message(*out));
}

/* Closes a log. The text of an error of closing is the last one. */
static eventure_status close_other(eventure_status status, eventure_log *log)
{
    eventure_status closed = eventure_log_close(log);
    return status == EVENTURE_OK ? told(closed, eventure_last_message()) : status;
}

/* Checks that the store at OPERATION_OTHER has so many events. */
static eventure_status count_other(eventure_status status, int64_t expected)
{
    eventure_reader *reader = NULL;
    int64_t seq = 0;
    if (status == EVENTURE_OK)
        status = told(eventure_reader_open(OPERATION_OTHER, &reader), eventure_last_message());
    if (status == EVENTURE_OK)
        status = told(eventure_reader_last_seq(reader, &seq), eventure_reader_message(reader));
    must(status != EVENTURE_OK || seq == expected, "%lld events, not %lld", (long long)seq, (long long)expected);
    eventure_reader_close(reader);
    return status;
}

/* A new store, opened and closed twice. */
eventure_status operation_create(eventure_reader *reader)
{
    eventure_log *log = NULL;
    (void)reader;
    eventure_status status = open_other(1, &log);
    if (status == EVENTURE_OK)
        status =
            told(eventure_log_append(log, "a.b", eventure_json("{\"n\": 1}"), NULL, NULL), eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = told(eventure_log_advance_tick(log), eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = told(eventure_log_append(log, "a.b", eventure_no_data(), NULL, NULL), eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = told(eventure_log_flush(log), eventure_log_message(log));
    status = close_other(status, log);
    log = NULL;
    if (status == EVENTURE_OK)
        status = open_other(1, &log);
    if (status == EVENTURE_OK)
        status = told(eventure_log_append(log, "a.c", eventure_no_data(), NULL, NULL), eventure_log_message(log));
    if (status == EVENTURE_OK)
        must(eventure_log_tick(log) == 1 && eventure_log_tick_events(log) == 2, "%lld events in tick %lld",
             (long long)eventure_log_tick_events(log), (long long)eventure_log_tick(log));
    status = close_other(status, log);
    return count_other(status, 3);
}

/* Closing a log in whose current tick a call failed: the tick is discarded, the complete ticks before it are committed
 * with it. */
eventure_status operation_failed_tick(eventure_reader *reader)
{
    eventure_log *log = NULL;
    (void)reader;
    eventure_status status = open_other(10, &log);
    for (int i = 0; i < 2 && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log, "account.noted", eventure_no_data(), NULL, NULL);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log);
    }
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "account.noted", eventure_no_data(), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_take(log, &ledger_reducer, &state);
    if (status == EVENTURE_OK)
        must(eventure_log_append(log, "", eventure_no_data(), NULL, NULL) == EVENTURE_ERROR_TYPE, "no error");
    else
        told(status, eventure_log_message(log));
    status = close_other(status, log);
    return count_other(status, 2);
}

/* A state that follows the log, with events from the bus, from the log and from a batch, and with a rollback. */
eventure_status operation_fold(eventure_log *log)
{
    eventure_bus *bus = NULL;
    eventure_batch *batch = NULL;
    eventure_status status = eventure_bus_new(log, NULL, &bus);
    if (status == EVENTURE_OK)
        status = told(eventure_bus_fold(bus, &ledger_reducer, &state), eventure_bus_message(bus));
    if (status == EVENTURE_OK)
        status =
            told(eventure_bus_publish(bus, "account.noted", eventure_no_data(), NULL, NULL), eventure_bus_message(bus));
    if (status == EVENTURE_OK)
        status =
            told(eventure_log_append(log, "account.noted", eventure_no_data(), NULL, NULL), eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = told(eventure_log_rollback(log), eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = eventure_batch_new(&batch);
    for (int i = 0; i < 2 && status == EVENTURE_OK; i++)
        status = eventure_batch_add(batch, "account.noted", eventure_no_data(), NULL);
    if (status == EVENTURE_OK)
        status = told(eventure_bus_publish_batch(bus, batch, NULL), eventure_bus_message(bus));
    if (status == EVENTURE_OK)
        status = told(eventure_log_advance_tick(log), eventure_log_message(log));
    if (status == EVENTURE_OK)
    {
        ledger replayed = {0};
        status =
            told(eventure_replay_at(eventure_log_reader(log), &ledger_reducer, &replayed, EVENTURE_TICK_NEWEST, NULL),
                 eventure_log_message(log));
        must(status != EVENTURE_OK || ledger_equal(&state, &replayed), "another state than that of the log");
    }
    eventure_batch_free(batch);
    eventure_bus_free(bus);
    return status;
}

eventure_status operation_drop_snapshots(eventure_log *log)
{
    eventure_status status = eventure_snapshot_take(log, &ledger_reducer, &state);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_drop(log, "ledger");
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    return told(status, eventure_log_message(log));
}

static int count_events(const eventure_query_group *group, void *context)
{
    *(int64_t *)context += group->count;
    return 0;
}

eventure_status operation_columns(eventure_reader *reader)
{
    static const eventure_member members[] = {{.key = "n", .kind = EVENTURE_MEMBER_INT},
                                              {.key = "to", .kind = EVENTURE_MEMBER_TEXT}};
    eventure_cursor *cursor = NULL;
    eventure_event *event = NULL;
    eventure_columns columns;
    eventure_digests digests;
    int64_t rows = 0;
    int64_t by_type = 0;
    int64_t by_tick = 0;
    eventure_status status = eventure_query(reader, NULL, &cursor);
    if (status == EVENTURE_OK)
    {
        while ((status = eventure_cursor_next_batch(cursor, 7, members, 2, &columns)) == EVENTURE_ROW)
            rows += (int64_t)columns.rows;
        status = status < 0 ? status : EVENTURE_OK;
    }
    eventure_cursor_free(cursor);
    if (status == EVENTURE_OK)
        status = eventure_query_count_groups(reader, NULL, EVENTURE_GROUP_TYPE, count_events, &by_type);
    if (status == EVENTURE_OK)
        status = eventure_query_count_groups(reader, NULL, EVENTURE_GROUP_TICK, count_events, &by_tick);
    if (status == EVENTURE_OK)
        must(rows > 50 && by_type == rows && by_tick == rows, "%lld rows, %lld by type, %lld by tick", (long long)rows,
             (long long)by_type, (long long)by_tick);
    if (status == EVENTURE_OK)
        status = eventure_query_find_seq(reader, 5, &event);
    must(status != EVENTURE_OK || event->seq == 5, "the event 5 is %lld", (long long)event->seq);
    eventure_event_free(event);
    if (status == EVENTURE_OK)
        status = eventure_store_digest(reader, 2, &digests);
    return told(status, eventure_reader_message(reader));
}

/* The same questions about a store whose beginning is archived. */
eventure_status operation_archived(eventure_reader *reader)
{
    eventure_reader *rest = NULL;
    eventure_cursor *cursor = NULL;
    eventure_digests digests;
    ledger archived = {0};
    (void)reader;
    eventure_status status = told(eventure_reader_open(OPERATION_REST, &rest), eventure_last_message());
    if (status == EVENTURE_OK)
        status = drain(eventure_query_at_tick(rest, 5, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = eventure_store_digest(rest, 1, &digests);
    must(status != EVENTURE_OK, "the digest of an archived tick");
    must(status != EVENTURE_ERROR_ARCHIVED || strstr(eventure_reader_message(rest), OPERATION_PART) != NULL, "%s",
         eventure_reader_message(rest));
    if (status == EVENTURE_ERROR_ARCHIVED)
        status = eventure_replay_at(rest, &ledger_reducer, &archived, 5, NULL);
    must(status != EVENTURE_OK, "a state of archived events");
    if (rest != NULL)
        told(status, eventure_reader_message(rest));
    eventure_reader_close(rest);
    return status == EVENTURE_ERROR_ARCHIVED ? EVENTURE_OK : status;
}
