/*
 * Checks each event in the order of the store, and each tick against its row: positions, types, ids, parents, data, and
 * both chains of digests.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "embedded_sql.h"
#include "event/id.h"
#include "event/json.h"
#include "event/tick_digest.h"
#include "event/types.h"
#include "integrity/verify_internal.h"
#include "store/record.h"
#include "store/timestamp_column.h"

/* The row of a tick. */
typedef struct tick_row
{
    int64_t tick;
    int64_t first_seq;
    int64_t last_seq;
    bool has_link;
    eventure__tick_digest link;
} tick_row;

typedef struct event_walk
{
    eventure__verifier *verifier;
    sqlite3_stmt *events;
    sqlite3_stmt *ticks;
    eventure__buffer compact;
    eventure__digest_chain chain;
    eventure__tick_digest link; /* tick of the previous row */
    bool has_digests;
    tick_row row;
    eventure__types types; /* types found so far */
    int64_t *ordinals;     /* ordinals by hash code, in the current tick */
    bool has_explicit_ids; /* an event with an explicit id was found */
    int64_t last_seq;
    sqlite3_stmt *origins; /* origins of this history; the current row is the next origin that is a position of it */
    bool has_origin;
} event_walk;

/* Reads whether the store has digests, and where its chain begins. */
static bool begin_chain(event_walk *walk)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(walk->verifier, eventure__query_digests_at_cut.text, &statement);
    if (ok && eventure__verify_step(walk->verifier, statement, "read the digests", &ok))
    {
        const char *digests = (const char *)sqlite3_column_text(statement, 0);
        walk->has_digests = digests != NULL && strcmp(digests, "none") != 0;
        memset(&walk->link, 0, sizeof walk->link);
        if (!walk->has_digests)
            eventure__verify_note_unchecked(walk->verifier, "events");
        if (walk->verifier->cut.last_seq > 0 && walk->has_digests && !eventure__record_link(statement, 1, &walk->link))
            ok = eventure__verify_found(walk->verifier, "the digests at the cut of the archive are missing");
    }
    eventure__store_release(walk->verifier->store, statement);
    return ok;
}

/* Reads the row of the tick that begins with the current event. */
static bool begin_tick(event_walk *walk, int64_t tick)
{
    bool ok = true;
    if (!eventure__verify_step(walk->verifier, walk->ticks, "read the ticks", &ok))
        return ok && eventure__verify_found(walk->verifier, "tick %lld has events, but no row", (long long)tick);
    walk->row.tick = sqlite3_column_int64(walk->ticks, 0);
    walk->row.first_seq = sqlite3_column_int64(walk->ticks, 1);
    walk->row.last_seq = sqlite3_column_int64(walk->ticks, 2);
    walk->row.has_link = eventure__record_link(walk->ticks, 3, &walk->row.link);
    if (walk->row.tick != tick || walk->row.first_seq != walk->last_seq + 1)
        return eventure__verify_found(walk->verifier, "event %lld is at tick %lld, but the next row of tick is %lld",
                                      (long long)(walk->last_seq + 1), (long long)tick, (long long)walk->row.tick);
    memset(walk->ordinals, 0, EVENTURE__HASH_CODES * sizeof *walk->ordinals);
    if (walk->has_digests)
        eventure__digest_chain_begin(&walk->chain, &walk->link, tick);
    return true;
}

static bool check_digests(event_walk *walk)
{
    eventure__tick_digest link;
    eventure__digest_chain_peek(&walk->chain, &link);
    if (!walk->row.has_link)
        return eventure__verify_found(walk->verifier, "tick %lld has no digests", (long long)walk->row.tick);
    if (memcmp(link.run, walk->row.link.run, sizeof link.run) != 0)
        return eventure__verify_found(
            walk->verifier, "tick %lld (events %lld to %lld): the run digest is not that of its events",
            (long long)walk->row.tick, (long long)walk->row.first_seq, (long long)walk->row.last_seq);
    if (memcmp(link.full, walk->row.link.full, sizeof link.full) != 0)
        return eventure__verify_found(
            walk->verifier, "tick %lld (events %lld to %lld): the full digest is not that of its timestamps",
            (long long)walk->row.tick, (long long)walk->row.first_seq, (long long)walk->row.last_seq);
    walk->link = link;
    return true;
}

/* All events of the tick were visited: the values of its row must match them. */
static bool end_tick(event_walk *walk)
{
    if (walk->row.last_seq != walk->last_seq)
        return eventure__verify_found(walk->verifier, "tick %lld ends with event %lld, but its row says %lld",
                                      (long long)walk->row.tick, (long long)walk->last_seq,
                                      (long long)walk->row.last_seq);
    if (walk->has_digests && !check_digests(walk))
        return false;
    walk->verifier->report->ticks++;
    walk->verifier->report->trusted_tick = walk->row.tick;
    walk->verifier->report->trusted_seq = walk->last_seq;
    return true;
}

static bool check_position(event_walk *walk, int64_t seq)
{
    if (seq != walk->last_seq + 1)
        return eventure__verify_found(walk->verifier, "event %lld is missing: event %lld is followed by %lld",
                                      (long long)(walk->last_seq + 1), (long long)walk->last_seq, (long long)seq);
    int64_t tick = sqlite3_column_int64(walk->events, EVENTURE__RECORD_TICK);
    bool is_first = walk->row.first_seq == 0;
    if (!is_first && tick < walk->row.tick)
        return eventure__verify_found(walk->verifier, "event %lld is at tick %lld, after tick %lld", (long long)seq,
                                      (long long)tick, (long long)walk->row.tick);
    if (!is_first && tick == walk->row.tick)
        return true;
    return (is_first || end_tick(walk)) && begin_tick(walk, tick);
}

/* Reads a column as text, NULL when it is NULL. False when out of memory, or when the text continues after a zero
 * byte, where C code would not see it. */
static bool read_text(event_walk *walk, int column, const char **out, size_t *out_len)
{
    *out = (const char *)sqlite3_column_text(walk->events, column);
    *out_len = (size_t)sqlite3_column_bytes(walk->events, column);
    if (*out == NULL)
        return sqlite3_column_type(walk->events, column) == SQLITE_NULL || eventure__verify_no_memory(walk->verifier);
    return strlen(*out) == *out_len ||
           eventure__verify_found(walk->verifier, "event %lld has a text that contains a zero byte",
                                  (long long)sqlite3_column_int64(walk->events, EVENTURE__RECORD_SEQ));
}

/* Checks that no earlier event of the store has the id of an external parent: such a parent would have been stored with
 * its seq. Only without digests, which cover the seq of the parent. */
static bool check_external_parent(event_walk *walk, int64_t seq, const char *parent_id)
{
    eventure__verifier *verifier = walk->verifier;
    int64_t parent = 0;
    if (parent_id == NULL || walk->has_digests)
        return true;
    eventure_status status = eventure__store_seq_of_id(verifier->store, eventure__text_span(parent_id, 0), &parent);
    if (status == EVENTURE_OK && parent < seq)
        return eventure__verify_found(verifier, "event %lld has the id of event %lld as its parent id, but not its seq",
                                      (long long)seq, (long long)parent);
    if (status != EVENTURE_OK && status != EVENTURE_ERROR_NOT_FOUND)
        verifier->status = status;
    return verifier->status == EVENTURE_OK;
}

/* Checks that the parent is an earlier event, or archived, and that parent_id is its id. */
static bool check_parent(event_walk *walk, int64_t seq, const char *parent_id)
{
    eventure__verifier *verifier = walk->verifier;
    int64_t parent = sqlite3_column_int64(walk->events, EVENTURE__RECORD_PARENT_SEQ);
    const char *id = NULL;
    size_t id_len = 0;
    /* Digests treat an empty text as a missing one. */
    if (parent_id != NULL && *parent_id == '\0')
        return eventure__verify_found(verifier, "event %lld has an empty parent id", (long long)seq);
    if (sqlite3_column_type(walk->events, EVENTURE__RECORD_PARENT_SEQ) == SQLITE_NULL)
        return check_external_parent(walk, seq, parent_id);
    if (parent >= seq || parent < 1)
        return eventure__verify_found(verifier,
                                      "event %lld has event %lld as its parent, which is not an earlier event",
                                      (long long)seq, (long long)parent);
    if (!read_text(walk, EVENTURE__RECORD_ID_OF_PARENT, &id, &id_len))
        return false;
    if (id == NULL)
        return eventure__verify_found(verifier,
                                      "event %lld has the archived event %lld as its parent, of which nothing "
                                      "is left",
                                      (long long)seq, (long long)parent);
    if (parent_id != NULL && strcmp(parent_id, id) == 0)
        return true;
    return eventure__verify_found(
        verifier, "event %lld has the parent id %s, but the id of its parent, event %lld, is %s", (long long)seq,
        parent_id != NULL ? eventure__quote(parent_id, strlen(parent_id)).text : "nothing", (long long)parent,
        eventure__quote(id, id_len).text);
}

/* Finds the type among those found so far; checks a new one. NULL: a problem, or out of memory. */
static const eventure__type *check_type(event_walk *walk, int64_t seq)
{
    eventure__verifier *verifier = walk->verifier;
    const char *name = NULL;
    size_t len = 0;
    if (!read_text(walk, EVENTURE__RECORD_TYPE, &name, &len))
        return NULL;
    size_t number = name != NULL ? eventure__types_find(&walk->types, name, len) : 0;
    if (number != 0)
        return eventure__types_get(&walk->types, number);
    if (name == NULL || eventure__type_check(name, len, &verifier->store->error) != EVENTURE_OK)
    {
        eventure__verify_found(verifier, "event %lld: %s", (long long)seq,
                               name != NULL ? verifier->store->error.text : "it has no type");
        return NULL;
    }
    number = eventure__types_add(&walk->types, name, len);
    if (number == 0)
        eventure__verify_no_memory(verifier);
    return number != 0 ? eventure__types_get(&walk->types, number) : NULL;
}

/* Counts the event in the ordinals of its tick, and returns whether its id differs from the id derived from them. Call
 * once for each event. Equal ids are not checked here: the integrity check of the unique index detects them. */
static bool take_id(event_walk *walk, const eventure__type *type, const char *id)
{
    char derived[EVENTURE__ID_BYTES];
    eventure__id_format(derived, walk->row.tick, type->hash, ++walk->ordinals[type->hash_code]);
    bool is_explicit = strcmp(id, derived) != 0;
    walk->has_explicit_ids = walk->has_explicit_ids || is_explicit;
    return is_explicit;
}

static bool check_data(event_walk *walk, int64_t seq, const char *data, size_t len)
{
    eventure__verifier *verifier = walk->verifier;
    eventure__buffer_clear(&walk->compact);
    eventure_status status =
        eventure__json_compact(data, len, EVENTURE__JSON_MAX_DEPTH, &walk->compact, &verifier->store->error);
    if (status == EVENTURE_ERROR_MEMORY || walk->compact.failed)
        return eventure__verify_no_memory(verifier);
    if (status != EVENTURE_OK)
        return eventure__verify_found(verifier, "event %lld: data is not JSON: %s", (long long)seq,
                                      verifier->store->error.text);
    if (data[0] != '{' || walk->compact.len != len || memcmp(walk->compact.bytes, data, len) != 0)
        return eventure__verify_found(verifier, "event %lld: data is not a JSON object in compact form",
                                      (long long)seq);
    return true;
}

static bool next_origin(event_walk *walk)
{
    bool ok = true;
    walk->has_origin = eventure__verify_step(walk->verifier, walk->origins, "read the origins", &ok);
    return ok;
}

/* Checks that the digests of an origin equal those of the history up to its event, which may be in the middle of a
 * tick by now. */
static bool check_origins(event_walk *walk)
{
    eventure__tick_digest here;
    eventure__tick_digest recorded;
    bool ok = true;
    while (ok && walk->has_origin && sqlite3_column_int64(walk->origins, 1) <= walk->last_seq)
    {
        if (sqlite3_column_int64(walk->origins, 1) == walk->last_seq)
        {
            eventure__digest_chain_peek(&walk->chain, &here);
            if (!eventure__record_link(walk->origins, 3, &recorded) || memcmp(&here, &recorded, sizeof here) != 0)
                return eventure__verify_found(
                    walk->verifier, "the digests of the origin %lld do not match the history up to event %lld",
                    (long long)sqlite3_column_int64(walk->origins, 0), (long long)walk->last_seq);
        }
        ok = next_origin(walk);
    }
    return ok;
}

static bool check_event(event_walk *walk)
{
    eventure__verifier *verifier = walk->verifier;
    sqlite3_stmt *row = walk->events;
    int64_t seq = sqlite3_column_int64(row, EVENTURE__RECORD_SEQ);
    eventure__digest_input chained = {.parent_seq = sqlite3_column_int64(row, EVENTURE__RECORD_PARENT_SEQ),
                                      .timestamp = eventure__timestamp_column(row, EVENTURE__RECORD_TIMESTAMP)};
    const char *id = NULL;
    const char *parent_id = NULL;
    size_t len = 0;
    if (!check_position(walk, seq))
        return false;
    const eventure__type *type = check_type(walk, seq);
    if (type == NULL || !read_text(walk, EVENTURE__RECORD_DATA, &chained.data, &chained.data_len) ||
        !read_text(walk, EVENTURE__RECORD_ID, &id, &len) ||
        !read_text(walk, EVENTURE__RECORD_PARENT_ID, &parent_id, &len))
        return false;
    if (id == NULL || *id == '\0' || chained.data == NULL || chained.data_len == 0 ||
        !isfinite(chained.timestamp.seconds))
        return eventure__verify_found(verifier, "event %lld has no id, no data, or no time", (long long)seq);
    if (!check_parent(walk, seq, parent_id) || !check_data(walk, seq, chained.data, chained.data_len))
        return false;
    chained.type = type->name;
    chained.type_len = type->name_len;
    chained.explicit_id = take_id(walk, type, id) ? id : NULL;
    chained.external_parent_id = chained.parent_seq == 0 ? parent_id : NULL;
    if (walk->has_digests)
        eventure__digest_chain_add(&walk->chain, &chained);
    walk->last_seq = seq;
    verifier->report->events++;
    return !walk->has_digests || check_origins(walk);
}

/* A store with explicit ids must record that: otherwise a log would not check whether an id is used already. */
static bool check_explicit_ids(event_walk *walk)
{
    sqlite3_stmt *statement = NULL;
    if (!walk->has_explicit_ids)
        return true;
    bool ok = eventure__verify_take(walk->verifier, "SELECT foreign_ids FROM store", &statement);
    if (ok && eventure__verify_step(walk->verifier, statement, "read the row of the store", &ok) &&
        sqlite3_column_int(statement, 0) == 0)
        ok = eventure__verify_found(walk->verifier, "the store has explicit ids, but table store excludes them");
    eventure__store_release(walk->verifier->store, statement);
    return ok;
}

static bool walk_events(event_walk *walk)
{
    bool ok = true;
    while (ok && eventure__verify_step(walk->verifier, walk->events, "read the events", &ok))
        ok = check_event(walk) && eventure__verify_report_progress(walk->verifier, walk->row.tick);
    return ok && (walk->row.first_seq == 0 || end_tick(walk)) && check_explicit_ids(walk);
}

bool eventure__verify_events(eventure__verifier *verifier)
{
    event_walk walk = {.verifier = verifier, .last_seq = verifier->cut.last_seq};
    walk.ordinals = calloc(EVENTURE__HASH_CODES, sizeof *walk.ordinals);
    bool ok = walk.ordinals != NULL || eventure__verify_no_memory(verifier);
    ok = ok && eventure__verify_take(verifier, eventure__query_verify_events.text, &walk.events);
    ok = ok && eventure__verify_take(
                   verifier, "SELECT tick, first_seq, last_seq, run_digest, full_digest FROM tick ORDER BY tick",
                   &walk.ticks);
    ok = ok && eventure__verify_take(verifier, EVENTURE__VERIFY_ORIGINS, &walk.origins) && next_origin(&walk);
    ok = ok && begin_chain(&walk) && walk_events(&walk);
    eventure__store_release(verifier->store, walk.origins);
    eventure__store_release(verifier->store, walk.events);
    eventure__store_release(verifier->store, walk.ticks);
    eventure__buffer_free(&walk.compact);
    eventure__types_free(&walk.types);
    free(walk.ordinals);
    return ok;
}
