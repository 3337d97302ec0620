/*
 * Reducers on the bus: the state while a program runs equals that of a replay, even if handlers publish and ticks are
 * rolled back. Also: what closing does with a tick in which a call failed.
 */
#include "bus_world.h"

TEST_FIXTURE(open_world, close_world);

/* A state that depends on each event and on their order. */
typedef struct tally
{
    int64_t sum;
    int64_t fails_at; /* the seq at which apply fails; 0: never */
    int resets;
} tally;

static int reset(void *context)
{
    tally *self = context;
    self->sum = 0;
    self->resets++;
    return 0;
}

static int set(const eventure_event *event, void *context)
{
    tally *self = context;
    int64_t points = 1;
    eventure_event_int(event, "points", &points);
    self->sum = points;
    return self->fails_at == event->seq ? EVENTURE_ERROR_HANDLER : 0;
}

static int add(const eventure_event *event, void *context)
{
    tally *self = context;
    self->sum = self->sum * 3 + event->seq;
    return 0;
}

static const eventure_reducer_rule rules[] = {{"score.set", set}, {"score.*", add}, {"*.bonus", add}};
static const eventure_reducer reducer = {.size = sizeof reducer,
                                         .name = "tally",
                                         .version = 1,
                                         .reset = reset,
                                         .rules = rules,
                                         .rules_count = COUNT_OF(rules)};

static void expect_agreement(const tally *live)
{
    tally replayed = {0};
    expect_ok(eventure_log_reader(here.log),
              eventure_replay_ticks(eventure_log_reader(here.log), &reducer, &replayed, 0, 0));
    ck_assert_int_eq(live->sum, replayed.sum);
}

static int publish_bonus(const eventure_event *event, void *context)
{
    (void)context;
    return eventure_bus_publish(here.bus, "extra.bonus", eventure_no_data(), event, NULL);
}

static int append_directly(const eventure_event *event, void *context)
{
    (void)context;
    return eventure_log_append(here.log, "score.set", EVENTURE_DATA(eventure_int("points", 100)), event, NULL);
}

/* The state when the handler was called. */
static int64_t seen;

static int look(const eventure_event *event, void *context)
{
    const tally *state = context;
    (void)event;
    seen = state->sum;
    return 0;
}

START_TEST(the_state_is_that_of_a_replay_whatever_handlers_publish)
{
    tally live = {0};
    expect_ok(here.log, eventure_log_append(here.log, "score.set", eventure_no_data(), NULL, NULL));
    expect_ok(here.bus, eventure_bus_fold(here.bus, &reducer, &live));
    expect_agreement(&live); /* also for the events that existed before */
    expect_ok(here.bus, eventure_bus_subscribe(here.bus, "score.set", publish_bonus, NULL, NULL));
    expect_ok(here.bus, eventure_bus_subscribe(here.bus, "score.*", append_directly, NULL, NULL));
    expect_ok(here.bus, eventure_bus_subscribe(here.bus, "*", publish_bonus, NULL, NULL));
    expect_ok(here.bus, eventure_bus_unsubscribe(here.bus, 3));
    for (int i = 0; i < 10; i++)
    {
        expect_ok(here.bus,
                  eventure_bus_publish(here.bus, "score.set", EVENTURE_DATA(eventure_int("points", i)), NULL, NULL));
        expect_agreement(&live);
        expect_ok(here.log, eventure_log_advance_tick(here.log));
    }
}
END_TEST

START_TEST(handlers_are_called_with_the_event_in_the_state)
{
    tally live = {0};
    expect_ok(here.bus, eventure_bus_subscribe(here.bus, "score.set", look, &live, NULL));
    expect_ok(here.bus, eventure_bus_fold(here.bus, &reducer, &live));
    expect_ok(NULL, publish("score.set"));
    ck_assert_int_eq(seen, live.sum);
    ck_assert_int_ne(seen, 0);
}
END_TEST

START_TEST(what_is_rolled_back_leaves_the_state)
{
    tally live = {0};
    expect_ok(here.bus, eventure_bus_fold(here.bus, &reducer, &live));
    expect_ok(NULL, publish("score.set"));
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    expect_ok(NULL, publish("score.add"));
    expect_ok(here.log, eventure_log_rollback(here.log));
    expect_agreement(&live);
    ck_assert_int_eq(live.resets, 2);
    expect_ok(NULL, publish("score.add"));
    expect_agreement(&live);
    ck_assert_int_eq(live.resets, 2);
}
END_TEST

START_TEST(a_batch_is_folded_and_dispatched_in_its_order)
{
    tally live = {0};
    probe a = {.name = "a"}, b = {.name = "b"};
    int64_t first = -1;
    eventure_batch *batch = NULL;
    subscribe(&a, "score.set");
    subscribe(&b, "score.add");
    expect_ok(here.bus, eventure_bus_fold(here.bus, &reducer, &live));
    expect_ok(NULL, eventure_batch_new(&batch));
    expect_ok(here.bus, eventure_bus_publish_batch(here.bus, batch, &first));
    ck_assert_int_eq(first, 0);
    expect_ok(batch, eventure_batch_add(batch, "score.set", eventure_no_data(), NULL));
    expect_ok(batch, eventure_batch_add(batch, "score.add", eventure_no_data(), NULL));
    expect_ok(batch, eventure_batch_add(batch, "score.set", eventure_no_data(), NULL));
    expect_ok(here.bus, eventure_bus_publish_batch(here.bus, batch, &first));
    ck_assert_int_eq(first, 1);
    ck_assert_str_eq(here.heard, "a b a ");
    expect_agreement(&live);
    eventure_batch_free(batch);
}
END_TEST

START_TEST(an_error_of_the_reducer_is_that_of_publishing)
{
    tally live = {.fails_at = 1};
    probe a = {.name = "a"};
    subscribe(&a, "*");
    expect_ok(here.bus, eventure_bus_fold(here.bus, &reducer, &live));
    expect_status(EVENTURE_ERROR_HANDLER, NULL, publish("score.set"));
    expect_part(eventure_bus_message(here.bus), "tally");
    ck_assert_str_eq(here.heard, "");
    ck_assert_int_eq(events_in_log(), 1);
    live.fails_at = 0;
    expect_ok(NULL, publish("score.set")); /* the state is built again by this call */
    expect_agreement(&live);
}
END_TEST

START_TEST(a_bus_without_a_log_folds_what_is_dispatched)
{
    tally live = {.sum = 7};
    eventure_bus *bus = NULL;
    eventure_event event = {.seq = 4, .type = "score.set", .data = "{\"points\":5}", .data_len = 12, .id = "0-AB-4"};
    expect_ok(NULL, eventure_bus_new(NULL, NULL, &bus));
    expect_ok(bus, eventure_bus_subscribe(bus, "*", look, &live, NULL));
    expect_ok(bus, eventure_bus_fold(bus, &reducer, &live));
    ck_assert_int_eq(live.sum, 0);
    expect_ok(bus, eventure_bus_dispatch(bus, &event));
    ck_assert_int_eq(seen, 19);
    eventure_bus_free(bus);
}
END_TEST

START_TEST(a_table_that_makes_no_sense_is_refused)
{
    tally live = {0};
    const eventure_reducer_rule bad_pattern[] = {{"a.b", set}, {"a*b", set}};
    const eventure_reducer_rule no_function[] = {{"a.b", NULL}};
    eventure_reducer wrong = reducer;
    wrong.rules = bad_pattern;
    wrong.rules_count = 2;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_fold(here.bus, &wrong, &live));
    expect_part(eventure_bus_message(here.bus), "rule 2");
    wrong.rules = no_function;
    wrong.rules_count = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_fold(here.bus, &wrong, &live));
    wrong.rules = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_fold(here.bus, &wrong, &live));
    wrong.rules_count = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_fold(here.bus, &wrong, &live));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_fold(here.bus, NULL, &live));
}
END_TEST

/* --- Several reducers, events that were missed, and reducers that stop --- */

static char applied[256];

typedef struct named
{
    const char *name;
    int64_t stops_at; /* the seq at which it stops; 0: never */
    int64_t fails_at;
} named;

static int note(const eventure_event *event, void *context)
{
    const named *self = context;
    snprintf(applied + strlen(applied), sizeof applied - strlen(applied), "%s%lld ", self->name, (long long)event->seq);
    return event->seq == self->fails_at   ? EVENTURE_ERROR_HANDLER
           : event->seq == self->stops_at ? EVENTURE_REPLAY_STOP
                                          : 0;
}

static int note_reset(void *context)
{
    const named *self = context;
    snprintf(applied + strlen(applied), sizeof applied - strlen(applied), "%s0 ", self->name);
    return 0;
}

static void expect_applied(const char *expected)
{
    ck_assert_str_eq(applied, expected);
    applied[0] = '\0';
}

static void fold(eventure_bus *bus, named *state)
{
    const eventure_reducer noting = {
        .size = sizeof noting, .name = state->name, .version = 1, .apply = note, .reset = note_reset};
    expect_ok(bus, eventure_bus_fold(bus, &noting, state));
}

START_TEST(reducers_are_applied_in_their_order_before_any_handler)
{
    static named a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};
    static probe p = {.name = "p"};
    subscribe(&p, "*");
    fold(here.bus, &a);
    fold(here.bus, &b);
    expect_applied("a0 b0 ");
    expect_ok(NULL, publish("x"));
    expect_applied("a1 b1 ");
    fold(here.bus, &c); /* reads the event that it missed */
    expect_applied("c0 c1 ");
    expect_ok(here.log, eventure_log_append(here.log, "x", eventure_no_data(), NULL, NULL));
    expect_applied("a2 b2 c2 ");
    expect_ok(here.bus, eventure_bus_dispatch(here.bus, &(eventure_event){.seq = 1, .type = "x", .data = "{}"}));
    expect_applied(""); /* the event is in the states already */
    ck_assert_str_eq(here.heard, "p p ");
}
END_TEST

START_TEST(a_reducer_that_stops_is_not_applied_again)
{
    static named a = {.name = "a", .stops_at = 2}, b = {.name = "b"};
    fold(here.bus, &a);
    fold(here.bus, &b);
    for (int i = 0; i < 4; i++)
        expect_ok(NULL, publish("x"));
    expect_applied("a0 b0 a1 b1 a2 b2 b3 b4 ");
    expect_ok(here.log, eventure_log_rollback(here.log)); /* both states are computed again */
    expect_applied("a0 b0 ");
    expect_ok(NULL, publish("x"));
    expect_applied("a1 b1 ");
}
END_TEST

START_TEST(on_a_bus_without_a_log_a_reducer_stops_or_fails_alone)
{
    static named a = {.name = "a", .stops_at = 2}, b = {.name = "b", .fails_at = 3}, c = {.name = "c"};
    eventure_bus *bus = NULL;
    expect_ok(NULL, eventure_bus_new(NULL, NULL, &bus));
    fold(bus, &a);
    fold(bus, &b);
    fold(bus, &c);
    expect_applied("a0 b0 c0 ");
    for (int64_t seq = 1; seq <= 4; seq++)
    {
        const eventure_event event = {.seq = seq, .type = "x", .data = "{}", .id = "i"};
        const eventure_status status = eventure_bus_dispatch(bus, &event);
        expect_status(seq == 3 ? EVENTURE_ERROR_HANDLER : EVENTURE_OK, bus, status);
    }
    expect_applied("a1 b1 c1 a2 b2 c2 b3 b4 c4 ");
    eventure_bus_free(bus);
}
END_TEST

static int fail_always(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    return EVENTURE_ERROR_HANDLER;
}

/* A caller may make the event itself, and leave out its id. */
START_TEST(an_error_for_an_event_without_an_id_has_a_text)
{
    eventure_bus *bus = NULL;
    tally live = {0};
    eventure_reducer failing = {.size = sizeof failing, .name = "failing", .reset = reset, .apply = fail_always};
    expect_ok(NULL, eventure_bus_new(NULL, NULL, &bus));
    expect_ok(bus, eventure_bus_fold(bus, &failing, &live));
    const eventure_event event = {.type = "a.b", .data = "{}"};
    expect_status(EVENTURE_ERROR_HANDLER, bus, eventure_bus_dispatch(bus, &event));
    expect_part(eventure_bus_message(bus), "replay of failing at tick 0, event \"\" (a.b): apply returned ");
    eventure_bus_free(bus);
}
END_TEST

/* A reducer that changes the log: 0: appends; 1: publishes; 2: advances; 3: commits. */
static int way;
static eventure_status returned;

static int change_log(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    returned = way == 0   ? eventure_log_append(here.log, "of.reducer", eventure_no_data(), NULL, NULL)
               : way == 1 ? eventure_bus_publish(here.bus, "of.reducer", eventure_no_data(), NULL, NULL)
               : way == 2 ? eventure_log_advance_tick(here.log)
                          : eventure_log_commit(here.log);
    return returned;
}

LOOP_TEST(a_reducer_cannot_change_the_log, 4)
{
    tally live = {0};
    int64_t count = 0;
    eventure_reducer changing = {.size = sizeof changing, .name = "changing", .reset = reset, .apply = change_log};
    way = _i;
    expect_ok(here.bus, eventure_bus_fold(here.bus, &changing, &live));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus,
                  eventure_bus_publish(here.bus, "a.b", eventure_no_data(), NULL, NULL));
    ck_assert_int_eq(returned, EVENTURE_ERROR_ARGUMENT);
    expect_part(eventure_bus_message(here.bus), "a reducer must not append, advance or commit");
    expect_ok(eventure_log_reader(here.log), eventure_query_count(eventure_log_reader(here.log), NULL, &count));
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(eventure_log_tick(here.log), 0);
    expect_ok(here.log, eventure_log_rollback(here.log));
}
END_TEST

/* The append has succeeded. The error of the reducer is that of the next publish. */
START_TEST(an_error_of_a_reducer_is_not_one_of_appending)
{
    tally live = {.fails_at = 1};
    expect_ok(here.bus, eventure_bus_fold(here.bus, &reducer, &live));
    expect_ok(here.log, eventure_log_append(here.log, "score.set", eventure_no_data(), NULL, NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "");
    expect_status(EVENTURE_ERROR_HANDLER, NULL, publish("x.y"));
    expect_part(eventure_bus_message(here.bus), "event 0-");
    live.fails_at = 0;
    expect_ok(NULL, publish("x.y"));
    expect_agreement(&live);
}
END_TEST

START_TEST(a_rollback_of_nothing_leaves_the_states)
{
    static named a = {.name = "a"};
    fold(here.bus, &a);
    expect_ok(NULL, publish("x"));
    expect_ok(here.log, eventure_log_commit(here.log));
    expect_ok(here.log, eventure_log_rollback(here.log));
    expect_applied("a0 a1 ");
    expect_ok(here.log, eventure_log_advance_to(here.log, 3));
    expect_ok(NULL, publish("x"));
    expect_ok(here.log, eventure_log_rollback(here.log));
    expect_applied("a2 a0 a1 ");
}
END_TEST

/* The state of a reducer that failed is computed again with the next event, and its error is returned until then. */
START_TEST(a_state_that_is_not_up_to_date_is_computed_again)
{
    static named a = {.name = "a", .fails_at = 2};
    static probe p = {.name = "p"};
    subscribe(&p, "*");
    fold(here.bus, &a);
    expect_ok(NULL, publish("x"));
    expect_status(EVENTURE_ERROR_HANDLER, NULL, publish("x"));
    expect_applied("a0 a1 a2 ");
    expect_status(EVENTURE_ERROR_HANDLER, NULL, publish("x"));
    expect_applied("a0 a1 a2 ");
    ck_assert_str_eq(here.heard, "p ");
    a.fails_at = 0;
    expect_ok(NULL, publish("x"));
    expect_applied("a0 a1 a2 a3 a4 ");
    ck_assert_str_eq(here.heard, "p p ");
    a.fails_at = 5;
    expect_status(EVENTURE_ERROR_HANDLER, NULL, publish("x"));
    a.fails_at = 0;
    applied[0] = '\0';
    expect_ok(here.log, eventure_log_rollback(here.log)); /* also computes it again */
    expect_applied("a0 ");
    expect_ok(NULL, publish("x"));
    expect_applied("a1 ");
}
END_TEST

START_TEST(a_reducer_that_fails_at_once_is_not_attached)
{
    static named a = {.name = "a", .fails_at = 1};
    const eventure_reducer noting = {
        .size = sizeof noting, .name = "a", .version = 1, .apply = note, .reset = note_reset};
    expect_ok(NULL, publish("x"));
    expect_status(EVENTURE_ERROR_HANDLER, here.bus, eventure_bus_fold(here.bus, &noting, &a));
    expect_part(eventure_bus_message(here.bus), "a");
    applied[0] = '\0';
    expect_ok(NULL, publish("x"));
    expect_applied("");
}
END_TEST

/* --- Closing after a failed call --- */

typedef struct closing
{
    const char *name;
    int64_t commit_every;
    bool background;
    bool commits_first; /* in the middle of the tick, before the call that fails */
} closing;

static const closing closings[] = {
    {"each tick", 1, false, false},
    {"ticks together", 3, false, false},
    {"a thread", 1, true, false},
    {"a commit in the tick", 1, false, true},
    {"a commit in the tick, ticks together", 5, false, true},
};

static void reopen(const closing *how)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.commit_every_ticks = how->commit_every;
    options.background = how->background;
    eventure_bus_free(here.bus);
    expect_ok(NULL, eventure_log_close(here.log));
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
    expect_ok(here.log, eventure_bus_new(here.log, NULL, &here.bus));
}

static void expect_sound(int64_t tick, int64_t events, int64_t tick_events, const char *name)
{
    ck_assert_msg(eventure_log_tick(here.log) == tick, "%s: tick %lld", name, (long long)eventure_log_tick(here.log));
    ck_assert_msg(events_in_log() == events, "%s: %lld events", name, (long long)events_in_log());
    ck_assert_msg(eventure_log_tick_events(here.log) == tick_events, "%s", name);
    scratch_expect_sound(eventure_log_reader(here.log));
}

LOOP_TEST(a_tick_that_failed_is_thrown_away_by_closing, COUNT_OF(closings))
{
    const closing *how = &closings[_i];
    reopen(how);
    for (int tick = 0; tick < 4; tick++)
    {
        expect_ok(NULL, publish("a.b"));
        expect_ok(here.log, eventure_log_advance_tick(here.log));
    }
    probe bad = {.name = "bad", .result = EVENTURE_ERROR_HANDLER};
    subscribe(&bad, "c.d");
    expect_ok(NULL, publish("a.b"));
    if (how->commits_first)
        expect_ok(here.log, eventure_log_commit(here.log));
    expect_status(EVENTURE_ERROR_HANDLER, NULL, publish("c.d"));
    reopen(how);
    int64_t kept = how->commits_first ? 1 : 0;
    expect_sound(4, 4 + kept, kept, how->name);
    expect_ok(NULL, publish("c.d"));
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    reopen(how);
    expect_sound(5, 5 + kept, 0, how->name);
}
END_TEST

LOOP_TEST(a_tick_of_which_all_went_well_is_kept_by_closing, COUNT_OF(closings))
{
    const closing *how = &closings[_i];
    reopen(how);
    expect_ok(NULL, publish("a.b"));
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish(""));
    expect_ok(NULL, publish("c.d")); /* the program continues the tick */
    reopen(how);
    expect_sound(0, 2, 2, how->name);
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish(""));
    expect_ok(NULL, publish("c.d"));
    expect_status(EVENTURE_ERROR_JSON, here.log, eventure_log_append(here.log, "a", eventure_json("[]"), NULL, NULL));
    expect_ok(here.log, eventure_log_commit(here.log)); /* the commit keeps the tick in which a call failed */
    reopen(how);
    expect_sound(0, 3, 3, how->name);
}
END_TEST
