/*
 * The tables around the events: types and their hashes, ids and parents that belong to nothing, ticks that do not
 * follow each other, and whether what is said of the types' blocks and counts can be.
 */
#include <string.h>

#include "base/digest.h"
#include "event/line.h"
#include "integrity/verifier.h"

static bool check_types(eventure__verifier *verifier)
{
    eventure_reader *store = verifier->store;
    for (size_t i = 0; i < store->types_count; i++)
    {
        const eventure__type *type = &store->types[i];
        char hash[5];
        eventure__type_hash(type->name, type->name_len, hash);
        if (eventure__type_check(type->name, type->name_len, &store->error) != EVENTURE_OK)
            return eventure__verify_found(verifier, "type %zu: %s", i + 1, store->error.text);
        if (strcmp(hash, type->hash) != 0)
            return eventure__verify_found(verifier, "type %s has the hash %s, and should have %s",
                                          eventure__quote(type->name, type->name_len).text,
                                          eventure__quote(type->hash, strlen(type->hash)).text, hash);
    }
    return true;
}

/* A question that must have no answer; the first answer is the problem: `what` with a number. */
typedef struct forbidden
{
    const char *sql;
    const char *what; /* has one %lld */
} forbidden;

static const forbidden forbidden_rows[] = {
    {"SELECT foreign_id.seq FROM foreign_id WHERE foreign_id.seq NOT IN (SELECT seq FROM event) "
     "AND foreign_id.seq NOT IN (SELECT seq FROM archived_event) LIMIT 1",
     "table foreign_id has an id for event %lld, which does not exist"},
    {"SELECT external_parent.seq FROM external_parent WHERE external_parent.seq NOT IN (SELECT seq FROM event) "
     "AND external_parent.seq NOT IN (SELECT seq FROM archived_event) LIMIT 1",
     "table external_parent has a parent for event %lld, which does not exist"},
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
     "WHERE seq <> coalesce((SELECT max(event.seq) FROM event), (SELECT max(last_seq) FROM archive), 0)",
     "table tick ends with event %lld, and table event does not"},
    {"SELECT type_block.type FROM type_block WHERE NOT EXISTS (SELECT 1 FROM event "
     "WHERE event.block = type_block.block AND event.type = type_block.type) LIMIT 1",
     "table type_block has type %lld in a block that has no events of it"},
    {"SELECT type_count.type FROM type_count WHERE type_count.count < 1 OR NOT EXISTS (SELECT 1 FROM type_block "
     "WHERE type_block.type = type_count.type) LIMIT 1",
     "table type_count counts type %lld, which has no events"},
    {"SELECT counted FROM (SELECT total(type_count.count) AS counted FROM type_count) "
     "WHERE counted <> (SELECT total(tick.last_seq - tick.first_seq + 1) FROM tick)",
     "the counts of the types add up to %lld, and the events do not"},
    {"SELECT tick.tick FROM tick WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.seq = tick.last_seq "
     "AND event.tick = tick.tick) LIMIT 1",
     "the last event of tick %lld is missing"},
    {"WITH RECURSIVE used (id) AS (SELECT min(data_value.index_id) FROM data_value UNION "
     "SELECT (SELECT min(data_value.index_id) FROM data_value WHERE data_value.index_id > used.id) FROM used "
     "WHERE used.id IS NOT NULL) "
     "SELECT used.id FROM used WHERE used.id IS NOT NULL AND used.id NOT IN (SELECT data_index.id FROM data_index) "
     "LIMIT 1",
     "table data_value has values of the index %lld, which does not exist"},
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
    bool ok =
        eventure__verify_take(verifier, "SELECT count(*), min(current_tick), max(digests) FROM store", &statement);
    if (ok && eventure__verify_step(verifier, statement, "check the tables", &ok))
    {
        const char *digests = (const char *)sqlite3_column_text(statement, 2);
        if (sqlite3_column_int64(statement, 0) != 1 || sqlite3_column_int64(statement, 1) < 0)
            ok = eventure__verify_found(verifier, "table store has not the one row that it must have");
        else if (digests == NULL || (strcmp(digests, "sha512") != 0 && strcmp(digests, "none") != 0))
            ok = eventure__verify_found(verifier, "table store names digests that are not known");
    }
    eventure__store_give(verifier->store, statement);
    return ok;
}

bool eventure__verify_tables(eventure__verifier *verifier)
{
    if (!check_store_row(verifier) || !check_types(verifier))
        return false;
    for (size_t i = 0; i < sizeof forbidden_rows / sizeof *forbidden_rows; i++)
        if (!check_forbidden(verifier, &forbidden_rows[i]))
            return false;
    return true;
}
