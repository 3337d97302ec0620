/*
 * Each event in the order of the store, and each tick with what its row says: places, ordinals, ids, parents, data, the
 * blocks and counts of the types, and both chains of digests.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "embedded_sql.h"
#include "event/chain.h"
#include "event/id.h"
#include "event/json.h"
#include "integrity/verifier.h"
#include "store/block.h"

enum
{
    COLUMN_SEQ,
    COLUMN_TICK,
    COLUMN_TYPE,
    COLUMN_ORDINAL,
    COLUMN_PARENT,
    COLUMN_TIMESTAMP,
    COLUMN_DATA,
    COLUMN_FOREIGN_ID,
    COLUMN_EXTERNAL_PARENT
};

/* The row of a tick. */
typedef struct tick_row
{
    int64_t tick;
    int64_t first_seq;
    int64_t last_seq;
    bool has_link;
    eventure__link link;
} tick_row;

/* What was seen of a type so far. */
typedef struct seen_type
{
    int64_t count; /* of its events */
    int64_t block; /* of the last one */
} seen_type;

typedef struct event_walk
{
    eventure__verifier *verifier;
    sqlite3_stmt *events;
    sqlite3_stmt *ticks;
    sqlite3_stmt *blocks;
    eventure__buffer compact;
    eventure__chain chain;
    eventure__link link; /* of the tick before */
    bool has_digests;
    tick_row row;
    int64_t *ordinals; /* by hash code, in the current tick */
    seen_type *seen;   /* by type id - 1 */
    int64_t last_seq;
} event_walk;

static bool read_link(sqlite3_stmt *statement, int run_column, eventure__link *out)
{
    const void *run = sqlite3_column_blob(statement, run_column);
    const void *full = sqlite3_column_blob(statement, run_column + 1);
    if (run == NULL || full == NULL || sqlite3_column_bytes(statement, run_column) != EVENTURE__DIGEST_BYTES ||
        sqlite3_column_bytes(statement, run_column + 1) != EVENTURE__DIGEST_BYTES)
        return false;
    memcpy(out->run, run, sizeof out->run);
    memcpy(out->full, full, sizeof out->full);
    return true;
}

/* Whether the store keeps digests, and where its chain begins. */
static bool begin_chain(event_walk *walk)
{
    static const char sql[] = "SELECT store.digests, archive.run_digest, archive.full_digest FROM store "
                              "LEFT JOIN archive ON archive.before_tick = (SELECT max(before_tick) FROM archive)";
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(walk->verifier, sql, &statement);
    if (ok && eventure__verify_step(walk->verifier, statement, "read the digests", &ok))
    {
        const char *digests = (const char *)sqlite3_column_text(statement, 0);
        walk->has_digests = digests != NULL && strcmp(digests, "none") != 0;
        memset(&walk->link, 0, sizeof walk->link);
        if (walk->verifier->cut.last_seq > 0 && walk->has_digests && !read_link(statement, 1, &walk->link))
            ok = eventure__verify_found(walk->verifier, "the digests at the cut of the archive are missing");
    }
    eventure__store_give(walk->verifier->store, statement);
    return ok;
}

/* The row of the tick that begins with the event under the statement. */
static bool begin_tick(event_walk *walk, int64_t tick)
{
    bool ok = true;
    if (!eventure__verify_step(walk->verifier, walk->ticks, "read the ticks", &ok))
        return ok && eventure__verify_found(walk->verifier, "tick %lld has events and no row", (long long)tick);
    walk->row.tick = sqlite3_column_int64(walk->ticks, 0);
    walk->row.first_seq = sqlite3_column_int64(walk->ticks, 1);
    walk->row.last_seq = sqlite3_column_int64(walk->ticks, 2);
    walk->row.has_link = read_link(walk->ticks, 3, &walk->row.link);
    if (walk->row.tick != tick || walk->row.first_seq != walk->last_seq + 1)
        return eventure__verify_found(walk->verifier, "event %lld is at tick %lld, but the next row of tick is %lld",
                                      (long long)(walk->last_seq + 1), (long long)tick, (long long)walk->row.tick);
    memset(walk->ordinals, 0, EVENTURE__HASH_CODES * sizeof *walk->ordinals);
    if (walk->has_digests)
        eventure__chain_begin(&walk->chain, &walk->link, tick);
    return true;
}

/* The first event of a type in a block: there must be a row that leads to it. */
static bool check_block(event_walk *walk, int64_t seq, int64_t type_id, int64_t block)
{
    bool ok = true;
    sqlite3_bind_int64(walk->blocks, 1, type_id);
    sqlite3_bind_int64(walk->blocks, 2, block);
    bool has_row = eventure__verify_step(walk->verifier, walk->blocks, "read the blocks of the types", &ok);
    sqlite3_reset(walk->blocks);
    if (!ok || has_row)
        return ok;
    return eventure__verify_found(walk->verifier,
                                  "event %lld is of type %s, but type_block does not lead to block %lld",
                                  (long long)seq, walk->verifier->store->types[type_id - 1].name, (long long)block);
}

static bool check_type(event_walk *walk, int64_t seq, int64_t type_id)
{
    seen_type *seen = &walk->seen[type_id - 1];
    int64_t block = eventure__block_of(walk->row.tick);
    if ((seen->count == 0 || seen->block != block) && !check_block(walk, seq, type_id, block))
        return false;
    seen->count++;
    seen->block = block;
    return true;
}

static bool check_count(event_walk *walk, sqlite3_stmt *row, size_t type_id)
{
    bool ok = true;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)type_id);
    bool has_row = eventure__verify_step(walk->verifier, row, "read the counts of the types", &ok);
    int64_t count = has_row ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_reset(row);
    if (!ok || count == walk->seen[type_id - 1].count)
        return ok;
    return eventure__verify_found(walk->verifier, "there are %lld events of type %s, but type_count says %lld",
                                  (long long)walk->seen[type_id - 1].count,
                                  walk->verifier->store->types[type_id - 1].name, (long long)count);
}

/* All events were seen: what is said of their number must be so. */
static bool check_counts(event_walk *walk)
{
    sqlite3_stmt *row = NULL;
    bool ok = eventure__verify_take(walk->verifier, "SELECT count FROM type_count WHERE type = ?1", &row);
    for (size_t i = 1; i <= walk->verifier->store->types_count && ok; i++)
        ok = check_count(walk, row, i);
    eventure__store_give(walk->verifier->store, row);
    return ok;
}

static bool check_digests(event_walk *walk)
{
    eventure__link link;
    eventure__chain_peek(&walk->chain, &link);
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

/* All events of the tick were seen: what its row says must be so. */
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

static bool check_place(event_walk *walk, int64_t seq)
{
    if (seq != walk->last_seq + 1)
        return eventure__verify_found(walk->verifier, "event %lld is missing: event %lld is followed by %lld",
                                      (long long)(walk->last_seq + 1), (long long)walk->last_seq, (long long)seq);
    int64_t tick = sqlite3_column_int64(walk->events, COLUMN_TICK);
    bool is_first = walk->row.first_seq == 0;
    if (!is_first && tick < walk->row.tick)
        return eventure__verify_found(walk->verifier, "event %lld is at tick %lld, after tick %lld", (long long)seq,
                                      (long long)tick, (long long)walk->row.tick);
    if (!is_first && tick == walk->row.tick)
        return true;
    return (is_first || end_tick(walk)) && begin_tick(walk, tick);
}

static bool check_parent(event_walk *walk, int64_t seq, int64_t parent)
{
    eventure__verifier *verifier = walk->verifier;
    bool has_external = sqlite3_column_type(walk->events, COLUMN_EXTERNAL_PARENT) != SQLITE_NULL;
    if (sqlite3_column_type(walk->events, COLUMN_PARENT) == SQLITE_NULL)
        return true;
    if (has_external)
        return eventure__verify_found(verifier, "event %lld has a parent both in the store and outside",
                                      (long long)seq);
    if (parent >= seq || parent < 1)
        return eventure__verify_found(verifier, "event %lld has event %lld as its parent, which is not before it",
                                      (long long)seq, (long long)parent);
    if (parent > verifier->cut.last_seq)
        return true;
    eventure__archived archived;
    eventure_status status = eventure__store_archived(verifier->store, parent, &archived);
    if (status == EVENTURE_ERROR_NOT_FOUND)
        return eventure__verify_found(verifier,
                                      "event %lld has the archived event %lld as its parent, of which nothing "
                                      "is left",
                                      (long long)seq, (long long)parent);
    verifier->status = status;
    return status == EVENTURE_OK;
}

static bool check_ordinal_and_id(event_walk *walk, int64_t seq, const eventure__type *type)
{
    eventure__verifier *verifier = walk->verifier;
    int64_t expected = ++walk->ordinals[eventure__hash_code(type->hash)];
    int64_t ordinal = sqlite3_column_int64(walk->events, COLUMN_ORDINAL);
    if (ordinal != expected)
        return eventure__verify_found(verifier, "event %lld has the ordinal %lld, and should have %lld", (long long)seq,
                                      (long long)ordinal, (long long)expected);
    char natural[EVENTURE__ID_BYTES];
    const char *foreign = (const char *)sqlite3_column_text(walk->events, COLUMN_FOREIGN_ID);
    eventure__id_format(natural, walk->row.tick, type->hash, ordinal);
    if (foreign != NULL && strcmp(foreign, natural) == 0)
        return eventure__verify_found(verifier, "event %lld has its natural id %s as a foreign one", (long long)seq,
                                      natural);
    /* Whoever is found by the id must be this event: no two have the same. */
    eventure__id parsed;
    int64_t found = 0;
    if (foreign == NULL || !eventure__id_parse(foreign, strlen(foreign), &parsed))
        return true;
    static const char sql[] =
        "SELECT event.seq FROM type CROSS JOIN event ON event.block = ?1 / 8 "
        "AND event.type = type.id AND event.tick = ?1 AND event.ordinal = ?3 WHERE type.hash = ?2 AND NOT EXISTS "
        "(SELECT 1 FROM foreign_id WHERE foreign_id.seq = event.seq)";
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(verifier, sql, &statement);
    if (ok)
    {
        sqlite3_bind_int64(statement, 1, parsed.tick);
        sqlite3_bind_text(statement, 2, parsed.hash, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, parsed.n);
        if (eventure__verify_step(verifier, statement, "look an id up", &ok))
            found = sqlite3_column_int64(statement, 0);
    }
    eventure__store_give(verifier->store, statement);
    if (ok && found != 0)
        ok = eventure__verify_found(verifier, "events %lld and %lld have the same id %s", (long long)found,
                                    (long long)seq, foreign);
    return ok;
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

static bool check_event(event_walk *walk)
{
    eventure__verifier *verifier = walk->verifier;
    sqlite3_stmt *row = walk->events;
    int64_t seq = sqlite3_column_int64(row, COLUMN_SEQ);
    int64_t type_id = sqlite3_column_int64(row, COLUMN_TYPE);
    const char *data = (const char *)sqlite3_column_text(row, COLUMN_DATA);
    size_t data_len = (size_t)sqlite3_column_bytes(row, COLUMN_DATA);
    double timestamp = sqlite3_column_double(row, COLUMN_TIMESTAMP);
    int64_t parent = sqlite3_column_int64(row, COLUMN_PARENT);
    if (!check_place(walk, seq))
        return false;
    if (type_id < 1 || (uint64_t)type_id > verifier->store->types_count)
        return eventure__verify_found(verifier, "event %lld has type %lld, of %zu types", (long long)seq,
                                      (long long)type_id, verifier->store->types_count);
    if (data == NULL || data_len == 0 || !isfinite(timestamp))
        return eventure__verify_found(verifier, "event %lld has no data, or no time", (long long)seq);
    const eventure__type *type = &verifier->store->types[type_id - 1];
    if (!check_parent(walk, seq, parent) || !check_ordinal_and_id(walk, seq, type) ||
        !check_data(walk, seq, data, data_len) || !check_type(walk, seq, type_id))
        return false;
    if (walk->has_digests)
        eventure__chain_add(&walk->chain,
                            &(eventure__chained){
                                .parent_seq = parent,
                                .timestamp = timestamp,
                                .type = type->name,
                                .type_len = type->name_len,
                                .foreign_id = (const char *)sqlite3_column_text(row, COLUMN_FOREIGN_ID),
                                .external_parent_id = (const char *)sqlite3_column_text(row, COLUMN_EXTERNAL_PARENT),
                                .data = data,
                                .data_len = data_len,
                            });
    walk->last_seq = seq;
    verifier->report->events++;
    return true;
}

static bool walk_events(event_walk *walk)
{
    bool ok = true;
    while (ok && eventure__verify_step(walk->verifier, walk->events, "read the events", &ok))
        ok = check_event(walk) && eventure__verify_tell(walk->verifier, walk->row.tick);
    return ok && (walk->row.first_seq == 0 || end_tick(walk)) && check_counts(walk);
}

bool eventure__verify_events(eventure__verifier *verifier)
{
    event_walk walk = {.verifier = verifier, .last_seq = verifier->cut.last_seq};
    walk.ordinals = calloc(EVENTURE__HASH_CODES, sizeof *walk.ordinals);
    walk.seen = calloc(verifier->store->types_count + 1, sizeof *walk.seen);
    bool ok = (walk.ordinals != NULL && walk.seen != NULL) || eventure__verify_no_memory(verifier);
    ok = ok && eventure__verify_take(verifier, eventure__query_verify_events.text, &walk.events);
    ok = ok && eventure__verify_take(
                   verifier, "SELECT tick, first_seq, last_seq, run_digest, full_digest FROM tick ORDER BY tick",
                   &walk.ticks);
    ok = ok && eventure__verify_take(verifier, "SELECT 1 FROM type_block WHERE type = ?1 AND block = ?2", &walk.blocks);
    ok = ok && begin_chain(&walk) && walk_events(&walk);
    eventure__store_give(verifier->store, walk.events);
    eventure__store_give(verifier->store, walk.ticks);
    eventure__store_give(verifier->store, walk.blocks);
    eventure__buffer_free(&walk.compact);
    free(walk.ordinals);
    free(walk.seen);
    return ok;
}
