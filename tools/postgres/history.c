/*
 * The history in a store: see history.h.
 */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "message.h"

int history_fail(const history *self)
{
    int code = sqlite3_errcode(self->db);
    if ((code & 0xFF) == SQLITE_NOMEM)
        return message_memory();
    message("%s: %s", self->path, sqlite3_errmsg(self->db));
    return EXIT_FILE;
}

static bool copy_text(sqlite3_stmt *row, int column, char **out)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    *out = text != NULL ? strdup(text) : NULL;
    return *out != NULL;
}

static void copy_uuid(sqlite3_stmt *row, int column, char out[37])
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    out[0] = '\0';
    if (text != NULL)
        strncat(out, text, 36);
}

static int prepare(const history *self, const char *sql, sqlite3_stmt **out)
{
    return sqlite3_prepare_v2(self->db, sql, -1, out, NULL) == SQLITE_OK ? EXIT_DONE : history_fail(self);
}

/* Reads tick, last_seq, NOT sealed, run_digest, full_digest from the row. A later current tick ends a tick, too. */
static int read_end(const history *self, sqlite3_stmt *row, history_end *out)
{
    *out = (history_end){.tick = sqlite3_column_int64(row, 0),
                         .seq = sqlite3_column_int64(row, 1),
                         .is_open = sqlite3_column_int(row, 2) != 0};
    out->is_open = out->is_open && out->tick >= self->current_tick;
    for (int i = 0; i < 2; i++)
    {
        const void *digest = sqlite3_column_blob(row, 3 + i);
        if (digest == NULL || sqlite3_column_bytes(row, 3 + i) != HISTORY_DIGEST_BYTES)
        {
            message("%s: tick %lld has no digests; only a store with digests can be shipped, because they show whether "
                    "it is the history that was shipped before",
                    self->path, (long long)out->tick);
            return EXIT_DATA;
        }
        memcpy(i == 0 ? out->run_digest : out->full_digest, digest, HISTORY_DIGEST_BYTES);
    }
    return EXIT_DONE;
}

/* Reads one row with the columns of read_end, and finalizes the statement. Sets tick -1 when there is no row. */
static int find_end(const history *self, sqlite3_stmt *row, history_end *out)
{
    *out = (history_end){.tick = -1};
    int step = sqlite3_step(row);
    int exit_code = step == SQLITE_ROW    ? read_end(self, row, out)
                    : step == SQLITE_DONE ? EXIT_DONE
                                          : history_fail(self);
    sqlite3_finalize(row);
    return exit_code;
}

static int read_ends(history *self)
{
    sqlite3_stmt *row = NULL;
    int exit_code = prepare(self,
                            "SELECT tick, last_seq, NOT sealed, run_digest, full_digest FROM tick "
                            "ORDER BY tick DESC LIMIT 1",
                            &row);
    if (exit_code == EXIT_DONE)
        exit_code = find_end(self, row, &self->newest);
    if (exit_code == EXIT_DONE)
        exit_code = prepare(self,
                            "SELECT before_tick - 1, last_seq, 0, run_digest, full_digest FROM archive "
                            "ORDER BY before_tick DESC LIMIT 1",
                            &row);
    if (exit_code == EXIT_DONE)
        exit_code = find_end(self, row, &self->cut);
    return exit_code;
}

int history_read(history *self, sqlite3 *db, const char *path)
{
    /* A store of the present format that was made before runs had a record has no table `run`. */
    static const char with_record[] = "(SELECT record FROM run)";
    static const char without_record[] = "'{}'";
    static const char format[] =
        "SELECT store.uuid, store.created, store.foreign_ids, max(store.current_tick, coalesce((SELECT tick + sealed "
        "FROM tick ORDER BY tick DESC LIMIT 1), 0)), origin.uuid, origin.tick, origin.seq, %s, "
        "(SELECT json_group_array(json_array(generation, uuid, tick, seq, hex(run_digest), hex(full_digest), "
        "printf('%%!.17g', created))) "
        "FROM (SELECT * FROM origin ORDER BY generation)) FROM store LEFT JOIN origin ON origin.generation = "
        "(SELECT max(generation) FROM origin)";
    *self = (history){.db = db, .path = path};
    bool has_record =
        sqlite3_table_column_metadata(db, "main", "run_record", NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_stmt *row = NULL;
    char *sql = sqlite3_mprintf(format, has_record ? with_record : without_record);
    if (sql == NULL)
        return message_memory();
    int exit_code = prepare(self, sql, &row);
    sqlite3_free(sql);
    if (exit_code == EXIT_DONE && sqlite3_step(row) != SQLITE_ROW)
        exit_code = history_fail(self);
    if (exit_code == EXIT_DONE)
    {
        copy_uuid(row, 0, self->uuid);
        self->created = sqlite3_column_double(row, 1);
        self->foreign_ids = sqlite3_column_int(row, 2) != 0;
        self->current_tick = sqlite3_column_int64(row, 3);
        copy_uuid(row, 4, self->origin_uuid);
        self->origin_tick = sqlite3_column_int64(row, 5);
        self->origin_seq = sqlite3_column_int64(row, 6);
        if (!copy_text(row, 7, &self->record) || !copy_text(row, 8, &self->origins))
            exit_code = message_memory();
    }
    sqlite3_finalize(row);
    return exit_code == EXIT_DONE ? read_ends(self) : exit_code;
}

void history_free(history *self)
{
    free(self->record);
    free(self->origins);
    *self = (history){0};
}

int history_find(const history *self, int64_t at_most, int64_t seq, history_end *out)
{
    sqlite3_stmt *row = NULL;
    int exit_code = prepare(self,
                            "SELECT tick, last_seq, NOT sealed, run_digest, full_digest FROM tick "
                            "WHERE tick <= ?1 AND last_seq <= ?2 ORDER BY tick DESC LIMIT 1",
                            &row);
    if (exit_code != EXIT_DONE)
        return exit_code;
    sqlite3_bind_int64(row, 1, at_most);
    sqlite3_bind_int64(row, 2, seq);
    exit_code = find_end(self, row, out);
    if (exit_code == EXIT_DONE && out->tick < 0 && self->cut.seq > 0 && self->cut.tick <= at_most &&
        self->cut.seq <= seq)
        *out = self->cut;
    return exit_code;
}

int history_next(const history *self, int64_t tick, int64_t events, bool with_open, history_end *out)
{
    sqlite3_stmt *row = NULL;
    int64_t counted = 0;
    int step = SQLITE_DONE;
    *out = (history_end){.tick = -1};
    int exit_code = prepare(self,
                            "SELECT tick, last_seq, NOT sealed, run_digest, full_digest, last_seq - first_seq + 1 "
                            "FROM tick WHERE tick > ?1 ORDER BY tick",
                            &row);
    if (exit_code != EXIT_DONE)
        return exit_code;
    sqlite3_bind_int64(row, 1, tick);
    while (counted < events && exit_code == EXIT_DONE && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        history_end end;
        exit_code = read_end(self, row, &end);
        if (end.is_open && !with_open)
            break;
        *out = end;
        counted += sqlite3_column_int64(row, 5);
    }
    if (exit_code == EXIT_DONE && step != SQLITE_ROW && step != SQLITE_DONE)
        exit_code = history_fail(self);
    sqlite3_finalize(row);
    return exit_code;
}
