/*
 * Playback until a condition holds: see playback_internal.h. A condition on events only is evaluated by a query, and
 * the state then moves to the result. A condition on the state is evaluated after each event. Backward runs process
 * chunks of events and take the last event of a chunk for which the condition holds.
 */

#include <eventure/query.h>

#include "base/error.h"
#include "base/options.h"
#include "replay/playback_internal.h"

/* Number of events per chunk of a backward run. */
#define CHUNK_EVENTS 4096

/* The state of one run: the events in order, and the result of its condition. */
typedef struct run
{
    const eventure_playback_until *until;
    eventure_cursor *matching; /* matching events of the filter; NULL: every event */
    int64_t next_match;        /* seq of the next match; INT64_MAX: none */
    int64_t found;             /* last seq for which the condition held; 0: none */
    bool stop_at_first;
} run;

static eventure_status next_match(run *self)
{
    eventure_event event;
    eventure_status status = eventure_cursor_next(self->matching, &event);
    self->next_match = status == EVENTURE_ROW ? event.seq : INT64_MAX;
    return status < 0 ? status : EVENTURE_OK;
}

/* Queries the events of the filter from a seq in one direction. */
static eventure_status ask_matching(eventure_playback *self, run *current, int64_t after_seq, bool is_reverse)
{
    if (current->until->event == NULL)
        return EVENTURE_OK;
    eventure_filter filter;
    eventure_status status =
        EVENTURE__TAKE(current->until->event, &filter, eventure_filter, "playback", eventure__playback_error(self));
    if (status != EVENTURE_OK)
        return status;
    eventure_cursor_free(current->matching);
    current->matching = NULL;
    filter.after_seq = after_seq;
    filter.reverse = is_reverse;
    filter.limit = 0;
    filter.order = EVENTURE_ORDER_APPEND;
    status = eventure_query(self->reader, &filter, &current->matching);
    return status == EVENTURE_OK ? next_match(current) : status;
}

static int visit(eventure_playback *self, const eventure_event *event, void *context)
{
    run *current = context;
    if (current->matching != NULL && event->seq != current->next_match)
        return 0;
    int verdict = current->until->state != NULL ? current->until->state(event, self->fold.context) : 1;
    if (verdict < 0)
        return eventure__fail(eventure__playback_error(self), verdict,
                              "playback of %s at event %lld: the condition returned %d (%s)", self->name,
                              (long long)event->seq, verdict, eventure_status_name(verdict));
    if (current->matching != NULL && next_match(current) < 0)
        return eventure__playback_error(self)->status;
    if (verdict == 0)
        return 0;
    current->found = event->seq;
    return current->stop_at_first;
}

static eventure_status run_forwards(eventure_playback *self, run *current)
{
    int64_t last_seq = 0;
    eventure_status status = ask_matching(self, current, self->seq, false);
    /* Usually the state is at the position already. After a call that failed, it is at another one, or undefined
     * (is_state_undefined): this moves it back. */
    if (status == EVENTURE_OK)
        status = eventure__playback_go_to(self, INT64_MAX, self->seq);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(self->reader, &last_seq);
    if (status != EVENTURE_OK)
        return status;
    if (current->until->state == NULL && current->until->event != NULL) /* no event on the way needs a check */
    {
        if (current->next_match == INT64_MAX)
            return eventure__playback_seek_tick(self, INT64_MAX);
        int64_t target = current->next_match;
        status = eventure__playback_seek_seq(self, target);
        return status == EVENTURE_ROW && self->seq != target ? EVENTURE_OK : status;
    }
    current->stop_at_first = true;
    status = eventure__playback_walk(self, last_seq, -1, visit, current);
    self->is_state_undefined = status < 0;
    if (status < 0)
        return status;
    if (current->found == 0)
        return eventure__playback_seek_tick(self, INT64_MAX);
    eventure__playback_settle(self, self->fold.tick);
    return EVENTURE_ROW;
}

/* Evaluates the condition for the events of a chunk that ends before `end`. The match nearest to the end counts. */
static eventure_status look_back(eventure_playback *self, run *current, int64_t begin, int64_t end)
{
    eventure_status status = ask_matching(self, current, begin, false);
    if (status == EVENTURE_OK)
        status = eventure__playback_go_to(self, INT64_MAX, begin);
    if (status == EVENTURE_OK)
        status = eventure__playback_walk(self, end - 1, -1, visit, current);
    self->is_state_undefined = status < 0;
    return status < 0 ? status : EVENTURE_OK;
}

static eventure_status run_backwards(eventure_playback *self, run *current)
{
    const int64_t cut_seq = self->cut.last_seq;
    eventure_status status = EVENTURE_OK;
    int64_t end = self->seq;
    if (current->until->state == NULL && current->until->event != NULL && end > 0)
    {
        status = ask_matching(self, current, end, true);
        current->found = status == EVENTURE_OK && current->next_match != INT64_MAX ? current->next_match : 0;
        end = 0;
    }
    while (status == EVENTURE_OK && current->found == 0 && end > cut_seq + 1)
    {
        int64_t begin = end - 1 - CHUNK_EVENTS > cut_seq ? end - 1 - CHUNK_EVENTS : cut_seq;
        status = look_back(self, current, begin, end);
        end = begin + 1;
    }
    if (status != EVENTURE_OK)
        return status;
    return current->found > 0 ? eventure__playback_seek_seq(self, current->found)
                              : eventure__playback_seek_tick(self, -1);
}

eventure_status eventure_playback_run(eventure_playback *playback, const eventure_playback_until *until)
{
    eventure_playback_until taken;
    bool begun = false;
    if (playback == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status =
        EVENTURE__TAKE(until, &taken, eventure_playback_until, "playback", eventure__playback_error(playback));
    if (status == EVENTURE_OK)
        status = eventure__playback_enter(playback, __func__, &begun);
    if (status != EVENTURE_OK)
        return status;
    run current = {.until = &taken};
    status = taken.backwards ? run_backwards(playback, &current) : run_forwards(playback, &current);
    eventure_cursor_free(current.matching);
    eventure__store_read_end(playback->reader, begun);
    return status;
}

void eventure_playback_until_init(eventure_playback_until *until, size_t size)
{
    eventure__options_init(until, size);
}
