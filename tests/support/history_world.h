/*
 * A scratch log (see scratch.h), filled from lines of text, and the output of the viewer and the export as text. For
 * the unit tests of cascade and transfer.
 */
#ifndef EVENTURE_TESTS_HISTORY_WORLD_H
#define EVENTURE_TESTS_HISTORY_WORLD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

typedef struct world
{
    eventure_log *log;
    eventure_reader *reader; /* the log's */
} world;

/* Check runs each test in a process of its own. */
static world here;

static inline void open_log(void)
{
    here.log = scratch_open(SCRATCH_PATH);
    here.reader = eventure_log_reader(here.log);
}

static inline void open_world(void)
{
    here.log = scratch_new();
    here.reader = eventure_log_reader(here.log);
}

static inline void close_world(void)
{
    scratch_close(here.log);
}

static inline eventure_status import_bytes(const char *text, size_t len, const eventure_import_options *options,
                                           eventure_transfer_counts *out_counts)
{
    FILE *in = scratch_stream(text, len);
    eventure_status status = eventure_log_import(here.log, in, options, out_counts);
    fclose(in);
    return status;
}

/* Fills the log. */
static inline void import_text(const char *text)
{
    expect_ok(here.log, scratch_import(here.log, text, NULL));
}

/* The short form of a line. `parent` is JSON: null or a string with its quotes. */
static inline const char *line_of(int tick, const char *type, const char *data, const char *id, const char *parent)
{
    static char lines[8][1024];
    static int next;
    char *line = lines[next++ % 8];
    snprintf(line, sizeof lines[0],
             "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"%s\", \"data\": %s, \"event_id\": \"%s\", \"parent_id\": "
             "%s}\n",
             tick, type, data, id, parent);
    return line;
}

/* The bytes that a stream received. `text` and `len` are valid after sink_close. `text` is NUL-terminated; the caller
   frees it. */
typedef struct sink
{
    char *text;
    size_t len;
    FILE *stream;
} sink;

static inline void sink_open(sink *out)
{
    out->text = NULL;
    out->len = 0;
    out->stream = open_memstream(&out->text, &out->len);
    ck_assert_ptr_nonnull(out->stream);
}

static inline void sink_close(sink *out)
{
    ck_assert_int_eq(fclose(out->stream), 0);
}

/* A stream that is full: every write fails. */
static inline FILE *full_stream(void)
{
    FILE *stream = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(stream);
    setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}

static inline int64_t events_in_log(void)
{
    return scratch_last_seq(here.reader);
}

/* Returns the whole history as lines; the caller frees it. */
static inline char *exported(void)
{
    sink out;
    sink_open(&out);
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, NULL, NULL));
    sink_close(&out);
    return out.text;
}

/* Returns the text of the cascade viewer; to be freed. */
static inline char *cascade_text(eventure_reader *reader, const eventure_cascade_options *options)
{
    sink out;
    sink_open(&out);
    expect_ok(reader, eventure_cascade_print(reader, out.stream, options));
    sink_close(&out);
    return out.text;
}

/* Stops a call after a number of calls of its progress callback. */
typedef struct watcher
{
    int calls;
    int stop_after; /* 0: never */
    eventure_progress last;
} watcher;

static inline int watch(const eventure_progress *progress, void *context)
{
    watcher *self = context;
    self->calls++;
    self->last = *progress;
    return self->stop_after != 0 && self->calls >= self->stop_after;
}

#endif
