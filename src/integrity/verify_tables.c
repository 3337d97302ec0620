/*
 * Checks the tables other than events: the row of the store, ticks that do not follow each other, values of indexes
 * that do not exist, and the rows about archived events.
 */
#include <string.h>

#include "base/sha512.h"
#include "event/id.h"
#include "event/types.h"
#include "integrity/verify_internal.h"

/* Patterns of the values that the library writes. */
#define HEX4 "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"
#define IS_UUID(column) "(" column " GLOB '" HEX4 HEX4 "-" HEX4 "-" HEX4 "-" HEX4 "-" HEX4 HEX4 HEX4 "')"

#define ORIGINS_HERE EVENTURE__VERIFY_ORIGINS

static const eventure__forbidden forbidden_rows[] = {
    /* Otherwise digests would be printed that no check has compared with the history. */
    {"SELECT tick.tick FROM tick WHERE (SELECT digests FROM store) IS 'none' AND "
     "(tick.run_digest IS NOT NULL OR tick.full_digest IS NOT NULL) LIMIT 1",
     "table store excludes digests, but tick %lld has some"},
    {"SELECT archive.before_tick FROM archive WHERE (SELECT digests FROM store) IS 'none' AND "
     "(archive.run_digest IS NOT NULL OR archive.full_digest IS NOT NULL) LIMIT 1",
     "table store excludes digests, but the archive before tick %lld has some"},
    {"SELECT origin.generation FROM origin WHERE (SELECT digests FROM store) IS 'none' AND "
     "(origin.run_digest IS NOT NULL OR origin.full_digest IS NOT NULL) LIMIT 1",
     "table store excludes digests, but the origin %lld has some"},
    {"SELECT tick.tick FROM tick WHERE tick.sealed NOT IN (0, 1) OR tick.last_seq < tick.first_seq LIMIT 1",
     "the row of tick %lld is invalid"},
    {"SELECT tick.tick FROM tick WHERE tick.sealed = 0 AND tick.tick < (SELECT max(tick) FROM tick) LIMIT 1",
     "tick %lld is not sealed, although later ticks have events"},
    /* A window function would keep every tick in memory. */
    {"SELECT tick.tick FROM tick WHERE tick.first_seq <> 1 + coalesce((SELECT before.last_seq FROM tick AS before "
     "WHERE before.tick < tick.tick ORDER BY before.tick DESC LIMIT 1), (SELECT max(last_seq) FROM archive), 0) "
     "LIMIT 1",
     "tick %lld does not begin after the last event of the tick before it"},
    {"SELECT coalesce((SELECT max(last_seq) FROM tick), (SELECT max(last_seq) FROM archive), 0) AS seq "
     "WHERE seq <> coalesce((SELECT max(events.seq) FROM events), (SELECT max(last_seq) FROM archive), 0)",
     "table tick ends with event %lld, but table events does not"},
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
     "archived event %lld does not belong to an archived tick"},
    {"SELECT later.seq FROM archived_events AS later WHERE later.tick < (SELECT before.tick FROM archived_events AS "
     "before WHERE before.seq < later.seq ORDER BY before.seq DESC LIMIT 1) LIMIT 1",
     "archived event %lld is at an earlier tick than the previous archived event"},
    {"SELECT child.seq FROM archived_events AS child LEFT JOIN archived_events AS parent "
     "ON parent.seq = child.parent_seq WHERE child.parent_seq IS NOT NULL AND (parent.seq IS NULL OR "
     "child.parent_seq >= child.seq OR parent.id IS NOT child.parent_id) LIMIT 1",
     "the parent of archived event %lld is missing, not an earlier event, or has another id"},
    {"SELECT tick.tick FROM tick WHERE tick.tick < (SELECT max(before_tick) FROM archive) LIMIT 1",
     "tick %lld is archived, but is still in the store"},
    {"SELECT before_tick FROM (SELECT before_tick, last_seq, run_digest, full_digest, "
     "lag(last_seq, 1, 1) OVER (ORDER BY before_tick) AS earlier FROM archive) WHERE before_tick < 1 OR "
     "last_seq < earlier OR ((SELECT digests FROM store) IS NOT 'none' AND "
     "(length(run_digest) IS NOT 32 OR length(full_digest) IS NOT 32)) LIMIT 1",
     "the row of the archive before tick %lld is invalid"},
    /* Forks after the last earlier cut of the history are positions of this one. */
    {"SELECT generation FROM (SELECT generation, row_number() OVER (ORDER BY generation) AS place FROM origin) "
     "WHERE generation <> place LIMIT 1",
     "the origins do not have consecutive generations: one is %lld"},
    {"SELECT generation FROM origin WHERE tick < 0 OR seq < 0 OR NOT " IS_UUID("uuid") " LIMIT 1",
     "the row of the origin %lld is invalid"},
    {"SELECT generation FROM (" ORIGINS_HERE ") WHERE "
     "EXISTS (SELECT 1 FROM events WHERE events.seq = here_seq AND events.tick > here_tick) OR "
     "EXISTS (SELECT 1 FROM events WHERE events.seq = here_seq + 1 AND events.tick < here_tick) LIMIT 1",
     "the tick of the origin %lld is not the tick of its event"},
    {"SELECT generation FROM (" ORIGINS_HERE ") JOIN archive ON archive.last_seq = here_seq WHERE "
     "archive.run_digest IS NOT here_run OR archive.full_digest IS NOT here_full LIMIT 1",
     "the digests of the origin %lld differ from those at the cut of the archive"},
    {"SELECT archived_events.seq FROM archived_events JOIN events ON events.id = archived_events.id LIMIT 1",
     "archived event %lld has the id of an event in the store"},
};

bool eventure__verify_forbidden(eventure__verifier *verifier, const eventure__forbidden *rule)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(verifier, rule->sql, &statement);
    if (ok && eventure__verify_step(verifier, statement, "check the tables", &ok))
        ok = eventure__verify_found(verifier, rule->what, (long long)sqlite3_column_int64(statement, 0));
    eventure__store_release(verifier->store, statement);
    return ok;
}

static bool check_store_row(eventure__verifier *verifier)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(verifier,
                                    "SELECT count(*), min(current_tick), max(digests), max(foreign_ids), "
                                    "sum(" IS_UUID("uuid") ") FROM store",
                                    &statement);
    if (ok && eventure__verify_step(verifier, statement, "check the tables", &ok))
    {
        const char *digests = (const char *)sqlite3_column_text(statement, 2);
        if (sqlite3_column_int64(statement, 0) != 1 || sqlite3_column_int64(statement, 1) < 0)
            ok = eventure__verify_found(verifier, "table store must have exactly one row");
        else if (sqlite3_column_int64(statement, 4) != 1)
            ok = eventure__verify_found(verifier, "table store does not identify its history: its uuid is invalid");
        else if (digests == NULL || (strcmp(digests, "sha512") != 0 && strcmp(digests, "none") != 0))
            ok = eventure__verify_found(verifier, "table store names unknown digests");
        else if (sqlite3_column_int64(statement, 3) != 0 && sqlite3_column_int64(statement, 3) != 1)
            ok = eventure__verify_found(verifier, "table store does not record whether there are explicit ids");
    }
    eventure__store_release(verifier->store, statement);
    return ok;
}

/* The id of an archived event shows whether its tick or type was changed: the id follows from them, except for its
 * number, unless the store has explicit ids. */
static bool check_archived_event(eventure__verifier *verifier, sqlite3_stmt *row)
{
    const long long seq = sqlite3_column_int64(row, 0);
    const char *id = (const char *)sqlite3_column_text(row, 1);
    const char *type = (const char *)sqlite3_column_text(row, 3);
    char hash[5];
    eventure__id parts;
    if (id == NULL || type == NULL) /* the columns are NOT NULL, which SQLite's check has verified */
        return eventure__verify_no_memory(verifier);
    const size_t len = (size_t)sqlite3_column_bytes(row, 3);
    if (eventure__type_check(type, len, &verifier->store->error) != EVENTURE_OK)
        return eventure__verify_found(verifier, "archived event %lld: %s", seq, verifier->store->error.text);
    eventure__type_hash(type, len, hash);
    if (sqlite3_column_int(row, 4) != 0 ||
        (eventure__id_parse(id, (size_t)sqlite3_column_bytes(row, 1), &parts) &&
         parts.tick == sqlite3_column_int64(row, 2) && strcmp(parts.hash, hash) == 0))
        return true;
    return eventure__verify_found(verifier, "archived event %lld has the id %s, which does not match its tick and type",
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
    eventure__store_release(verifier->store, statement);
    return ok;
}

bool eventure__verify_tables(eventure__verifier *verifier)
{
    if (!check_store_row(verifier))
        return false;
    for (size_t i = 0; i < sizeof forbidden_rows / sizeof *forbidden_rows; i++)
        if (!eventure__verify_forbidden(verifier, &forbidden_rows[i]))
            return false;
    return check_archived(verifier);
}
