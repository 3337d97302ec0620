/*
 * The writer: ticks, types, digests and transactions; see writer.h.
 */
#include "log/writer.h"

#include <stdlib.h>
#include <string.h>

#include "store/block.h"
#include "store/size.h"

/* Room for the data of those that wait, so that most logs get no memory while they append. */
#define ROWS_FIRST_BYTES 8192

eventure_status eventure__writer_open(eventure__writer *writer, eventure_reader *store)
{
    writer->store = store;
    if (!eventure__buffer_reserve(&writer->rows_data, ROWS_FIRST_BYTES))
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
    return eventure__writer_prepare(writer);
}

void eventure__writer_close(eventure__writer *writer)
{
    eventure__writer_finalize(writer);
    eventure__data_indexes_free(&writer->data_indexes);
    eventure__buffer_free(&writer->rows_data);
    free(writer->types);
    free(writer->used_types);
    memset(writer, 0, sizeof *writer);
}

/* --- The current tick --- */

static void forget_tick(eventure__writer *writer)
{
    for (size_t i = 0; i < writer->used_types_count; i++)
        writer->types[writer->used_types[i] - 1].pending = 0;
    writer->used_types_count = 0;
    writer->first_seq = 0;
    writer->is_dirty = false;
}

void eventure__writer_clear(eventure__writer *writer)
{
    forget_tick(writer);
    eventure__writer_forget_rows(writer);
    writer->types_count = 0;
    writer->ticks_uncommitted = 0;
}

eventure_status eventure__writer_grow_types(eventure__writer *writer, size_t count)
{
    if (count > writer->types_capacity)
    {
        size_t capacity = count < 32 ? 32 : count * 2;
        eventure__type_use *types = realloc(writer->types, capacity * sizeof *types);
        if (types == NULL)
            return eventure__fail(&writer->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the types");
        writer->types = types;
        writer->types_capacity = capacity;
    }
    for (; writer->types_count < count; writer->types_count++)
        writer->types[writer->types_count] = (eventure__type_use){.pending = 0, .block = -1};
    return EVENTURE_OK;
}

void eventure__writer_start_tick(eventure__writer *writer, int64_t tick)
{
    forget_tick(writer);
    writer->tick = tick;
    if (writer->has_digests)
        eventure__chain_begin(&writer->chain, &writer->link, tick);
}

static void digest(eventure__writer *writer, const eventure__entry *entry)
{
    if (writer->has_digests)
        eventure__chain_add(&writer->chain, &(eventure__chained){
                                                .parent_seq = entry->parent_seq,
                                                .timestamp = entry->timestamp,
                                                .type = entry->type,
                                                .type_len = entry->type_len,
                                                .foreign_id = entry->foreign_id,
                                                .external_parent_id = entry->external_parent_id,
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

/* Counts an event of a type that `type_count` does not know of yet. */
static eventure_status count_type(eventure__writer *writer, int64_t type_id)
{
    eventure__type_use *type = &writer->types[type_id - 1];
    writer->is_dirty = true;
    if (type->pending++ > 0)
        return EVENTURE_OK;
    if (writer->used_types_count == writer->used_types_capacity)
    {
        size_t capacity = writer->used_types_capacity == 0 ? 64 : writer->used_types_capacity * 2;
        int64_t *types = realloc(writer->used_types, capacity * sizeof *types);
        if (types == NULL)
        {
            type->pending = 0;
            return eventure__fail(&writer->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the tick");
        }
        writer->used_types = types;
        writer->used_types_capacity = capacity;
    }
    writer->used_types[writer->used_types_count++] = type_id;
    return EVENTURE_OK;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Notes the block for a type that was not in it yet, as far as is known, and counts its events. */
static eventure_status write_type_of_tick(eventure__writer *writer, int64_t type_id)
{
    eventure__type_use *type = &writer->types[type_id - 1];
    sqlite3_stmt *count = writer->statements[EVENTURE__ADD_TO_TYPE_COUNT];
    int64_t block = eventure__block_of(writer->tick);
    if (type->block != block)
    {
        sqlite3_stmt *insert = writer->statements[EVENTURE__INSERT_TYPE_BLOCK];
        sqlite3_bind_int64(insert, 1, type_id);
        sqlite3_bind_int64(insert, 2, block);
        eventure_status status =
            eventure__writer_step(writer, EVENTURE__INSERT_TYPE_BLOCK, "note the blocks of the types");
        if (status != EVENTURE_OK)
            return status;
    }
    type->block = block;
    sqlite3_bind_int64(count, 1, type_id);
    sqlite3_bind_int64(count, 2, type->pending);
    type->pending = 0;
    return eventure__writer_step(writer, EVENTURE__ADD_TO_TYPE_COUNT, "count the types of the tick");
}

static eventure_status write_types_of_tick(eventure__writer *writer)
{
    eventure_status status = EVENTURE_OK;
    if (writer->used_types_count > 1)
        qsort(writer->used_types, writer->used_types_count, sizeof *writer->used_types, compare_ids);
    for (size_t i = 0; i < writer->used_types_count && status == EVENTURE_OK; i++)
        status = write_type_of_tick(writer, writer->used_types[i]);
    if (status == EVENTURE_OK)
        writer->used_types_count = 0;
    return status;
}

/* Brings `tick`, `type_block` and `type_count` up to date. */
static eventure_status write_tick(eventure__writer *writer, bool seal)
{
    if (writer->first_seq == 0 || (!writer->is_dirty && !seal))
        return EVENTURE_OK;
    eventure_status status = eventure__writer_write_rows(writer);
    if (status == EVENTURE_OK)
        status = write_types_of_tick(writer);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_stmt *upsert = writer->statements[EVENTURE__UPSERT_TICK];
    eventure__link link;
    sqlite3_bind_int64(upsert, 1, writer->tick);
    sqlite3_bind_int64(upsert, 2, writer->first_seq);
    sqlite3_bind_int64(upsert, 3, writer->last_seq);
    sqlite3_bind_int(upsert, 4, seal);
    if (writer->has_digests)
    {
        eventure__chain_peek(&writer->chain, &link);
        sqlite3_bind_blob(upsert, 5, link.run, sizeof link.run, SQLITE_STATIC);
        sqlite3_bind_blob(upsert, 6, link.full, sizeof link.full, SQLITE_STATIC);
    }
    status = eventure__writer_step(writer, EVENTURE__UPSERT_TICK, "write the tick");
    sqlite3_clear_bindings(upsert);
    if (status != EVENTURE_OK)
        return status;
    writer->is_dirty = false;
    if (seal)
        writer->told_tick = writer->tick + 1;
    if (seal && writer->has_digests)
        writer->link = link;
    return EVENTURE_OK;
}

eventure_status eventure__writer_next_tick(eventure__writer *writer, int64_t tick)
{
    eventure_status status = eventure__writer_begin(writer);
    if (status == EVENTURE_OK)
        status = write_tick(writer, true);
    if (status != EVENTURE_OK)
        return status;
    eventure__writer_start_tick(writer, tick);
    writer->ticks_uncommitted++;
    return EVENTURE_OK;
}

/* --- Types and events --- */

eventure_status eventure__writer_type(eventure__writer *writer, int64_t type_id, const char *name, size_t name_len,
                                      const char *hash)
{
    sqlite3_stmt *insert = writer->statements[EVENTURE__INSERT_TYPE];
    eventure_status status = eventure__writer_begin(writer);
    if (status == EVENTURE_OK)
        status = eventure__writer_grow_types(writer, (size_t)type_id);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(insert, 1, type_id);
    sqlite3_bind_text64(insert, 2, name, name_len, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_text(insert, 3, hash, -1, SQLITE_STATIC);
    status = eventure__writer_step(writer, EVENTURE__INSERT_TYPE, "write a type");
    sqlite3_clear_bindings(insert);
    return status;
}

/* Writes a text that belongs to an event, into its table. */
static eventure_status write_text(eventure__writer *writer, eventure__writer_statement which, int64_t seq,
                                  const char *text, const char *what)
{
    sqlite3_stmt *insert = writer->statements[which];
    sqlite3_bind_int64(insert, 1, seq);
    sqlite3_bind_text(insert, 2, text, -1, SQLITE_STATIC);
    eventure_status status = eventure__writer_step(writer, which, what);
    sqlite3_clear_bindings(insert);
    return status;
}

eventure_status eventure__writer_event(eventure__writer *writer, const eventure__entry *entry)
{
    eventure_status status = eventure__writer_begin(writer);
    if (status == EVENTURE_OK)
        status = eventure__writer_add_row(writer, entry);
    if (status == EVENTURE_OK && entry->foreign_id != NULL)
        status = write_text(writer, EVENTURE__INSERT_FOREIGN_ID, entry->seq, entry->foreign_id, "write an id");
    if (status == EVENTURE_OK && entry->external_parent_id != NULL)
        status = write_text(writer, EVENTURE__INSERT_EXTERNAL_PARENT, entry->seq, entry->external_parent_id,
                            "write a parent's id");
    if (status != EVENTURE_OK)
        return status;
    writer->last_seq = entry->seq;
    if (writer->first_seq == 0)
        writer->first_seq = entry->seq;
    digest(writer, entry);
    return count_type(writer, entry->type_id);
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

/* The current tick is written only when the newest row of `tick` does not tell it, so that the usual commit does
 * without that page. */
eventure_status eventure__writer_flush(eventure__writer *writer)
{
    if (!writer->in_transaction)
        return EVENTURE_OK;
    eventure_status status = write_tick(writer, false);
    if (status != EVENTURE_OK || writer->first_seq != 0 || writer->told_tick == writer->tick)
        return status;
    sqlite3_bind_int64(writer->statements[EVENTURE__SET_CURRENT_TICK], 1, writer->tick);
    status = eventure__writer_step(writer, EVENTURE__SET_CURRENT_TICK, "write the current tick");
    if (status == EVENTURE_OK)
        writer->told_tick = writer->tick;
    return status;
}

/* Takes what was appended into the indexes on data. Only an index that held everything before is kept so: one that is
 * being built is left to whoever builds it, as a commit must not take so long. */
static eventure_status index_data(eventure__writer *writer)
{
    eventure_status status = EVENTURE_OK;
    if (eventure__writer_is_lost(writer))
        status = eventure__fail(&writer->store->error, EVENTURE_ERROR_IO, "index data: " EVENTURE__LOST);
    for (size_t i = 0; i < writer->data_indexes.count && status == EVENTURE_OK; i++)
        if (writer->data_indexes.list[i].upto >= writer->indexed_seq)
            status = eventure__data_index_advance(writer->store, &writer->data_indexes.list[i], writer->last_seq);
    if (status == EVENTURE_OK)
        writer->indexed_seq = writer->last_seq;
    return status;
}

eventure_status eventure__writer_commit(eventure__writer *writer)
{
    writer->ticks_uncommitted = 0;
    if (!writer->in_transaction)
        return EVENTURE_OK;
    eventure_status status = eventure__writer_flush(writer);
    if (status == EVENTURE_OK && writer->data_indexes.count > 0)
        status = index_data(writer);
    if (status == EVENTURE_OK)
        status = eventure__store_check_size(writer->store);
    if (status == EVENTURE_OK)
        status = eventure__writer_step(writer, EVENTURE__COMMIT, "commit");
    if (status == EVENTURE_OK)
        writer->in_transaction = false;
    return status;
}
