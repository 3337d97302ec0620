/*
 * Hooks of the log: the calls that they receive, their order, and the effect of an error of a hook.
 */
#include <stdio.h>
#include <string.h>

#include "log/hook.h"
#include "log/log_internal.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;
static char calls[512]; /* what the hooks noted, for instance "a:event 1 " */

/* A hook with a name, which it notes with each call. */
typedef struct named
{
    eventure__log_hook hook;
    const char *name;
    eventure_status fails; /* what on_tick returns */
    int64_t needs;         /* the tick that needs_tick asks for */
} named;

static void set_up(void)
{
    log_ = scratch_new();
    calls[0] = '\0';
}

static void tear_down(void)
{
    scratch_close(log_);
}

static void note(const named *self, const char *what, int64_t number)
{
    snprintf(calls + strlen(calls), sizeof calls - strlen(calls), "%s:%s %lld ", self->name, what, (long long)number);
}

static void on_event(eventure_log *log, const eventure_event *event, void *context)
{
    ck_assert_ptr_eq(log, log_);
    note(context, "event", event->seq);
}

static eventure_status on_tick(eventure_log *log, int64_t tick, void *context)
{
    const named *self = context;
    note(self, "tick", tick);
    ck_assert_int_gt(eventure_log_tick(log), tick);
    ck_assert(log->writer.in_transaction);
    return self->fails == EVENTURE_OK ? EVENTURE_OK
                                      : eventure__fail(&log->store->error, self->fails, "%s refuses", self->name);
}

static bool needs_tick(eventure_log *log, int64_t tick, void *context)
{
    const named *self = context;
    (void)log;
    return tick == self->needs;
}

static void on_undo(eventure_log *log, void *context)
{
    note(context, "undo", eventure_log_tick(log));
    eventure__fail(&log->store->error, EVENTURE_ERROR_IO, "a text that the log replaces");
}

static void add(named *self, const char *name)
{
    self->name = name;
    self->hook.on_undo = on_undo;
    self->hook.context = self;
    eventure__log_hook_add(log_, &self->hook);
    ck_assert_ptr_eq(self->hook.log, log_);
}

static void expect_calls(const char *expected)
{
    ck_assert_str_eq(calls, expected);
    calls[0] = '\0';
}

START_TEST(hooks_are_called_in_the_order_in_which_they_were_added)
{
    static named a = {.hook = {.on_event = on_event, .on_tick = on_tick}};
    static named b = {.hook = {.on_tick = on_tick}};
    static named c = {.hook = {.on_event = on_event}};
    add(&a, "a");
    add(&b, "b");
    add(&c, "c");
    scratch_append(log_, "x", NULL, NULL);
    expect_calls("a:event 1 c:event 1 ");
    const eventure_event_input events[2] = {{.size = sizeof events[0], .type = "x"},
                                            {.size = sizeof events[0], .type = "y"}};
    expect_ok(log_, eventure_log_append_batch(log_, events, 2, NULL));
    expect_calls("a:event 2 c:event 2 a:event 3 c:event 3 ");
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_calls("a:tick 0 b:tick 0 ");
    expect_ok(log_, eventure_log_advance_to(log_, 9));
    expect_calls("a:tick 1 b:tick 1 ");
    expect_ok(log_, eventure_log_advance_to(log_, 9)); /* no tick ends */
    expect_calls("");
    scratch_append(log_, "x", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    expect_ok(log_, eventure_log_rollback(log_)); /* there is nothing to roll back */
    expect_calls("a:event 4 c:event 4 ");
    scratch_append(log_, "x", NULL, NULL);
    expect_ok(log_, eventure_log_rollback(log_));
    expect_calls("a:event 5 c:event 5 a:undo 9 b:undo 9 c:undo 9 ");
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append(log_, "", eventure_no_data(), NULL, NULL));
    expect_calls("");
    eventure__log_hook_remove(&a.hook);
    eventure__log_hook_remove(&b.hook);
    eventure__log_hook_remove(&c.hook);
}
END_TEST

START_TEST(a_removed_hook_is_not_called_and_the_others_are)
{
    static named hooks[3] = {
        {.hook = {.on_event = on_event}}, {.hook = {.on_event = on_event}}, {.hook = {.on_event = on_event}}};
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++)
        add(&hooks[i], names[i]);
    eventure__log_hook_remove(&hooks[1].hook);
    ck_assert_ptr_null(hooks[1].hook.log);
    eventure__log_hook_remove(&hooks[1].hook); /* has no effect */
    scratch_append(log_, "x", NULL, NULL);
    expect_calls("a:event 1 c:event 1 ");
    eventure__log_hook_remove(&hooks[0].hook);
    add(&hooks[1], "b");
    scratch_append(log_, "x", NULL, NULL);
    expect_calls("c:event 2 b:event 2 ");
    eventure__log_hook_remove(&hooks[1].hook);
    scratch_append(log_, "x", NULL, NULL);
    expect_calls("c:event 3 ");
    eventure__log_hook_remove(&hooks[2].hook);
    scratch_append(log_, "x", NULL, NULL);
    expect_calls("");
}
END_TEST

START_TEST(a_hook_of_a_closed_log_has_no_log_and_can_be_removed)
{
    static named a = {.hook = {.on_event = on_event}};
    static named b = {.hook = {.on_event = on_event}};
    add(&a, "a");
    add(&b, "b");
    scratch_close(log_);
    ck_assert_ptr_null(a.hook.log);
    ck_assert_ptr_null(b.hook.log);
    eventure__log_hook_remove(&a.hook);
    eventure__log_hook_remove(&b.hook);
    log_ = scratch_new();
}
END_TEST

START_TEST(an_error_at_the_end_of_a_tick_rolls_it_back_and_is_returned_with_its_text)
{
    static named a = {.hook = {.on_tick = on_tick}};
    static named b = {.hook = {.on_tick = on_tick}, .fails = EVENTURE_ERROR_HANDLER};
    static named c = {.hook = {.on_tick = on_tick}};
    scratch_append(log_, "x", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    add(&a, "a");
    add(&b, "b");
    add(&c, "c");
    scratch_append(log_, "x", NULL, NULL);
    expect_status(EVENTURE_ERROR_HANDLER, log_, eventure_log_advance_tick(log_));
    ck_assert_str_eq(eventure_log_message(log_), "b refuses");
    expect_calls("a:tick 1 b:tick 1 a:undo 1 b:undo 1 c:undo 1 ");
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 1);
    b.fails = EVENTURE_OK;
    scratch_append(log_, "x", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_calls("a:tick 1 b:tick 1 c:tick 1 ");
}
END_TEST

START_TEST(a_tick_is_needed_when_a_hook_says_so_or_has_no_say)
{
    static named a = {.hook = {.on_event = on_event, .needs_tick = needs_tick}, .needs = 3};
    static named b = {.hook = {.on_tick = on_tick, .needs_tick = needs_tick}, .needs = 4};
    static named c = {.hook = {.on_tick = on_tick}};
    ck_assert(!eventure__log_needs_tick(log_, 0));
    add(&a, "a"); /* without on_tick it needs none */
    add(&b, "b");
    ck_assert(!eventure__log_needs_tick(log_, 3));
    ck_assert(eventure__log_needs_tick(log_, 4));
    ck_assert(!eventure__log_needs_tick(log_, 5));
    add(&c, "c");
    ck_assert(eventure__log_needs_tick(log_, 5));
}
END_TEST

/* With a background writer on_tick is called for the ticks that a hook needs, and these are committed at once. */
START_TEST(beside_a_thread_only_needed_ticks_call_hooks)
{
    static named a = {.hook = {.on_event = on_event, .on_tick = on_tick, .needs_tick = needs_tick}, .needs = 1};
    static named b = {.hook = {.on_tick = on_tick, .needs_tick = needs_tick}, .needs = -1};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_close(log_);
    options.background = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    add(&a, "a");
    add(&b, "b");
    for (int tick = 0; tick < 3; tick++)
    {
        expect_ok(log_, eventure_log_append(log_, "x", eventure_no_data(), NULL, NULL));
        expect_ok(log_, eventure_log_advance_tick(log_));
    }
    expect_calls("a:event 1 a:event 2 a:tick 1 b:tick 1 a:event 3 ");
    a.fails = EVENTURE_ERROR_HANDLER;
    a.needs = 3;
    expect_ok(log_, eventure_log_append(log_, "x", eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_HANDLER, log_, eventure_log_advance_tick(log_));
    ck_assert_str_eq(eventure_log_message(log_), "a refuses");
    expect_calls("a:event 4 a:tick 3 a:undo 3 b:undo 3 ");
    ck_assert_int_eq(eventure_log_tick(log_), 3);
    ck_assert_int_eq(eventure_log_durable_tick(log_), 3);
    a.needs = -1;
    expect_ok(log_, eventure_log_append(log_, "x", eventure_no_data(), NULL, NULL)); /* the thread writes again */
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_wait_durable(log_, 4, -1));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 4);
}
END_TEST
