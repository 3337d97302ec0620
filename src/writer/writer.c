/*
 * The writer: ticks, types, digests and transactions; see writer.h.
 */
#include "writer/writer.h"

#include <string.h>

#include "base/assertion.h"
#include "store/proof.h"
#include "store/size.h"

/* The initial size of the buffer of pending events, so that most logs allocate no memory while they append. */
#define ROWS_FIRST_BYTES 8192

eventure_status eventure__writer_open(eventure__writer *writer, eventure__store *store)
{
    writer->store = store;
    if (!eventure__buffer_reserve(&writer->rows_texts, ROWS_FIRST_BYTES))
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
    return eventure__writer_prepare(writer);
}

void eventure__writer_close(eventure__writer *writer)
{
    eventure__writer_finalize(writer);
    eventure__writer_abandon(writer);
}

void eventure__writer_abandon(eventure__writer *writer)
{
    eventure__data_indexes_free(&writer->data_indexes);
    eventure__buffer_free(&writer->rows_texts);
    memset(writer, 0, sizeof *writer);
}

/* --- The current tick --- */

void eventure__writer_clear(eventure__writer *writer)
{
    eventure__writer_forget_rows(writer);
    writer->ticks_uncommitted = 0;
}

void eventure__writer_start_tick(eventure__writer *writer, int64_t tick)
{
    writer->first_seq = 0;
    writer->is_dirty = false;
    writer->tick = tick;
    if (writer->has_digests)
        eventure__digest_chain_begin(&writer->chain, &writer->link, tick);
}

static void digest(eventure__writer *writer, const eventure__entry *entry)
{
    if (writer->has_digests)
        eventure__digest_chain_add(&writer->chain,
                                   &(eventure__digest_input){
                                       .parent_seq = entry->parent_seq,
                                       .timestamp = entry->timestamp,
                                       .type = entry->type,
                                       .type_len = entry->type_len,
                                       .explicit_id = entry->has_explicit_id ? entry->id : NULL,
                                       .external_parent_id = entry->parent_seq == 0 ? entry->parent_id : NULL,
                                       .data = entry->data,
                                       .data_len = entry->data_len,
                                   });
}

void eventure__writer_resume_event(eventure__writer *writer, const eventure__entry *entry)
{
    if (writer->first_seq == 0)
        writer->first_seq = entry->seq;
    if (entry->data != NULL)
        digest(writer, entry);
}

/* Updates the table `tick`. */
static eventure_status write_tick(eventure__writer *writer, bool seal)
{
    if (writer->first_seq == 0 || (!writer->is_dirty && !seal))
        return EVENTURE_OK;
    eventure_status status = eventure__writer_write_rows(writer);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_stmt *upsert = writer->statements[EVENTURE__UPSERT_TICK];
    eventure__tick_digest link;
    sqlite3_bind_int64(upsert, 1, writer->tick);
    sqlite3_bind_int64(upsert, 2, writer->first_seq);
    sqlite3_bind_int64(upsert, 3, writer->last_seq);
    sqlite3_bind_int(upsert, 4, seal);
    if (writer->has_digests)
    {
        eventure__digest_chain_peek(&writer->chain, &link);
        sqlite3_bind_blob(upsert, 5, link.run, sizeof link.run, SQLITE_STATIC);
        sqlite3_bind_blob(upsert, 6, link.full, sizeof link.full, SQLITE_STATIC);
    }
    status = eventure__writer_step(writer, EVENTURE__UPSERT_TICK, "write the tick");
    sqlite3_clear_bindings(upsert);
    if (status != EVENTURE_OK)
        return status;
    writer->is_dirty = false;
    if (seal)
        writer->persisted_tick = writer->tick + 1;
    if (seal && writer->has_digests)
        writer->link = link;
    return EVENTURE_OK;
}

eventure_status eventure__writer_next_tick(eventure__writer *writer, int64_t tick)
{
    eventure_status status = eventure__writer_begin(writer);
    assert(tick > writer->tick); /* ticks do not go back */
    if (status == EVENTURE_OK)
        status = write_tick(writer, true);
    if (status != EVENTURE_OK)
        return status;
    assert(writer->in_transaction && !writer->is_dirty);
    eventure__writer_start_tick(writer, tick);
    writer->ticks_uncommitted++;
    return EVENTURE_OK;
}

/* --- Events --- */

/* Records in the file the first explicit id: without any, a tick begins without a search for ids in use. Also records
   the first parent that is not in the store, because a later event may have its id: without any, a cascade is found by
   seqs alone. */
static eventure_status note_explicit_ids(eventure__writer *writer)
{
    eventure_status status =
        eventure__writer_step(writer, EVENTURE__SET_EXPLICIT_IDS, "note that there are explicit ids");
    writer->has_explicit_ids = status == EVENTURE_OK;
    return status;
}

eventure_status eventure__writer_event(eventure__writer *writer, const eventure__entry *entry)
{
    eventure_status status = eventure__writer_begin(writer);
    if (status == EVENTURE_OK)
        status = eventure__writer_add_row(writer, entry);
    assert(entry->seq > writer->last_seq && entry->parent_seq < entry->seq); /* a cause is before its effects */
    const bool is_late = entry->parent_seq == 0 && entry->parent_id != NULL;
    if (status == EVENTURE_OK && (entry->has_explicit_id || is_late) && !writer->has_explicit_ids)
        status = note_explicit_ids(writer);
    if (status != EVENTURE_OK)
        return status;
    writer->last_seq = entry->seq;
    if (writer->first_seq == 0)
        writer->first_seq = entry->seq;
    writer->is_dirty = true;
    digest(writer, entry);
    return EVENTURE_OK;
}

/* --- Transactions --- */

eventure_status eventure__writer_begin(eventure__writer *writer)
{
    if (writer->in_transaction)
        return EVENTURE_OK;
    eventure_status status = eventure__writer_step(writer, EVENTURE__BEGIN, "begin a transaction");
    writer->in_transaction = status == EVENTURE_OK;
    return status;
}

/* The current tick is written only when it cannot be derived from the newest row of `tick`, so that the usual commit
   does not write that page. */
eventure_status eventure__writer_flush(eventure__writer *writer)
{
    if (!writer->in_transaction)
        return EVENTURE_OK;
    eventure_status status = write_tick(writer, false);
    if (status != EVENTURE_OK || writer->first_seq != 0 || writer->persisted_tick == writer->tick)
        return status;
    sqlite3_bind_int64(writer->statements[EVENTURE__SET_CURRENT_TICK], 1, writer->tick);
    status = eventure__writer_step(writer, EVENTURE__SET_CURRENT_TICK, "write the current tick");
    if (status == EVENTURE_OK)
        status = eventure__proof_note_current_tick(writer->store, writer->tick);
    if (status == EVENTURE_OK)
        writer->persisted_tick = writer->tick;
    return status;
}

/* Adds the appended events to the indexes on data. Only a complete index is updated: an index that is being built is
   left to the function that builds it, because a commit must be short. */
static eventure_status index_data(eventure__writer *writer)
{
    eventure_status status = EVENTURE_OK;
    if (eventure__writer_was_rolled_back(writer))
        status = eventure__fail(&writer->store->error, EVENTURE_ERROR_IO, "index data: " EVENTURE__ROLLED_BACK);
    for (size_t i = 0; i < writer->data_indexes.count && status == EVENTURE_OK; i++)
        if (writer->data_indexes.list[i].indexed_seq >= writer->indexed_seq)
            status = eventure__data_index_advance(writer->store, &writer->data_indexes.list[i], writer->last_seq);
    if (status == EVENTURE_OK)
        writer->indexed_seq = writer->last_seq;
    return status;
}

/* Only this record determines whether the newest tick is sealed. It changes only with a commit in the middle of a tick,
   and with the commit after it. */
static eventure_status note_open_tick(eventure__writer *writer)
{
    int64_t open_tick = writer->first_seq != 0 ? writer->tick : EVENTURE__NO_OPEN_TICK;
    if (writer->open_tick == open_tick || writer->open_tick == EVENTURE__OPEN_TICK_UNKNOWN)
        return EVENTURE_OK;
    if (eventure__writer_was_rolled_back(writer))
        return eventure__fail(&writer->store->error, EVENTURE_ERROR_IO, "note the open tick: " EVENTURE__ROLLED_BACK);
    eventure_status status = eventure__proof_note_open_tick(writer->store, open_tick);
    if (status == EVENTURE_OK)
        writer->open_tick = open_tick;
    return status;
}

eventure_status eventure__writer_commit(eventure__writer *writer)
{
    writer->ticks_uncommitted = 0;
    if (!writer->in_transaction)
        return EVENTURE_OK;
    eventure_status status = eventure__writer_flush(writer);
    if (status == EVENTURE_OK)
        status = note_open_tick(writer);
    if (status == EVENTURE_OK && writer->data_indexes.count > 0)
        status = index_data(writer);
    if (status == EVENTURE_OK)
        status = eventure__store_check_size(writer->store);
    if (status == EVENTURE_OK)
        status = eventure__writer_step(writer, EVENTURE__COMMIT, "commit");
    if (status != EVENTURE_OK)
        return status;
    assert(writer->rows_count == 0 && !writer->is_dirty);
    assert(sqlite3_get_autocommit(writer->store->db) != 0);
    writer->in_transaction = false;
    return eventure__store_check_committed(writer->store);
}
