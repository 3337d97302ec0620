/*
 * Shipping: see ship.h.
 */
#include "ship.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "copy_text.h"
#include "history.h"
#include "message.h"

/* A transaction adds whole ticks until it has at least this many events. */
#define TRANSACTION_EVENTS 20000

/* The buffer of rows is sent when it has at least this many bytes. */
#define SEND_BYTES ((size_t)64 << 10)

#define NUMBER_BYTES 24
#define DIGEST_TEXT_BYTES (2 + 2 * HISTORY_DIGEST_BYTES + 1)

typedef struct work
{
    server *to;
    shipment *store;
    const ship_options *options;
    history history;
    history_end position; /* the end of the run on the server */
    eventure__buffer rows;
    char what[160]; /* for messages */
} work;

static const char *number_text(char out[NUMBER_BYTES], int64_t number)
{
    snprintf(out, NUMBER_BYTES, "%" PRId64, number);
    return out;
}

static const char *digest_text(char out[DIGEST_TEXT_BYTES], const unsigned char digest[HISTORY_DIGEST_BYTES])
{
    memcpy(out, "\\x", 2);
    eventure__format_hex(out + 2, digest, HISTORY_DIGEST_BYTES);
    return out;
}

/* Reads a digest in the server's notation, \x and hexadecimal digits. NULL becomes zeros. */
static void read_digest(const PGresult *result, int column, unsigned char out[HISTORY_DIGEST_BYTES])
{
    const char *text = PQgetvalue(result, 0, column);
    memset(out, 0, HISTORY_DIGEST_BYTES);
    if (strlen(text) != 2 + 2 * HISTORY_DIGEST_BYTES)
        return;
    for (size_t i = 0; i < HISTORY_DIGEST_BYTES; i++)
    {
        const char byte[3] = {text[2 + 2 * i], text[3 + 2 * i], '\0'};
        out[i] = (unsigned char)strtoul(byte, NULL, 16);
    }
}

static bool same_end(const history_end *a, const history_end *b)
{
    return a->tick == b->tick &&
           (a->tick < 0 || (a->seq == b->seq && memcmp(a->full_digest, b->full_digest, HISTORY_DIGEST_BYTES) == 0));
}

/* --- The position on the server --- */

/* Locks the row of the run, which is made when it is missing, and reads its position. */
static int read_position(work *self)
{
    char created[40];
    snprintf(created, sizeof created, "%.17g", self->history.created);
    const char *const values[] = {self->history.uuid, created, self->history.foreign_ids ? "t" : "f"};
    PGresult *result = NULL;
    int exit_code = server_ask(self->to, self->what,
                               "SELECT last_tick, last_seq, is_open, run_digest, full_digest "
                               "FROM eventure.begin_ship($1, $2, $3)",
                               3, values, &result);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (PQntuples(result) == 1)
    {
        self->position = (history_end){.tick = strtoll(PQgetvalue(result, 0, 0), NULL, 10),
                                       .seq = strtoll(PQgetvalue(result, 0, 1), NULL, 10),
                                       .is_open = *PQgetvalue(result, 0, 2) == 't'};
        read_digest(result, 3, self->position.run_digest);
        read_digest(result, 4, self->position.full_digest);
    }
    else
    {
        message("%s: the server does not say where the run ends: the schema was changed by hand", self->what);
        exit_code = EXIT_FILE;
    }
    PQclear(result);
    return exit_code;
}

/* Reads the newest closed tick of a run on the server that is not after `at_most`; tick -1 when there is none. */
static int ask_tick(work *self, const char *run, int64_t at_most, history_end *out)
{
    char number[NUMBER_BYTES];
    const char *const values[] = {run, number_text(number, at_most)};
    PGresult *result = NULL;
    *out = (history_end){.tick = -1};
    int exit_code = server_ask(self->to, self->what,
                               "SELECT tick, last_seq, run_digest, full_digest FROM eventure.shipped_tick($1, $2)", 2,
                               values, &result);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
    {
        out->tick = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        out->seq = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
        read_digest(result, 2, out->run_digest);
        read_digest(result, 3, out->full_digest);
    }
    PQclear(result);
    return EXIT_DONE;
}

/* --- Comparing the store with what was shipped before --- */

/* Finds the first tick in which the histories of the store and of the server differ. They are known to differ at
 * `last`. Bisection works because the digests of a tick cover all events up to it: they are equal only if the histories
 * are equal up to this tick. */
static int find_departure(work *self, int64_t last, int64_t *out_tick)
{
    int64_t equal = -1;
    int64_t differs = last;
    while (differs - equal > 1)
    {
        int64_t middle = equal + (differs - equal) / 2;
        history_end here;
        history_end there;
        int exit_code = history_find(&self->history, middle, INT64_MAX, &here);
        if (exit_code == EXIT_DONE)
            exit_code = ask_tick(self, self->history.uuid, middle, &there);
        if (exit_code != EXIT_DONE)
            return exit_code;
        if (same_end(&here, &there))
            equal = middle;
        else
            differs = middle;
    }
    *out_tick = differs;
    return EXIT_DONE;
}

/* Called for a store that ends before the position. Sets *out_is_older when its history is the beginning of the shipped
 * one; this is an error unless allow_older is set. */
static int check_older(work *self, bool *out_is_older)
{
    const history_end *newest = &self->history.newest;
    history_end there;
    int exit_code = ask_tick(self, self->history.uuid, newest->tick, &there);
    *out_is_older = exit_code == EXIT_DONE && (newest->tick < 0 || same_end(&there, newest));
    if (!*out_is_older || self->options->allow_older)
        return exit_code;
    message("%s: ends at tick %" PRId64 ", but the server has the run %s up to tick %" PRId64
            ": the store was rewound, "
            "or is an older copy or an archive; nothing was shipped (--allow-older accepts it)",
            self->what, newest->tick, self->history.uuid, self->position.tick);
    return EXIT_DATA;
}

/* Checks that the history of the store contains the position with the same digests. *out_is_older: the store has only
 * the beginning of the shipped history. */
static int check_position(work *self, bool *out_is_older)
{
    const history_end *position = &self->position;
    history_end here;
    int64_t departure = 0;
    *out_is_older = false;
    if (self->history.cut.seq > position->seq)
    {
        message("%s: begins after event %" PRId64 ", and the server has the run up to event %" PRId64 ": ship the "
                "archive with the events before first",
                self->what, self->history.cut.seq, position->seq);
        return EXIT_DATA;
    }
    int exit_code = history_find(&self->history, position->tick, INT64_MAX, &here);
    if (exit_code != EXIT_DONE || position->tick < 0 || same_end(&here, position))
        return exit_code;
    if (self->history.newest.tick < position->tick)
        exit_code = check_older(self, out_is_older);
    if (exit_code != EXIT_DONE || *out_is_older)
        return exit_code;
    exit_code = find_departure(self, position->tick, &departure);
    if (exit_code != EXIT_DONE)
        return exit_code;
    message("%s: is not the history that was shipped as run %s: it diverges at tick %" PRId64
            " (the server has the run up to tick %" PRId64
            "); nothing was shipped. Was the store rewound or repaired? A fork has a uuid of its "
            "own, and can be shipped",
            self->what, self->history.uuid, departure, position->tick);
    return EXIT_DATA;
}

/* --- Forks --- */

/* Makes a new run that is a fork share the ticks of its origin on the server. `common` is the newest closed tick of the
   store that ends at or before the fork; `there` is the newest closed tick of the origin on the server that is not
   after it, and earlier when the origin was not shipped up to the fork. The second look-up then sets `common` to the
   newest tick of the store that is not after `there`. When the two differ, the fork is shipped whole. */
static int share_origin(work *self)
{
    const history *here = &self->history;
    history_end common;
    history_end there;
    if (here->origin_uuid[0] == '\0' || self->position.tick >= 0)
        return EXIT_DONE;
    int exit_code = history_find(here, here->origin_tick, here->origin_seq, &common);
    if (exit_code == EXIT_DONE && common.is_open)
        exit_code = history_find(here, common.tick - 1, here->origin_seq, &common);
    if (exit_code == EXIT_DONE && common.tick >= 0)
        exit_code = ask_tick(self, here->origin_uuid, common.tick, &there);
    if (exit_code != EXIT_DONE || common.tick < 0 || there.tick < 0)
        return exit_code;
    /* The server may have the origin up to an earlier tick only. */
    exit_code = history_find(here, there.tick, here->origin_seq, &common);
    if (exit_code != EXIT_DONE || common.tick < 0 || !same_end(&common, &there))
        return exit_code;
    char seq[NUMBER_BYTES];
    char tick[NUMBER_BYTES];
    char run_digest[DIGEST_TEXT_BYTES];
    char full_digest[DIGEST_TEXT_BYTES];
    const char *const values[] = {here->uuid,
                                  here->origin_uuid,
                                  number_text(seq, common.seq),
                                  number_text(tick, common.tick),
                                  digest_text(run_digest, common.run_digest),
                                  digest_text(full_digest, common.full_digest)};
    exit_code = server_ask(self->to, self->what, "SELECT eventure.set_fork($1, $2, $3, $4, $5, $6)", 6, values, NULL);
    if (exit_code == EXIT_DONE)
        self->position = common;
    return exit_code;
}

/* --- Rows --- */

static int send_rows(work *self, bool all)
{
    if (self->rows.failed)
        return message_memory();
    if (self->rows.len == 0 || (!all && self->rows.len < SEND_BYTES))
        return EXIT_DONE;
    int exit_code = server_copy_put(self->to, self->what, self->rows.bytes, self->rows.len);
    eventure__buffer_clear(&self->rows);
    return exit_code;
}

/* One row of `event`: 0 seq, 1 tick, 2 timestamp, 3 type, 4 id, 5 parent_seq, 6 parent_id, 7 data. */
static void append_event(work *self, sqlite3_stmt *row)
{
    eventure__buffer *out = &self->rows;
    const char *data = (const char *)sqlite3_column_text(row, 7);
    size_t data_len = (size_t)sqlite3_column_bytes(row, 7);
    eventure__buffer_append_text(out, self->history.uuid);
    for (int i = 0; i < 7; i++)
    {
        eventure__buffer_append_char(out, '\t');
        copy_text_column(out, row, i);
        if (i != 2)
            continue;
        eventure__buffer_append_char(out, '\t');
        if (sqlite3_column_type(row, i) == SQLITE_INTEGER)
            copy_text_column(out, row, i);
        else
            eventure__buffer_append_text(out, "\\N");
    }
    eventure__buffer_append_char(out, '\t');
    if (data == NULL)
        out->failed = true;
    else if (copy_text_fits_jsonb(data, data_len))
        copy_text_append(out, data, data_len);
    else
        eventure__buffer_append_text(out, "\\N");
    eventure__buffer_append_char(out, '\t');
    if (data != NULL)
        copy_text_append(out, data, data_len);
    eventure__buffer_append_char(out, '\n');
}

static void append_tick(work *self, sqlite3_stmt *row)
{
    eventure__buffer_append_text(&self->rows, self->history.uuid);
    for (int i = 0; i < 5; i++)
    {
        eventure__buffer_append_char(&self->rows, '\t');
        copy_text_column(&self->rows, row, i);
    }
    eventure__buffer_append_char(&self->rows, '\n');
}

/* Sends the rows of a query with two bounds as one COPY. */
static int copy_rows(work *self, const char *copy_sql, const char *sql, int64_t after, int64_t upto,
                     void (*append)(work *self, sqlite3_stmt *row))
{
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    if (sqlite3_prepare_v2(self->store->db, sql, -1, &row, NULL) != SQLITE_OK)
        return history_fail(&self->history);
    sqlite3_bind_int64(row, 1, after);
    sqlite3_bind_int64(row, 2, upto);
    eventure__buffer_clear(&self->rows);
    int exit_code = server_copy_begin(self->to, self->what, copy_sql);
    while (exit_code == EXIT_DONE && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        append(self, row);
        exit_code = send_rows(self, false);
    }
    if (exit_code == EXIT_DONE && step != SQLITE_DONE)
        exit_code = history_fail(&self->history);
    if (exit_code == EXIT_DONE)
        exit_code = send_rows(self, true);
    if (exit_code == EXIT_DONE)
        exit_code = server_copy_end(self->to, self->what);
    sqlite3_finalize(row);
    return exit_code;
}

static int send_ticks(work *self, const history_end *end)
{
    int exit_code = copy_rows(
        self,
        "COPY eventure.event (run, seq, tick, timestamp, timestamp_integer, type, id, parent_seq, parent_id, data, "
        "data_text) FROM STDIN",
        "SELECT seq, tick, timestamp, type, id, parent_seq, parent_id, data FROM events "
        "WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
        self->position.seq, end->seq, append_event);
    if (exit_code != EXIT_DONE)
        return exit_code;
    return copy_rows(self, "COPY eventure.tick (run, tick, first_seq, last_seq, run_digest, full_digest) FROM STDIN",
                     "SELECT tick, first_seq, last_seq, run_digest, full_digest FROM tick "
                     "WHERE tick > ?1 AND tick <= ?2 ORDER BY tick",
                     self->position.tick, end->tick, append_tick);
}

/* Moves the position to the end of the rows that were sent, and commits. */
static int end_transaction(work *self, const history_end *end)
{
    const history *here = &self->history;
    char seq[NUMBER_BYTES];
    char tick[NUMBER_BYTES];
    char current[NUMBER_BYTES];
    char origin_tick[NUMBER_BYTES];
    char origin_seq[NUMBER_BYTES];
    char run_digest[DIGEST_TEXT_BYTES];
    char full_digest[DIGEST_TEXT_BYTES];
    bool is_fork = here->origin_uuid[0] != '\0';
    const char *const values[] = {here->uuid,
                                  number_text(seq, end->seq),
                                  number_text(tick, end->tick),
                                  end->is_open ? "t" : "f",
                                  end->tick >= 0 ? digest_text(run_digest, end->run_digest) : NULL,
                                  end->tick >= 0 ? digest_text(full_digest, end->full_digest) : NULL,
                                  number_text(current, here->current_tick),
                                  here->foreign_ids ? "t" : "f",
                                  here->record,
                                  here->origins,
                                  is_fork ? here->origin_uuid : NULL,
                                  is_fork ? number_text(origin_tick, here->origin_tick) : NULL,
                                  is_fork ? number_text(origin_seq, here->origin_seq) : NULL};
    int exit_code = server_ask(self->to, self->what,
                               "SELECT eventure.end_ship($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", 13,
                               values, NULL);
    return exit_code == EXIT_DONE ? server_run(self->to, self->what, "COMMIT") : exit_code;
}

/* --- The work --- */

/* Removes the open tick of the run from the server, so that it is shipped again as a whole. *out_waits: it was not
   removed, because the tick is still open in the store and there is nothing to ship: it has not grown, or open ticks
   are not shipped. */
static int settle_open_tick(work *self, bool *out_waits)
{
    history_end here;
    *out_waits = false;
    if (!self->position.is_open)
        return EXIT_DONE;
    int exit_code = history_find(&self->history, self->position.tick, INT64_MAX, &here);
    if (exit_code != EXIT_DONE)
        return exit_code;
    *out_waits = here.is_open && (same_end(&here, &self->position) || !self->options->with_open_tick);
    if (*out_waits)
        return EXIT_DONE;
    const char *const values[] = {self->history.uuid};
    exit_code = server_ask(self->to, self->what, "SELECT eventure.drop_open_tick($1)", 1, values, NULL);
    return exit_code == EXIT_DONE ? read_position(self) : exit_code;
}

/* Ships one transaction. *out_done: there was no tick to ship. The transaction then keeps the position, and only
   updates the record, the origins and the current tick of the run; for an accepted older store it is rolled back. */
static int ship_some(work *self, bool *out_done)
{
    bool waits = false;
    bool is_older = false;
    history_end end = {.tick = -1};
    *out_done = false;
    int exit_code = server_run(self->to, self->what, "BEGIN");
    if (exit_code == EXIT_DONE)
        exit_code = read_position(self);
    if (exit_code == EXIT_DONE)
        exit_code = settle_open_tick(self, &waits);
    if (exit_code == EXIT_DONE && !waits)
        exit_code = share_origin(self);
    if (exit_code == EXIT_DONE && !waits)
        exit_code = check_position(self, &is_older);
    if (exit_code == EXIT_DONE && !waits && !is_older)
        exit_code =
            history_next(&self->history, self->position.tick, TRANSACTION_EVENTS, self->options->with_open_tick, &end);
    if (exit_code != EXIT_DONE)
        return exit_code;
    *out_done = end.tick < 0;
    self->store->tick = self->position.tick;
    if (is_older)
        return server_run(self->to, self->what, "ROLLBACK");
    if (end.tick < 0)
        return end_transaction(self, &self->position);
    int64_t events = end.seq - self->position.seq;
    exit_code = send_ticks(self, &end);
    if (exit_code == EXIT_DONE)
        exit_code = end_transaction(self, &end);
    if (exit_code != EXIT_DONE)
        return exit_code;
    self->store->events += events;
    self->store->tick = end.tick;
    if (self->options->progress != NULL &&
        self->options->progress(self->store, events, self->options->progress_context) != 0)
        exit_code = EXIT_FILE;
    return exit_code;
}

/* Whether the store is unchanged since everything in it was shipped. */
static bool is_unchanged(const work *self)
{
    const shipment *store = self->store;
    return store->is_up_to_date && memcmp(store->seen, self->history.newest.full_digest, sizeof store->seen) == 0 &&
           store->seen_tick == self->history.current_tick && strcmp(store->seen_record, self->history.record) == 0;
}

static void note_up_to_date(work *self)
{
    shipment *store = self->store;
    free(store->seen_record);
    store->seen_record = strdup(self->history.record);
    store->is_up_to_date = store->seen_record != NULL;
    store->seen_tick = self->history.current_tick;
    memcpy(store->seen, self->history.newest.full_digest, sizeof store->seen);
}

static int ship_commit(work *self)
{
    bool done = false;
    int exit_code = history_read(&self->history, self->store->db, self->store->path);
    if (exit_code != EXIT_DONE || is_unchanged(self))
        return exit_code;
    while (exit_code == EXIT_DONE && !done)
        exit_code = ship_some(self, &done);
    if (exit_code == EXIT_DONE)
        note_up_to_date(self);
    else if (PQstatus(self->to->connection) == CONNECTION_OK)
    {
        /* Also ends a COPY that was begun. */
        if (PQtransactionStatus(self->to->connection) == PQTRANS_ACTIVE)
            server_reopen(self->to, true);
        else
            PQclear(PQexec(self->to->connection, "ROLLBACK"));
    }
    return exit_code;
}

int ship_store(server *to, shipment *store, const ship_options *options)
{
    work self = {.to = to, .store = store, .options = options};
    snprintf(self.what, sizeof self.what, "ship %s", store->path);
    eventure_status status = eventure_reader_begin(store->reader);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(store->reader));
    int exit_code = ship_commit(&self);
    history_free(&self.history);
    eventure__buffer_free(&self.rows);
    eventure_reader_end(store->reader);
    return exit_code;
}

void shipment_free(shipment *store)
{
    free(store->seen_record);
    store->seen_record = NULL;
}
