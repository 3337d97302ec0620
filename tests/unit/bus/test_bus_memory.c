/*
 * The bus when each allocation fails in turn. Also: a bus in use does not allocate; its limits.
 */
#include "alloc_fail.h"
#include "bus/bus_internal.h"
#include "bus_world.h"

TEST_FIXTURE(open_world, close_world);

START_TEST(creating_a_bus_without_memory_fails)
{
    eventure_bus *bus = here.bus;
    alloc_fail_at(1);
    expect_status(EVENTURE_ERROR_MEMORY, here.log, eventure_bus_new(here.log, NULL, &bus));
    ck_assert(alloc_fail_stop());
    ck_assert_ptr_null(bus);
}
END_TEST

START_TEST(subscribing_without_memory_changes_nothing)
{
    static const char *const patterns[] = {"a.b", "a.*", "*.b", "*"};
    for (int i = 0; i < 4; i++)
    {
        bool hit = true;
        int failures = 0;
        for (long n = 1; hit; n++)
        {
            /* A fresh bus, whose tables are not allocated yet. */
            eventure_bus_free(here.bus);
            expect_ok(here.log, eventure_bus_new(here.log, NULL, &here.bus));
            probe a = {.name = "a"};
            eventure_subscription subscription = 7;
            alloc_fail_at(n);
            eventure_status status = eventure_bus_subscribe(here.bus, patterns[i], hear, &a, &subscription);
            hit = alloc_fail_stop();
            failures += hit;
            ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
            if (hit)
                expect_part(eventure_bus_message(here.bus), patterns[i]);
            expect("a.b", hit ? "" : "a ");
            if (hit)
            {
                ck_assert_uint_eq(subscription, 0);
                subscribe(&a, patterns[i]);
                expect("a.b", "a ");
            }
        }
        ck_assert_int_ge(failures, 3);
    }
}
END_TEST

static void fresh_bus(probe *a, probe *b)
{
    eventure_bus_free(here.bus);
    expect_ok(here.log, eventure_bus_new(here.log, NULL, &here.bus));
    subscribe(a, "a.*");
    subscribe(b, "*");
    expect_ok(here.log, eventure_log_commit(here.log));
    here.heard[0] = '\0';
}

START_TEST(publishing_without_memory_appends_nothing_and_calls_no_handler)
{
    bool hit = true;
    int failures = 0;
    for (long n = 1; hit; n++)
    {
        probe a = {.name = "a"}, b = {.name = "b"};
        fresh_bus(&a, &b);
        int64_t before = events_in_log();
        alloc_fail_at(n);
        eventure_status status = eventure_bus_publish(
            here.bus, "a.b", EVENTURE_DATA(eventure_string("k\n", "\x01\x02"), eventure_json_field("j", "[ 1 ]")), NULL,
            NULL);
        hit = alloc_fail_stop();
        failures += hit;
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert_str_eq(here.heard, hit ? "" : "a b ");
        ck_assert_int_eq(events_in_log(), hit ? before : before + 1);
    }
    ck_assert_int_ge(failures, 3);
}
END_TEST

/* Either all events of the batch are in the log, or none; a handler is called for each only when all went well. */
START_TEST(publishing_a_batch_without_memory_appends_all_of_it_or_nothing)
{
    bool hit = true;
    int failures = 0;
    int appended = 0;
    eventure_batch *batch = NULL;
    expect_ok(NULL, eventure_batch_new(&batch));
    expect_ok(batch, eventure_batch_add(batch, "a.b", eventure_json("{\"n\":1}"), NULL));
    expect_ok(batch, eventure_batch_add(batch, "a.c", eventure_json("{\"n\":2}"), NULL));
    for (long n = 1; hit; n++)
    {
        probe a = {.name = "a"}, b = {.name = "b"};
        int64_t first = -1;
        fresh_bus(&a, &b);
        const int64_t before = events_in_log();
        alloc_fail_at(n);
        const eventure_status status = eventure_bus_publish_batch(here.bus, batch, &first);
        hit = alloc_fail_stop();
        failures += hit;
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        if (hit)
            expect_part(eventure_bus_message(here.bus), "out of memory");
        const int64_t more = events_in_log() - before;
        ck_assert(more == 2 || (hit && more == 0));
        appended += hit && more == 2;
        ck_assert_msg(hit || strcmp(here.heard, "a b a b ") == 0, "%s", here.heard);
        ck_assert_int_eq(here.heard[0] != '\0' && more == 0, 0);
    }
    ck_assert_int_ge(failures, 8);
    ck_assert_int_ge(appended, 3); /* the copies of the events, and the level of the dispatch */
    eventure_batch_free(batch);
}
END_TEST

START_TEST(dispatching_without_memory_calls_no_handler)
{
    eventure_event event = {.seq = 1, .type = "a.b", .data = "{}", .data_len = 2, .id = "0-AB-1"};
    bool hit = true;
    int failures = 0;
    for (long n = 1; hit; n++)
    {
        probe a = {.name = "a"}, b = {.name = "b"};
        fresh_bus(&a, &b);
        alloc_fail_at(n);
        eventure_status status = eventure_bus_dispatch(here.bus, &event);
        hit = alloc_fail_stop();
        failures += hit;
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert_str_eq(here.heard, hit ? "" : "a b ");
    }
    ck_assert_int_eq(failures, 3); /* the level, its heads, and its copy of the event */
}
END_TEST

static int depth;

/* Check's macros allocate, so they are not used where no allocation is allowed. */
static void publish_three_deep(probe *self, const eventure_event *event)
{
    if (++depth < 3)
        self->result =
            eventure_bus_publish(here.bus, event->type, EVENTURE_DATA(eventure_int("depth", depth)), event, NULL);
    depth--;
}

START_TEST(a_bus_that_has_been_as_deep_before_does_not_allocate)
{
    probe a = {.name = "", .act = publish_three_deep}, b = {.name = ""};
    subscribe(&a, "a.*");
    subscribe(&b, "*");
    depth = 0;
    for (int i = 0; i < 20; i++)
        expect_ok(NULL, publish("a.b"));
    here.heard[0] = '\0';
    eventure_status status = EVENTURE_OK;
    alloc_fail_at(1);
    for (int i = 0; i < 100 && status == EVENTURE_OK; i++)
        status = publish("a.b");
    ck_assert(!alloc_fail_stop());
    expect_ok(NULL, status);
    ck_assert_int_eq(a.calls, 360);
    ck_assert_int_eq(b.calls, 360);
}
END_TEST

START_TEST(a_level_frees_the_memory_of_a_large_event)
{
    size_t len = 1000000;
    char *text = malloc(len + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', len);
    text[len] = '\0';
    probe a = {.name = "a"};
    subscribe(&a, "*");
    for (int i = 0; i < 3; i++)
        expect_ok(here.bus,
                  eventure_bus_publish(here.bus, "a.b", EVENTURE_DATA(eventure_string("text", text)), NULL, NULL));
    /* The memory of the large event must have been released: otherwise a small event would need no allocation. */
    alloc_fail_at(1);
    eventure_status status = publish("a.b");
    ck_assert(alloc_fail_stop());
    expect_status(EVENTURE_ERROR_MEMORY, NULL, status);
    expect("a.b", "a ");
    free(text);
}
END_TEST

static size_t topics(void)
{
    size_t count = 0;
    for (int kind = 0; kind < EVENTURE__PATTERN_KINDS; kind++)
        count += here.bus->subscriptions.topics[kind].count;
    return count;
}

static void begin_and_end_others(probe *self, const eventure_event *event)
{
    (void)event;
    for (int i = 0; i < 10; i++)
    {
        subscribe(self->other, "x.*");
        unsubscribe(self->other);
    }
    ck_assert_ptr_nonnull(here.bus->subscriptions.ended); /* kept until the dispatch ends */
}

START_TEST(what_was_unsubscribed_in_handlers_is_reclaimed_when_no_dispatch_is_under_way)
{
    probe other = {.name = "other"}, a = {.name = "a", .act = begin_and_end_others, .other = &other};
    subscribe(&a, "a.b");
    expect("a.b", "a ");
    ck_assert_ptr_null(here.bus->subscriptions.ended);
    ck_assert_uint_eq(topics(), 1);
    unsubscribe(&a);
    ck_assert_ptr_null(here.bus->subscriptions.ended);
    ck_assert_uint_eq(topics(), 0);
}
END_TEST

START_TEST(the_deepest_nesting_is_1000_unless_an_option_says_otherwise)
{
    eventure_bus *bus = NULL;
    eventure_bus_options options;
    eventure_bus_options_init(&options, sizeof options);
    expect_ok(NULL, eventure_bus_new(NULL, &options, &bus));
    ck_assert_int_eq(bus->max_depth, 1000);
    ck_assert_int_eq(bus->depth, 0);
    eventure_bus_free(bus);
    options.max_depth = 1;
    expect_ok(NULL, eventure_bus_new(NULL, &options, &bus));
    ck_assert_int_eq(bus->max_depth, 1);
    eventure_bus_free(bus);
    options.max_depth = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_bus_new(NULL, &options, &bus));
    ck_assert_str_eq(eventure_last_message(), "make a bus: option max_depth is -1, not between 1 and 100000");
}
END_TEST
