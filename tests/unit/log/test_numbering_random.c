/*
 * Random numbering: after any sequence of appending, importing, rolling back and closing, the ids must equal those
 * computed from a plain list of all events.
 */
#include "harness.h"
#include "numbering_world.h"
#include "rounds.h"

#include <stdint.h>

TEST_FIXTURE(open_world, close_world);

#define STEPS 1500
#define EVENTS_MAX 4000

static const char *const types[] = {"a.b", "c.d", "e.f", "t.0", "t.1", "t.2"};
#define TYPES COUNT_OF(types)

typedef struct known_event
{
    char id[80];
    int64_t tick;
    char hash[5];
} known_event;

/* The expected content of the log: all events, and how many of them are committed. */
static known_event known[EVENTS_MAX];
static size_t known_count;
static size_t committed_count;
static int64_t committed_tick;
static int64_t known_tick;
static uint64_t random_state;

static unsigned random_below(unsigned end)
{
    return (unsigned)harness_random(&random_state, end);
}

static size_t find_known(const char *id)
{
    for (size_t i = 0; i < known_count; i++)
        if (strcmp(known[i].id, id) == 0)
            return i + 1;
    return 0;
}

static void commit_known(void)
{
    committed_count = known_count;
    committed_tick = known_tick;
}

static int count_alike(const char *hash)
{
    int count = 0;
    for (size_t i = known_count; i > 0 && known[i - 1].tick == known_tick; i--)
        count += strcmp(known[i - 1].hash, hash) == 0;
    return count;
}

/* Computes the id of the next event of a type, as documented: the derived id, or the next one that is not in use. */
static void next_id(const char *type, char id[80])
{
    char hash[5];
    eventure_type_hash(type, hash);
    int n = count_alike(hash);
    do
        snprintf(id, 80, "%lld-%s-%d", (long long)known_tick, hash, ++n);
    while (find_known(id) != 0);
}

static void know(const char *type, const char *id)
{
    ck_assert_uint_lt(known_count, EVENTS_MAX);
    known_event *event = &known[known_count++];
    snprintf(event->id, sizeof event->id, "%s", id);
    event->tick = known_tick;
    eventure_type_hash(type, event->hash);
}

static void append_one(void)
{
    char id[80];
    const char *type = types[random_below(TYPES)];
    const eventure_event parent = {.id = known_count > 0 ? known[random_below((unsigned)known_count)].id : NULL};
    eventure_event event;
    next_id(type, id);
    expect_ok(here.log, eventure_log_append(here.log, type, eventure_no_data(),
                                            known_count > 0 && random_below(3) > 0 ? &parent : NULL, &event));
    ck_assert_str_eq(event.id, id);
    ck_assert_int_eq(event.seq, (int64_t)known_count + 1);
    if (event.parent_id != NULL)
        ck_assert_uint_eq((size_t)event.parent_seq, find_known(event.parent_id));
    know(type, id);
}

static void append_batch(void)
{
    eventure_event_input events[40];
    eventure_event out[40];
    size_t count = 1 + random_below(40);
    for (size_t i = 0; i < count; i++)
        events[i] = (eventure_event_input){.size = sizeof(eventure_event_input),
                                           .type = types[random_below(TYPES)],
                                           .parent_in_batch = random_below((unsigned)i + 1)};
    expect_ok(here.log, eventure_log_append_batch(here.log, events, count, out));
    for (size_t i = 0; i < count; i++)
    {
        char id[80];
        next_id(events[i].type, id);
        ck_assert_str_eq(out[i].id, id);
        know(events[i].type, id);
    }
}

static void make_id(char id[80])
{
    char hash[5];
    static const char *const beginnings[] = {"x", "long/5678901234567890123456789012345678901234", LONG_60};
    eventure_type_hash(types[random_below(TYPES)], hash);
    if (random_below(3) == 0)
        snprintf(id, 80, "%s/%u", beginnings[random_below(3)], random_below(100));
    else
        snprintf(id, 80, "%lld-%s-%u", (long long)(known_tick < 2 ? 0 : known_tick - 2) + random_below(6), hash,
                 1 + random_below(12));
}

/* Imports some lines. The last one may have an id that is in use; then no line is imported. */
static void import_some(void)
{
    char text[16384] = "";
    size_t lines = 1 + random_below(12);
    bool fails = false;
    commit_known(); /* an import begins with a commit */
    for (size_t i = 0; i < lines && !fails; i++)
    {
        char id[80];
        char parent[84] = "null";
        const char *type = types[random_below(TYPES)];
        make_id(id);
        if (random_below(3) == 0)
            next_id(type, id);
        if (known_count > 0 && random_below(2) == 0)
            snprintf(parent, sizeof parent, "\"%s\"", known[random_below((unsigned)known_count)].id);
        if (find_known(id) != 0 && random_below(4) > 0)
            continue;
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s", line_of((int)known_tick, type, "{}", id, parent));
        fails = find_known(id) != 0;
        if (!fails)
            know(type, id);
        if (!fails && random_below(10) == 0)
            known_tick += 1 + random_below(2);
    }
    eventure_status status = import_bytes(text, strlen(text), NULL, NULL);
    ck_assert_msg(status == (fails ? EVENTURE_ERROR_EXISTS : EVENTURE_OK), "%s: %s", eventure_status_name(status),
                  eventure_log_message(here.log));
    known_tick = fails ? committed_tick : eventure_log_tick(here.log);
    known_count = fails ? committed_count : known_count;
    ck_assert_int_eq(eventure_log_tick(here.log), known_tick);
    commit_known();
}

static eventure_log_options random_options;

static double fixed_clock(void *context)
{
    (void)context;
    return 1.5;
}

static void open_random(void)
{
    expect_ok(here.log, eventure_log_open(SCRATCH_PATH, &random_options, &here.log));
    here.reader = eventure_log_reader(here.log);
}

static void advance(void)
{
    known_tick += 1 + random_below(2);
    expect_ok(here.log, eventure_log_advance_to(here.log, known_tick));
    commit_known();
}

static void take_step(void)
{
    switch (random_below(16))
    {
    case 0:
    case 1:
        advance();
        break;
    case 2:
    case 3:
        import_some();
        break;
    case 4:
        append_batch();
        break;
    case 5:
        expect_ok(here.log, eventure_log_flush(here.log)); /* a background thread writes the queued events */
        expect_ok(here.log, eventure_log_rollback(here.log));
        known_count = committed_count;
        known_tick = committed_tick;
        ck_assert_int_eq(eventure_log_tick(here.log), known_tick);
        break;
    case 6:
        expect_ok(NULL, eventure_log_close(here.log));
        commit_known();
        open_random();
        break;
    case 7:
        expect_ok(here.log, eventure_log_commit(here.log));
        commit_known();
        break;
    default:
        append_one();
        break;
    }
}

static void expect_known(void)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(here.reader, eventure_query(here.reader, NULL, &cursor));
    for (size_t i = 0; i < known_count; i++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        ck_assert_int_eq(event.seq, (int64_t)i + 1);
        ck_assert_int_eq(event.tick, known[i].tick);
        ck_assert_str_eq(event.id, known[i].id);
    }
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
}

LOOP_TEST(whatever_happens_ids_are_those_that_they_must_be, 8)
{
    close_world();
    known_count = 0;
    known_tick = 0;
    commit_known();
    random_state = (uint64_t)_i + 1;
    random_options = (eventure_log_options)EVENTURE_LOG_OPTIONS_INIT;
    random_options.clock = fixed_clock;
    random_options.sync = EVENTURE_SYNC_OFF;
    random_options.background = _i % 2 == 1;
    open_random();
    for (int step = 0; step < rounds(STEPS) && known_count < EVENTS_MAX - 100; step++)
        take_step();
    expect_known();
    expect_same_when_imported();
    expect_sound();
    expect_ok(NULL, eventure_log_close(here.log));
    open_log();
    expect_known();
}
END_TEST
