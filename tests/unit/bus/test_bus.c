/*
 * The bus: patterns, order, publishing and dispatching, each sentence of its contract on a real log. test_bus_nesting.c
 * tests what handlers may do inside their call.
 */
#include "bus_world.h"

TEST_FIXTURE(open_world, close_world);

START_TEST(an_exact_pattern_hears_its_type_only)
{
    probe a = {.name = "a"};
    subscribe(&a, "player.move");
    expect("player.move", "a ");
    expect("player.moved", "");
    expect("player.mov", "");
    expect("player.move.fast", "");
    expect("the.player.move", "");
    expect("Player.move", "");
}
END_TEST

START_TEST(a_prefix_pattern_hears_everything_that_begins_so_at_any_depth)
{
    probe a = {.name = "a"};
    subscribe(&a, "player.*");
    expect("player.move", "a ");
    expect("player.move.fast.now", "a ");
    expect("player.", "a ");
    expect("player", "");
    expect("players.move", "");
    expect("the.player.move", "");
}
END_TEST

START_TEST(a_prefix_pattern_may_have_several_parts)
{
    probe a = {.name = "a"};
    subscribe(&a, "net.link.*");
    expect("net.link.up", "a ");
    expect("net.link.up.again", "a ");
    expect("net.up", "");
    expect("net.linked", "");
}
END_TEST

START_TEST(a_suffix_pattern_hears_everything_that_ends_so)
{
    probe a = {.name = "a"}, b = {.name = "b"};
    subscribe(&a, "*.error");
    subscribe(&b, "*.link.error");
    expect("net.error", "a ");
    expect("net.link.error", "a b ");
    expect("very.far.net.link.error", "a b ");
    expect(".error", "a ");
    expect("error", "");
    expect("net.errors", "");
    expect("net.terror", "");
    expect("net.error.late", "");
}
END_TEST

START_TEST(a_star_hears_everything)
{
    probe a = {.name = "a"};
    subscribe(&a, "*");
    expect("x", "a ");
    expect("player.move", "a ");
    expect("....", "a ");
    expect("\xc3\xa9t\xc3\xa9.\xe2\x82\xac", "a ");
}
END_TEST

START_TEST(patterns_are_bytes_of_utf8)
{
    probe a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};
    subscribe(&a, "\xc3\xa9t\xc3\xa9.*");
    subscribe(&b, "*.\xe2\x82\xac");
    subscribe(&c, "\xc3\xa9t\xc3\xa9.\xe2\x82\xac");
    expect("\xc3\xa9t\xc3\xa9.\xe2\x82\xac", "c a b ");
}
END_TEST

START_TEST(a_star_in_any_other_place_is_refused_with_an_error)
{
    static const char *const refused[] = {"player*", "*error", "a.*.b",  "**",   "*.*",   "a.*.*",
                                          "*.a.*",   "*a.*",   "pl*yer", "*.a*", "a*.b.*"};
    probe a = {.name = "a"};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
    {
        eventure_subscription subscription = 77;
        expect_status(EVENTURE_ERROR_ARGUMENT, here.bus,
                      eventure_bus_subscribe(here.bus, refused[i], hear, &a, &subscription));
        ck_assert_uint_eq(subscription, 0);
        expect_part(eventure_bus_message(here.bus), refused[i]);
        expect(refused[i], "");
    }
}
END_TEST

START_TEST(an_empty_pattern_and_a_missing_handler_are_refused)
{
    probe a = {.name = "a"};
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_subscribe(here.bus, "", hear, &a, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_subscribe(here.bus, NULL, hear, &a, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_subscribe(here.bus, "a.b", NULL, &a, NULL));
    expect_part(eventure_bus_message(here.bus), "a.b");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_subscribe(NULL, "a.b", hear, &a, NULL));
    expect("a.b", "");
}
END_TEST

START_TEST(handlers_are_called_exact_then_prefix_then_suffix_then_global)
{
    probe all = {.name = "all"}, suffix = {.name = "suffix"}, prefix = {.name = "prefix"}, exact = {.name = "exact"};
    subscribe(&all, "*");
    subscribe(&suffix, "*.move");
    subscribe(&prefix, "player.*");
    subscribe(&exact, "player.move");
    expect("player.move", "exact prefix suffix all ");
}
END_TEST

START_TEST(within_a_class_handlers_are_called_as_they_were_subscribed)
{
    probe p[12];
    static const char *const names[12] = {"x1", "x2", "p1", "p2", "p3", "p4", "s1", "s2", "s3", "s4", "g1", "g2"};
    static const char *const patterns[12] = {"a.b.c", "a.b.c", "a.b.*", "a.*",   "a.b.*", "a.*",
                                             "*.c",   "*.b.c", "*.c",   "*.b.c", "*",     "*"};
    memset(p, 0, sizeof p);
    for (int i = 0; i < 12; i++)
    {
        p[i].name = names[i];
        subscribe(&p[i], patterns[i]);
    }
    expect("a.b.c", "x1 x2 p1 p2 p3 p4 s1 s2 s3 s4 g1 g2 ");
    /* A handler that subscribes again is called last. */
    unsubscribe(&p[2]);
    subscribe(&p[2], "a.b.*");
    expect("a.b.c", "x1 x2 p2 p3 p4 p1 s1 s2 s3 s4 g1 g2 ");
}
END_TEST

START_TEST(one_handler_subscribed_twice_is_called_twice)
{
    probe a = {.name = "a"};
    subscribe(&a, "a.b");
    eventure_subscription first = a.subscription;
    subscribe(&a, "a.b");
    subscribe(&a, "*");
    expect("a.b", "a a a ");
    expect_ok(here.bus, eventure_bus_unsubscribe(here.bus, first));
    expect("a.b", "a a ");
}
END_TEST

START_TEST(the_pattern_is_copied)
{
    char pattern[] = "a.b";
    probe a = {.name = "a"};
    subscribe(&a, pattern);
    memset(pattern, 'x', 3);
    expect("a.b", "a ");
    expect("xxx", "");
}
END_TEST

START_TEST(unsubscribing_ends_a_subscription_once)
{
    probe a = {.name = "a"}, b = {.name = "b"};
    subscribe(&a, "a.b");
    subscribe(&b, "a.b");
    ck_assert_uint_ne(a.subscription, 0);
    ck_assert_uint_ne(a.subscription, b.subscription);
    expect_ok(here.bus, eventure_bus_unsubscribe(here.bus, a.subscription));
    expect("a.b", "b ");
    expect_status(EVENTURE_ERROR_NOT_FOUND, here.bus, eventure_bus_unsubscribe(here.bus, a.subscription));
    expect_status(EVENTURE_ERROR_NOT_FOUND, here.bus, eventure_bus_unsubscribe(here.bus, 0));
    expect_status(EVENTURE_ERROR_NOT_FOUND, here.bus, eventure_bus_unsubscribe(here.bus, 12345));
    expect_part(eventure_bus_message(here.bus), "12345");
    eventure_subscription old = a.subscription;
    subscribe(&a, "a.b");
    ck_assert_uint_ne(a.subscription, old);
}
END_TEST

START_TEST(publishing_appends_the_event_with_its_parent)
{
    int64_t root = 0;
    int64_t child = 0;
    eventure_event *found = NULL;
    expect_ok(here.bus, eventure_bus_publish(here.bus, "a.b", EVENTURE_DATA(eventure_int("x", 3)), NULL, &root));
    expect_ok(here.bus,
              eventure_bus_publish(here.bus, "a.c", eventure_no_data(), &(eventure_event){.seq = root}, &child));
    ck_assert_int_eq(root, 1);
    ck_assert_int_eq(child, 2);
    expect_ok(eventure_log_reader(here.log), eventure_query_find(eventure_log_reader(here.log), "0-EBAF-1", &found));
    ck_assert_str_eq(found->type, "a.c");
    ck_assert_str_eq(found->parent_id, "0-EBFC-1");
    ck_assert_int_eq(found->parent_seq, root);
    eventure_event_free(found);
}
END_TEST

/* The memory of the published event is valid until the next call, which may use the event as the parent. */
START_TEST(a_published_event_may_be_the_parent_in_the_next_call)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event events[2] = {{0}, {0}};
    input.type = "a.bcd";
    input.type_len = 3;
    for (int i = 0; i < 20; i++)
    {
        expect_ok(here.bus, eventure_bus_publish_input(here.bus, &input, &events[i % 2]));
        ck_assert_str_eq(events[i % 2].type, "a.b");
        ck_assert_int_eq(events[i % 2].seq, i + 1);
        ck_assert_int_eq(events[i % 2].parent_seq, i);
        input.parent = &events[i % 2];
    }
}
END_TEST

START_TEST(what_cannot_be_appended_is_not_dispatched)
{
    int64_t seq = -1;
    probe a = {.name = "a"};
    subscribe(&a, "*");
    expect_status(EVENTURE_ERROR_JSON, here.bus,
                  eventure_bus_publish(here.bus, "a.b", eventure_json("[1]"), NULL, &seq));
    ck_assert_int_eq(seq, 0);
    expect_part(eventure_bus_message(here.bus), "a.b");
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish(""));
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish(NULL));
    eventure_event stranger = {.id = "9-ABCD-9"};
    expect_status(EVENTURE_ERROR_PARENT, here.bus,
                  eventure_bus_publish(here.bus, "a.b", eventure_no_data(), &stranger, NULL));
    expect_part(eventure_bus_message(here.bus), "9-ABCD-9");
    ck_assert_int_eq(a.calls, 0);
    ck_assert_int_eq(events_in_log(), 0);
    expect("a.b", "a ");
}
END_TEST

START_TEST(a_bus_without_a_log_dispatches_but_does_not_publish)
{
    eventure_bus *bus = NULL;
    probe a = {.name = "a"};
    eventure_event event = {.seq = 4, .type = "a.b", .data = "{}", .data_len = 2, .id = "0-AB-4"};
    expect_ok(NULL, eventure_bus_new(NULL, NULL, &bus));
    expect_ok(bus, eventure_bus_subscribe(bus, "a.*", hear, &a, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, bus, eventure_bus_publish(bus, "a.b", eventure_no_data(), NULL, NULL));
    expect_part(eventure_bus_message(bus), "no log");
    ck_assert_int_eq(a.calls, 0);
    expect_ok(bus, eventure_bus_dispatch(bus, &event));
    ck_assert_int_eq(a.calls, 1);
    event.type = "b.b";
    expect_ok(bus, eventure_bus_dispatch(bus, &event));
    ck_assert_int_eq(a.calls, 1);
    expect_status(EVENTURE_ERROR_ARGUMENT, bus, eventure_bus_dispatch(bus, NULL));
    event.type = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, bus, eventure_bus_dispatch(bus, &event));
    eventure_bus_free(bus);
}
END_TEST

START_TEST(dispatching_a_stored_event_hands_it_out_as_it_was_and_appends_nothing)
{
    probe a = {.name = "a"};
    eventure_event *event = NULL;
    expect_ok(here.bus, eventure_bus_publish(here.bus, "a.b", eventure_json("{\"x\": 1}"), NULL, NULL));
    expect_ok(eventure_log_reader(here.log), eventure_query_find(eventure_log_reader(here.log), "0-EBFC-1", &event));
    subscribe(&a, "a.b");
    expect_ok(here.bus, eventure_bus_dispatch(here.bus, event));
    expect_ok(here.bus, eventure_bus_dispatch(here.bus, event));
    ck_assert_int_eq(a.calls, 2);
    ck_assert_int_eq(events_in_log(), 1);
    eventure_event_free(event);
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
    eventure_bus *bus = (eventure_bus *)&here;
    eventure_bus_options options = EVENTURE_BUS_OPTIONS_INIT;
    options.max_depth = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_bus_new(here.log, &options, &bus));
    ck_assert_ptr_null(bus);
    options.max_depth = 100001;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_bus_new(here.log, &options, &bus));
    options.max_depth = 100000;
    expect_ok(here.log, eventure_bus_new(here.log, &options, &bus));
    eventure_bus_free(bus);
    options.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_bus_new(here.log, &options, &bus));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_bus_new(here.log, NULL, NULL));
    eventure_bus_free(NULL);
    ck_assert_str_eq(eventure_bus_message(NULL), eventure_last_message());
}
END_TEST

/* --- Texts of errors, and the values that a call returns --- */

START_TEST(errors_name_the_call_and_the_value)
{
    static probe a = {.name = "a"};
    eventure_event event = {.seq = 1, .data = "{}", .id = "x"};
    eventure_subscription none = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_subscribe(here.bus, "a*b", hear, &a, &none));
    ck_assert_msg(strncmp(eventure_bus_message(here.bus), "subscribe: ", 11) == 0, "%s",
                  eventure_bus_message(here.bus));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_subscribe(here.bus, "a.b", NULL, &a, &none));
    ck_assert_str_eq(eventure_bus_message(here.bus), "subscribe to a.b: the handler is NULL");
    expect_ok(here.bus, eventure_bus_subscribe(here.bus, "a.b", hear, &a, NULL));
    ck_assert_str_eq(eventure_bus_message(here.bus), "");
    expect_status(EVENTURE_ERROR_NOT_FOUND, here.bus, eventure_bus_unsubscribe(here.bus, 9));
    ck_assert_str_eq(eventure_bus_message(here.bus), "unsubscribe: there is no subscription 9 on this bus");
    expect_ok(here.bus, eventure_bus_unsubscribe(here.bus, 1));
    ck_assert_str_eq(eventure_bus_message(here.bus), "");
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish(NULL));
    ck_assert_str_eq(eventure_bus_message(here.bus), "publish: the type is NULL");
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish(""));
    ck_assert_str_eq(eventure_bus_message(here.bus), "publish: append \"\" at tick 0: the type is empty");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_dispatch(here.bus, NULL));
    ck_assert_str_eq(eventure_bus_message(here.bus), "dispatch: the event is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_dispatch(here.bus, &event));
    ck_assert_str_eq(eventure_bus_message(here.bus), "dispatch: the event's type is NULL");
    event.type = "a.b";
    expect_ok(here.bus, eventure_bus_dispatch(here.bus, &event));
    ck_assert_str_eq(eventure_bus_message(here.bus), "");
}
END_TEST

START_TEST(the_result_of_a_handler_is_explained)
{
    static probe a = {.name = "a", .result = 42};
    const eventure_event event = {.seq = 1, .type = "a.b", .data = "{}"};
    subscribe(&a, "a.b");
    ck_assert_int_eq(publish("a.b"), 42);
    ck_assert_str_eq(eventure_bus_message(here.bus),
                     "a handler of a.b (event 0-EBFC-1) returned 42 (a value of its own)");
    a.result = EVENTURE_ERROR_BUSY;
    expect_status(EVENTURE_ERROR_BUSY, NULL, publish("a.b"));
    ck_assert_str_eq(eventure_bus_message(here.bus),
                     "a handler of a.b (event 0-EBFC-2) returned -4 (EVENTURE_ERROR_BUSY)");
    expect_status(EVENTURE_ERROR_BUSY, here.bus, eventure_bus_dispatch(here.bus, &event)); /* it has no id */
    expect_part(eventure_bus_message(here.bus), "a handler of a.b (event \"\") returned ");
}
END_TEST

START_TEST(calls_without_a_bus_or_an_input_are_refused)
{
    int64_t seq = 7;
    eventure_subscription subscription = 7;
    eventure_batch *batch = NULL;
    const eventure_event event = {.type = "a", .data = "{}"};
    const eventure_event_input input = {.size = sizeof input, .type = "a"};
    static probe a = {.name = "a"};
    expect_ok(NULL, eventure_batch_new(&batch));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_publish(NULL, "a", eventure_no_data(), NULL, &seq));
    ck_assert_int_eq(seq, 0);
    seq = 7;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_publish_batch(NULL, batch, &seq));
    ck_assert_int_eq(seq, 0);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_publish_batch(here.bus, NULL, &seq));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_publish_batch(here.bus, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_publish_input(NULL, &input, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_publish_input(here.bus, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_unsubscribe(NULL, 1));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_subscribe(NULL, "a", hear, &a, &subscription));
    ck_assert_uint_eq(subscription, 0);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_dispatch(NULL, &event));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_fold(NULL, NULL, NULL));
    eventure_event_input blank = {0};
    expect_status(EVENTURE_ERROR_ARGUMENT, here.bus, eventure_bus_publish_input(here.bus, &blank, NULL));
    eventure_batch_free(batch);
}
END_TEST

START_TEST(a_type_with_a_length_is_copied_up_to_its_longest)
{
    static char type[300];
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event event = {.seq = 77};
    memset(type, 't', sizeof type);
    input.type = type;
    input.type_len = EVENTURE_TYPE_MAX_BYTES;
    expect_ok(here.bus, eventure_bus_publish_input(here.bus, &input, &event));
    ck_assert_uint_eq(event.type_len, EVENTURE_TYPE_MAX_BYTES);
    ck_assert_uint_eq(strlen(event.type), EVENTURE_TYPE_MAX_BYTES);
    ck_assert_int_eq(event.seq, 1);
    event.seq = 77;
    input.type_len++;
    expect_status(EVENTURE_ERROR_TYPE, here.bus, eventure_bus_publish_input(here.bus, &input, &event));
    ck_assert_str_eq(eventure_bus_message(here.bus), "publish: the type is 256 bytes long, more than 255");
    ck_assert_int_eq(event.seq, 77); /* unchanged */
    input.type = "a\0b";
    input.type_len = 3;
    expect_status(EVENTURE_ERROR_TYPE, here.bus, eventure_bus_publish_input(here.bus, &input, &event));
    input.type = NULL;
    expect_status(EVENTURE_ERROR_TYPE, here.bus, eventure_bus_publish_input(here.bus, &input, &event));
    ck_assert_str_eq(eventure_bus_message(here.bus), "publish: the type is NULL");
    input.type = "a.b";
    input.type_len = 0;
    expect_ok(here.bus, eventure_bus_publish_input(here.bus, &input, NULL));
    ck_assert_int_eq(events_in_log(), 2);
}
END_TEST

START_TEST(a_published_event_is_handed_out_also_when_a_handler_fails)
{
    static probe a = {.name = "a", .result = 42};
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event event = {0};
    subscribe(&a, "a.b");
    input.type = "a.b";
    ck_assert_int_eq(eventure_bus_publish_input(here.bus, &input, &event), 42);
    ck_assert_int_eq(event.seq, 1);
    ck_assert_str_eq(event.id, "0-EBFC-1");
}
END_TEST

START_TEST(a_batch_is_dispatched_until_a_handler_fails_and_stays_in_the_log)
{
    static probe a = {.name = "a"}, bad = {.name = "bad", .result = 42};
    int64_t first = -1;
    eventure_batch *batch = NULL;
    eventure_bus *silent = NULL;
    expect_ok(NULL, eventure_batch_new(&batch));
    expect_ok(here.bus, eventure_bus_publish_batch(here.bus, batch, &first)); /* nothing */
    ck_assert_int_eq(first, 0);
    for (int i = 0; i < 4; i++)
        expect_ok(batch, eventure_batch_add(batch, i == 2 ? "c.d" : "a.b", eventure_no_data(), NULL));
    subscribe(&a, "a.b");
    subscribe(&bad, "c.d");
    ck_assert_int_eq(eventure_bus_publish_batch(here.bus, batch, &first), 42);
    ck_assert_int_eq(first, 1);
    ck_assert_str_eq(here.heard, "a a bad ");
    ck_assert_int_eq(events_in_log(), 4);
    bad.result = 0;
    here.heard[0] = '\0';
    expect_ok(here.bus, eventure_bus_publish_batch(here.bus, batch, &first));
    ck_assert_int_eq(first, 5);
    expect_ok(here.bus, eventure_bus_publish_batch(here.bus, batch, NULL));
    ck_assert_str_eq(here.heard, "a a bad a a a bad a ");
    expect_ok(batch, eventure_batch_add(batch, "a.b", eventure_no_data(), &(eventure_event){.id = "none"}));
    expect_status(EVENTURE_ERROR_PARENT, here.bus, eventure_bus_publish_batch(here.bus, batch, &first));
    ck_assert_int_eq(first, 0);
    ck_assert_str_eq(eventure_bus_message(here.bus),
                     "publish: append a.b at tick 0 (event 5 of a batch): parent none is not in this store");
    expect_ok(NULL, eventure_bus_new(NULL, NULL, &silent));
    expect_status(EVENTURE_ERROR_ARGUMENT, silent, eventure_bus_publish_batch(silent, batch, NULL));
    ck_assert_str_eq(eventure_bus_message(silent), "publish a batch: the bus has no log, it can only dispatch");
    eventure_bus_free(silent);
    eventure_batch_free(batch);
}
END_TEST
