/*
 * A history that is determined by its tick numbers: see history.h.
 */
#include "history.h"

#include <stdio.h>
#include <string.h>

#define LONG_DATA 9000 /* more than two pages */

static const char *const types[] = {"order.placed", "order.filled",  "player.move",  "player.attack", "enemy.spawned",
                                    "weather",      "sensor.read.x", "sensor.error", "a.b.c.d.e"};

/* Steele, Lea and Flood's SplitMix64: one step mixes well enough. */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

static uint64_t mix_event(int64_t tick, int i)
{
    return mix((uint64_t)tick * 1000 + (uint64_t)i);
}

int history_events(int64_t tick)
{
    uint64_t mixed = mix((uint64_t)tick ^ 0x5EED);
    return mixed % 29 == 0 ? 40 : (int)(mixed % 9);
}

double history_clock(void *context)
{
    return ((history *)context)->now;
}

/* An event of the history; the data is valid until the next call. */
typedef struct entry
{
    const char *type;
    char data[LONG_DATA + 300];
    double timestamp;
    bool has_parent; /* the event before it, which may be of an earlier tick */
} entry;

static void describe(int64_t tick, int i, entry *out)
{
    uint64_t mixed = mix_event(tick, i);
    size_t pad = mixed % 97 == 0 ? LONG_DATA : mixed % 150;
    out->type = types[(mixed >> 8) % (sizeof types / sizeof *types)];
    out->timestamp = 1700000000.0 + (double)tick + (double)i / 64;
    out->has_parent = (mixed >> 16) % 3 != 0;
    int len = snprintf(out->data, sizeof out->data, "{\"tick\":%lld,\"n\":%d,\"of\":%d,\"mixed\":%llu,\"pad\":\"",
                       (long long)tick, i, history_events(tick), (unsigned long long)mixed);
    for (size_t at = 0; at < pad; at++)
        out->data[(size_t)len + at] = (char)('a' + (mixed >> (at % 13)) % 26);
    memcpy(out->data + len + pad, "\"}", 3);
}

eventure_status history_open(history *self, const char *path, const eventure_log_options *options, eventure_log **out)
{
    eventure_log_options own = EVENTURE_LOG_OPTIONS_INIT;
    if (options != NULL)
        own = *options;
    own.clock = history_clock;
    own.clock_context = self;
    self->seq = 0;
    return eventure_log_open(path, &own, out);
}

/* The newest event: a copy, NULL when there is none. */
static eventure_status newest(eventure_log *log, eventure_event **out)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    *out = NULL;
    filter.reverse = true;
    filter.limit = 1;
    eventure_status status = eventure_query(eventure_log_reader(log), &filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &event);
    if (status == EVENTURE_ROW)
        status = eventure_event_copy(&event, out);
    eventure_cursor_free(cursor);
    return status < 0 ? status : EVENTURE_OK;
}

void history_forget(history *self)
{
    self->seq = 0;
}

static void remember(history *self, const eventure_event *event)
{
    self->seq = event != NULL ? event->seq : 0;
    snprintf(self->id, sizeof self->id, "%s", event != NULL ? event->id : "");
}

eventure_status history_append(history *self, eventure_log *log)
{
    int64_t tick = eventure_log_tick(log);
    int count = history_events(tick);
    eventure_event *copy = NULL;
    entry what;
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < count && status == EVENTURE_OK; i++)
    {
        describe(tick, i, &what);
        self->now = what.timestamp;
        if (i == 0 && what.has_parent && (!self->remembers || self->seq == 0))
        {
            status = newest(log, &copy);
            remember(self, copy);
        }
        const eventure_event before = {.seq = self->seq, .id = self->id};
        eventure_event event;
        if (status == EVENTURE_OK)
            status = eventure_log_append(log, what.type, eventure_json(what.data),
                                         what.has_parent && before.seq > 0 ? &before : NULL, &event);
        if (status == EVENTURE_OK)
            remember(self, &event);
    }
    eventure_event_free(copy);
    if (status != EVENTURE_OK)
        history_forget(self);
    return status;
}

eventure_status history_tick(history *self, eventure_log *log)
{
    eventure_status status = history_append(self, log);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(log);
    if (status != EVENTURE_OK)
        history_forget(self);
    return status;
}

/* Compares one event with the expected one. */
static bool is_right(const eventure_event *event, int64_t tick, int i, char *problem)
{
    entry what;
    if (event->tick != tick)
    {
        snprintf(problem, HISTORY_PROBLEM, "event %lld is at tick %lld; event %d of %d of tick %lld was to come",
                 (long long)event->seq, (long long)event->tick, i, history_events(tick), (long long)tick);
        return false;
    }
    describe(tick, i, &what);
    int64_t parent = what.has_parent ? event->seq - 1 : 0;
    if (strcmp(event->type, what.type) != 0 || strcmp(event->data, what.data) != 0 ||
        event->timestamp != what.timestamp || event->parent_seq != parent)
    {
        snprintf(problem, HISTORY_PROBLEM, "event %lld (%d of tick %lld) is %s %.3f, parent %lld: %.300s",
                 (long long)event->seq, i, (long long)tick, event->type, event->timestamp, (long long)event->parent_seq,
                 event->data);
        return false;
    }
    return true;
}

/* Steps through the events of ticks `tick` to `end` - 1, which must be all that follow. */
static eventure_status check_events(eventure_cursor *cursor, int64_t tick, int64_t end, char *problem)
{
    int i = 0;
    eventure_event event;
    eventure_status status;
    while ((status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        while (tick < end && i == history_events(tick))
        {
            tick++;
            i = 0;
        }
        if (tick >= end)
        {
            snprintf(problem, HISTORY_PROBLEM, "event %lld is at tick %lld, and the store is at %lld",
                     (long long)event.seq, (long long)event.tick, (long long)end);
            return EVENTURE_OK;
        }
        if (!is_right(&event, tick, i, problem))
            return EVENTURE_OK;
        i++;
    }
    for (; status == EVENTURE_DONE && tick < end; tick++, i = 0)
        if (i < history_events(tick))
        {
            snprintf(problem, HISTORY_PROBLEM, "tick %lld has %d of its %d events, and the store is at tick %lld",
                     (long long)tick, i, history_events(tick), (long long)end);
            break;
        }
    return status < 0 ? status : EVENTURE_OK;
}

bool history_check(eventure_reader *reader, int64_t tail, int64_t *out_ticks, char problem[HISTORY_PROBLEM])
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    bool begun = eventure_reader_begin(reader) == EVENTURE_OK; /* not allowed, and not needed, with a log's own */
    problem[0] = '\0';
    *out_ticks = -1;
    eventure_status status = eventure_reader_tick(reader, out_ticks);
    if (status == EVENTURE_OK)
    {
        filter.tick_min = tail > 0 && *out_ticks > tail ? *out_ticks - tail : 0;
        status = eventure_query(reader, &filter, &cursor);
    }
    if (status == EVENTURE_OK)
        status = check_events(cursor, filter.tick_min, *out_ticks, problem);
    if (status < 0)
        snprintf(problem, HISTORY_PROBLEM, "%s: %s", eventure_status_name(status), eventure_reader_message(reader));
    eventure_cursor_free(cursor);
    if (begun)
        eventure_reader_end(reader);
    return problem[0] == '\0';
}

bool history_check_file(const char *path, int64_t *out_ticks, char problem[HISTORY_PROBLEM])
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    *out_ticks = -1;
    eventure_status status = eventure_reader_open(path, &reader);
    if (status == EVENTURE_OK)
        status = eventure_store_verify(reader, NULL, &report);
    bool right = status == EVENTURE_OK;
    if (!right)
        snprintf(problem, HISTORY_PROBLEM, "%s: %s", eventure_status_name(status), eventure_reader_message(reader));
    else if (!report.is_sound)
        snprintf(problem, HISTORY_PROBLEM, "verify: %s", report.problem);
    right = right && report.is_sound && history_check(reader, 0, out_ticks, problem);
    eventure_reader_close(reader);
    return right;
}
