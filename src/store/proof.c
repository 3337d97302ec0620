/*
 * The notes about the other tables: see proof.h and schema/tables/5_proof.sql.
 */
#include "store/proof.h"

#include <string.h>

#include "base/sha512.h"
#include "embedded_sql.h"
#include "store/script.h"

const char *const eventure__proof_tables[] = {"archive",    "archived_events", "origin", "run_record",
                                              "save_point", "store",           NULL};

/* The queries for the columns that a note covers, in the order of eventure__proof_tables. Columns that change with a
 * commit of a log are not covered. */
static const char *const queries[] = {
    "SELECT before_tick, last_seq, run_digest, full_digest, file, created FROM archive ORDER BY before_tick",
    "SELECT seq, id, tick, type, parent_seq, parent_id FROM archived_events ORDER BY seq",
    "SELECT generation, uuid, tick, seq, run_digest, full_digest, created FROM origin ORDER BY generation",
    "SELECT key, value, json FROM run_record ORDER BY key",
    "SELECT name, tick, seq, note, created FROM save_point ORDER BY name",
    "SELECT id, uuid, created, digests FROM store ORDER BY id",
};

static const char *query_of(const char *table)
{
    size_t i = 0;
    while (strcmp(eventure__proof_tables[i], table) != 0)
        i++;
    return queries[i];
}

/* Adds a value with its type, so that different rows never give the same bytes. */
static bool add_value(eventure__digest *digest, sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);
    eventure__digest_add_int(digest, type);
    if (type == SQLITE_INTEGER)
        eventure__digest_add_int(digest, sqlite3_column_int64(row, column));
    else if (type == SQLITE_FLOAT)
        eventure__digest_add_double(digest, sqlite3_column_double(row, column));
    else if (type != SQLITE_NULL)
    {
        const char *bytes = type == SQLITE_TEXT ? (const char *)sqlite3_column_text(row, column)
                                                : (const char *)sqlite3_column_blob(row, column);
        size_t len = (size_t)sqlite3_column_bytes(row, column);
        if (bytes == NULL && (len > 0 || type == SQLITE_TEXT))
            return false;
        eventure__digest_add_text(digest, bytes != NULL ? bytes : "", len);
    }
    return true;
}

static eventure_status digest_of(eventure__store *store, const char *table, uint8_t out[EVENTURE__DIGEST_BYTES])
{
    const char *sql = query_of(table);
    eventure__digest digest;
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    bool ok = true;
    eventure_status status = eventure__store_prepare(store, sql, &row);
    if (status != EVENTURE_OK)
        return status;
    eventure__digest_begin(&digest);
    while (ok && (step = sqlite3_step(row)) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(row) && ok; i++)
            ok = add_value(&digest, row, i);
    if (!ok)
        status = eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", store->path);
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(store, table);
    eventure__digest_peek(&digest, out);
    eventure__store_release(store, row);
    return status;
}

/* Takes the statement that writes a note, and binds its name; makes the table when it does not exist. */
static eventure_status take_note(eventure__store *store, const char *name, sqlite3_stmt **out)
{
    static const char sql[] = "INSERT OR REPLACE INTO proof (name, value) VALUES (?1, ?2)";
    bool exists = false;
    *out = NULL;
    eventure_status status = eventure__store_has_table(store, "proof", &exists);
    if (status == EVENTURE_OK && !exists)
        status = eventure__script_run(store, "5_proof");
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(store, sql, out);
    if (status == EVENTURE_OK)
        sqlite3_bind_text(*out, 1, name, -1, SQLITE_STATIC);
    return status;
}

static eventure_status finish_note(eventure__store *store, sqlite3_stmt *note)
{
    eventure_status status = sqlite3_step(note) == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, "note");
    eventure__store_release(store, note);
    return status;
}

static eventure_status note_number(eventure__store *store, const char *name, int64_t value)
{
    sqlite3_stmt *note = NULL;
    eventure_status status = take_note(store, name, &note);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(note, 2, value);
    return finish_note(store, note);
}

eventure_status eventure__proof_note_table(eventure__store *store, const char *table)
{
    uint8_t digest[EVENTURE__DIGEST_BYTES];
    sqlite3_stmt *note = NULL;
    bool exists = false;
    eventure_status status = eventure__store_has_table(store, table, &exists);
    if (status != EVENTURE_OK || !exists)
        return status;
    status = digest_of(store, table, digest);
    if (status == EVENTURE_OK)
        status = take_note(store, table, &note);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_blob(note, 2, digest, sizeof digest, SQLITE_STATIC);
    return finish_note(store, note);
}

eventure_status eventure__proof_note_open_tick(eventure__store *store, int64_t tick)
{
    return note_number(store, "open_tick", tick);
}

eventure_status eventure__proof_note_current_tick(eventure__store *store, int64_t tick)
{
    return note_number(store, "current_tick", tick);
}

/* Notes the current tick according to `store`, and whether the newest row of `tick` is sealed. */
static eventure_status note_newest_tick(eventure__store *store)
{
    int64_t tick = 0;
    eventure_status status = eventure__store_ask_int(store, "cannot read it", "SELECT current_tick FROM store", &tick);
    if (status == EVENTURE_OK)
        status = eventure__proof_note_current_tick(store, tick);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__store_ask_int(
        store, "cannot read it",
        "SELECT coalesce((SELECT iif(sealed, -1, tick) FROM tick ORDER BY tick DESC LIMIT 1), -1)", &tick);
    return status == EVENTURE_OK ? eventure__proof_note_open_tick(store, tick) : status;
}

/* Finds the value of a note: column 0 of *out_row, which the caller releases; NULL when there is no such note. */
static eventure_status find_note(eventure__store *store, const char *name, sqlite3_stmt **out_row)
{
    static const char sql[] = "SELECT value FROM proof WHERE name = ?1";
    bool exists = false;
    *out_row = NULL;
    eventure_status status = eventure__store_has_table(store, "proof", &exists);
    if (status != EVENTURE_OK || !exists)
        return status;
    status = eventure__store_prepare(store, sql, out_row);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(*out_row, 1, name, -1, SQLITE_STATIC);
    int step = sqlite3_step(*out_row);
    if (step == SQLITE_ROW)
        return EVENTURE_OK;
    if (step != SQLITE_DONE)
        status = eventure__store_fail(store, "read the notes");
    eventure__store_release(store, *out_row);
    *out_row = NULL;
    return status;
}

eventure_status eventure__proof_number(eventure__store *store, const char *name, int64_t otherwise, int64_t *out)
{
    sqlite3_stmt *row = NULL;
    eventure_status status = find_note(store, name, &row);
    *out = row != NULL ? sqlite3_column_int64(row, 0) : otherwise;
    eventure__store_release(store, row);
    return status;
}

/* Returns the last tick that the notes cover; -1 when they cover none. */
static eventure_status find_noted_tick(eventure__store *store, int64_t noted_seq, int64_t *out)
{
    return eventure__store_ask_int_with(store, "count the ticks", "SELECT tick FROM events WHERE seq = ?1", noted_seq,
                                        -1, out);
}

/* Notes the newest event, and the number of rows of `tick`: those up to `tick` that were noted before, and those
 * after it. */
static eventure_status note_numbers(eventure__store *store, int64_t seq, int64_t tick, int64_t noted)
{
    int64_t later = 0;
    eventure_status status = eventure__store_ask_int_with(store, "count the ticks",
                                                          "SELECT count(*) FROM tick WHERE tick > ?1", tick, 0, &later);
    if (status == EVENTURE_OK)
        status = note_number(store, "events", seq);
    return status == EVENTURE_OK ? note_number(store, "ticks", noted + later) : status;
}

static eventure_status ask_last_seq(eventure__store *store, int64_t *out)
{
    const eventure__sql *last = &eventure__query_last_seq;
    return eventure__store_ask_int(store, "cannot read it", last->text, out);
}

eventure_status eventure__proof_note_all(eventure__store *store)
{
    int64_t seq = 0;
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; eventure__proof_tables[i] != NULL && status == EVENTURE_OK; i++)
        status = eventure__proof_note_table(store, eventure__proof_tables[i]);
    if (status == EVENTURE_OK)
        status = note_newest_tick(store);
    if (status == EVENTURE_OK)
        status = ask_last_seq(store, &seq);
    return status == EVENTURE_OK ? note_numbers(store, seq, -1, 0) : status;
}

static eventure_status note_end(eventure__store *store, int64_t seq, int64_t noted_seq)
{
    int64_t noted = 0;
    int64_t tick = -1;
    int64_t open_tick = 0;
    eventure_status status = eventure__proof_number(store, "ticks", 0, &noted);
    if (status == EVENTURE_OK)
        status = find_noted_tick(store, noted_seq, &tick);
    if (status == EVENTURE_OK)
        status = note_numbers(store, seq, tick, tick >= 0 ? noted : 0);
    if (status == EVENTURE_OK)
        status = eventure__proof_number(store, "open_tick", EVENTURE__OPEN_TICK_UNKNOWN, &open_tick);
    return status == EVENTURE_OK && open_tick == EVENTURE__OPEN_TICK_UNKNOWN ? note_newest_tick(store) : status;
}

eventure_status eventure__proof_note_end(eventure__store *store)
{
    int64_t seq = 0;
    int64_t noted_seq = 0;
    eventure_status status = ask_last_seq(store, &seq);
    if (status == EVENTURE_OK)
        status = eventure__proof_number(store, "events", -1, &noted_seq);
    if (status != EVENTURE_OK || seq == noted_seq)
        return status;
    status = eventure__store_run(store, "BEGIN IMMEDIATE", "note");
    if (status != EVENTURE_OK)
        return status;
    status = note_end(store, seq, noted_seq);
    if (status == EVENTURE_OK)
        status = eventure__store_run(store, "COMMIT", "note");
    if (status != EVENTURE_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

eventure_status eventure__proof_check_table(eventure__store *store, const char *table, bool *out_noted, bool *out_same)
{
    uint8_t digest[EVENTURE__DIGEST_BYTES];
    sqlite3_stmt *row = NULL;
    bool exists = false;
    *out_noted = *out_same = false;
    eventure_status status = eventure__store_has_table(store, table, &exists);
    if (status == EVENTURE_OK)
        status = find_note(store, table, &row);
    if (status != EVENTURE_OK)
        return status;
    if (!exists) /* there is nothing to compare; a table that was noted must exist */
    {
        *out_same = row == NULL;
        *out_noted = true;
        eventure__store_release(store, row);
        return EVENTURE_OK;
    }
    *out_noted = row != NULL;
    if (*out_noted)
        status = digest_of(store, table, digest);
    const void *noted = *out_noted ? sqlite3_column_blob(row, 0) : NULL;
    *out_same = noted != NULL && sqlite3_column_bytes(row, 0) == EVENTURE__DIGEST_BYTES && status == EVENTURE_OK &&
                memcmp(noted, digest, sizeof digest) == 0;
    eventure__store_release(store, row);
    return status;
}
