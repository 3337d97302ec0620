/*
 * Shipping: adds the ticks of a store that the server does not have yet, several whole ticks in each transaction. The
 * same transaction moves the position of the run, under the lock of the row of the run, so that every event arrives
 * exactly once, even if the shipper or the server is killed at any moment.
 */
#ifndef EVENTURE_TOOL_POSTGRES_SHIP_H
#define EVENTURE_TOOL_POSTGRES_SHIP_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include <eventure/reader.h>

#include "postgres_server.h"

/* A store, and the state of its shipping. */
typedef struct shipment
{
    const char *path;
    eventure_reader *reader; /* open during ship_store only */
    sqlite3 *db;             /* the connection of the reader */
    int64_t events;          /* number of events shipped by this program */
    int64_t tick;            /* position on the server; -1: nothing yet */
    bool is_up_to_date;      /* a commit was shipped completely; the three members below identify it */
    unsigned char seen[32];  /* digest of the newest tick in that commit */
    int64_t seen_tick;       /* current tick in that commit */
    char *seen_record;       /* the record of the run in that commit */
} shipment;

typedef struct ship_options
{
    bool with_open_tick; /* ship the newest tick while it may still grow; it is replaced when it has grown */
    bool allow_older;    /* accept a store that ends before the position on the server */
    /* Called after each transaction with the number of events that it added; a nonzero result ends the work with
       EXIT_FILE, without a message. NULL is allowed. */
    int (*progress)(const shipment *store, int64_t events, void *context);
    void *progress_context;
} ship_options;

/* Ships the new ticks. Returns the exit code; errors were reported, and nothing of a failed transaction is on the
 * server. */
int ship_store(server *to, shipment *store, const ship_options *options);

/* Frees the members that ship_store allocated. */
void shipment_free(shipment *store);

#endif
