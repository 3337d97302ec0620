/*
 * Ticks whose rows are lost. Their events may be readable, or the index on ticks may still contain them; the remaining
 * events are runs with an unknown number of ticks. All numbers are computed from readable rows: no loop counts up to a
 * number that a damaged file contains.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "integrity/repair_internal.h"
#include "store/size.h"

/* The bounds of a gap: its first and last event, and the ticks before and after it. */
typedef struct gap
{
    int64_t first;
    int64_t last;
    int64_t tick_before;
    int64_t tick_after; /* INT64_MAX: there is no row after the gap */
} gap;

typedef eventure_status (*group_fn)(eventure__repairer *repair, int64_t count);

static const char groups_sql[] =
    "SELECT tick, min(seq), max(seq), count(*) FROM lost_event GROUP BY tick ORDER BY min(seq)";

static gap gap_of(const eventure__repairer *repair, int64_t last, int64_t tick_after)
{
    return (gap){repair->next_seq, last, repair->tick_before, tick_after};
}

static eventure_status fail(eventure__repairer *repair)
{
    bool is_memory = repair->notes == NULL || (sqlite3_errcode(repair->notes) & 0xFF) == SQLITE_NOMEM;
    return eventure__fail(&repair->damaged->error, is_memory ? EVENTURE_ERROR_MEMORY : EVENTURE_ERROR_IO,
                          "repair: count the losses: %s", is_memory ? "out of memory" : sqlite3_errmsg(repair->notes));
}

static eventure_status run(eventure__repairer *repair, const char *sql)
{
    return sqlite3_exec(repair->notes, sql, NULL, NULL, NULL) == SQLITE_OK ? EVENTURE_OK : fail(repair);
}

static eventure_status make_tables(eventure__repairer *repair)
{
    static const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (repair->notes == NULL && sqlite3_open_v2("", &repair->notes, flags, NULL) != SQLITE_OK)
        return fail(repair);
    return run(repair, "CREATE TABLE IF NOT EXISTS lost_event (seq INTEGER PRIMARY KEY, tick INTEGER);"
                       "CREATE TABLE IF NOT EXISTS lost_tick (tick INTEGER PRIMARY KEY);"
                       "CREATE TABLE IF NOT EXISTS invalid_row (tick INTEGER PRIMARY KEY, first_seq, last_seq)");
}

eventure_status eventure__repair_note_row(eventure__repairer *repair)
{
    char sql[160];
    eventure_status status = make_tables(repair);
    snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO invalid_row VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ")",
             repair->tick.tick, repair->tick.first_seq, repair->tick.last_seq);
    repair->has_noted_rows = true;
    repair->has_noted_link = repair->has_link;
    repair->noted_link = repair->link;
    return status == EVENTURE_OK ? run(repair, sql) : status;
}

eventure_status eventure__repair_forget_rows(eventure__repairer *repair)
{
    if (!repair->has_noted_rows)
        return EVENTURE_OK;
    repair->has_noted_rows = false;
    repair->has_noted_link = false;
    return run(repair, "DELETE FROM invalid_row");
}

/* Copies rows (0: seq, 1: tick) into the table of lost events until a row cannot be read; *key is the key (2) of the
 * last row. *out_ended is whether all rows were read. An error is one of the table, not of the damaged store. */
static eventure_status gather_stretch(eventure__repairer *repair, sqlite3 *db, const char *sql, const gap *at,
                                      int64_t *key, bool *out_ended)
{
    sqlite3_stmt *row = NULL;
    sqlite3_stmt *insert = NULL;
    eventure_status status = EVENTURE_OK;
    int code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    if (sqlite3_prepare_v2(repair->notes, "INSERT OR IGNORE INTO lost_event (seq, tick) VALUES (?1, ?2)", -1, &insert,
                           NULL) != SQLITE_OK)
        status = fail(repair);
    if (code == SQLITE_OK)
    {
        sqlite3_bind_int64(row, 1, *key);
        sqlite3_bind_int64(row, 2, at->first);
        sqlite3_bind_int64(row, 3, at->last);
        sqlite3_bind_int64(row, 4, at->tick_after);
        code = SQLITE_ROW;
    }
    while (status == EVENTURE_OK && code == SQLITE_ROW && (code = sqlite3_step(row)) == SQLITE_ROW)
    {
        *key = sqlite3_column_int64(row, 2);
        sqlite3_bind_int64(insert, 1, sqlite3_column_int64(row, 0));
        sqlite3_bind_int64(insert, 2, sqlite3_column_int64(row, 1));
        if (sqlite3_step(insert) != SQLITE_DONE)
            status = fail(repair);
        sqlite3_reset(insert);
    }
    repair->is_out_of_memory = repair->is_out_of_memory || (code & 0xFF) == SQLITE_NOMEM;
    sqlite3_finalize(row);
    sqlite3_finalize(insert);
    *out_ended = code == SQLITE_DONE;
    return status;
}

static eventure_status gather(eventure__repairer *repair, sqlite3 *db, const char *sql, const gap *at, int64_t key)
{
    int64_t stride = 1;
    bool ended = false;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && !ended && !repair->is_out_of_memory)
    {
        int64_t from = key;
        status = gather_stretch(repair, db, sql, at, &key, &ended);
        stride = key > from ? 1 : stride < INT64_MAX / 2 ? stride * 2 : INT64_MAX;
        if (key > INT64_MAX - stride)
            break;
        key += stride;
    }
    return status;
}

/* Fills the table of lost events from the events themselves, and from the index on ticks. */
static eventure_status gather_gap(eventure__repairer *repair, const gap *at)
{
    static const char events[] = "SELECT seq, tick, seq FROM events NOT INDEXED "
                                 "WHERE seq > ?1 AND seq >= ?2 AND seq <= ?3 AND tick <= ?4 ORDER BY seq";
    static const char by_tick[] = "SELECT seq, tick, tick FROM main.events INDEXED BY events_tick "
                                  "WHERE tick > ?1 AND tick <= ?4 AND +seq >= ?2 AND +seq <= ?3 ORDER BY tick";
    eventure_status status = make_tables(repair);
    if (status == EVENTURE_OK)
        status = run(repair, "DELETE FROM lost_event");
    if (status == EVENTURE_OK)
        status = gather(repair, repair->from->db, events, at, at->first - 1);
    if (status == EVENTURE_OK && repair->is_salvaged && !repair->damaged->is_unreadable)
        status = gather(repair, repair->damaged->db, by_tick, at, at->tick_before > 0 ? at->tick_before - 1 : -1);
    return status == EVENTURE_OK && repair->is_out_of_memory ? eventure__repair_fail_memory(repair) : status;
}

/* Calls the callback for each tick of the gap, as the current tick. */
static eventure_status each_tick(eventure__repairer *repair, const gap *at, group_fn callback)
{
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    eventure_status status = EVENTURE_OK;
    if (sqlite3_prepare_v2(repair->notes, groups_sql, -1, &row, NULL) != SQLITE_OK)
        return fail(repair);
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        repair->tick = (eventure_repair_loss){.tick = sqlite3_column_int64(row, 0),
                                              .first_seq = sqlite3_column_int64(row, 1),
                                              .last_seq = sqlite3_column_int64(row, 2)};
        if (repair->tick.tick > at->tick_before && repair->tick.tick < at->tick_after)
            status = callback(repair, sqlite3_column_int64(row, 3));
        else
            repair->has_computed = false; /* the events belong to a tick that has a row */
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = fail(repair);
    sqlite3_finalize(row);
    return status;
}

/* Counts the ticks from `low` to `high` that were reported as lost. */
static eventure_status count_noted(eventure__repairer *repair, int64_t low, int64_t high, int64_t *out)
{
    sqlite3_stmt *row = NULL;
    *out = 0;
    if (sqlite3_prepare_v2(repair->notes, "SELECT count(*) FROM lost_tick WHERE tick BETWEEN ?1 AND ?2", -1, &row,
                           NULL) != SQLITE_OK)
        return fail(repair);
    sqlite3_bind_int64(row, 1, low);
    sqlite3_bind_int64(row, 2, high);
    eventure_status status = sqlite3_step(row) == SQLITE_ROW ? EVENTURE_OK : fail(repair);
    *out = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return status;
}

/* --- The digests after a gap --- */

static eventure_status compute_tick(eventure__repairer *repair, int64_t count)
{
    if (!repair->has_computed)
        return EVENTURE_OK;
    if (count != repair->tick.last_seq - repair->tick.first_seq + 1 || repair->tick.first_seq != repair->next_seq)
        repair->has_computed = false;
    else
        repair->has_computed = eventure__repair_check_tick(repair, &repair->computed, false, &repair->computed);
    repair->next_seq = repair->tick.last_seq < INT64_MAX ? repair->tick.last_seq + 1 : INT64_MAX;
    return eventure__repair_failure(repair);
}

eventure_status eventure__repair_gap(eventure__repairer *repair, int64_t last, int64_t tick_after)
{
    const gap at = gap_of(repair, last, tick_after);
    eventure_status status = gather_gap(repair, &at);
    if (status != EVENTURE_OK)
        return status;
    if (repair->has_before)
    {
        repair->computed = repair->before;
        repair->has_computed = true;
    }
    status = each_tick(repair, &at, compute_tick);
    /* The digests are complete only when the ticks found cover the whole gap. */
    if (repair->next_seq != at.last + 1)
        repair->has_computed = false;
    /* eventure__repair_save_gap or _lose_gap visits the same gap again, so the position goes back to its beginning. */
    repair->next_seq = at.first;
    repair->has_before = false;
    return status;
}

static eventure_status save_tick(eventure__repairer *repair, int64_t count)
{
    (void)count;
    return eventure__repair_save_tick(repair);
}

eventure_status eventure__repair_save_gap(eventure__repairer *repair, int64_t last, int64_t tick_after)
{
    const gap at = gap_of(repair, last, tick_after);
    eventure_status status = eventure__repair_forget_rows(repair);
    return status == EVENTURE_OK ? each_tick(repair, &at, save_tick) : status;
}

/* --- Counting --- */

static eventure_status lose_tick(eventure__repairer *repair, int64_t count)
{
    int64_t noted = 0;
    (void)count;
    eventure_status status = count_noted(repair, repair->tick.tick, repair->tick.tick, &noted);
    if (status != EVENTURE_OK || noted > 0)
        return status;
    snprintf(repair->why, sizeof repair->why, "its row is lost");
    return eventure__repair_lose_tick(repair);
}

/* Counts the ticks whose rows are invalid. */
static eventure_status lose_noted_rows(eventure__repairer *repair)
{
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    eventure_status status = EVENTURE_OK;
    if (!repair->has_noted_rows)
        return EVENTURE_OK;
    if (sqlite3_prepare_v2(repair->notes, "SELECT tick, first_seq, last_seq FROM invalid_row ORDER BY tick", -1, &row,
                           NULL) != SQLITE_OK)
        return fail(repair);
    snprintf(repair->why, sizeof repair->why, "its row is invalid");
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        repair->tick = (eventure_repair_loss){.tick = sqlite3_column_int64(row, 0),
                                              .first_seq = sqlite3_column_int64(row, 1),
                                              .last_seq = sqlite3_column_int64(row, 2)};
        status = eventure__repair_lose_tick(repair);
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = fail(repair);
    sqlite3_finalize(row);
    if (status == EVENTURE_OK)
        status = run(repair, "INSERT OR IGNORE INTO lost_tick SELECT tick FROM invalid_row");
    return status == EVENTURE_OK ? eventure__repair_forget_rows(repair) : status;
}

/* Counts the ticks of the events between two known events: these ticks are from `low` to `high`, and `known` of them
 * were counted or have rows. */
static eventure_status count_run(eventure__repairer *repair, int64_t low, int64_t high, int64_t known)
{
    int64_t noted = 0;
    if (low > high || (high < INT64_MAX && high - low + 1 <= known))
        return EVENTURE_OK;
    eventure_status status = count_noted(repair, low, high, &noted);
    if (status != EVENTURE_OK)
        return status;
    int64_t possible = high < INT64_MAX ? high - low + 1 - known - noted : INT64_MAX;
    if (possible <= 0)
        return EVENTURE_OK;
    if (known + noted == 0) /* the events belong to at least one of these ticks */
        repair->report->lost_ticks++;
    if (known + noted > 0 || possible > 1)
        repair->report->has_gaps = true;
    if (repair->report->first_loss[0] == '\0')
        snprintf(repair->report->first_loss, sizeof repair->report->first_loss,
                 "tick %" PRId64 " or later: its row and its events are lost", low);
    return EVENTURE_OK;
}

/* Adds to the report the ticks of the events of which no row is left. Such events form runs between known events;
 * count_run bounds the number of ticks of each run. */
static eventure_status count_unknown_events(eventure__repairer *repair, const gap *at)
{
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    int64_t seq = at->first;
    int64_t low = at->tick_before < INT64_MAX ? at->tick_before + 1 : INT64_MAX;
    int64_t known_before = 0; /* 1 when `low` is the tick of a known event, else 0 */
    eventure_status status = EVENTURE_OK;
    if (sqlite3_prepare_v2(repair->notes, groups_sql, -1, &row, NULL) != SQLITE_OK)
        return fail(repair);
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        int64_t tick = sqlite3_column_int64(row, 0);
        if (sqlite3_column_int64(row, 1) > seq)
            status = count_run(repair, low, tick, known_before + (tick > low || known_before == 0 ? 1 : 0));
        if (sqlite3_column_int64(row, 2) >= seq)
            seq = sqlite3_column_int64(row, 2) + 1;
        low = tick > low ? tick : low;
        known_before = 1;
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = fail(repair);
    sqlite3_finalize(row);
    if (status == EVENTURE_OK && seq <= at->last)
        status = count_run(repair, low, at->tick_after < INT64_MAX ? at->tick_after - 1 : INT64_MAX, known_before);
    return status;
}

eventure_status eventure__repair_lose_gap(eventure__repairer *repair, int64_t last, int64_t tick_after)
{
    const gap at = gap_of(repair, last, tick_after);
    eventure_status status = lose_noted_rows(repair);
    if (status == EVENTURE_OK)
        status = each_tick(repair, &at, lose_tick);
    return status == EVENTURE_OK ? count_unknown_events(repair, &at) : status;
}

/* Reads a number that shows where the history ends. It is `otherwise` when it cannot be read, and then *is_read is
 * false; `otherwise` also in a store without the table `proof`. */
static int64_t ask(eventure__repairer *repair, sqlite3 *db, const char *sql, int64_t otherwise, bool *is_read)
{
    int64_t answer = 0;
    const int code = eventure__sqlite_ask_int(db, sql, otherwise, &answer);
    repair->is_out_of_memory = repair->is_out_of_memory || (code & 0xFF) == SQLITE_NOMEM;
    *is_read = *is_read && (code == SQLITE_OK || code == SQLITE_ERROR);
    return answer;
}

/* Returns an upper bound of the number of events in a file of that size. */
static int64_t most_events(eventure__repairer *repair, bool *is_read)
{
    int64_t rows = 0;
    eventure_status status = eventure__store_most_rows(repair->damaged, &rows);
    repair->is_out_of_memory = repair->is_out_of_memory || status == EVENTURE_ERROR_MEMORY;
    if (status != EVENTURE_OK)
    {
        rows = 0;
        *is_read = false;
    }
    return rows + repair->damaged->missing_pages * (65536 / EVENTURE__ROW_LEAST_BYTES);
}

eventure_status eventure__repair_count(eventure__repairer *repair)
{
    eventure_repair_report *report = repair->report;
    sqlite3 *proof = repair->damaged->db;
    bool is_read = true;
    int64_t closed_at = ask(repair, proof, "SELECT value FROM main.proof WHERE name = 'events'", -1, &is_read);
    int64_t ticks = ask(repair, proof, "SELECT value FROM main.proof WHERE name = 'ticks'", -1, &is_read);
    int64_t newest = ask(repair, repair->from->db, "SELECT max(+seq) FROM events NOT INDEXED", 0, &is_read);
    int64_t most = most_events(repair, &is_read);
    /* In this order: the difference of two numbers of a damaged file can overflow. */
    if (newest > repair->highest_seq && newest - repair->cut_seq <= most)
        repair->highest_seq = newest;
    if (closed_at > repair->highest_seq && closed_at - repair->cut_seq <= most)
        repair->highest_seq = closed_at;
    /* The events after the last row that the index on ticks contains are found with the gap. */
    int64_t last = repair->cut_seq < INT64_MAX - most ? repair->cut_seq + most : INT64_MAX - 1;
    eventure_status status = eventure__repair_gap(repair, last, INT64_MAX);
    int64_t last_lost = ask(repair, repair->notes, "SELECT max(seq) FROM lost_event", 0, &is_read);
    if (last_lost > repair->highest_seq)
        repair->highest_seq = last_lost;
    if (repair->highest_seq >= repair->next_seq && status == EVENTURE_OK)
        status = eventure__repair_lose_gap(repair, repair->highest_seq, INT64_MAX);
    if (repair->is_out_of_memory)
        return eventure__repair_fail_memory(repair);
    report->has_lost_end = !is_read || (repair->is_salvaged && closed_at < repair->highest_seq);
    report->has_gaps = report->has_gaps || report->has_lost_end;
    int64_t events = repair->highest_seq - repair->cut_seq - report->events;
    report->lost_events = events > 0 ? events : 0;
    if (closed_at == repair->highest_seq && ticks - report->ticks >= report->lost_ticks && report->has_gaps)
    {
        report->lost_ticks = ticks - report->ticks;
        report->has_gaps = false;
    }
    return status;
}

void eventure__repair_forget(eventure__repairer *repair)
{
    sqlite3_close(repair->notes);
    repair->notes = NULL;
}
