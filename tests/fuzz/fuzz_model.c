/*
 * A sequence of calls, compared with a model of the log that is a list: the first byte says whether the log has a
 * background writer; then each byte is a call (append, advance, commit, roll back, reopen), and the next bytes are its
 * arguments. Then every query runs on both. The model is the same with a background writer: rolling back keeps the
 * ticks that were advanced past, as with one commit per tick.
 */
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "fuzz.h"
#include "harness.h"

#define STORE "model.db"
#define EVENTS 400

static const char *const types[] = {"a.b", "a.c", "b.b", "a", "player.move", "x.error", "y.error", "a.b.c"};
static const char *const datas[] = {"{}", "{\"x\":1}", "{\"x\":1.0,\"y\":\"z\"}", "{\"y\":null}", "{\"x\":[1,2]}"};

typedef struct fact
{
    int64_t tick;
    int type;
    int data;
    int parent; /* index + 1; 0: none */
    char id[48];
} fact;

/* Deliberate defects of the library that the model must notice. */
typedef enum defect
{
    DEFECT_NONE,
    DEFECT_LOSES_AN_EVENT,    /* returns that it appended, but did not */
    DEFECT_KEEPS_WHAT_IS_BACK /* does not roll back, but commits */
} defect;

static defect broken;

typedef struct model
{
    fact facts[EVENTS];
    int count;
    int64_t tick;
    int kept_count; /* the count at the last commit */
    int64_t kept_tick;
    int64_t durable_tick; /* the durable tick when it was read last */
    bool background;
    eventure_log *log;
    bool has_failed; /* the newest append was refused: closing discards the incomplete tick */
} model;

static void open_log(model *self)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    options.background = self->background;
    options.queue_bytes = 65536;
    fuzz_must(eventure_log_open(STORE, &options, &self->log) == EVENTURE_OK);
}

static void keep(model *self)
{
    self->kept_count = self->count;
    self->kept_tick = self->tick;
    self->has_failed = false;
}

/* Closing commits, except when the newest append was refused: then the incomplete tick is discarded. */
static void close_log(model *self)
{
    if (self->has_failed)
        self->count = self->kept_count;
    fuzz_must(eventure_log_close(self->log) == EVENTURE_OK);
    keep(self);
}

/* Computes the expected id: the HASH is from the library, n is counted here. */
static void name(const model *self, fact *next)
{
    char hash[5];
    char other[5];
    int n = 1;
    eventure_type_hash(types[next->type], hash);
    for (int i = 0; i < self->count; i++)
    {
        eventure_type_hash(types[self->facts[i].type], other);
        n += self->facts[i].tick == next->tick && strcmp(hash, other) == 0;
    }
    snprintf(next->id, sizeof next->id, "%lld-%s-%d", (long long)next->tick, hash, n);
}

static void append(model *self, uint8_t what, uint8_t whose)
{
    if (self->count == EVENTS)
        return;
    fact *next = &self->facts[self->count];
    *next = (fact){.tick = self->tick,
                   .type = what % 8,
                   .data = what / 8 % 5,
                   .parent = self->count > 0 && whose % 3 != 0 ? self->count - whose % self->count : 0};
    name(self, next);
    eventure_event parent = {.id = next->parent > 0 ? self->facts[next->parent - 1].id : NULL};
    if (next->parent > 0 && whose % 2 == 0)
        parent.seq = next->parent;
    eventure_event event;
    if (broken == DEFECT_LOSES_AN_EVENT && self->count == 5)
    {
        self->count++;
        return;
    }
    eventure_status status = eventure_log_append(self->log, types[next->type], eventure_json(datas[next->data]),
                                                 next->parent > 0 ? &parent : NULL, &event);
    fuzz_must(status == EVENTURE_OK && strcmp(event.id, next->id) == 0 && event.seq == self->count + 1);
    self->has_failed = false;
    self->count++;
}

/* Checks that the durable tick is not after the log's tick, and never decreases. */
static void look_at_durable(model *self)
{
    int64_t durable = eventure_log_durable_tick(self->log);
    fuzz_must(durable >= self->durable_tick && durable <= self->kept_tick);
    fuzz_must(self->background || durable == self->kept_tick);
    self->durable_tick = durable;
}

static void run(model *self, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 2 < len; i += 3)
    {
        look_at_durable(self);
        switch (bytes[i] % 16)
        {
        case 0:
        case 1:
        case 2:
            fuzz_must(eventure_log_advance_tick(self->log) == EVENTURE_OK);
            self->tick++;
            keep(self);
            break;
        case 3:
            self->tick += bytes[i + 1] % 5 + 1;
            fuzz_must(eventure_log_advance_to(self->log, self->tick) == EVENTURE_OK);
            keep(self);
            break;
        case 4:
            fuzz_must(eventure_log_commit(self->log) == EVENTURE_OK);
            keep(self);
            break;
        case 5:
            fuzz_must((broken == DEFECT_KEEPS_WHAT_IS_BACK ? eventure_log_commit(self->log)
                                                           : eventure_log_rollback(self->log)) == EVENTURE_OK);
            self->count = self->kept_count;
            self->tick = self->kept_tick;
            self->has_failed = false;
            break;
        case 6:
            close_log(self);
            open_log(self);
            break;
        case 7: /* a call that must be refused without a change */
            fuzz_must(eventure_log_append(self->log, "", eventure_no_data(), NULL, NULL) == EVENTURE_ERROR_TYPE);
            fuzz_must(eventure_log_append(self->log, "a", eventure_json("[1]"), NULL, NULL) == EVENTURE_ERROR_JSON);
            fuzz_must(eventure_log_wait_durable(self->log, self->tick + 1, -1) == EVENTURE_ERROR_TICK);
            self->has_failed = true;
            break;
        case 14:
            fuzz_must(eventure_log_flush(self->log) == EVENTURE_OK);
            fuzz_must(eventure_log_durable_tick(self->log) == self->kept_tick);
            break;
        case 15:
            fuzz_must(eventure_log_wait_durable(self->log, self->tick - (self->tick > 0), -1) == EVENTURE_OK);
            break;
        default:
            append(self, bytes[i + 1], bytes[i + 2]);
        }
    }
    fuzz_must(eventure_log_tick(self->log) == self->tick);
}

static bool type_matches(const char *pattern, const char *type)
{
    size_t len = strlen(pattern);
    if (strcmp(pattern, "*") == 0)
        return true;
    if (pattern[len - 1] == '*')
        return strncmp(type, pattern, len - 1) == 0;
    if (pattern[0] == '*')
        return strlen(type) >= len - 1 && strcmp(type + strlen(type) - (len - 1), pattern + 1) == 0;
    return strcmp(type, pattern) == 0;
}

/* Whether an event of the model is in the result of a filter. */
static bool is_asked_for(const model *self, const eventure_filter *filter, const fact *one)
{
    bool is_root = one->parent == 0 || self->facts[one->parent - 1].tick < one->tick;
    bool has_x = one->data == 1 || one->data == 2;
    bool is_child = filter->children_of != NULL && one->parent > 0 &&
                    strcmp(self->facts[one->parent - 1].id, filter->children_of) == 0;
    return one->tick >= filter->tick_min && (filter->tick_end == 0 || one->tick < filter->tick_end) &&
           (filter->type == NULL || type_matches(filter->type, types[one->type])) && (!filter->roots || is_root) &&
           (filter->data_count == 0 || has_x) && (filter->children_of == NULL || is_child);
}

static void compare(const model *self, eventure_reader *reader, const eventure_filter *filter)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int at = 0;
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        while (at < self->count && !is_asked_for(self, filter, &self->facts[at]))
            at++;
        fuzz_must(at < self->count);
        const fact *one = &self->facts[at++];
        fuzz_must(event.seq == at && strcmp(event.id, one->id) == 0 && event.tick == one->tick);
        fuzz_must(strcmp(event.type, types[one->type]) == 0 && strcmp(event.data, datas[one->data]) == 0);
        fuzz_must(event.parent_seq == one->parent);
    }
    fuzz_must(status == EVENTURE_DONE);
    for (; at < self->count; at++)
        fuzz_must(!is_asked_for(self, filter, &self->facts[at]));
    eventure_cursor_free(cursor);
}

static void ask_everything(const model *self, eventure_reader *reader)
{
    static const char *const patterns[] = {"a.b", "a.*", "*.error", "*", "none"};
    const eventure_field x = eventure_double("x", 1);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    compare(self, reader, &filter);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
    {
        filter.type = patterns[i];
        compare(self, reader, &filter);
    }
    filter.tick_min = self->tick / 3;
    filter.tick_end = self->tick / 2 + 1;
    filter.type = "a.*";
    compare(self, reader, &filter);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.roots = true;
    compare(self, reader, &filter);
    filter.roots = false;
    filter.data = &x;
    filter.data_count = 1;
    compare(self, reader, &filter);
    for (int i = 0; i < self->count; i += 7)
    {
        filter = (eventure_filter)EVENTURE_FILTER_INIT;
        filter.children_of = self->facts[i].id;
        compare(self, reader, &filter);
    }
}

static void run_and_compare(const uint8_t *bytes, size_t len)
{
    static model self;
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    memset(&self, 0, sizeof self);
    self.background = len > 0 && (bytes[0] & 1) != 0;
    harness_remove(STORE);
    open_log(&self);
    if (len > 0)
        run(&self, bytes + 1, len - 1);
    ask_everything(&self, eventure_log_reader(self.log));
    close_log(&self);
    fuzz_must(eventure_reader_open(STORE, &reader) == EVENTURE_OK);
    ask_everything(&self, reader);
    fuzz_must(eventure_store_verify(reader, NULL, &report) == EVENTURE_OK && report.is_sound &&
              report.events == self.count);
    eventure_reader_close(reader);
    harness_remove(STORE);
}

/* Handles the SIGABRT of fuzz_must in place of the handler of a fuzzer, so that the parent sees an exit code. */
static void leave(int number)
{
    (void)number;
    _exit(1);
}

/* Appends, rolls back, appends and advances. */
static void run_broken(void *context)
{
    static const uint8_t calls[] = {0, 8, 1, 0, 8, 2, 0, 0, 0, 0, 8, 3, 0, 8, 4, 0, 5, 0, 0,
                                    8, 1, 0, 8, 2, 0, 8, 3, 0, 8, 4, 0, 8, 5, 0, 0, 0, 0};
    broken = *(const defect *)context;
    signal(SIGABRT, leave);
    run_and_compare(calls, sizeof calls);
}

static void test_defects(void)
{
    defect one = DEFECT_NONE;
    fuzz_must(!harness_notices(run_broken, &one));
    one = DEFECT_LOSES_AN_EVENT;
    fuzz_must(harness_notices(run_broken, &one));
    one = DEFECT_KEEPS_WHAT_IS_BACK;
    fuzz_must(harness_notices(run_broken, &one));
    harness_say("test-model", "a library that loses an event, and one that does not roll back: noticed");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static bool entered;
    if (!entered)
    {
        harness_enter();
        test_defects();
    }
    entered = true;
    run_and_compare(bytes, len);
    return 0;
}
