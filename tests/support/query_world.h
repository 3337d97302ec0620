/*
 * A history for the unit tests of queries and conditions, and query results as ids.
 */
#ifndef EVENTURE_TESTS_QUERY_WORLD_H
#define EVENTURE_TESTS_QUERY_WORLD_H

#include <stdio.h>
#include <string.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

static eventure_log *log_;
static eventure_reader *reader_;

/*
 * tick 0: A a.start; B b.move (A); C b.move (A); D a.error (B)
 * tick 1: E b.move (A); F c.end; G a.error (F)
 * tick 4: H b.move (D)
 * Ids: a.start 0-BFFD-1 and so on; the names below are filled in as they are given.
 */
static char A[32], B[32], C[32], D[32], E[32], F[32], G[32], H[32];

static inline void add(char *out, const char *type, const char *json, const char *parent)
{
    strcpy(out, scratch_append(log_, type, json, parent));
}

static inline void open_story(void)
{
    log_ = scratch_new();
    add(A, "a.start", "{\"n\":1,\"who\":\"Ann\"}", NULL);
    add(B, "b.move", "{\"n\":1.0}", A);
    add(C, "b.move", "{\"n\":2,\"a b\":[1,{\"x\":null}]}", A);
    add(D, "a.error", "{\"n\":9007199254740993}", B);
    eventure_log_advance_tick(log_);
    add(E, "b.move", "{\"q\\\"q\":\"x.y\"}", A);
    add(F, "c.end", "{\"n\":10e-1}", NULL);
    add(G, "a.error", "{\"\\u00e9\":true}", F);
    eventure_log_advance_to(log_, 4);
    add(H, "b.move", "{}", D);
    eventure_log_commit(log_);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader_));
}

static inline void close_story(void)
{
    eventure_reader_close(reader_);
    eventure_log_close(log_);
}

/* Joins ids with spaces; the result is valid until the next call. */
static inline const char *ids(const char *a, const char *b, const char *c, const char *d, const char *e)
{
    static char text[256];
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s%s", a ? a : "", b ? " " : "", b ? b : "", c ? " " : "", c ? c : "",
             d ? " " : "", d ? d : "", e ? " " : "", e ? e : "");
    return text;
}

static inline void expect(const eventure_filter *filter, const char *expected)
{
    scratch_expect(reader_, filter, expected);
    scratch_expect(eventure_log_reader(log_), filter, expected);
}

#endif
