/*
 * Calls of the bus by its handlers: publishing, subscribing and unsubscribing, errors, the depth limit.
 */
#include "bus_world.h"

TEST_FIXTURE(open_world, close_world);

/* The actions of probes when they are called. */

static void publish_inner(probe *self, const eventure_event *event)
{
    (void)self;
    expect_ok(here.bus, eventure_bus_publish(here.bus, "inner.event", eventure_no_data(), event, NULL));
}

static void publish_inner_and_return(probe *self, const eventure_event *event)
{
    self->result = eventure_bus_publish(here.bus, "inner.event", eventure_no_data(), event, NULL);
}

static void publish_same_and_return(probe *self, const eventure_event *event)
{
    self->result = eventure_bus_publish(here.bus, event->type, eventure_no_data(), event, NULL);
}

static void unsubscribe_self(probe *self, const eventure_event *event)
{
    (void)event;
    unsubscribe(self);
}

static void unsubscribe_other_once(probe *self, const eventure_event *event)
{
    (void)event;
    if (self->calls == 1)
        unsubscribe(self->other);
}

START_TEST(an_event_published_in_a_handler_is_dispatched_before_the_outer_dispatch_continues)
{
    probe a = {.name = "a", .act = publish_inner}, b = {.name = "b"}, inner = {.name = "inner"}, all = {.name = "*"};
    subscribe(&a, "outer.event");
    subscribe(&b, "outer.event");
    subscribe(&inner, "inner.event");
    subscribe(&all, "*");
    expect("outer.event", "a inner * b * ");
}
END_TEST

static int64_t seqs[3];

static void note_seq(probe *self, const eventure_event *event)
{
    seqs[self->name[0] - '0'] = event->seq;
    /* The event is in the log already. */
    ck_assert_int_eq(events_in_log(), event->seq);
    if (self->other != NULL)
        expect_ok(here.bus, eventure_bus_publish(here.bus, self->other->name, eventure_no_data(), event, NULL));
}

START_TEST(inner_events_are_appended_when_they_are_published)
{
    probe c = {.name = "2", .act = note_seq};
    probe b = {.name = "1", .act = note_seq, .other = &c};
    probe a = {.name = "0", .act = note_seq, .other = &b};
    subscribe(&a, "0");
    subscribe(&b, "1");
    subscribe(&c, "2");
    expect("0", "0 1 2 ");
    ck_assert_int_eq(seqs[0], 1);
    ck_assert_int_eq(seqs[1], 2);
    ck_assert_int_eq(seqs[2], 3);
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(eventure_log_reader(here.log), eventure_query(eventure_log_reader(here.log), NULL, &cursor));
    for (int i = 0; i < 3; i++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        ck_assert_int_eq(event.type[0], '0' + i);
        ck_assert_int_eq(event.parent_seq, i); /* the handler's event was its parent */
    }
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
}
END_TEST

static void publish_much_and_compare(probe *self, const eventure_event *event)
{
    (void)self;
    eventure_event *before = NULL;
    char long_text[3000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    expect_ok(NULL, eventure_event_copy(event, &before));
    for (int i = 0; i < 50; i++)
        expect_ok(here.bus, eventure_bus_publish(here.bus, "inner.event",
                                                 EVENTURE_DATA(eventure_string("text", long_text)), event, NULL));
    ck_assert_int_eq(event->seq, before->seq);
    ck_assert_int_eq(event->tick, before->tick);
    ck_assert_double_eq(event->timestamp, before->timestamp);
    ck_assert_str_eq(event->type, before->type);
    ck_assert_str_eq(event->data, before->data);
    ck_assert_uint_eq(event->data_len, before->data_len);
    ck_assert_str_eq(event->id, before->id);
    ck_assert_ptr_null(event->parent_id);
    eventure_event_free(before);
}

START_TEST(a_handlers_event_is_the_same_after_it_has_published)
{
    probe a = {.name = "a", .act = publish_much_and_compare}, inner = {.name = "i", .act = NULL};
    subscribe(&a, "outer.event");
    subscribe(&inner, "inner.*");
    expect_ok(here.bus, eventure_bus_publish(here.bus, "outer.event", eventure_json("{\"a\":\"b\"}"), NULL, NULL));
    ck_assert_int_eq(inner.calls, 50);
}
END_TEST

START_TEST(an_event_that_the_log_lent_may_be_dispatched)
{
    probe a = {.name = "a", .act = publish_much_and_compare};
    eventure_event lent;
    subscribe(&a, "outer.event");
    expect_ok(here.log, eventure_log_append(here.log, "outer.event", eventure_json("{\"a\":\"b\"}"), NULL, &lent));
    expect_ok(here.bus, eventure_bus_dispatch(here.bus, &lent));
    ck_assert_int_eq(a.calls, 1);
}
END_TEST

START_TEST(events_of_a_cursor_may_drive_handlers_that_publish)
{
    probe a = {.name = "a", .act = publish_inner};
    for (int i = 0; i < 5; i++)
        expect_ok(NULL, publish("outer.event"));
    subscribe(&a, "outer.event");
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.type = "outer.event";
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(eventure_log_reader(here.log), eventure_query(eventure_log_reader(here.log), &filter, &cursor));
    while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        expect_ok(here.bus, eventure_bus_dispatch(here.bus, &event));
    eventure_cursor_free(cursor);
    ck_assert_int_eq(a.calls, 5);
    ck_assert_int_eq(events_in_log(), 10);
}
END_TEST

START_TEST(a_handler_may_end_its_own_subscription)
{
    probe a = {.name = "a", .act = unsubscribe_self}, b = {.name = "b"};
    subscribe(&a, "a.b");
    subscribe(&b, "a.b");
    expect("a.b", "a b ");
    expect("a.b", "b ");
}
END_TEST

START_TEST(a_handler_ended_during_a_dispatch_is_not_called_any_more)
{
    static const char *const patterns[] = {"a.b", "a.*", "*.b", "*"};
    for (int i = 0; i < 4; i++)
    {
        probe later = {.name = "later"}, last = {.name = "last"};
        probe a = {.name = "a", .act = unsubscribe_other_once, .other = &later};
        subscribe(&a, "a.b");
        subscribe(&later, patterns[i]);
        subscribe(&last, patterns[i]);
        expect("a.b", "a last ");
        expect("a.b", "a last ");
        unsubscribe(&a);
        unsubscribe(&last);
    }
}
END_TEST

START_TEST(ending_a_handler_that_was_called_already_changes_nothing_for_the_rest)
{
    probe a = {.name = "a"}, c = {.name = "c"};
    probe b = {.name = "b", .act = unsubscribe_other_once, .other = &a};
    subscribe(&a, "a.*");
    subscribe(&b, "a.*");
    subscribe(&c, "a.*");
    expect("a.b", "a b c ");
    expect("a.b", "b c ");
}
END_TEST

START_TEST(an_inner_handler_may_end_one_that_the_outer_dispatch_has_still_to_call)
{
    probe later = {.name = "later"}, last = {.name = "last"};
    probe a = {.name = "a", .act = publish_inner};
    probe inner = {.name = "inner", .act = unsubscribe_other_once, .other = &later};
    subscribe(&a, "outer.event");
    subscribe(&later, "outer.*");
    subscribe(&last, "outer.*");
    subscribe(&inner, "inner.event");
    expect("outer.event", "a inner last ");
}
END_TEST

START_TEST(an_inner_handler_may_end_the_one_whose_publishing_called_it)
{
    probe b = {.name = "b"}, a = {.name = "a", .act = publish_inner};
    probe inner = {.name = "inner", .act = unsubscribe_other_once, .other = &a};
    subscribe(&a, "outer.event");
    subscribe(&b, "outer.event");
    subscribe(&inner, "inner.event");
    expect("outer.event", "a inner b ");
    expect("outer.event", "b ");
}
END_TEST

static void end_and_begin_again(probe *self, const eventure_event *event)
{
    unsubscribe(self);
    subscribe(self, event->type);
}

START_TEST(a_handler_that_subscribes_itself_again_is_called_once_an_event)
{
    probe a = {.name = "a", .act = end_and_begin_again}, b = {.name = "b"};
    subscribe(&a, "a.b");
    subscribe(&b, "a.b");
    expect("a.b", "a b ");
    expect("a.b", "b a ");
    expect("a.b", "b a ");
}
END_TEST

START_TEST(a_subscription_ended_twice_in_one_dispatch_is_not_found)
{
    probe a = {.name = "a", .act = unsubscribe_other_once}, later = {.name = "later"};
    a.other = &later;
    subscribe(&a, "a.b");
    subscribe(&later, "a.b");
    expect("a.b", "a ");
    expect_status(EVENTURE_ERROR_NOT_FOUND, here.bus, eventure_bus_unsubscribe(here.bus, later.subscription));
}
END_TEST

static const char *pattern_to_subscribe;

static void subscribe_other_to_pattern(probe *self, const eventure_event *event)
{
    (void)event;
    if (self->calls == 1)
        subscribe(self->other, pattern_to_subscribe);
}

START_TEST(a_handler_subscribed_in_a_handler_first_hears_the_next_event)
{
    static const char *const patterns[] = {"a.b", "a.*", "*.b", "*"};
    for (int i = 0; i < 4; i++)
    {
        for (int known = 0; known < 2; known++) /* with a new pattern, and with one that has a subscription */
        {
            probe new = {.name = "new"}, old = {.name = "old"};
            probe a = {.name = "a", .act = subscribe_other_to_pattern, .other = &new};
            pattern_to_subscribe = patterns[i];
            subscribe(&a, "a.b");
            if (known)
                subscribe(&old, patterns[i]);
            expect("a.b", known ? "a old " : "a ");
            expect("a.b", known ? "a old new " : "a new ");
            unsubscribe(&a);
            unsubscribe(&new);
            if (known)
                unsubscribe(&old);
        }
    }
}
END_TEST

static void subscribe_and_publish_inner(probe *self, const eventure_event *event)
{
    subscribe(self->other, "*");
    publish_inner(self, event);
}

START_TEST(an_inner_event_published_afterwards_is_a_next_event)
{
    probe new = {.name = "new"}, last = {.name = "last"};
    probe a = {.name = "a", .act = subscribe_and_publish_inner, .other = &new};
    subscribe(&a, "outer.event");
    subscribe(&last, "*");
    expect("outer.event", "a last new last "); /* last and new hear the inner event, last alone the outer one */
}
END_TEST

START_TEST(an_inner_subscription_is_not_heard_by_the_outer_dispatch)
{
    probe new = {.name = "new"}, b = {.name = "b"}, a = {.name = "a", .act = publish_inner};
    probe inner = {.name = "inner", .act = subscribe_other_to_pattern, .other = &new};
    pattern_to_subscribe = "outer.*";
    subscribe(&a, "outer.event");
    subscribe(&inner, "inner.event");
    subscribe(&b, "outer.*");
    expect("outer.event", "a inner b ");
    expect("outer.event", "a inner b new ");
}
END_TEST

START_TEST(an_error_of_a_handler_ends_its_dispatch_and_is_returned_and_the_event_stays)
{
    probe a = {.name = "a"}, bad = {.name = "bad", .result = EVENTURE_ERROR_HANDLER}, c = {.name = "c"},
          all = {.name = "all"};
    subscribe(&a, "a.b");
    subscribe(&bad, "a.b");
    subscribe(&c, "a.b");
    subscribe(&all, "*");
    int64_t seq = 0;
    expect_status(EVENTURE_ERROR_HANDLER, here.bus,
                  eventure_bus_publish(here.bus, "a.b", eventure_no_data(), NULL, &seq));
    ck_assert_str_eq(here.heard, "a bad ");
    ck_assert_int_eq(seq, 1);
    const char *message = eventure_bus_message(here.bus);
    expect_part(message, "a.b");
    expect_part(message, "0-EBFC-1");
    expect_part(message, "EVENTURE_ERROR_HANDLER");
    ck_assert_int_eq(events_in_log(), 1);
    here.heard[0] = '\0';
    eventure_event event = {.seq = 1, .type = "a.b", .data = "{}", .data_len = 2, .id = "0-EBFC-1"};
    expect_status(EVENTURE_ERROR_HANDLER, here.bus, eventure_bus_dispatch(here.bus, &event));
    ck_assert_str_eq(here.heard, "a bad ");
    expect("other", "all ");
}
END_TEST

START_TEST(any_value_that_a_handler_returns_but_0_is_returned_as_it_is)
{
    probe a = {.name = "a", .result = 42};
    subscribe(&a, "a.b");
    ck_assert_int_eq(publish("a.b"), 42);
    expect_part(eventure_bus_message(here.bus), "42");
    a.result = -12345;
    ck_assert_int_eq(publish("a.b"), -12345);
    expect_part(eventure_bus_message(here.bus), "-12345");
}
END_TEST

static void publish_inner_and_swallow(probe *self, const eventure_event *event)
{
    (void)self;
    expect_status(EVENTURE_ERROR_HANDLER, here.bus,
                  eventure_bus_publish(here.bus, "inner.event", eventure_no_data(), event, NULL));
}

START_TEST(an_error_ends_the_dispatch_it_happened_in_and_no_other)
{
    probe a = {.name = "a", .act = publish_inner_and_swallow}, b = {.name = "b"};
    probe bad = {.name = "bad", .result = EVENTURE_ERROR_HANDLER}, never = {.name = "never"};
    subscribe(&a, "outer.event");
    subscribe(&b, "outer.event");
    subscribe(&bad, "inner.event");
    subscribe(&never, "inner.event");
    expect("outer.event", "a bad b ");
}
END_TEST

START_TEST(an_inner_error_that_a_handler_passes_on_keeps_its_text)
{
    probe a = {.name = "a", .act = publish_inner_and_return}, b = {.name = "b"};
    probe bad = {.name = "bad", .result = EVENTURE_ERROR_BUSY};
    subscribe(&a, "outer.event");
    subscribe(&b, "outer.event");
    subscribe(&bad, "inner.event");
    expect_status(EVENTURE_ERROR_BUSY, NULL, publish("outer.event"));
    ck_assert_str_eq(here.heard, "a bad ");
    expect_part(eventure_bus_message(here.bus), "inner.event");
    ck_assert_int_eq(events_in_log(), 2);
}
END_TEST

START_TEST(an_older_error_is_not_reported_as_the_cause)
{
    probe bad = {.name = "bad", .result = EVENTURE_ERROR_TYPE};
    subscribe(&bad, "a.b");
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish(""));
    expect_status(EVENTURE_ERROR_TYPE, NULL, publish("a.b"));
    expect_part(eventure_bus_message(here.bus), "a.b");
}
END_TEST

START_TEST(a_cascade_deeper_than_1000_ends_in_an_error_that_names_the_limit)
{
    probe a = {.name = "", .act = publish_same_and_return};
    subscribe(&a, "echo");
    expect_status(EVENTURE_ERROR_LIMIT, NULL, publish("echo"));
    ck_assert_int_eq(a.calls, 1000);
    ck_assert_int_eq(events_in_log(), 1000); /* the refused event was not appended */
    const char *message = eventure_bus_message(here.bus);
    expect_part(message, "max_depth");
    expect_part(message, "1000");
    expect_part(message, "echo");
    /* And the bus continues. */
    a.act = NULL;
    a.result = 0;
    expect_ok(NULL, publish("echo"));
    ck_assert_int_eq(events_in_log(), 1001);
}
END_TEST

static void publish_until_7(probe *self, const eventure_event *event)
{
    if (self->calls < 7)
        publish_same_and_return(self, event);
}

START_TEST(the_depth_limit_is_an_option)
{
    eventure_bus_options options = EVENTURE_BUS_OPTIONS_INIT;
    eventure_bus_free(here.bus);
    options.max_depth = 7;
    expect_ok(here.log, eventure_bus_new(here.log, &options, &here.bus));
    probe a = {.name = "a", .act = publish_until_7};
    subscribe(&a, "echo");
    expect_ok(NULL, publish("echo")); /* exactly as deep as allowed */
    ck_assert_int_eq(events_in_log(), 7);
    a.calls = -1;
    a.result = 0;
    expect_status(EVENTURE_ERROR_LIMIT, NULL, publish("echo")); /* one deeper */
    ck_assert_int_eq(events_in_log(), 14);
    expect_part(eventure_bus_message(here.bus), "7");
}
END_TEST

static void publish_batch_and_return(probe *self, const eventure_event *event)
{
    eventure_batch *batch = NULL;
    expect_ok(NULL, eventure_batch_new(&batch));
    expect_ok(batch, eventure_batch_add(batch, event->type, eventure_no_data(), event));
    self->result = eventure_bus_publish_batch(here.bus, batch, NULL);
    eventure_batch_free(batch);
}

START_TEST(a_batch_is_nested_no_deeper_than_other_events)
{
    eventure_bus_options options = EVENTURE_BUS_OPTIONS_INIT;
    eventure_bus_free(here.bus);
    options.max_depth = 3;
    expect_ok(here.log, eventure_bus_new(here.log, &options, &here.bus));
    probe a = {.name = "a", .act = publish_batch_and_return};
    subscribe(&a, "echo");
    expect_status(EVENTURE_ERROR_LIMIT, NULL, publish("echo"));
    ck_assert_str_eq(here.heard, "a a a ");
    ck_assert_int_eq(events_in_log(), 4); /* the event of the last batch was appended, and not dispatched */
    ck_assert_str_eq(eventure_bus_message(here.bus), "publish echo: nested deeper than max_depth, which is 3: a "
                                                     "handler keeps causing events");
}
END_TEST

static void dispatch_again(probe *self, const eventure_event *event)
{
    self->result = eventure_bus_dispatch(here.bus, event);
}

START_TEST(dispatching_counts_for_the_depth_limit_too)
{
    probe a = {.name = "", .act = dispatch_again};
    subscribe(&a, "echo");
    expect_status(EVENTURE_ERROR_LIMIT, NULL, publish("echo"));
    ck_assert_int_eq(a.calls, 1000);
    ck_assert_int_eq(events_in_log(), 1);
}
END_TEST

static void advance(probe *self, const eventure_event *event)
{
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    publish_inner(self, event);
}

START_TEST(a_handler_may_advance_the_tick)
{
    probe a = {.name = "a", .act = advance}, b = {.name = "b"}, inner = {.name = "inner"};
    subscribe(&a, "outer.event");
    subscribe(&b, "outer.event");
    subscribe(&inner, "inner.event");
    expect("outer.event", "a inner b ");
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(eventure_log_reader(here.log), eventure_query_at_tick(eventure_log_reader(here.log), 1, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    ck_assert_str_eq(event.type, "inner.event");
    ck_assert_int_eq(event.parent_seq, 1);
    eventure_cursor_free(cursor);
}
END_TEST
