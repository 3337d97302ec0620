/*
 * Reducers on the bus: the state while a program runs is that of a replay, whatever handlers publish, and whatever is
 * rolled back. And what closing does with a tick that a call could not complete.
 */
#include "bus_world.h"

/* A number that depends on the order of the events, and on each of them. */
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
                                         .rules_count = sizeof rules / sizeof *rules};

static void expect_agreement(const tally *live)
{
    tally replayed = {0};
    ck_assert_int_eq(eventure_replay(eventure_log_reader(here.log), &reducer, 0, INT64_MAX, &replayed), EVENTURE_OK);
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

/* What the handler saw of the state when it was called. */
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
    ck_assert_int_eq(eventure_log_append(here.log, "score.set", eventure_no_data(), NULL, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_fold(here.bus, &reducer, &live), EVENTURE_OK);
    expect_agreement(&live); /* also of what was there before */
    ck_assert_int_eq(eventure_bus_subscribe(here.bus, "score.set", publish_bonus, NULL, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_subscribe(here.bus, "score.*", append_directly, NULL, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_subscribe(here.bus, "*", publish_bonus, NULL, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_unsubscribe(here.bus, 3), EVENTURE_OK);
    for (int i = 0; i < 10; i++)
    {
        ck_assert_int_eq(
            eventure_bus_publish(here.bus, "score.set", EVENTURE_DATA(eventure_int("points", i)), NULL, NULL),
            EVENTURE_OK);
        expect_agreement(&live);
        ck_assert_int_eq(eventure_log_advance_tick(here.log), EVENTURE_OK);
    }
}
END_TEST

START_TEST(handlers_are_called_with_the_event_in_the_state)
{
    tally live = {0};
    ck_assert_int_eq(eventure_bus_subscribe(here.bus, "score.set", look, &live, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_fold(here.bus, &reducer, &live), EVENTURE_OK);
    ck_assert_int_eq(publish("score.set"), EVENTURE_OK);
    ck_assert_int_eq(seen, live.sum);
    ck_assert_int_ne(seen, 0);
}
END_TEST

START_TEST(what_is_rolled_back_leaves_the_state)
{
    tally live = {0};
    ck_assert_int_eq(eventure_bus_fold(here.bus, &reducer, &live), EVENTURE_OK);
    ck_assert_int_eq(publish("score.set"), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_advance_tick(here.log), EVENTURE_OK);
    ck_assert_int_eq(publish("score.add"), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_rollback(here.log), EVENTURE_OK);
    expect_agreement(&live);
    ck_assert_int_eq(live.resets, 2);
    ck_assert_int_eq(publish("score.add"), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_bus_fold(here.bus, &reducer, &live), EVENTURE_OK);
    ck_assert_int_eq(eventure_batch_new(&batch), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_publish_batch(here.bus, batch, &first), EVENTURE_OK);
    ck_assert_int_eq(first, 0);
    ck_assert_int_eq(eventure_batch_add(batch, "score.set", eventure_no_data(), NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_batch_add(batch, "score.add", eventure_no_data(), NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_batch_add(batch, "score.set", eventure_no_data(), NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_publish_batch(here.bus, batch, &first), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_bus_fold(here.bus, &reducer, &live), EVENTURE_OK);
    ck_assert_int_eq(publish("score.set"), EVENTURE_ERROR_HANDLER);
    ck_assert_msg(strstr(eventure_bus_message(here.bus), "tally") != NULL, "%s", eventure_bus_message(here.bus));
    ck_assert_str_eq(here.heard, "");
    ck_assert_int_eq(events_in_log(), 1);
    live.fails_at = 0;
    ck_assert_int_eq(publish("score.set"), EVENTURE_OK); /* the state is built again */
    expect_agreement(&live);
}
END_TEST

START_TEST(a_bus_without_a_log_folds_what_is_dispatched)
{
    tally live = {.sum = 7};
    eventure_bus *bus = NULL;
    eventure_event event = {.seq = 4, .type = "score.set", .data = "{\"points\":5}", .data_len = 12, .id = "0-AB-4"};
    ck_assert_int_eq(eventure_bus_new(NULL, NULL, &bus), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_subscribe(bus, "*", look, &live, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_fold(bus, &reducer, &live), EVENTURE_OK);
    ck_assert_int_eq(live.sum, 0);
    ck_assert_int_eq(eventure_bus_dispatch(bus, &event), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_bus_fold(here.bus, &wrong, &live), EVENTURE_ERROR_ARGUMENT);
    ck_assert_msg(strstr(eventure_bus_message(here.bus), "rule 2") != NULL, "%s", eventure_bus_message(here.bus));
    wrong.rules = no_function;
    wrong.rules_count = 1;
    ck_assert_int_eq(eventure_bus_fold(here.bus, &wrong, &live), EVENTURE_ERROR_ARGUMENT);
    wrong.rules = NULL;
    ck_assert_int_eq(eventure_bus_fold(here.bus, &wrong, &live), EVENTURE_ERROR_ARGUMENT);
    wrong.rules_count = 0;
    ck_assert_int_eq(eventure_bus_fold(here.bus, &wrong, &live), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_bus_fold(here.bus, NULL, &live), EVENTURE_ERROR_ARGUMENT);
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
    ck_assert_int_eq(eventure_log_close(here.log), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &here.log), EVENTURE_OK);
    ck_assert_int_eq(eventure_bus_new(here.log, NULL, &here.bus), EVENTURE_OK);
}

static void expect_sound(int64_t tick, int64_t events, int64_t tick_events, const char *name)
{
    eventure_verify_report report;
    ck_assert_msg(eventure_log_tick(here.log) == tick, "%s: tick %lld", name, (long long)eventure_log_tick(here.log));
    ck_assert_msg(events_in_log() == events, "%s: %lld events", name, (long long)events_in_log());
    ck_assert_msg(eventure_log_tick_events(here.log) == tick_events, "%s", name);
    ck_assert_int_eq(eventure_store_verify(eventure_log_reader(here.log), NULL, &report), EVENTURE_OK);
    ck_assert_msg(report.is_sound, "%s: %s", name, report.problem);
}

START_TEST(a_tick_that_failed_is_thrown_away_by_closing)
{
    const closing *how = &closings[_i];
    reopen(how);
    for (int tick = 0; tick < 4; tick++)
    {
        ck_assert_int_eq(publish("a.b"), EVENTURE_OK);
        ck_assert_int_eq(eventure_log_advance_tick(here.log), EVENTURE_OK);
    }
    probe bad = {.name = "bad", .result = EVENTURE_ERROR_HANDLER};
    subscribe(&bad, "c.d");
    ck_assert_int_eq(publish("a.b"), EVENTURE_OK);
    if (how->commits_first)
        ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
    ck_assert_int_eq(publish("c.d"), EVENTURE_ERROR_HANDLER);
    reopen(how);
    int64_t kept = how->commits_first ? 1 : 0;
    expect_sound(4, 4 + kept, kept, how->name);
    ck_assert_int_eq(publish("c.d"), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_advance_tick(here.log), EVENTURE_OK);
    reopen(how);
    expect_sound(5, 5 + kept, 0, how->name);
}
END_TEST

START_TEST(a_tick_of_which_all_went_well_is_kept_by_closing)
{
    const closing *how = &closings[_i];
    reopen(how);
    ck_assert_int_eq(publish("a.b"), EVENTURE_OK);
    ck_assert_int_eq(publish(""), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(publish("c.d"), EVENTURE_OK); /* the program continues the tick */
    reopen(how);
    expect_sound(0, 2, 2, how->name);
    ck_assert_int_eq(publish(""), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(publish("c.d"), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_append(here.log, "a", eventure_json("[]"), NULL, NULL), EVENTURE_ERROR_JSON);
    ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK); /* which says that it is to be kept */
    reopen(how);
    expect_sound(0, 3, 3, how->name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bus fold");
    TCase *tests = tcase_create("bus fold");
    const int ways = sizeof closings / sizeof *closings;
    tcase_add_checked_fixture(tests, open_world, close_world);
    tcase_add_test(tests, the_state_is_that_of_a_replay_whatever_handlers_publish);
    tcase_add_test(tests, handlers_are_called_with_the_event_in_the_state);
    tcase_add_test(tests, what_is_rolled_back_leaves_the_state);
    tcase_add_test(tests, a_batch_is_folded_and_dispatched_in_its_order);
    tcase_add_test(tests, an_error_of_the_reducer_is_that_of_publishing);
    tcase_add_test(tests, a_bus_without_a_log_folds_what_is_dispatched);
    tcase_add_test(tests, a_table_that_makes_no_sense_is_refused);
    tcase_add_loop_test(tests, a_tick_that_failed_is_thrown_away_by_closing, 0, ways);
    tcase_add_loop_test(tests, a_tick_of_which_all_went_well_is_kept_by_closing, 0, ways);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
