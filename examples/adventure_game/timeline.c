/*
 * The timeline; its header explains it.
 */
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

#define NO_MOMENT SIZE_MAX

void timeline_free(timeline *line)
{
    free(line->moments);
    free(line->undone);
    memset(line, 0, sizeof *line);
}

/* Adds a moment, to which the tale goes. Each moment undoes at most one turn, so both arrays are of one size. */
static eventure_status add(timeline *line, moment added)
{
    if (line->count == line->capacity)
    {
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
    }
    line->moments[line->count++] = added;
    line->turn = added.turn;
    return EVENTURE_OK;
}

/* The newest moment at or before a tick, or NO_MOMENT. */
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
    return low == 0 ? NO_MOMENT : low - 1;
}

static bool is_turn(const timeline *line, size_t number)
{
    return line->moments[number].turn == number;
}

/* The turn that was played at a tick, or NO_MOMENT. */
static size_t turn_of_tick(const timeline *line, int64_t tick)
{
    size_t number = newest_at(line, tick);
    return number != NO_MOMENT && line->moments[number].tick == tick && is_turn(line, number) ? number : NO_MOMENT;
}

static eventure_status jump(timeline *line, const eventure_event *event)
{
    size_t target = turn_of_tick(line, eventure_event_int_or(event, "to", -1));
    return target == NO_MOMENT ? EVENTURE_ERROR_CORRUPT : add(line, (moment){event->tick, target, 0, false});
}

static int undo(const eventure_event *event, void *context)
{
    timeline *line = context;
    size_t undone = line->turn;
    eventure_status status = jump(line, event);
    if (status == EVENTURE_OK)
        line->undone[line->undone_count++] = undone;
    return status;
}

static int redo(const eventure_event *event, void *context)
{
    timeline *line = context;
    if (line->undone_count > 0)
        line->undone_count--;
    return jump(line, event);
}

static int load(const eventure_event *event, void *context)
{
    timeline *line = context;
    line->undone_count = 0;
    return jump(line, event);
}

/* The first event of a tick begins its turn. */
static int play(const eventure_event *event, void *context)
{
    timeline *line = context;
    if (line->count > 0 && line->moments[line->count - 1].tick == event->tick)
        return EVENTURE_OK;
    line->undone_count = 0;
    return add(line, (moment){event->tick, line->count, line->turn, false});
}

static int reset(void *context)
{
    timeline_free(context);
    return EVENTURE_OK;
}

static const eventure_reducer_rule rules[] = {
    {"game.began", play}, {"player.*", play},    {"enemy.*", play},     {"treasure.dropped", play},
    {"lamp.lit", play},   {"game.undone", undo}, {"game.redone", redo}, {"game.loaded", load},
};

const eventure_reducer timeline_reducer = {.size = sizeof timeline_reducer,
                                           .name = "timeline",
                                           .version = 1,
                                           .reset = reset,
                                           .rules = rules,
                                           .rules_count = sizeof rules / sizeof *rules};

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
    return number == NO_MOMENT ? -1 : line->moments[line->moments[number].turn].tick;
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
    return number != NO_MOMENT && !line->moments[number].in_line;
}

eventure_status timeline_world(timeline *line, eventure_reader *reader, world *out_world)
{
    eventure_status status = world_reducer.reset(out_world);
    timeline_mark(line);
    for (size_t i = 0; i < line->count && status == EVENTURE_OK; i++)
    {
        const moment *turn = &line->moments[i];
        if (turn->in_line)
            status = eventure_replay_ticks(reader, &world_reducer, out_world, turn->tick, turn->tick + 1);
    }
    return status;
}
