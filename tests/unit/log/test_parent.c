/*
 * Parents and ids that a caller names: what is accepted at the limits, and the text that refuses the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_internal.h"
#include "scratch.h"
#include "session_world.h"
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

static eventure_event append(eventure_event_input input)
{
    eventure_event event;
    input.size = sizeof input;
    input.type = "a.b";
    expect_ok(log_, eventure_log_append_input(log_, &input, &event));
    return event;
}

static void refuse(eventure_event_input input, eventure_status status, const char *text)
{
    char expected[512];
    const int64_t before = eventure_log_tick_events(log_);
    input.size = sizeof input;
    input.type = "a.b";
    snprintf(expected, sizeof expected, "append a.b at tick 0: %s", text);
    expect_status(status, log_, eventure_log_append_input(log_, &input, NULL));
    ck_assert_str_eq(eventure_log_message(log_), expected);
    ck_assert_int_eq(eventure_log_tick_events(log_), before);
}

START_TEST(an_id_has_1_to_1024_bytes_of_utf8)
{
    static char id[EVENTURE__ID_MAX_BYTES + 2];
    char text[256];
    memset(id, 'i', sizeof id - 1);
    snprintf(text, sizeof text, "the id is 1025 bytes long, more than 1024: %s",
             eventure__quote(id, sizeof id - 1).text);
    refuse((eventure_event_input){.id = id}, EVENTURE_ERROR_LIMIT, text);
    id[EVENTURE__ID_MAX_BYTES] = '\0';
    ck_assert_str_eq(append((eventure_event_input){.id = id}).id, id);
    snprintf(text, sizeof text, "id %s is taken by event 1", eventure__quote(id, EVENTURE__ID_MAX_BYTES).text);
    refuse((eventure_event_input){.id = id}, EVENTURE_ERROR_EXISTS, text);
    ck_assert_str_eq(append((eventure_event_input){.parent_id = id}).parent_id, id);
    refuse((eventure_event_input){.id = ""}, EVENTURE_ERROR_ARGUMENT, "the id is empty");
    refuse((eventure_event_input){.id = "a\0b", .id_len = 3}, EVENTURE_ERROR_ARGUMENT,
           "the id is not UTF-8 without NUL: a\\u0000b");
    refuse((eventure_event_input){.id = "a\xff"}, EVENTURE_ERROR_ARGUMENT, "the id is not UTF-8 without NUL: a\\xff");
    refuse((eventure_event_input){.parent_id = "", .external_parent = true}, EVENTURE_ERROR_ARGUMENT,
           "the parent's id is empty");
    refuse((eventure_event_input){.parent_id = "a\xff", .external_parent = true}, EVENTURE_ERROR_ARGUMENT,
           "the parent's id is not UTF-8 without NUL: a\\xff");
    ck_assert_str_eq(append((eventure_event_input){.id = "x"}).id, "x");
    ck_assert_str_eq(append((eventure_event_input){.id = "\xc3\xa9"}).id, "\xc3\xa9");
}
END_TEST

START_TEST(a_seq_names_an_event_of_this_store)
{
    append((eventure_event_input){0});
    append((eventure_event_input){0});
    for (int64_t seq = 1; seq <= 2; seq++)
    {
        const eventure_event child = append((eventure_event_input){.parent_seq = seq});
        ck_assert_int_eq(child.parent_seq, seq);
        ck_assert_str_eq(child.parent_id, seq == 1 ? "0-EBFC-1" : "0-EBFC-2");
        ck_assert_uint_eq(child.parent_id_len, 8);
    }
    ck_assert_int_eq(append((eventure_event_input){.parent_seq = 4}).parent_seq, 4);
    refuse((eventure_event_input){.parent_seq = 6}, EVENTURE_ERROR_PARENT,
           "the parent, event 6, is not in this store, whose newest event is 5");
    refuse((eventure_event_input){.parent_seq = -1}, EVENTURE_ERROR_PARENT,
           "the parent, event -1, is not in this store, whose newest event is 5");
    refuse((eventure_event_input){.parent = &(eventure_event){.seq = 6}}, EVENTURE_ERROR_PARENT,
           "the parent, event 6, is not in this store, whose newest event is 5");
    refuse((eventure_event_input){.parent = &(eventure_event){.seq = 0}}, EVENTURE_ERROR_PARENT,
           "the parent given has neither seq nor id");
}
END_TEST

START_TEST(a_seq_and_an_id_that_differ_are_refused)
{
    append((eventure_event_input){0});
    append((eventure_event_input){0});
    refuse((eventure_event_input){.parent = &(eventure_event){.seq = 2, .id = "0-EBFC-1"}}, EVENTURE_ERROR_PARENT,
           "parent 0-EBFC-1 is event 1 of this store, not 2: it comes from another one");
    refuse((eventure_event_input){.parent = &(eventure_event){.seq = 1, .id = "0-EBFC-9"}}, EVENTURE_ERROR_PARENT,
           "parent 0-EBFC-9 is not in this store");
    ck_assert_int_eq(append((eventure_event_input){.parent = &(eventure_event){.seq = 2, .id = "0-EBFC-2"}}).parent_seq,
                     2);
    ck_assert_int_eq(append((eventure_event_input){.parent = &(eventure_event){.id = "0-EBFC-1"}}).parent_seq, 1);
}
END_TEST

/* Every pair of the four ways to name a parent. */
START_TEST(a_parent_is_named_in_one_way)
{
    static const char text[] =
        "it has two parents: one of parent, parent_seq, parent_id and parent_in_batch may be set";
    const eventure_event parent = {.seq = 1};
    append((eventure_event_input){0});
    refuse((eventure_event_input){.parent = &parent, .parent_seq = 1}, EVENTURE_ERROR_ARGUMENT, text);
    refuse((eventure_event_input){.parent = &parent, .parent_id = "0-EBFC-1"}, EVENTURE_ERROR_ARGUMENT, text);
    refuse((eventure_event_input){.parent_seq = 1, .parent_id = "0-EBFC-1"}, EVENTURE_ERROR_ARGUMENT, text);
    const eventure_event_input events[3][2] = {
        {{.size = sizeof *events[0], .type = "a"},
         {.size = sizeof *events[0], .type = "a", .parent_in_batch = 1, .parent_seq = 1}},
        {{.size = sizeof *events[0], .type = "a"},
         {.size = sizeof *events[0], .type = "a", .parent_in_batch = 1, .parent = &parent}},
        {{.size = sizeof *events[0], .type = "a"},
         {.size = sizeof *events[0], .type = "a", .parent_in_batch = 1, .parent_id = "0-EBFC-1"}},
    };
    for (size_t i = 0; i < 3; i++)
    {
        char expected[256];
        snprintf(expected, sizeof expected, "append a at tick 0 (event 2 of a batch): %s", text);
        expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append_batch(log_, events[i], 2, NULL));
        ck_assert_str_eq(eventure_log_message(log_), expected);
    }
}
END_TEST

START_TEST(a_parent_that_is_not_in_memory_is_read_from_the_file)
{
    static const eventure_event_input with_id = {.id = "an id that is longer than the 47 bytes of derived ones"};
    append(with_id);
    for (int i = 0; i < 1100; i++)
        append((eventure_event_input){0});
    eventure_event child = append((eventure_event_input){.parent_seq = 1});
    ck_assert_str_eq(child.parent_id, with_id.id);
    child = append((eventure_event_input){.parent_id = with_id.id});
    ck_assert_int_eq(child.parent_seq, 1);
    child = append((eventure_event_input){.parent = &(eventure_event){.seq = 1, .id = with_id.id}});
    ck_assert_int_eq(child.parent_seq, 1);
    ck_assert_str_eq(child.parent_id, with_id.id);
    child = append((eventure_event_input){.parent_seq = 2});
    ck_assert_str_eq(child.parent_id, "0-EBFC-2");
    /* The last event has a long id and waits in memory: it is written, then read. */
    append((eventure_event_input){.id = "another long id, which is not in the memory of recent ids"});
    child = append((eventure_event_input){.parent_seq = 1106});
    ck_assert_str_eq(child.parent_id, "another long id, which is not in the memory of recent ids");
}
END_TEST

START_TEST(an_archived_event_is_a_parent_while_its_id_is_kept)
{
    append((eventure_event_input){.id = "kept"});
    append((eventure_event_input){.id = "gone"});
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_append(log_, "a.b", NULL, "kept");
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_remove(WORLD_ARCHIVE);
    ck_assert_int_eq(world_archive(log_, WORLD_ARCHIVE, 1).events, 2);
    eventure_event event;
    eventure_event_input input = {.size = sizeof input, .type = "a.b", .parent_seq = 1};
    expect_ok(log_, eventure_log_append_input(log_, &input, &event));
    ck_assert_str_eq(event.parent_id, "kept");
    input.parent_seq = 2;
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_log_append_input(log_, &input, &event));
    ck_assert_str_eq(eventure_log_message(log_), "append a.b at tick 2: the parent, event 2, is archived, and its "
                                                 "id is not kept, or it is lost");
    scratch_remove(WORLD_ARCHIVE);
}
END_TEST

/* The texts of the call move when their buffer grows: the event points to them afterwards. */
START_TEST(long_texts_of_an_event_are_all_kept)
{
    static char data[50000];
    static char id[1001];
    static char parent_id[1001];
    memset(data, 'x', sizeof data - 1);
    memcpy(data, "{\"t\":\"", 6);
    memcpy(data + sizeof data - 3, "\"}", 2);
    memset(id, 'i', sizeof id - 1);
    memset(parent_id, 'p', sizeof parent_id - 1);
    const eventure_event event = append(
        (eventure_event_input){.data = eventure_json(data), .id = id, .parent_id = parent_id, .external_parent = true});
    ck_assert_str_eq(event.data, data);
    ck_assert_str_eq(event.id, id);
    ck_assert_str_eq(event.parent_id, parent_id);
    ck_assert_uint_eq(event.parent_id_len, 1000);
    ck_assert_int_eq(event.parent_seq, 0);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_answer("SELECT length(data) || ' ' || length(id) || ' ' || length(parent_id) FROM events",
                          "49999 1000 1000");
}
END_TEST

START_TEST(each_call_uses_the_memory_of_the_one_before)
{
    for (int i = 0; i < 20; i++)
    {
        char id[16];
        snprintf(id, sizeof id, "own %02d", i);
        ck_assert_str_eq(append((eventure_event_input){.id = id, .parent_seq = i}).id, id);
        ck_assert_uint_eq(log_->ids.len, 7);
        ck_assert_uint_le(log_->data->len, 3 + 7 + 7); /* data, parent's id, id, each with its NUL */
    }
}
END_TEST
