/*
 * The timeline; its header explains it.
 */
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

#define NONE SIZE_MAX

void timeline_free(timeline *line)
{
    free(line->moments);
    free(line->undone);
    memset(line, 0, sizeof *line);
}

/* Room for one more. Each moment undoes at most one turn, so both arrays are of one size. */
static eventure_status reserve(timeline *line)
{
    if (line->count < line->capacity)
        return EVENTURE_OK;
    size_t capacity = line->capacity == 0 ? 64 : 2 * line->capacity;
    moment *moments = realloc(line->moments, capacity * sizeof *moments);
    if (moments != NULL)
        line->moments = moments;
    size_t *undone = realloc(line->undone, capacity * sizeof *undone);
    if (undone != NULL)
        line->undone = undone;
    if (moments == NULL || undone == NULL)
        return EVENTURE_ERROR_MEMORY;
    line->capacity = capacity;
    return EVENTURE_OK;
}

/* The newest moment at or before a tick, or NONE. */
static size_t newest_at(const timeline *line, int64_t tick)
{
    size_t low = 0;
    size_t high = line->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (line->moments[middle].tick <= tick)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NONE : low - 1;
}

static bool is_turn(const timeline *line, size_t number)
{
    return line->moments[number].turn == number;
}

/* The turn that was played at a tick, or NONE. */
static size_t turn_of_tick(const timeline *line, int64_t tick)
{
    size_t number = newest_at(line, tick);
    return number != NONE && line->moments[number].tick == tick && is_turn(line, number) ? number : NONE;
}

static eventure_status jump(timeline *line, const eventure_event *event)
{
    int64_t to = -1;
    size_t target = eventure_event_int(event, "to", &to) == EVENTURE_OK ? turn_of_tick(line, to) : NONE;
    if (target == NONE)
        return EVENTURE_ERROR_CORRUPT;
    if (strcmp(event->type, "game.loaded") == 0)
        line->undone_count = 0;
    else if (strcmp(event->type, "game.undone") == 0)
        line->undone[line->undone_count++] = line->turn;
    else if (line->undone_count > 0)
        line->undone_count--;
    line->moments[line->count++] = (moment){event->tick, target, 0, false};
    line->turn = target;
    return EVENTURE_OK;
}

/* The first event of a tick begins its turn. */
static void play(timeline *line, int64_t tick)
{
    if (line->count > 0 && line->moments[line->count - 1].tick == tick)
        return;
    line->moments[line->count] = (moment){tick, line->count, line->turn, false};
    line->turn = line->count++;
    line->undone_count = 0;
}

eventure_status timeline_apply(timeline *line, const eventure_event *event)
{
    eventure_status status = reserve(line);
    if (status != EVENTURE_OK)
        return status;
    bool begins = strcmp(event->type, "game.began") == 0;
    if (line->count == 0 && !begins)
        return EVENTURE_ERROR_CORRUPT;
    if (strcmp(event->type, "game.undone") == 0 || strcmp(event->type, "game.redone") == 0 ||
        strcmp(event->type, "game.loaded") == 0)
        return jump(line, event);
    if (begins || world_is_event(event->type))
        play(line, event->tick);
    return EVENTURE_OK;
}

int64_t timeline_tick(const timeline *line)
{
    return line->moments[line->turn].tick;
}

int64_t timeline_undo_tick(const timeline *line)
{
    return line->turn == 0 ? -1 : line->moments[line->moments[line->turn].before].tick;
}

int64_t timeline_redo_tick(const timeline *line)
{
    return line->undone_count == 0 ? -1 : line->moments[line->undone[line->undone_count - 1]].tick;
}

int64_t timeline_turn_at(const timeline *line, int64_t tick)
{
    size_t number = newest_at(line, tick);
    return number == NONE ? -1 : line->moments[line->moments[number].turn].tick;
}

void timeline_mark(timeline *line)
{
    for (size_t i = 0; i < line->count; i++)
        line->moments[i].in_line = false;
    for (size_t i = line->turn; i > 0; i = line->moments[i].before)
        line->moments[i].in_line = true;
    if (line->count > 0)
        line->moments[0].in_line = true;
}

bool timeline_is_undone(const timeline *line, int64_t tick)
{
    size_t number = turn_of_tick(line, tick);
    return number != NONE && !line->moments[number].in_line;
}

/* A fold that passes over the events of turns that are not in the line. */
typedef struct line_fold
{
    const timeline *line;
    world *state;
} line_fold;

static int apply_in_line(const eventure_event *event, void *context)
{
    line_fold *fold = context;
    return timeline_is_undone(fold->line, event->tick) ? EVENTURE_OK : world_apply(fold->state, event);
}

eventure_status timeline_world(timeline *line, eventure_reader *reader, world *out_world)
{
    line_fold fold = {line, out_world};
    eventure_reducer reducer = {.size = sizeof reducer, .name = "world", .version = 1, .apply = apply_in_line};
    timeline_mark(line);
    world_reset(out_world);
    return eventure_replay(reader, &reducer, 0, INT64_MAX, &fold);
}
