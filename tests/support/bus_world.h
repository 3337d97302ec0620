/*
 * A bus on a scratch log (see scratch.h), and probes: named handlers that record their calls, and may act inside them.
 * For the unit tests of the bus.
 */
#ifndef EVENTURE_TESTS_BUS_WORLD_H
#define EVENTURE_TESTS_BUS_WORLD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

typedef struct world
{
    eventure_log *log;
    eventure_bus *bus;
    char heard[4096]; /* the names of the probes called, each followed by a space */
} world;

typedef struct probe
{
    const char *name;
    int result;                                                   /* the result of its handler */
    void (*act)(struct probe *self, const eventure_event *event); /* the action of its handler; NULL: none */
    eventure_subscription subscription;
    struct probe *other; /* for act */
    int calls;
} probe;

/* Check runs each test in a process of its own. */
static world here;

static inline void open_world(void)
{
    memset(&here, 0, sizeof here);
    here.log = scratch_new();
    expect_ok(here.log, eventure_bus_new(here.log, NULL, &here.bus));
}

static inline void close_world(void)
{
    eventure_bus_free(here.bus);
    scratch_close(here.log);
}

/* The log's. */
static inline eventure_reader *reader(void)
{
    return eventure_log_reader(here.log);
}

static inline void advance_tick(void)
{
    expect_ok(here.log, eventure_log_advance_tick(here.log));
}

static inline int hear(const eventure_event *event, void *context)
{
    probe *self = context;
    self->calls++;
    size_t len = strlen(here.heard);
    snprintf(here.heard + len, sizeof here.heard - len, "%s ", self->name);
    if (self->act != NULL)
        self->act(self, event);
    return self->result;
}

static inline void subscribe(probe *self, const char *pattern)
{
    expect_ok(here.bus, eventure_bus_subscribe(here.bus, pattern, hear, self, &self->subscription));
}

static inline void unsubscribe(const probe *self)
{
    expect_ok(here.bus, eventure_bus_unsubscribe(here.bus, self->subscription));
}

static inline eventure_status publish(const char *type)
{
    return eventure_bus_publish(here.bus, type, eventure_no_data(), NULL, NULL);
}

/* Publishes an event and checks which probes received it, in order. */
static inline void expect(const char *type, const char *heard)
{
    here.heard[0] = '\0';
    expect_ok(NULL, publish(type));
    ck_assert_str_eq(here.heard, heard);
}

static inline int64_t events_in_log(void)
{
    return scratch_last_seq(eventure_log_reader(here.log));
}

#endif
