/*
 * Playback: a fold that can move backwards. See playback.h.
 *
 * To move to a seq, playback loads the nearest state at or before it (the current state, a cached state, a snapshot of
 * the store, or the initial state) and applies the events after it. It caches states on the way: about one every N
 * events, less often for large states, and, when moving backwards, one shortly before the target for the next backward
 * step.
 */
#include <eventure/playback.h>

#include <stdlib.h>
#include <string.h>

#include <eventure/query.h>

#include "base/assertion.h"
#include "base/error.h"
#include "base/options.h"
#include "base/tick.h"
#include "replay/playback_internal.h"
#include "replay/reducer.h"
#include "replay/snapshot_rows.h"
#include "store/store.h"

#define DEFAULT_EVERY_EVENTS 256
#define DEFAULT_MAX_BYTES ((int64_t)64 * 1024 * 1024)

/* Applying one event is considered as expensive as copying this many bytes of state. */
#define BYTES_AN_EVENT 256

/* Applying this many events is considered cheaper than loading any state. */
#define FEW_EVENTS 8

/* --- Moving the state --- */

/* Loads the nearest state at or before a position, if it is nearer than the current state. A state before archived
 * events cannot be moved: the events after it are not in the store. */
static eventure_status begin_near(eventure_playback *self, int64_t tick, int64_t seq)
{
    eventure__fold *fold = &self->fold;
    eventure__snapshot_row row = {0};
    eventure_status status = EVENTURE_OK;
    /* The first of the states from which the events lead to `seq`. */
    int64_t first = self->cut.last_seq < seq ? self->cut.last_seq : seq;
    bool is_usable = !self->is_state_undefined && fold->seq <= seq && fold->seq >= first;
    int64_t best = is_usable ? fold->seq : -1;
    const eventure__cached_state *kept = eventure__state_cache_find(&self->kept, seq);
    if (kept != NULL && kept->seq < first)
        kept = NULL;
    int64_t worth = is_usable && kept != NULL ? (int64_t)(kept->state_len / BYTES_AN_EVENT) + FEW_EVENTS : 0;
    if (kept != NULL && kept->seq - best > worth)
        best = kept->seq;
    else
        kept = NULL;
    bool is_far = (first > 0 && best < first) || seq - best > self->every_events;
    if (fold->reducer.load != NULL && is_far)
        status = eventure__snapshot_find(self->reader, fold->reducer.name, fold->reducer.version, tick, seq, &row);
    if (status != EVENTURE_OK)
        return status;
    bool use_row = row.statement != NULL && row.seq > best;
    if (use_row)
        status = eventure__reducer_load(&fold->reducer, row.state, row.state_len, row.tick, fold->context,
                                        eventure__playback_error(self));
    else if (kept != NULL)
        status = eventure__reducer_load(&fold->reducer, kept->state, kept->state_len, kept->tick, fold->context,
                                        eventure__playback_error(self));
    else if (!is_usable)
        status = eventure__fold_reset(fold);
    if (use_row || kept != NULL)
    {
        fold->seq = use_row ? row.seq : kept->seq;
        fold->tick = use_row ? row.tick : kept->tick;
        fold->is_stopped = false;
    }
    eventure__snapshot_row_end(self->reader, &row);
    return status;
}

static eventure_status keep(eventure_playback *self)
{
    eventure__fold *fold = &self->fold;
    eventure_status status =
        eventure__reducer_save(&fold->reducer, fold->context, &self->state, eventure__playback_error(self));
    if (status == EVENTURE_OK)
        eventure__state_cache_add(&self->kept, fold->seq, fold->tick, self->state.bytes, self->state.len);
    return status;
}

/* Caches the state when it is due. `near`: a seq whose state should be cached, or -1. */
static eventure_status keep_when_due(eventure_playback *self, int64_t near)
{
    eventure__fold *fold = &self->fold;
    int64_t distance = (int64_t)(self->state.len / BYTES_AN_EVENT);
    if (fold->reducer.save == NULL || fold->is_stopped)
        return EVENTURE_OK;
    if (distance < self->every_events)
        distance = self->every_events;
    if (fold->seq != near && llabs(fold->seq - self->last_kept) < distance)
        return EVENTURE_OK;
    self->last_kept = fold->seq;
    return keep(self);
}

eventure_status eventure__playback_walk(eventure_playback *self, int64_t seq, int64_t near, eventure__visit_fn visit,
                                        void *context)
{
    eventure__fold *fold = &self->fold;
    eventure_event event;
    if (fold->seq >= seq || fold->is_stopped)
        return EVENTURE_OK;
    eventure_status status = eventure__fold_ask(fold, INT64_MAX);
    int verdict = 0;
    while (status == EVENTURE_OK && verdict == 0 && fold->seq < seq && !fold->is_stopped)
    {
        status = eventure__fold_next(fold, &event);
        if (status != EVENTURE_ROW)
            break;
        status = eventure__fold_apply(fold, &event);
        if (status == EVENTURE_OK)
            status = keep_when_due(self, near);
        if (status == EVENTURE_OK && visit != NULL)
            verdict = visit(self, &event, context);
        if (verdict < 0)
            status = verdict;
    }
    eventure__fold_end(fold);
    return status;
}

/* Moves the state to a seq, whose tick is at most `tick`. */
eventure_status eventure__playback_go_to(eventure_playback *self, int64_t tick, int64_t seq)
{
    bool is_back = self->is_state_undefined || seq < self->fold.seq;
    eventure_status status = begin_near(self, tick, seq);
    self->is_state_undefined = status != EVENTURE_OK;
    if (status != EVENTURE_OK)
        return status;
    int64_t near = is_back && seq > self->every_events ? seq - self->every_events : -1;
    status = eventure__playback_walk(self, seq, near, NULL, NULL);
    self->is_state_undefined = status != EVENTURE_OK;
    return status;
}

/* Sets the position to that of the fold. At the end of a tick, `tick` can be later than that of the newest event. */
void eventure__playback_settle(eventure_playback *self, int64_t tick)
{
    self->seq = self->fold.seq;
    self->tick = self->fold.is_stopped || tick < self->fold.tick ? self->fold.tick : tick;
}

/* --- Finding positions --- */

/* Returns EVENTURE_ERROR_ARCHIVED for a position between archived events: a state at their end is the first that the
 * store can have. */
static eventure_status check_archived(eventure_playback *self, int64_t tick, int64_t seq)
{
    const eventure__cut *cut = &self->cut;
    if (cut->last_seq == 0 || seq >= cut->last_seq || tick >= cut->before_tick - 1)
        return EVENTURE_OK;
    return eventure__fail(eventure__playback_error(self), EVENTURE_ERROR_ARCHIVED,
                          "playback of %s: the ticks before %lld, with the events up to %lld, are archived", self->name,
                          (long long)cut->before_tick, (long long)cut->last_seq);
}

/* Finds the newest event up to a tick, which may be the newest archived event; seq 0 if there is none. */
static eventure_status newest_until(eventure_playback *self, int64_t tick, int64_t *out_seq)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event = {0};
    *out_seq = 0;
    if (tick < 0)
        return EVENTURE_OK;
    eventure_status status = check_archived(self, tick, -1);
    *out_seq = self->cut.last_seq;
    filter.tick_end = eventure__tick_end(tick);
    filter.reverse = true;
    filter.limit = 1;
    if (status == EVENTURE_OK)
        status = eventure_query(self->reader, &filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &event);
    if (status == EVENTURE_ROW)
    {
        *out_seq = event.seq;
        status = EVENTURE_OK;
    }
    eventure_cursor_free(cursor);
    return status;
}

/* Reads the tick of an event. Returns EVENTURE_ROW, or EVENTURE_OK if there is no such event. The tick of the newest
 * archived event is not stored, but ends before the first tick of the store. */
static eventure_status tick_of(eventure_playback *self, int64_t seq, int64_t *out_tick)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event = {0};
    *out_tick = -1;
    eventure_status status = check_archived(self, -1, seq);
    if (status != EVENTURE_OK)
        return status;
    if (self->cut.last_seq > 0 && seq == self->cut.last_seq)
    {
        *out_tick = self->cut.before_tick - 1;
        return EVENTURE_ROW;
    }
    filter.after_seq = seq - 1;
    filter.limit = 1;
    status = eventure_query(self->reader, &filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &event);
    if (status == EVENTURE_ROW && event.seq != seq)
        status = EVENTURE_OK;
    else if (status == EVENTURE_ROW)
        *out_tick = event.tick;
    eventure_cursor_free(cursor);
    return status;
}

/* --- Moving --- */

eventure_status eventure__playback_seek_tick(eventure_playback *self, int64_t tick)
{
    int64_t current = 0, seq = 0;
    assert(self != NULL);
    eventure_status status = eventure_reader_tick(self->reader, &current);
    if (tick > current)
        tick = current;
    if (status == EVENTURE_OK)
        status = newest_until(self, tick, &seq);
    if (status == EVENTURE_OK)
        status = eventure__playback_go_to(self, tick, seq);
    if (status == EVENTURE_OK)
        eventure__playback_settle(self, tick);
    return status;
}

/* Returns EVENTURE_ROW if the event exists. */
eventure_status eventure__playback_seek_seq(eventure_playback *self, int64_t seq)
{
    int64_t tick = -1;
    eventure_status status = seq > 0 ? tick_of(self, seq, &tick) : EVENTURE_ROW;
    if (status != EVENTURE_ROW)
        return status;
    status = eventure__playback_go_to(self, seq > 0 ? tick : INT64_MAX, seq);
    if (status != EVENTURE_OK)
        return status;
    eventure__playback_settle(self, tick);
    return EVENTURE_ROW;
}

eventure_status eventure__playback_enter(eventure_playback *self, const char *function, bool *out_begun)
{
    *out_begun = false;
    if (self == NULL)
        return eventure__fail_argument(function);
    eventure_event_free(self->event);
    self->event = NULL;
    eventure_status status = eventure__store_read_begin(self->reader, out_begun);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__store_cut(self->reader, &self->cut);
    if (status != EVENTURE_OK)
        eventure__store_read_end(self->reader, *out_begun);
    return status;
}

eventure_status eventure_playback_seek_tick(eventure_playback *playback, int64_t tick)
{
    bool begun = false;
    if (playback != NULL && tick < -1)
        return eventure__fail(eventure__playback_error(playback), EVENTURE_ERROR_TICK,
                              "playback of %s: tick %lld is below -1", playback->name, (long long)tick);
    eventure_status status = eventure__playback_enter(playback, __func__, &begun);
    if (status != EVENTURE_OK)
        return status;
    assert(playback != NULL);
    status = eventure__playback_seek_tick(playback, tick);
    eventure__store_read_end(playback->reader, begun);
    return status;
}

eventure_status eventure_playback_seek_seq(eventure_playback *playback, int64_t seq)
{
    bool begun = false;
    eventure_status status = eventure__playback_enter(playback, __func__, &begun);
    if (status != EVENTURE_OK)
        return status;
    status = seq >= 0 ? eventure__playback_seek_seq(playback, seq) : EVENTURE_OK;
    eventure__store_read_end(playback->reader, begun);
    if (status == EVENTURE_OK)
        return eventure__fail(eventure__playback_error(playback), EVENTURE_ERROR_NOT_FOUND,
                              "playback of %s: there is no event %lld", playback->name, (long long)seq);
    return status == EVENTURE_ROW ? EVENTURE_OK : status;
}

static eventure_status step_events(eventure_playback *self, int64_t events)
{
    int64_t last_seq = 0;
    eventure_status status = eventure_reader_last_seq(self->reader, &last_seq);
    if (status != EVENTURE_OK)
        return status;
    if (events < 0 && -(events + 1) >= self->seq) /* beyond the newest event */
    {
        status = eventure__playback_seek_tick(self, -1);
        return status;
    }
    if (events > last_seq - self->seq)
        return eventure__playback_seek_tick(self, INT64_MAX);
    int64_t target = self->seq + events;
    status = eventure__playback_seek_seq(self, target);
    return status == EVENTURE_ROW && self->seq != target ? EVENTURE_OK : status; /* the reducer stopped the fold */
}

eventure_status eventure_playback_step_events(eventure_playback *playback, int64_t events)
{
    bool begun = false;
    eventure_status status = eventure__playback_enter(playback, __func__, &begun);
    if (status != EVENTURE_OK)
        return status;
    status = step_events(playback, events);
    eventure__store_read_end(playback->reader, begun);
    return status;
}

static eventure_status step_ticks(eventure_playback *self, int64_t ticks)
{
    int64_t current = 0, next_tick = -1;
    eventure_status status = eventure_reader_tick(self->reader, &current);
    if (status == EVENTURE_OK)
        status = tick_of(self, self->seq + 1, &next_tick);
    if (status < 0)
        return status;
    bool is_inside = self->seq > 0 && next_tick == self->tick;
    int64_t from = ticks > 0 && is_inside ? self->tick - 1 : self->tick;
    bool is_whole = ticks > 0 ? ticks <= current - from : from + 1 >= 0 && ticks >= -(from + 1);
    int64_t target = is_whole ? from + ticks : ticks > 0 ? current : -1;
    if (ticks == 0)
        return EVENTURE_ROW;
    status = eventure__playback_seek_tick(self, target);
    if (status != EVENTURE_OK)
        return status;
    return is_whole && self->tick == target ? EVENTURE_ROW : EVENTURE_OK;
}

eventure_status eventure_playback_step_ticks(eventure_playback *playback, int64_t ticks)
{
    bool begun = false;
    eventure_status status = eventure__playback_enter(playback, __func__, &begun);
    if (status != EVENTURE_OK)
        return status;
    status = step_ticks(playback, ticks);
    eventure__store_read_end(playback->reader, begun);
    return status;
}

/* --- Accessors --- */

eventure_status eventure_playback_position(eventure_playback *playback, eventure_position *out_position)
{
    int64_t last_seq = 0, current = 0;
    bool begun = false;
    if (out_position == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__playback_enter(playback, __func__, &begun);
    if (status != EVENTURE_OK)
        return status;
    status = eventure_reader_last_seq(playback->reader, &last_seq);
    if (status == EVENTURE_OK)
        status = eventure_reader_tick(playback->reader, &current);
    eventure__store_read_end(playback->reader, begun);
    bool is_stopped = playback->fold.is_stopped && playback->fold.seq == playback->seq;
    *out_position = (eventure_position){playback->seq, playback->tick,
                                        is_stopped || (playback->seq == last_seq && playback->tick >= current)};
    return status;
}

eventure_status eventure_playback_event(eventure_playback *playback, eventure_event *out_event)
{
    bool begun = false;
    if (out_event == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__playback_enter(playback, __func__, &begun);
    if (status != EVENTURE_OK)
        return status;
    if (playback->seq > 0)
        status = eventure_query_find_seq(playback->reader, playback->seq, &playback->event);
    if (status == EVENTURE_OK && playback->event != NULL)
    {
        *out_event = *playback->event;
        status = EVENTURE_ROW;
    }
    eventure__store_read_end(playback->reader, begun);
    return status;
}

/* --- Making and freeing --- */

static eventure_status take_options(eventure_playback *self, const eventure_playback_options *given)
{
    eventure_playback_options options;
    eventure_status status =
        EVENTURE__TAKE(given, &options, eventure_playback_options, "playback", eventure__playback_error(self));
    if (status != EVENTURE_OK)
        return status;
    const eventure__option_range ranges[] = {{"cache_every_events", options.cache_every_events, 0, INT64_MAX},
                                             {"max_cache_bytes", options.max_cache_bytes, 0, INT64_MAX}};
    status = eventure__options_check(ranges, 2, "playback", eventure__playback_error(self));
    if (status != EVENTURE_OK)
        return status;
    self->every_events = options.cache_every_events > 0 ? options.cache_every_events : DEFAULT_EVERY_EVENTS;
    self->kept.max_bytes = (size_t)(options.max_cache_bytes > 0 ? options.max_cache_bytes : DEFAULT_MAX_BYTES);
    return EVENTURE_OK;
}

eventure_status eventure_playback_new(eventure_reader *reader, const eventure_reducer *reducer, void *context,
                                      const eventure_playback_options *options, eventure_playback **out_playback)
{
    eventure_reducer taken;
    if (out_playback == NULL)
        return eventure__fail_argument(__func__);
    *out_playback = NULL;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__reducer_take(reducer, "playback", &reader->error, &taken);
    if (status == EVENTURE_OK && taken.reset == NULL)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT,
                                "playback of %s: reset is NULL, so there is no way back to the start",
                                eventure__reducer_name(&taken).text);
    if (status == EVENTURE_OK)
        status = eventure__store_check_process(reader);
    if (status != EVENTURE_OK)
        return status;
    eventure_playback *self = calloc(1, sizeof *self);
    char *name = strdup(taken.name);
    if (self == NULL || name == NULL)
    {
        free(self);
        free(name);
        return eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "playback: out of memory");
    }
    self->reader = reader;
    self->name = name;
    self->tick = -1;
    taken.name = name;
    status = take_options(self, options);
    eventure__fold_init(&self->fold, reader, &taken, context);
    if (status == EVENTURE_OK)
        status = eventure__fold_reset(&self->fold);
    if (status != EVENTURE_OK)
    {
        eventure_playback_free(self);
        return status;
    }
    *out_playback = self;
    return EVENTURE_OK;
}

void eventure_playback_free(eventure_playback *playback)
{
    if (playback == NULL)
        return;
    eventure__state_cache_clear(&playback->kept);
    eventure__buffer_free(&playback->state);
    eventure_event_free(playback->event);
    free(playback->name);
    free(playback);
}

void eventure_playback_options_init(eventure_playback_options *options, size_t size)
{
    eventure__options_init(options, size);
}
