/*
 * A bus on a scratch log (see scratch.h), and probes: named handlers that record their calls, and may act inside them.
 * For the unit tests of the bus.
 */
#ifndef EVENTURE_TESTS_BUS_WORLD_H
#define EVENTURE_TESTS_BUS_WORLD_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/eventure.h>

#include "run_tests.h"
#include "scratch.h"

typedef struct world
{
    eventure_log *log;
    eventure_bus *bus;
    char heard[4096]; /* the names of the probes called, each followed by a space */
} world;

typedef struct probe
{
    const char *name;
    int result;                                                   /* what its handler returns */
    void (*act)(struct probe *self, const eventure_event *event); /* what it does when called; NULL: nothing */
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
    ck_assert_int_eq(eventure_bus_new(here.log, NULL, &here.bus), EVENTURE_OK);
}

static inline void close_world(void)
{
    eventure_bus_free(here.bus);
    ck_assert_int_eq(eventure_log_close(here.log), EVENTURE_OK);
    scratch_remove(SCRATCH_PATH);
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
    ck_assert_int_eq(eventure_bus_subscribe(here.bus, pattern, hear, self, &self->subscription), EVENTURE_OK);
}

static inline void unsubscribe(const probe *self)
{
    ck_assert_int_eq(eventure_bus_unsubscribe(here.bus, self->subscription), EVENTURE_OK);
}

static inline eventure_status publish(const char *type)
{
    return eventure_bus_publish(here.bus, type, eventure_no_data(), NULL, NULL);
}

/* Publishes an event and checks which probes received it, in order. */
static inline void expect(const char *type, const char *heard)
{
    here.heard[0] = '\0';
    ck_assert_int_eq(publish(type), EVENTURE_OK);
    ck_assert_str_eq(here.heard, heard);
}

static inline int64_t events_in_log(void)
{
    int64_t seq = -1;
    ck_assert_int_eq(eventure_reader_last_seq(eventure_log_reader(here.log), &seq), EVENTURE_OK);
    return seq;
}

#endif
