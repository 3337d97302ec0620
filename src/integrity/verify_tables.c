/*
 * The tables around the events: the row of the store, ticks that do not follow each other, values of indexes that do
 * not exist, and what is kept of archived events.
 */
#include <string.h>

#include "base/digest.h"
#include "event/id.h"
#include "event/line.h"
#include "integrity/verifier.h"

/* A question that must have no answer; the first answer is the problem: `what` with a number. */
typedef struct forbidden
{
    const char *sql;
    const char *what; /* has one %lld */
} forbidden;

static const forbidden forbidden_rows[] = {
    {"SELECT tick.tick FROM tick WHERE tick.sealed NOT IN (0, 1) OR tick.last_seq < tick.first_seq LIMIT 1",
     "the row of tick %lld makes no sense"},
    {"SELECT tick.tick FROM tick WHERE tick.sealed = 0 AND tick.tick < (SELECT max(tick) FROM tick) LIMIT 1",
     "tick %lld is not sealed, though later ones have events"},
    /* A window function would keep every tick in memory. */
    {"SELECT tick.tick FROM tick WHERE tick.first_seq <> 1 + coalesce((SELECT before.last_seq FROM tick AS before "
     "WHERE before.tick < tick.tick ORDER BY before.tick DESC LIMIT 1), (SELECT max(last_seq) FROM archive), 0) "
     "LIMIT 1",
     "tick %lld does not begin after the last event of the tick before it"},
    {"SELECT coalesce((SELECT max(last_seq) FROM tick), (SELECT max(last_seq) FROM archive), 0) AS seq "
     "WHERE seq <> coalesce((SELECT max(events.seq) FROM events), (SELECT max(last_seq) FROM archive), 0)",
     "table tick ends with event %lld, and table events does not"},
    {"SELECT tick.tick FROM tick WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.seq = tick.last_seq "
     "AND events.tick = tick.tick) LIMIT 1",
     "the last event of tick %lld is missing"},
    {"WITH RECURSIVE used (id) AS (SELECT min(data_value.index_id) FROM data_value UNION "
     "SELECT (SELECT min(data_value.index_id) FROM data_value WHERE data_value.index_id > used.id) FROM used "
     "WHERE used.id IS NOT NULL) "
     "SELECT used.id FROM used WHERE used.id IS NOT NULL AND used.id NOT IN (SELECT data_index.id FROM data_index) "
     "LIMIT 1",
     "table data_value has values of the index %lld, which does not exist"},
    {"SELECT archived_events.seq FROM archived_events WHERE archived_events.seq < 1 OR archived_events.tick < 0 OR "
     "archived_events.seq > coalesce((SELECT max(last_seq) FROM archive), 0) OR "
     "archived_events.tick >= coalesce((SELECT max(before_tick) FROM archive), 0) LIMIT 1",
     "archived event %lld is of no tick that was archived"},
    {"SELECT later.seq FROM archived_events AS later WHERE later.tick < (SELECT before.tick FROM archived_events AS "
     "before WHERE before.seq < later.seq ORDER BY before.seq DESC LIMIT 1) LIMIT 1",
     "archived event %lld is at an earlier tick than the one before it"},
    {"SELECT child.seq FROM archived_events AS child LEFT JOIN archived_events AS parent "
     "ON parent.seq = child.parent_seq WHERE child.parent_seq IS NOT NULL AND (parent.seq IS NULL OR "
     "child.parent_seq >= child.seq OR parent.id IS NOT child.parent_id) LIMIT 1",
     "the parent of archived event %lld is not there, not before it, or has another id"},
    {"SELECT archived_events.seq FROM archived_events JOIN events ON events.id = archived_events.id LIMIT 1",
     "archived event %lld has the id of an event that is here"},
};

static bool check_forbidden(eventure__verifier *verifier, const forbidden *rule)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(verifier, rule->sql, &statement);
    if (ok && eventure__verify_step(verifier, statement, "check the tables", &ok))
        ok = eventure__verify_found(verifier, rule->what, (long long)sqlite3_column_int64(statement, 0));
    eventure__store_give(verifier->store, statement);
    return ok;
}

static bool check_store_row(eventure__verifier *verifier)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(
        verifier, "SELECT count(*), min(current_tick), max(digests), max(foreign_ids) FROM store", &statement);
    if (ok && eventure__verify_step(verifier, statement, "check the tables", &ok))
    {
        const char *digests = (const char *)sqlite3_column_text(statement, 2);
        if (sqlite3_column_int64(statement, 0) != 1 || sqlite3_column_int64(statement, 1) < 0)
            ok = eventure__verify_found(verifier, "table store has not the one row that it must have");
        else if (digests == NULL || (strcmp(digests, "sha512") != 0 && strcmp(digests, "none") != 0))
            ok = eventure__verify_found(verifier, "table store names digests that are not known");
        else if (sqlite3_column_int64(statement, 3) != 0 && sqlite3_column_int64(statement, 3) != 1)
            ok = eventure__verify_found(verifier, "table store does not say whether there are foreign ids");
    }
    eventure__store_give(verifier->store, statement);
    return ok;
}

/* The id of an archived event is what can tell that its tick or type was changed: it follows from them, but for its
 * number, unless the store has foreign ids. */
static bool check_archived_event(eventure__verifier *verifier, sqlite3_stmt *row)
{
    const long long seq = sqlite3_column_int64(row, 0);
    const char *id = (const char *)sqlite3_column_text(row, 1);
    const char *type = (const char *)sqlite3_column_text(row, 3);
    char hash[5];
    eventure__id parts;
    if (sqlite3_column_type(row, 1) == SQLITE_NULL || sqlite3_column_type(row, 3) == SQLITE_NULL)
        return eventure__verify_found(verifier, "archived event %lld has no id or no type", seq);
    if (id == NULL || type == NULL)
        return eventure__verify_no_memory(verifier);
    const size_t len = (size_t)sqlite3_column_bytes(row, 3);
    if (eventure__type_check(type, len, &verifier->store->error) != EVENTURE_OK)
        return eventure__verify_found(verifier, "archived event %lld: %s", seq, verifier->store->error.text);
    eventure__type_hash(type, len, hash);
    if (sqlite3_column_int(row, 4) != 0 ||
        (eventure__id_parse(id, (size_t)sqlite3_column_bytes(row, 1), &parts) &&
         parts.tick == sqlite3_column_int64(row, 2) && strcmp(parts.hash, hash) == 0))
        return true;
    return eventure__verify_found(verifier, "archived event %lld has the id %s, which is not one of its tick and type",
                                  seq, eventure__quote(id, strlen(id)).text);
}

static bool check_archived(eventure__verifier *verifier)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(verifier,
                                    "SELECT archived_events.seq, archived_events.id, archived_events.tick, "
                                    "archived_events.type, store.foreign_ids FROM archived_events CROSS JOIN store",
                                    &statement);
    while (ok && eventure__verify_step(verifier, statement, "check the archived events", &ok))
        ok = check_archived_event(verifier, statement);
    eventure__store_give(verifier->store, statement);
    return ok;
}

bool eventure__verify_tables(eventure__verifier *verifier)
{
    if (!check_store_row(verifier))
        return false;
    for (size_t i = 0; i < sizeof forbidden_rows / sizeof *forbidden_rows; i++)
        if (!check_forbidden(verifier, &forbidden_rows[i]))
            return false;
    return check_archived(verifier);
}
