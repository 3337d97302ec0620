/*
 * Shared by the files of the server: the server itself, with its stores and projections, and one request.
 *
 * Each request opens its own reader and closes it at the end. So no read transaction exists between two requests, and a
 * request sees a store that was replaced or archived meanwhile.
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

#include "json_writer.h"
#include "serve.h"
#include "work.h"

/* The largest number of events, rows or children in an answer; a larger `limit` is an error. */
#define SERVE_LIMIT_MAX 1000

/* The largest length of an answer. A longer one is an error: lists are requested in pages. */
#define SERVE_ANSWER_BYTES (16u * 1024 * 1024)

typedef struct state_slot state_slot;

typedef struct server
{
    const serve_options *options;
    struct MHD_Daemon *daemon;
    char token[65];
    _Atomic uint16_t port; /* requests can arrive before it is known; they are refused as those to another host */
    bool is_loopback;
    atomic_bool stops;
    atomic_int live_pages;
    state_slot *states; /* one for each store and projection */
} server;

typedef struct request
{
    server *owner;
    struct MHD_Connection *connection;
    work work;
    json out;
    unsigned status;  /* the HTTP status */
    const char *text; /* the body of a POST; NULL: none */
    eventure_reader *reader;
    sqlite3 *db;     /* the reader's connection, once it is open */
    bool is_against; /* the reader reads the store to compare with */
} request;

/* Writes the answer for one path of the API to asked->out, or calls request_fail. */
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

/* Queues a stream of server-sent events as the answer; request->out is not used. `is_against`: about the store to
 * compare with. Returns MHD_NO when memory runs out or too many streams are open. */
enum MHD_Result live_answer(server *owner, struct MHD_Connection *connection, bool is_against);

/* Opens a reader for the store that the request names (store=b: the store to compare with), and begins a read
 * transaction on its newest commit. False: the request has failed. */
bool request_open(request *asked);
bool request_open_store(request *asked, bool is_against, eventure_reader **out_reader);

/* Returns a parameter; NULL when the request does not contain it. */
const char *request_text(request *asked, const char *name);
bool request_flag(request *asked, const char *name);

/* A whole number from min to max. False: the request has failed. */
bool request_int(request *asked, const char *name, int64_t otherwise, int64_t min, int64_t max, int64_t *out);

/* Makes the answer an error: what was written so far is discarded. Only the first error of a request counts. */
void request_fail(request *asked, unsigned status, const char *code, const char *format, ...) EVENTURE_PRINTF(4, 5);
bool request_failed(const request *asked);

/* Make the answer the error of the library, or of SQLite. */
void request_fail_status(request *asked, eventure_status status, const char *text);
void request_fail_sqlite(request *asked, sqlite3 *db);

/* Prepares a statement on the reader's connection; NULL: the request has failed. */
sqlite3_stmt *request_prepare(request *asked, const char *sql);

/* Runs a statement that returns one integer. False: the request has failed. */
bool request_ask_int(request *asked, const char *sql, int64_t value, int64_t otherwise, int64_t *out);

/* Writes an event as an object. Of data longer than data_max bytes only the beginning is written. */
void answer_event(request *asked, const char *key, const eventure_event *event, size_t data_max);

/* As answer_event, into an object that is already open. */
void answer_event_members(request *asked, const eventure_event *event, size_t data_max);

/* Returns the length of the longest beginning of a text that has at most max bytes and ends between two characters. */
size_t cut_text(const char *text, size_t len, size_t max);

/* Writes one value of a row of SQLite. */
void answer_cell(request *asked, const char *key, sqlite3_stmt *statement, int column);

/* Makes the slots of the projections. NULL: out of memory or an invalid file; the error was printed. */
state_slot *states_open(const serve_options *options);
void states_close(state_slot *slots);
void states_list(request *asked);

#endif
