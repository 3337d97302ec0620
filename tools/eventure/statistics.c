/*
 * The figures of a history: see statistics.h.
 *
 * Chains and cascades are computed in one pass over the events and one backward pass over two arrays: parents come
 * before their children, so that the forward pass derives the depth of an event from that of its parent, and the
 * backward pass adds the cascade of each child to that of its parent. This uses eight bytes for each event, and no
 * recursion.
 */
#include "statistics.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <eventure/query.h>

#include "message.h"
#include "output.h"

/* Indexed by seq; seq 0 means no parent. */
typedef struct forest
{
    uint32_t *parent;
    uint32_t *number; /* first the depth of each event, then the size of its cascade */
    size_t count;
} forest;

static int64_t size_of_file(const char *path, const char *suffix)
{
    struct stat info;
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *name = malloc(size);
    if (name == NULL)
        return 0;
    snprintf(name, size, "%s%s", path, suffix);
    int64_t bytes = stat(name, &info) == 0 ? (int64_t)info.st_size : 0;
    free(name);
    return bytes;
}

static int add_type(const eventure_query_group *group, void *context)
{
    statistics *figures = context;
    size_t size = ((size_t)figures->types_count + 1) * sizeof *figures->types;
    type_count *types = realloc(figures->types, size);
    if (types == NULL)
        return EVENTURE_ERROR_MEMORY;
    figures->types = types;
    types[figures->types_count].type = strdup(group->type);
    types[figures->types_count].count = group->count;
    if (types[figures->types_count].type == NULL)
        return EVENTURE_ERROR_MEMORY;
    figures->types_count++;
    return 0;
}

static int plant(forest *out, int64_t events)
{
    if (events >= (int64_t)UINT32_MAX)
    {
        message("stats: %lld events are too many to count their cascades", (long long)events);
        return EXIT_FILE;
    }
    out->count = (size_t)events + 1;
    out->parent = calloc(out->count, sizeof *out->parent);
    out->number = calloc(out->count, sizeof *out->number);
    return out->parent != NULL && out->number != NULL ? EXIT_DONE : message_memory();
}

static void add_event(statistics *figures, forest *trees, const eventure_event *event, int64_t first_seq_of_tick,
                      bool is_part)
{
    size_t seq = (size_t)event->seq;
    size_t parent = (size_t)event->parent_seq;
    if (is_part && trees->number[parent] == 0)
        parent = 0;
    trees->parent[seq] = (uint32_t)parent;
    trees->number[seq] = trees->number[parent] + 1;
    if (trees->number[seq] > figures->max_depth)
        figures->max_depth = trees->number[seq];
    figures->without_parent += event->parent_id == NULL;
    figures->roots += event->parent_seq < first_seq_of_tick;
    figures->events++;
    figures->last_tick = event->tick;
}

/* Finds the first event of a tick, including events that the filter leaves out. */
static eventure_status find_first_seq(eventure_reader *reader, int64_t tick, int64_t *out)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event = {0};
    filter.tick_min = tick;
    filter.tick_end = tick + 1;
    filter.limit = 1;
    eventure_status status = eventure_query(reader, &filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &event);
    if (status == EVENTURE_ROW)
        *out = event.seq;
    eventure_cursor_free(cursor);
    return status < 0 ? status : EVENTURE_OK;
}

/* Walks the events once. */
static int read_events(eventure_reader *reader, const eventure_filter *filter, statistics *figures, forest *trees)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t first_seq_of_tick = 0;
    int exit_code = EXIT_DONE;
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        if (event.seq < 1 || (size_t)event.seq >= trees->count || event.parent_seq < 0 || event.parent_seq >= event.seq)
        {
            message("stats: the store is damaged: event %lld has the parent %lld", (long long)event.seq,
                    (long long)event.parent_seq);
            exit_code = EXIT_FILE;
            break;
        }
        if (figures->events == 0)
            figures->first_tick = event.tick;
        if (figures->events == 0 || event.tick != figures->last_tick)
        {
            figures->ticks_used++;
            first_seq_of_tick = event.seq;
            if (filter != NULL && (status = find_first_seq(reader, event.tick, &first_seq_of_tick)) != EVENTURE_OK)
                break;
        }
        add_event(figures, trees, &event, first_seq_of_tick, filter != NULL);
    }
    if (status < 0)
        exit_code = output_query_failed(reader, status);
    eventure_cursor_free(cursor);
    return exit_code;
}

/* Returns the number of events of the largest cascade. */
static int64_t find_largest(forest *trees)
{
    uint32_t largest = 0;
    /* An event that was read counts as 1. Archived events and those that the filter leaves out have the depth 0 and are
       in no cascade. */
    for (size_t seq = 1; seq < trees->count; seq++)
        trees->number[seq] = trees->number[seq] > 0;
    for (size_t seq = trees->count - 1; seq > 0; seq--)
    {
        size_t parent = trees->parent[seq];
        if (parent != 0)
            trees->number[parent] += trees->number[seq];
        if (trees->number[seq] > largest)
            largest = trees->number[seq];
    }
    return largest;
}

static int gather_held(eventure_reader *reader, const eventure_filter *filter, statistics *out)
{
    int64_t last_seq = 0;
    forest trees = {NULL, NULL, 0};
    int exit_code = EXIT_DONE;
    eventure_status status = eventure_reader_tick(reader, &out->current_tick);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(reader, &last_seq);
    if (status == EVENTURE_OK)
        status = eventure_query_count_groups(reader, filter, EVENTURE_GROUP_TYPE, add_type, out);
    if (status == EVENTURE_ERROR_MEMORY)
        return message_memory();
    if (status != EVENTURE_OK)
        return output_query_failed(reader, status);
    exit_code = plant(&trees, last_seq);
    if (exit_code == EXIT_DONE)
        exit_code = read_events(reader, filter, out, &trees);
    if (exit_code == EXIT_DONE)
        out->largest_cascade = find_largest(&trees);
    free(trees.parent);
    free(trees.number);
    return exit_code;
}

int statistics_gather(eventure_reader *reader, const char *path, const eventure_filter *filter, statistics *out)
{
    memset(out, 0, sizeof *out);
    eventure_status status = eventure_reader_begin(reader);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(reader));
    int exit_code = gather_held(reader, filter, out);
    eventure_reader_end(reader);
    out->disk_bytes = size_of_file(path, "") + size_of_file(path, "-wal");
    return exit_code;
}

void statistics_free(statistics *figures)
{
    for (int64_t i = 0; i < figures->types_count; i++)
        free(figures->types[i].type);
    free(figures->types);
}
