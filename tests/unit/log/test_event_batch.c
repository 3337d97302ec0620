/*
 * The batch of the public API: it copies its input; it refuses invalid events with an error text; and a refused event
 * does not change it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;
static eventure_batch *batch;

static void set_up(void)
{
    log_ = scratch_new();
    expect_ok(NULL, eventure_batch_new(&batch));
}

static void tear_down(void)
{
    eventure_batch_free(batch);
    scratch_close(log_);
}

static void add(const char *type, const char *json)
{
    expect_ok(batch, eventure_batch_add(batch, type, json != NULL ? eventure_json(json) : eventure_no_data(), NULL));
}

/* Adds an event that is refused: the text names its place, and the batch has as many events as before. */
static void refuse(eventure_status status, const eventure_event_input *input, const char *text)
{
    char expected[256];
    const size_t count = eventure_batch_count(batch);
    snprintf(expected, sizeof expected, "add event %zu to a batch: %s", count + 1, text);
    expect_status(status, batch, eventure_batch_add_input(batch, input));
    ck_assert_str_eq(eventure_batch_message(batch), expected);
    ck_assert_uint_eq(eventure_batch_count(batch), count);
}

START_TEST(a_refused_event_leaves_the_texts_of_the_others_as_they_were)
{
    const eventure_event parent = {.seq = 1};
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event events[3];
    add("first", "{\"n\": 1}");
    refuse(EVENTURE_ERROR_TYPE, &input, "no type was given");
    input.type = "bad";
    input.data = eventure_json("[1]");
    refuse(EVENTURE_ERROR_JSON, &input, "data is not a JSON object: it is [1]");
    input.data = eventure_no_data();
    input.parent = &parent;
    input.parent_id = "x";
    refuse(EVENTURE_ERROR_ARGUMENT, &input, "it has two parents: parent and parent_id are set");
    input.parent = NULL;
    input.parent_id = NULL;
    input.parent_in_batch = 2;
    refuse(EVENTURE_ERROR_ARGUMENT, &input, "its parent is event 2 of the batch, which is not before it");
    input.parent_in_batch = 1;
    expect_ok(batch, eventure_batch_add_input(batch, &input));
    ck_assert_str_eq(eventure_batch_message(batch), "");
    input.parent_in_batch = 3;
    refuse(EVENTURE_ERROR_ARGUMENT, &input, "its parent is event 3 of the batch, which is not before it");
    add("third", "{\"n\": 3}");
    expect_ok(log_, eventure_batch_append(batch, log_, events));
    ck_assert_str_eq(events[0].type, "first");
    ck_assert_str_eq(events[0].data, "{\"n\":1}");
    ck_assert_str_eq(events[1].type, "bad");
    ck_assert_str_eq(events[1].data, "{}");
    ck_assert_int_eq(events[1].parent_seq, 1);
    ck_assert_str_eq(events[2].type, "third");
    ck_assert_str_eq(events[2].data, "{\"n\":3}");
    ck_assert_int_eq(events[2].parent_seq, 0);
}
END_TEST

START_TEST(every_member_of_an_event_is_kept)
{
    char type[] = "a.b and more", id[] = "my id and more", parent_id[] = "outside and more";
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event events[2];
    input.type = type;
    input.type_len = 3;
    input.id = id;
    input.id_len = 5;
    input.parent_id = parent_id;
    input.parent_id_len = 7;
    input.external_parent = true;
    input.has_timestamp = true;
    input.timestamp = 12.5;
    input.data = EVENTURE_DATA(eventure_int("n", 1));
    expect_ok(batch, eventure_batch_add_input(batch, &input));
    input = (eventure_event_input)EVENTURE_EVENT_INPUT_INIT;
    input.type = "c";
    input.id = "my other id";
    input.parent_in_batch = 1;
    expect_ok(batch, eventure_batch_add_input(batch, &input));
    memset(type, '?', sizeof type - 1); /* the batch has copies */
    memset(id, '?', sizeof id - 1);
    memset(parent_id, '?', sizeof parent_id - 1);
    expect_ok(log_, eventure_batch_append(batch, log_, events));
    ck_assert_str_eq(events[0].type, "a.b");
    ck_assert_str_eq(events[0].id, "my id");
    ck_assert_str_eq(events[0].parent_id, "outside");
    ck_assert_int_eq(events[0].parent_seq, 0);
    ck_assert_double_eq(events[0].timestamp, 12.5);
    ck_assert_str_eq(events[0].data, "{\"n\":1}");
    ck_assert_str_eq(events[1].id, "my other id");
    ck_assert_str_eq(events[1].parent_id, "my id");
    ck_assert_int_eq(events[1].parent_seq, 1);
    ck_assert_double_eq(events[1].timestamp, 1700000000.5);
}
END_TEST

START_TEST(a_parent_is_copied_with_what_it_has_of_seq_and_id)
{
    char id[] = "0-EBFC-1 and more";
    eventure_event events[4];
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(batch, eventure_batch_add(batch, "x", eventure_no_data(), &(eventure_event){.seq = 1}));
    expect_ok(batch, eventure_batch_add(batch, "x", eventure_no_data(), &(eventure_event){.id = id, .id_len = 8}));
    expect_ok(batch,
              eventure_batch_add(batch, "x", eventure_no_data(), &(eventure_event){.seq = 1, .id = id, .id_len = 8}));
    expect_ok(batch, eventure_batch_add(batch, "x", eventure_json("{\"n\":1}"), &(eventure_event){.seq = 1, .id = ""}));
    memset(id, '?', sizeof id - 1);
    expect_ok(log_, eventure_batch_append(batch, log_, events));
    for (int i = 0; i < 4; i++)
    {
        ck_assert_int_eq(events[i].parent_seq, 1);
        ck_assert_str_eq(events[i].parent_id, "0-EBFC-1");
    }
    /* Another seq than that of the id: the batch keeps both, and the log refuses them. */
    eventure_batch_clear(batch);
    expect_ok(batch, eventure_batch_add(batch, "x", eventure_no_data(), &(eventure_event){.seq = 2, .id = "0-EBFC-1"}));
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_batch_append(batch, log_, events));
    ck_assert_str_eq(eventure_log_message(log_),
                     "append x at tick 0 (event 1 of a batch): parent 0-EBFC-1 is event 1 of this store, not 2: it "
                     "comes from another one");
}
END_TEST

START_TEST(a_batch_grows_is_cleared_and_is_used_again)
{
    eventure_event events[200];
    for (int round = 0; round < 2; round++)
    {
        for (int i = 0; i < 200; i++)
        {
            char type[16];
            char json[32];
            snprintf(type, sizeof type, "type.%d", i);
            snprintf(json, sizeof json, "{\"round\":%d,\"i\":%d}", round, i);
            ck_assert_uint_eq(eventure_batch_count(batch), (size_t)i);
            add(type, json);
        }
        expect_ok(log_, eventure_batch_append(batch, log_, events));
        for (int i = 0; i < 200; i++)
        {
            char json[32];
            snprintf(json, sizeof json, "{\"round\":%d,\"i\":%d}", round, i);
            ck_assert_str_eq(events[i].data, json);
            ck_assert_int_eq(events[i].seq, round * 200 + i + 1);
        }
        eventure_batch_clear(batch);
        ck_assert_uint_eq(eventure_batch_count(batch), 0);
    }
    expect_ok(log_, eventure_batch_append(batch, log_, events)); /* nothing */
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 400);
}
END_TEST

START_TEST(null_is_refused_or_is_nothing)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "a";
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_batch_new(NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_batch_add(NULL, "a", eventure_no_data(), NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_batch_add_input(NULL, &input));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_batch_add_input(batch, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_batch_append(NULL, log_, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_batch_append(batch, NULL, NULL));
    ck_assert_str_eq(eventure_batch_message(NULL), eventure_last_message());
    ck_assert_uint_eq(eventure_batch_count(NULL), 0);
    eventure_batch_clear(NULL);
    eventure_batch_free(NULL);
    input.size = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, batch, eventure_batch_add_input(batch, &input));
    ck_assert_str_eq(eventure_batch_message(batch),
                     "add to a batch: the eventure_event_input was not initialised: its size is 1; begin with its "
                     "_INIT macro or with eventure_event_input_init");
    ck_assert_uint_eq(eventure_batch_count(batch), 0);
}
END_TEST

START_TEST(a_batch_cannot_be_made_without_memory)
{
    eventure_batch *none = batch;
    alloc_fail_at(1);
    expect_status(EVENTURE_ERROR_MEMORY, NULL, eventure_batch_new(&none));
    ck_assert(alloc_fail_stop());
    ck_assert_ptr_null(none);
    ck_assert_str_eq(eventure_last_message(), "make a batch: out of memory");
}
END_TEST

START_TEST(adding_without_memory_adds_nothing_and_the_next_call_may_succeed)
{
    static char text[300];
    bool hit = true;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    memset(text, 'x', sizeof text - 1);
    input.type = "a.b";
    input.id = text;
    input.data = EVENTURE_DATA(eventure_string("text", text));
    for (long n = 1; hit; n++)
    {
        const size_t count = eventure_batch_count(batch);
        alloc_fail_at(n);
        eventure_status status = eventure_batch_add_input(batch, &input);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert_uint_eq(eventure_batch_count(batch), hit ? count : count + 1);
        if (hit)
        {
            expect_part(eventure_batch_message(batch), "add event 1 to a batch: ");
            expect_part(eventure_batch_message(batch), "out of memory");
        }
    }
    for (long n = 1; n <= 3; n++) /* the inputs, their parents, and the copies of the log */
    {
        alloc_fail_at(n);
        eventure_status status = eventure_batch_append(batch, log_, NULL);
        ck_assert(alloc_fail_stop());
        expect_status(EVENTURE_ERROR_MEMORY, log_, status);
        ck_assert_str_eq(eventure_log_message(log_), "append a batch: out of memory");
        ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
    }
    expect_ok(log_, eventure_batch_append(batch, log_, NULL));
}
END_TEST
