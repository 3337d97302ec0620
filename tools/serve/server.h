/*
 * What the parts of the server share: the stores and projections that it shows, and one request.
 *
 * Each request opens a reader of its own and closes it at the end, so that no read transaction lives between two
 * requests, and a store that was replaced or archived is seen as it is now.
 */
#ifndef EVENTURE_SERVE_SERVER_H
#define EVENTURE_SERVE_SERVER_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <eventure/export.h>
#include <eventure/query.h>
#include <eventure/reader.h>
#include <microhttpd.h>
#include <sqlite3.h>

#include "json.h"
#include "serve.h"
#include "work.h"

/* A page holds at most so many events, rows or children; larger values of `limit` are errors. */
#define SERVE_LIMIT_MAX 1000

/* An answer that becomes longer is an error: every list pages. */
#define SERVE_ANSWER_BYTES (16u * 1024 * 1024)

typedef struct state_slot state_slot;

typedef struct server
{
    const serve_options *options;
    struct MHD_Daemon *daemon;
    char token[65];
    uint16_t port;
    bool is_loopback;
    atomic_bool stops;
    atomic_int live_pages;
    state_slot *states; /* for each store, one a projection */
} server;

typedef struct request
{
    server *owner;
    struct MHD_Connection *connection;
    work work;
    json out;
    unsigned status;  /* of HTTP */
    const char *text; /* the body of a POST; NULL: none */
    eventure_reader *reader;
    sqlite3 *db;     /* the reader's connection, once it is open */
    bool is_against; /* the reader is that of the other store */
} request;

/* Answers one path of the API into request->out, or calls request_fail. */
typedef void (*api_fn)(request *asked);

void api_overview(request *asked);
void api_types(request *asked);
void api_verify(request *asked);
void api_timeline(request *asked);
void api_events(request *asked);
void api_event(request *asked);
void api_children(request *asked);
void api_ancestors(request *asked);
void api_cascade(request *asked);
void api_state(request *asked);
void api_diff(request *asked);
void api_sql(request *asked);
void api_schema(request *asked);

/* Server-sent events: answers the connection itself. */
enum MHD_Result live_answer(server *owner, struct MHD_Connection *connection, bool is_against);

/* Opens the store that the request is about (store=b: the one it is compared with), and holds its newest commit. False:
 * the request has failed. */
bool request_open(request *asked);
bool request_open_store(request *asked, bool is_against, eventure_reader **out_reader);

/* A parameter; NULL: it was not given. */
const char *request_text(request *asked, const char *name);
bool request_flag(request *asked, const char *name);

/* A whole number from min to max. False: the request has failed. */
bool request_int(request *asked, const char *name, int64_t otherwise, int64_t min, int64_t max, int64_t *out);

/* The answer is an error: what was written so far is dropped. The first error stays. */
void request_fail(request *asked, unsigned status, const char *code, const char *format, ...) EVENTURE_PRINTF(4, 5);
bool request_failed(const request *asked);

/* The answer is the error of the library, or of SQLite. */
void request_fail_status(request *asked, eventure_status status, const char *text);
void request_fail_sqlite(request *asked, sqlite3 *db);

/* Prepares a statement on the reader's connection; NULL: the request has failed. */
sqlite3_stmt *request_prepare(request *asked, const char *sql);

/* Runs a statement that answers one integer. False: the request has failed. */
bool request_ask_int(request *asked, const char *sql, int64_t value, int64_t otherwise, int64_t *out);

/* Writes an event as an object. `data_max`: of longer data only the beginning. */
void answer_event(request *asked, const char *key, const eventure_event *event, size_t data_max);

/* Writes the members alone, into an object that is open. */
void answer_event_members(request *asked, const eventure_event *event, size_t data_max);

/* Text of which only the beginning is written when it is long; cut between characters. */
size_t cut_text(const char *text, size_t len, size_t max);

/* A cell of an answer of SQL. */
void answer_cell(request *asked, const char *key, sqlite3_stmt *statement, int column);

/* The states of the projections; NULL: out of memory or a bad file, which has been said. */
state_slot *states_open(const serve_options *options);
void states_close(state_slot *slots);
void states_list(request *asked);

#endif
