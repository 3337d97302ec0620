/*
 * Replay: folding events up to a tick and from a tick on, stopping, failing.
 */
#include "bus_world.h"

TEST_FIXTURE(open_history, close_world);

/* The state: the events that were applied, in order. */
typedef struct story
{
    int resets;
    int reset_result;
    char applied[1024];  /* the types, each followed by a space */
    const char *fail_at; /* the type that makes apply return fail_with */
    int fail_with;
} story;

static int reset_story(void *context)
{
    story *state = context;
    state->resets++;
    state->applied[0] = '\0';
    return state->reset_result;
}

static int apply_story(const eventure_event *event, void *context)
{
    story *state = context;
    size_t len = strlen(state->applied);
    snprintf(state->applied + len, sizeof state->applied - len, "%s ", event->type);
    return state->fail_at != NULL && strcmp(event->type, state->fail_at) == 0 ? state->fail_with : 0;
}

static const eventure_reducer story_reducer = {
    .size = sizeof(eventure_reducer), .name = "story", .version = 1, .reset = reset_story, .apply = apply_story};

/* Ticks 0, 1, 2, 5: "a b", "c", nothing, "d e". */
static void open_history(void)
{
    open_world();
    publish("a");
    publish("b");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    publish("c");
    expect_ok(here.log, eventure_log_advance_to(here.log, 5));
    publish("d");
    publish("e");
}

static void expect_story(int64_t tick_min, int64_t tick_end, const char *applied, int resets)
{
    story state = {.resets = 0};
    expect_ok(reader(), eventure_replay_ticks(reader(), &story_reducer, &state, tick_min, tick_end));
    ck_assert_str_eq(state.applied, applied);
    ck_assert_int_eq(state.resets, resets);
}

START_TEST(a_replay_folds_all_events_in_append_order)
{
    expect_story(0, 0, "a b c d e ", 1);
    expect_story(0, INT64_MAX, "a b c d e ", 1);
}
END_TEST

START_TEST(a_replay_ends_before_its_end)
{
    expect_story(0, 1, "a b ", 1);
    expect_story(0, 2, "a b c ", 1);
    expect_story(0, 5, "a b c ", 1);
    expect_story(0, 6, "a b c d e ", 1);
}
END_TEST

START_TEST(a_replay_from_a_later_tick_continues_without_a_reset)
{
    expect_story(1, 0, "c d e ", 0);
    expect_story(2, 5, "", 0);
    expect_story(5, 6, "d e ", 0);
    expect_story(5, 5, "", 0);
    expect_story(6, 0, "", 0);
    story state = {.resets = 0};
    expect_ok(reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 0, 1));
    expect_ok(reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 1, 6));
    ck_assert_str_eq(state.applied, "a b c d e ");
}
END_TEST

START_TEST(a_reducer_without_reset_keeps_its_state)
{
    eventure_reducer reducer = story_reducer;
    reducer.reset = NULL;
    story state = {.applied = "before "};
    expect_ok(reader(), eventure_replay_ticks(reader(), &reducer, &state, 0, 1));
    ck_assert_str_eq(state.applied, "before a b ");
}
END_TEST

START_TEST(a_reducer_can_stop_a_replay)
{
    story state = {.fail_at = "b", .fail_with = EVENTURE_REPLAY_STOP};
    expect_ok(reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 0, 0));
    ck_assert_str_eq(state.applied, "a b ");
}
END_TEST

START_TEST(an_error_of_apply_ends_the_replay_and_its_message_names_reducer_tick_and_event)
{
    story state = {.fail_at = "d", .fail_with = EVENTURE_ERROR_HANDLER};
    expect_status(EVENTURE_ERROR_HANDLER, reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 0, 0));
    ck_assert_str_eq(state.applied, "a b c d ");
    eventure_cursor *cursor = NULL;
    eventure_event event;
    char message[1024];
    snprintf(message, sizeof message, "%s", eventure_reader_message(reader()));
    expect_ok(reader(), eventure_query_by_type(reader(), "d", &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    expect_part(message, "story");
    expect_part(message, "tick 5");
    expect_part(message, event.id);
    expect_part(message, "EVENTURE_ERROR_HANDLER");
    eventure_cursor_free(cursor);
    state.fail_with = 77;
    ck_assert_int_eq(eventure_replay_ticks(reader(), &story_reducer, &state, 5, 6), 77);
    expect_part(eventure_reader_message(reader()), "77");
}
END_TEST

static int apply_question(const eventure_event *event, void *context)
{
    eventure_event *found = NULL;
    (void)event;
    (void)context;
    eventure_status status = eventure_query_find(eventure_log_reader(here.log), "7-NONE-7", &found);
    eventure_event_free(found);
    return status;
}

START_TEST(the_cause_of_a_failed_question_inside_apply_stays_in_the_message)
{
    const eventure_reducer reducer = {
        .size = sizeof(eventure_reducer), .name = "asking", .version = 1, .apply = apply_question};
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader(), eventure_replay_ticks(reader(), &reducer, NULL, 1, 0));
    const char *message = eventure_reader_message(reader());
    expect_part(message, "asking");
    expect_part(message, "tick 1");
    expect_part(message, "7-NONE-7");
}
END_TEST

START_TEST(an_older_error_is_not_reported_as_the_cause)
{
    story state = {.fail_at = "c", .fail_with = EVENTURE_ERROR_NOT_FOUND};
    eventure_event *found = NULL;
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader(), eventure_query_find(reader(), "7-NONE-7", &found));
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 0, 0));
    const char *message = eventure_reader_message(reader());
    ck_assert_msg(strstr(message, "7-NONE-7") == NULL, "%s", message);
    expect_part(message, "tick 1");
}
END_TEST

START_TEST(an_error_of_reset_ends_the_replay_before_the_first_event)
{
    story state = {.reset_result = EVENTURE_ERROR_MEMORY};
    expect_status(EVENTURE_ERROR_MEMORY, reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 0, 0));
    ck_assert_str_eq(state.applied, "");
    const char *message = eventure_reader_message(reader());
    expect_part(message, "story");
    expect_part(message, "reset");
}
END_TEST

START_TEST(a_reversed_or_negative_range_is_refused_and_the_state_left_alone)
{
    story state = {.applied = "before "};
    expect_status(EVENTURE_ERROR_TICK, reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 5, 4));
    expect_part(eventure_reader_message(reader()), "story");
    expect_part(eventure_reader_message(reader()), "5");
    expect_status(EVENTURE_ERROR_TICK, reader(), eventure_replay_ticks(reader(), &story_reducer, &state, -3, 4));
    expect_part(eventure_reader_message(reader()), "-3");
    expect_status(EVENTURE_ERROR_TICK, reader(), eventure_replay_ticks(reader(), &story_reducer, &state, 0, -1));
    ck_assert_str_eq(state.applied, "before ");
    ck_assert_int_eq(state.resets, 0);
}
END_TEST

START_TEST(a_reducer_that_is_not_filled_in_is_refused)
{
    eventure_reducer reducer = story_reducer;
    story state = {.applied = "before "};
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_replay_ticks(reader(), NULL, &state, 0, 2));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_replay_ticks(NULL, &reducer, &state, 0, 2));
    reducer.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_replay_ticks(reader(), &reducer, &state, 0, 2));
    reducer = story_reducer;
    reducer.apply = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_replay_ticks(reader(), &reducer, &state, 0, 2));
    expect_part(eventure_reader_message(reader()), "apply");
    ck_assert_int_eq(state.resets, 0);
    ck_assert_str_eq(state.applied, "before ");
}
END_TEST

START_TEST(a_reducer_without_a_name_is_called_reducer_in_messages)
{
    eventure_reducer reducer = story_reducer;
    story state = {.fail_at = "a", .fail_with = EVENTURE_ERROR_HANDLER};
    reducer.name = NULL;
    expect_status(EVENTURE_ERROR_HANDLER, reader(), eventure_replay_ticks(reader(), &reducer, &state, 0, 0));
    expect_part(eventure_reader_message(reader()), "replay of reducer");
}
END_TEST

START_TEST(a_missing_event_is_an_error_and_no_wrong_state)
{
    story state = {.resets = 0};
    eventure_reader *damaged = NULL;
    expect_ok(NULL, eventure_log_close(here.log));
    here.log = NULL;
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "DROP TRIGGER events_delete; DELETE FROM events WHERE seq = 3"));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &damaged));
    expect_status(EVENTURE_ERROR_CORRUPT, damaged, eventure_replay_ticks(damaged, &story_reducer, &state, 0, 0));
    ck_assert_str_eq(eventure_reader_message(damaged), "replay of story: scratch.db is damaged: event 3 is missing");
    ck_assert_str_eq(state.applied, "a b ");
    expect_status(EVENTURE_ERROR_CORRUPT, damaged,
                  eventure_replay_at(damaged, &story_reducer, &state, EVENTURE_TICK_NEWEST, NULL));
    ck_assert_str_eq(eventure_reader_message(damaged), "replay of story: scratch.db is damaged: event 3 is missing");
    eventure_reader_close(damaged);
}
END_TEST

static int apply_sum(const eventure_event *event, void *context)
{
    int64_t amount = 0;
    eventure_status status = eventure_event_int(event, "amount", &amount);
    *(int64_t *)context += amount;
    return status;
}

START_TEST(a_long_history_is_folded_to_the_same_sum_in_one_piece_and_in_many)
{
    const eventure_reducer reducer = {
        .size = sizeof(eventure_reducer), .name = "sum", .version = 1, .apply = apply_sum};
    int64_t whole = 0, parts = 0;
    expect_ok(here.log, eventure_log_advance_to(here.log, 10));
    for (int i = 0; i < 5000; i++)
    {
        expect_ok(here.log, eventure_log_append(here.log, "x.y", EVENTURE_DATA(eventure_int("amount", i)), NULL, NULL));
        if (i % 7 == 0)
            expect_ok(here.log, eventure_log_advance_tick(here.log));
    }
    expect_ok(reader(), eventure_replay_ticks(reader(), &reducer, &whole, 10, 0));
    ck_assert_int_eq(whole, 5000 * 4999 / 2);
    for (int64_t tick = 10; tick < 1000; tick += 33)
        expect_ok(reader(), eventure_replay_ticks(reader(), &reducer, &parts, tick, tick + 33));
    ck_assert_int_eq(parts, whole);
}
END_TEST
