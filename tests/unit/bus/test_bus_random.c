/*
 * Compares the bus with a simple model: a list of all subscriptions, which is searched completely for every event.
 * Handlers publish, subscribe and unsubscribe at random during nested calls; at every call the model determines the
 * next handler.
 */
#include <string.h>

#include "bus_world.h"
#include "harness.h"

TEST_FIXTURE(open_world, close_world);

#define SLOTS 200
#define ROUNDS 500
#define DEEPEST 5

static const char *const words[] = {"a", "b", "net", "x.y", ""};

typedef struct slot
{
    char pattern[64];
    eventure_subscription subscription; /* 0: free */
} slot;

/* The subscriptions that the dispatch of one event must still call. */
typedef struct turn
{
    size_t count;
    size_t at;
    eventure_subscription expected[SLOTS];
} turn;

static slot slots[SLOTS];
static turn turns[DEEPEST + 1];
static int depth;
static uint64_t random_state;
static long calls;

static unsigned random_below(unsigned below)
{
    return (unsigned)harness_random(&random_state, below);
}

static void random_type(char type[64])
{
    type[0] = '\0';
    unsigned parts = 1 + random_below(4);
    for (unsigned i = 0; i < parts; i++)
    {
        strcat(type, i > 0 ? "." : "");
        strcat(type, words[random_below(5)]);
    }
    if (type[0] == '\0')
        strcpy(type, "a");
}

static void random_pattern(char pattern[64])
{
    char type[64];
    random_type(type);
    unsigned kind = random_below(8);
    snprintf(pattern, 64, kind < 3 ? "%s" : kind < 5 ? "%s.*" : kind < 7 ? "*.%s" : "*", type);
}

/* Returns the class (0 to 3) in which the pattern matches the type, or -1 when it does not match. */
static int class_of(const char *pattern, const char *type)
{
    size_t len = strlen(pattern);
    size_t type_len = strlen(type);
    if (strcmp(pattern, "*") == 0)
        return 3;
    if (pattern[0] == '*')
        return type_len >= len - 1 && strcmp(type + type_len - (len - 1), pattern + 1) == 0 ? 2 : -1;
    if (pattern[len - 1] == '*')
        return strncmp(type, pattern, len - 1) == 0 ? 1 : -1;
    return strcmp(type, pattern) == 0 ? 0 : -1;
}

static bool is_active(eventure_subscription subscription)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].subscription == subscription)
            return true;
    return false;
}

/* Lists the subscriptions that match the type, ordered by class and then by number. */
static void fill(turn *one, const char *type)
{
    one->count = 0;
    one->at = 0;
    for (int class = 0; class < 4; class ++)
    {
        eventure_subscription last = 0;
        for (;;)
        {
            eventure_subscription next = 0;
            for (int i = 0; i < SLOTS; i++)
                if (slots[i].subscription > last && (next == 0 || slots[i].subscription < next) &&
                    class_of(slots[i].pattern, type) == class)
                    next = slots[i].subscription;
            if (next == 0)
                break;
            one->expected[one->count++] = next;
            last = next;
        }
    }
}

static void skip_ended(turn *one)
{
    while (one->at < one->count && !is_active(one->expected[one->at]))
        one->at++;
}

static int random_handler(const eventure_event *event, void *context);

static void random_change(void)
{
    slot *one = &slots[random_below(SLOTS)];
    if (one->subscription != 0)
    {
        expect_ok(here.bus, eventure_bus_unsubscribe(here.bus, one->subscription));
        one->subscription = 0;
        return;
    }
    random_pattern(one->pattern);
    expect_ok(here.bus, eventure_bus_subscribe(here.bus, one->pattern, random_handler, one, &one->subscription));
}

static void publish_random(void)
{
    char type[64];
    random_type(type);
    turn *one = &turns[depth++];
    fill(one, type);
    expect_ok(NULL, publish(type));
    depth--;
    skip_ended(one);
    ck_assert_msg(one->at == one->count, "%s: %zu of %zu were called", type, one->at, one->count);
}

static int random_handler(const eventure_event *event, void *context)
{
    const slot *self = context;
    turn *one = &turns[depth - 1];
    skip_ended(one);
    ck_assert_msg(one->at < one->count, "%s: %s was called, and no call is left", event->type, self->pattern);
    ck_assert_uint_eq(one->expected[one->at], self->subscription);
    one->at++;
    calls++;
    unsigned what = random_below(20);
    if (what < 4)
        random_change();
    else if (what == 4 && depth < DEEPEST)
        publish_random();
    return 0;
}

LOOP_TEST(random_subscribing_publishing_and_unsubscribing_agrees_with_a_model, 4)
{
    memset(slots, 0, sizeof slots);
    depth = 0;
    calls = 0;
    random_state = 20240517U + (unsigned)_i * 7919U;
    for (int i = 0; i < SLOTS / 2; i++)
        random_change();
    for (int i = 0; i < ROUNDS; i++)
    {
        random_change();
        publish_random();
    }
    ck_assert_int_gt(calls, ROUNDS);
}
END_TEST
