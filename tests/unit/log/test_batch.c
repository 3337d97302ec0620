/*
 * Batches: all of their events are appended, or none.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "log/log_internal.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;

static void set_up(void)
{
    log_ = scratch_new();
}

static void tear_down(void)
{
    scratch_close(log_);
}

START_TEST(the_events_stand_in_their_order_with_their_parents)
{
    char id[64];
    strcpy(id, scratch_append(log_, "root", NULL, NULL));
    const eventure_event root = {.seq = 1, .id = id};
    const eventure_event_input events[] = {
        {.size = sizeof(eventure_event_input), .type = "a.b", .data = eventure_json("{ \"n\" : 1 }"), .parent = &root},
        {.size = sizeof(eventure_event_input),
         .type = "a.c",
         .data = EVENTURE_DATA(eventure_int("n", 2)),
         .parent_in_batch = 1},
        {.size = sizeof(eventure_event_input), .type = "a.b"},
        {.size = sizeof(eventure_event_input), .type = "a.b", .data = eventure_json("{\"n\":4}"), .parent_in_batch = 2},
    };
    eventure_event out[4];
    expect_ok(log_, eventure_log_append_batch(log_, events, 4, out));
    static const char *const datas[] = {"{\"n\":1}", "{\"n\":2}", "{}", "{\"n\":4}"};
    static const int64_t parents[] = {1, 2, 0, 3};
    for (int i = 0; i < 4; i++)
    {
        ck_assert_int_eq(out[i].seq, i + 2);
        ck_assert_int_eq(out[i].tick, 0);
        ck_assert_str_eq(out[i].type, events[i].type);
        ck_assert_str_eq(out[i].data, datas[i]);
        ck_assert_uint_eq(out[i].data_len, strlen(datas[i]));
        ck_assert_int_eq(out[i].parent_seq, parents[i]);
        ck_assert_double_eq(out[i].timestamp, 1700000000.5);
    }
    ck_assert_str_eq(out[0].id, "0-EBFC-1");
    ck_assert_str_eq(out[0].parent_id, id);
    ck_assert_str_eq(out[1].parent_id, out[0].id);
    ck_assert_ptr_null(out[2].parent_id);
    ck_assert_str_eq(out[3].parent_id, out[1].id);
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_expect_answer("SELECT group_concat(type || coalesce(parent_seq, '-') || data) "
                          "FROM (SELECT * FROM events ORDER BY seq)",
                          "root-{},a.b1{\"n\":1},a.c2{\"n\":2},a.b-{},a.b3{\"n\":4}");
    scratch_expect_sound(eventure_log_reader(log_));
}
END_TEST

START_TEST(a_large_batch_is_what_as_many_appends_would_be)
{
    enum
    {
        COUNT = 5000
    };
    eventure_event_input *events = calloc(COUNT, sizeof *events);
    char(*types)[16] = malloc(COUNT * sizeof *types);
    ck_assert(events != NULL && types != NULL);
    for (size_t i = 0; i < COUNT; i++)
    {
        snprintf(types[i], sizeof types[i], "t%d.x", (int)(i * 7 % 50));
        events[i].size = sizeof *events;
        events[i].type = types[i];
        events[i].data = eventure_json("{\"some\":\"data\",\"n\":12345}");
        events[i].parent_in_batch = i % 3 == 0 ? 0 : i - i % 3;
    }
    expect_ok(log_, eventure_log_append_batch(log_, events, COUNT, NULL));
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_expect_answer(
        "SELECT count(*) || ' ' || max(seq) || ' ' || count(parent_seq) || ' ' || count(DISTINCT type) FROM events",
        "5000 5000 3331 50");
    scratch_expect_sound(eventure_log_reader(log_));
    free(types);
    free(events);
}
END_TEST

static void refuse(const eventure_event_input *last, eventure_status status, const char *text)
{
    const eventure_event_input events[] = {{.size = sizeof(eventure_event_input), .type = "new.type"},
                                           {.size = sizeof(eventure_event_input), .type = "other.type"},
                                           *last};
    ck_assert_int_eq(eventure_log_append_batch(log_, events, 3, NULL), status);
    expect_part(eventure_log_message(log_), "at tick 0 (event 3 of a batch)");
    expect_part(eventure_log_message(log_), text);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
}

START_TEST(when_one_event_is_wrong_none_is_appended_and_the_text_names_it)
{
    const eventure_event unknown = {.id = "9-FADA-9"};
    refuse(&(eventure_event_input){.size = sizeof(eventure_event_input), .type = ""}, EVENTURE_ERROR_TYPE, "type");
    refuse(&(eventure_event_input){.size = sizeof(eventure_event_input), .type = NULL}, EVENTURE_ERROR_TYPE,
           "no type was given");
    refuse(&(eventure_event_input){.size = sizeof(eventure_event_input), .type = "a", .data = eventure_json("[1]")},
           EVENTURE_ERROR_JSON, "not a JSON object");
    refuse(&(eventure_event_input){.size = sizeof(eventure_event_input), .type = "a", .parent = &unknown},
           EVENTURE_ERROR_PARENT, "9-FADA-9");
    refuse(&(eventure_event_input){.size = sizeof(eventure_event_input), .type = "a", .parent_in_batch = 3},
           EVENTURE_ERROR_ARGUMENT, "event 3 of the batch");
    refuse(
        &(eventure_event_input){
            .size = sizeof(eventure_event_input), .type = "a", .parent = &unknown, .parent_in_batch = 1},
        EVENTURE_ERROR_ARGUMENT, "two parents");
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_expect_answer("SELECT group_concat(type) FROM type_counts",
                          "a.b"); /* the types of a refused batch are not stored */
}
END_TEST

START_TEST(the_limit_of_a_tick_counts_the_events_of_the_batch)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    const eventure_event_input events[] = {{.size = sizeof(eventure_event_input), .type = "a"},
                                           {.size = sizeof(eventure_event_input), .type = "b"},
                                           {.size = sizeof(eventure_event_input), .type = "c"}};
    expect_ok(NULL, eventure_log_close(log_));
    options.max_tick_events = 5;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    expect_ok(log_, eventure_log_append_batch(log_, events, 3, NULL));
    expect_status(EVENTURE_ERROR_LIMIT, log_, eventure_log_append_batch(log_, events, 3, NULL));
    expect_part(eventure_log_message(log_), "append c at tick 0 (event 3 of a batch)");
    expect_part(eventure_log_message(log_), "max_tick_events is 5");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 3);
    expect_ok(log_, eventure_log_append_batch(log_, events, 2, NULL));
}
END_TEST

START_TEST(nothing_is_a_batch_too)
{
    expect_ok(log_, eventure_log_append_batch(log_, NULL, 0, NULL));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
    expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append_batch(log_, NULL, 1, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_append_batch(NULL, NULL, 0, NULL));
}
END_TEST

START_TEST(without_memory_none_is_appended)
{
    const eventure_event_input events[] = {
        {.size = sizeof(eventure_event_input), .type = "a.b", .data = eventure_json("{ \"n\" : 1 }")},
        {.size = sizeof(eventure_event_input), .type = "a.c"},
        {.size = sizeof(eventure_event_input), .type = "a.d", .parent_in_batch = 1}};
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        eventure_event out[3];
        int64_t before = scratch_last_seq(eventure_log_reader(log_));
        alloc_fail_at(n);
        eventure_status status = eventure_log_append_batch(log_, events, 3, out);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), hit ? before : before + 3);
    }
}
END_TEST

START_TEST(a_batch_goes_through_the_queue_of_a_background_writer)
{
    enum
    {
        COUNT = 3000
    };
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_event_input *events = calloc(COUNT, sizeof *events);
    ck_assert_ptr_nonnull(events);
    expect_ok(NULL, eventure_log_close(log_));
    options.background = true;
    options.queue_bytes = 65536; /* less than the batch */
    options.when_full = EVENTURE_QUEUE_FULL_FAIL;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    for (size_t i = 0; i < COUNT; i++)
        events[i] = (eventure_event_input){
            .size = sizeof(eventure_event_input), .type = i % 2 == 0 ? "a.b" : "b.c", .parent_in_batch = i};
    expect_ok(log_, eventure_log_append_batch(log_, events, COUNT, NULL));
    expect_ok(log_, eventure_log_flush(log_));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT count(*) || ' ' || sum(seq - parent_seq) FROM events", "3000 2999");
    free(events);
}
END_TEST

/* The memory of the ids is used again by the next batch. */
START_TEST(each_batch_uses_the_memory_of_the_one_before)
{
    eventure_event_input events[3] = {{.size = sizeof events[0], .type = "a.b"},
                                      {.size = sizeof events[0], .type = "a.b"},
                                      {.size = sizeof events[0], .type = "c.d"}};
    for (int i = 0; i < 3; i++)
    {
        expect_ok(log_, eventure_log_append_batch(log_, events, 3, NULL));
        ck_assert_uint_eq(log_->ids.len, 27);  /* three ids with their NUL */
        ck_assert_uint_eq(log_->data->len, 9); /* three times {} with its NUL */
        expect_ok(log_, eventure_log_advance_tick(log_));
    }
}
END_TEST

START_TEST(a_batch_names_what_is_wrong_with_its_ids_and_sizes)
{
    eventure_event_input events[3] = {{.size = sizeof events[0], .type = "a.b", .id = "b"},
                                      {.size = sizeof events[0], .type = "a.b", .id = "a"},
                                      {.size = sizeof events[0], .type = "a.b", .id = "b"}};
    expect_status(EVENTURE_ERROR_EXISTS, log_, eventure_log_append_batch(log_, events, 3, NULL));
    ck_assert_str_eq(eventure_log_message(log_), "append a batch: two of its events have the id b");
    events[2].id = "c";
    events[1].id = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append_batch(log_, events, 3, NULL));
    ck_assert_str_eq(eventure_log_message(log_),
                     "append a batch of 3 events: 2 of them bring an id; all must, or none");
    events[1].id = "a";
    events[2].size = 8;
    expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append_batch(log_, events, 3, NULL));
    char text[160];
    snprintf(text, sizeof text, "append a batch: event 3 was not initialised: its size is 8, that of the first one %zu",
             sizeof events[0]);
    ck_assert_str_eq(eventure_log_message(log_), text);
    events[0].size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append_batch(log_, events, 3, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append_batch(log_, NULL, 3, NULL));
    ck_assert_str_eq(eventure_log_message(log_), "append a batch: no events were given");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
    events[0].size = events[2].size = sizeof events[0];
    eventure_event out[3];
    expect_ok(log_, eventure_log_append_batch(log_, events, 3, out));
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(out[i].id, events[i].id);
    expect_status(EVENTURE_ERROR_EXISTS, log_, eventure_log_append_batch(log_, events, 3, out));
    ck_assert_str_eq(eventure_log_message(log_), "append a.b at tick 0 (event 1 of a batch): id b is taken by event 1");
    events[0].parent_in_batch = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append_batch(log_, events, 1, out));
    ck_assert_str_eq(eventure_log_message(log_), "append a.b at tick 0 (event 1 of a batch): its parent is event 1 of "
                                                 "the batch, which is not before it");
}
END_TEST
