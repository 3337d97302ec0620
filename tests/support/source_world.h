/*
 * A source of src/transfer that reads a text, without a log: the events it returns as one text, each on a line of its
 * own. The text is read twice: as a whole, and byte by byte.
 */
#ifndef EVENTURE_TESTS_SOURCE_WORLD_H
#define EVENTURE_TESTS_SOURCE_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "testing.h"
#include "transfer/source.h"

typedef eventure_status (*source_opener)(eventure__event_source *source);

static size_t source_max_data_bytes;
static int source_max_depth;
static bool source_may_lack_parents; /* what each event must say of its parent */

/* The fixture of a test that uses this file. */
static inline void source_begin(void)
{
    source_max_data_bytes = 1000;
    source_max_depth = 5;
    source_may_lack_parents = true;
}

/* Gives the rest of a text in pieces of this size. */
typedef struct source_text
{
    const char *rest;
    size_t piece;
} source_text;

static inline int source_give(void *bytes, size_t capacity, size_t *out_len, void *context)
{
    source_text *text = context;
    size_t len = strlen(text->rest);
    len = len < capacity ? len : capacity;
    len = len < text->piece ? len : text->piece;
    memcpy(bytes, text->rest, len);
    text->rest += len;
    *out_len = len;
    return 0;
}

static inline void source_note(eventure__buffer *out, const eventure__incoming *incoming)
{
    char text[200];
    const eventure_event *event = &incoming->event;
    snprintf(text, sizeof text, "%lld: ", (long long)incoming->line);
    eventure__buffer_append_text(out, text);
    snprintf(text, sizeof text, "tick %lld, ", (long long)event->tick);
    eventure__buffer_append_text(out, incoming->has_tick ? text : "");
    snprintf(text, sizeof text, "time %.17g, ", event->timestamp);
    eventure__buffer_append_text(out, incoming->has_time ? text : "");
    eventure__buffer_append_text(out, event->type);
    eventure__buffer_append_char(out, ' ');
    eventure__buffer_append_text(out, event->id != NULL ? event->id : "-");
    eventure__buffer_append_text(out, event->parent_id != NULL ? " < " : "");
    eventure__buffer_append_text(out, event->parent_id != NULL ? event->parent_id : "");
    eventure__buffer_append_char(out, ' ');
    eventure__buffer_append(out, event->data, event->data_len);
    eventure__buffer_append_char(out, '\n');
    ck_assert_uint_eq(event->data_len, strlen(event->data));
    ck_assert(incoming->may_lack_parent == source_may_lack_parents);
}

/* Returns the events, then the number of skipped entries unless it is 0, or the error with its status and line; the
   caller frees it. */
static inline char *source_read(source_opener open, const eventure_import_options *options, const char *text,
                                size_t piece)
{
    eventure__error error = {0};
    eventure__buffer out = {0};
    eventure__incoming incoming;
    char end[1200] = "";
    source_text rest = {text, piece};
    eventure_import_options all = *options;
    all.read = source_give;
    all.read_source = &rest;
    all.sort_memory = all.sort_memory != 0 ? all.sort_memory : (int64_t)1024 * 1024;
    eventure__event_source source = {.options = &all,
                                     .error = &error,
                                     .line = 1,
                                     .folder = ".",
                                     .max_data_bytes = source_max_data_bytes,
                                     .max_depth = source_max_depth};
    eventure_status status = open(&source);
    while (status == EVENTURE_OK && (status = source.next(&source, &incoming)) == EVENTURE_ROW)
    {
        source_note(&out, &incoming);
        status = EVENTURE_OK;
    }
    if (status != EVENTURE_OK)
        snprintf(end, sizeof end, "%s in line %lld: %s\n", eventure_status_name(status), (long long)source.line,
                 error.text);
    else if (source.skipped != 0)
        snprintf(end, sizeof end, "%lld skipped\n", (long long)source.skipped);
    eventure__buffer_append_text(&out, end);
    source.release(&source);
    return eventure__buffer_take(&out);
}

static inline void source_expect_whole(source_opener open, const eventure_import_options *options, const char *text,
                                       const char *expected)
{
    char *got = source_read(open, options, text, SIZE_MAX);
    ck_assert_str_eq(got, expected);
    free(got);
}

static inline void source_expect(source_opener open, const eventure_import_options *options, const char *text,
                                 const char *expected)
{
    source_expect_whole(open, options, text, expected);
    char *got = source_read(open, options, text, 1);
    ck_assert_str_eq(got, expected);
    free(got);
}

#endif
