/*
 * The registry of a bus: its use of memory. Also: finding the subscriptions of a type does not search all
 * subscriptions.
 */
#include <stdio.h>
#include <string.h>

#include "bus/subscriptions.h"
#include "testing.h"

static int nothing(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    return 0;
}

static eventure_subscription add(eventure__subscriptions *all, const char *text)
{
    eventure__pattern pattern;
    eventure_subscription number = 0;
    expect_ok(NULL, eventure__pattern_parse(text, &pattern, NULL));
    expect_ok(NULL, eventure__subscriptions_add(all, &pattern, nothing, NULL, &number));
    return number;
}

static size_t topics_in(const eventure__subscriptions *all)
{
    size_t count = 0;
    for (int kind = 0; kind < EVENTURE__PATTERN_KINDS; kind++)
        count += all->topics[kind].count;
    return count;
}

static size_t longest_chain(const eventure__topics *topics)
{
    size_t longest = 0;
    for (size_t i = 0; i < topics->chains_count; i++)
    {
        size_t len = 0;
        for (const eventure__topic *topic = topics->chains[i]; topic != NULL; topic = topic->next)
            len++;
        longest = len > longest ? len : longest;
    }
    return longest;
}

START_TEST(numbers_are_never_used_twice)
{
    eventure__subscriptions all = {0};
    eventure_subscription last = 0;
    for (int i = 0; i < 100; i++)
    {
        eventure_subscription number = add(&all, "a.b");
        ck_assert_uint_gt(number, last);
        last = number;
        ck_assert(eventure__subscriptions_end(&all, number));
        eventure__subscriptions_reclaim(&all);
    }
    eventure__subscriptions_free(&all);
}
END_TEST

START_TEST(what_has_ended_is_reclaimed_with_its_topic)
{
    eventure__subscriptions all = {0};
    eventure_subscription one = add(&all, "a.*");
    eventure_subscription two = add(&all, "a.*");
    eventure_subscription three = add(&all, "a.b");
    ck_assert_uint_eq(topics_in(&all), 2);
    ck_assert(eventure__subscriptions_end(&all, one));
    ck_assert(!eventure__subscriptions_end(&all, one));
    eventure__subscriptions_reclaim(&all);
    ck_assert_uint_eq(topics_in(&all), 2);
    ck_assert(eventure__subscriptions_end(&all, three));
    ck_assert(eventure__subscriptions_end(&all, two));
    ck_assert_ptr_nonnull(all.ended);
    eventure__subscriptions_reclaim(&all);
    ck_assert_ptr_null(all.ended);
    ck_assert_uint_eq(topics_in(&all), 0);
    ck_assert_uint_eq(all.count, 0);
    eventure__subscriptions_free(&all);
}
END_TEST

START_TEST(freeing_takes_ended_subscriptions_along)
{
    eventure__subscriptions all = {0};
    eventure_subscription one = add(&all, "a.b");
    add(&all, "a.b");
    ck_assert(eventure__subscriptions_end(&all, one));
    eventure__subscriptions_free(&all); /* the leak checker notices memory that is not freed */
    ck_assert_uint_eq(topics_in(&all), 0);
}
END_TEST

START_TEST(a_selection_outlasts_what_ends_and_begins_while_it_is_walked)
{
    eventure__subscriptions all = {0};
    eventure__selection selection = {0};
    eventure_subscription first = add(&all, "a.b");
    eventure_subscription second = add(&all, "a.*");
    eventure_subscription third = add(&all, "*");
    expect_ok(NULL, eventure__selection_begin(&selection, &all, "a.b", 3));
    ck_assert_uint_eq(eventure__selection_next(&selection)->number, first);
    ck_assert(eventure__subscriptions_end(&all, first));
    ck_assert(eventure__subscriptions_end(&all, second));
    add(&all, "a.*");
    add(&all, "*");
    for (int i = 0; i < 1000; i++) /* the tables grow meanwhile */
    {
        char pattern[32];
        snprintf(pattern, sizeof pattern, "a.b%d", i);
        add(&all, pattern);
    }
    ck_assert_uint_eq(eventure__selection_next(&selection)->number, third);
    ck_assert_ptr_null(eventure__selection_next(&selection));
    ck_assert_ptr_null(eventure__selection_next(&selection));
    eventure__selection_free(&selection);
    eventure__subscriptions_free(&all);
}
END_TEST

START_TEST(ten_thousand_patterns_are_spread_evenly)
{
    static const char *const forms[][2] = {{"type.", ""}, {"", ".*"}, {"area", ".*"}, {"*.", ""}, {"*.verb", ""}};
    eventure__subscriptions all = {0};
    char pattern[32];
    for (int i = 0; i < 10000; i++)
    {
        for (size_t form = 0; form < COUNT_OF(forms); form++)
        {
            snprintf(pattern, sizeof pattern, "%s%d%s", forms[form][0], i, forms[form][1]);
            add(&all, pattern);
        }
    }
    for (int kind = 0; kind < EVENTURE__PATTERN_KINDS; kind++)
        ck_assert_uint_le(longest_chain(&all.topics[kind]), 10);
    eventure__selection selection = {0};
    expect_ok(NULL, eventure__selection_begin(&selection, &all, "area77.x.verb9", 14));
    ck_assert_uint_eq(selection.ends[EVENTURE__PATTERN_ALL], 2); /* no other subscriptions are examined */
    ck_assert_uint_eq(eventure__selection_next(&selection)->number, 77 * 5 + 3);
    ck_assert_uint_eq(eventure__selection_next(&selection)->number, 9 * 5 + 5);
    ck_assert_ptr_null(eventure__selection_next(&selection));
    eventure__selection_free(&selection);
    eventure__subscriptions_free(&all);
}
END_TEST

/* --- Tables that grow --- */

static void expect_next(eventure__selection *selection, eventure_subscription number)
{
    const eventure__subscribed *one = eventure__selection_next(selection);
    if (number == 0)
        ck_assert_ptr_null(one);
    else
        ck_assert_uint_eq(one->number, number);
}

START_TEST(any_subscription_is_ended_once_wherever_it_stands)
{
    eventure__subscriptions all = {0};
    for (int i = 1; i <= 50; i++)
        ck_assert_uint_eq(add(&all, "a.b"), (eventure_subscription)i);
    ck_assert_uint_ge(all.capacity, all.count);
    ck_assert_uint_lt(all.capacity, 2 * all.count);
    ck_assert(!eventure__subscriptions_end(&all, 0));
    ck_assert(!eventure__subscriptions_end(&all, 51));
    for (eventure_subscription i = 2; i <= 50; i += 2)
        ck_assert(eventure__subscriptions_end(&all, i));
    ck_assert_uint_eq(all.count, 25);
    for (eventure_subscription i = 1; i <= 50; i++)
        ck_assert(i % 2 == 1 || !eventure__subscriptions_end(&all, i));
    for (size_t i = 0; i < all.count; i++)
        ck_assert_uint_eq(all.by_number[i]->number, 2 * i + 1);
    eventure__subscriptions_reclaim(&all);
    eventure__selection selection = {0};
    expect_ok(NULL, eventure__selection_begin(&selection, &all, "a.b", 3));
    for (eventure_subscription i = 1; i <= 50; i += 2)
        expect_next(&selection, i);
    expect_next(&selection, 0);
    /* The first, the last and the only one of a topic. */
    ck_assert(eventure__subscriptions_end(&all, 1));
    ck_assert(eventure__subscriptions_end(&all, 49));
    eventure__subscriptions_reclaim(&all);
    expect_ok(NULL, eventure__selection_begin(&selection, &all, "a.b", 3));
    for (eventure_subscription i = 3; i <= 47; i += 2)
        expect_next(&selection, i);
    expect_next(&selection, 0);
    ck_assert_uint_eq(add(&all, "a.b"), 51);
    for (eventure_subscription i = 3; i <= 47; i += 2)
        ck_assert(eventure__subscriptions_end(&all, i));
    eventure__subscriptions_reclaim(&all);
    expect_ok(NULL, eventure__selection_begin(&selection, &all, "a.b", 3));
    expect_next(&selection, 51);
    expect_next(&selection, 0);
    eventure__selection_free(&selection);
    ck_assert_ptr_null(selection.heads);
    ck_assert_uint_eq(selection.capacity, 0);
    eventure__subscriptions_free(&all);
}
END_TEST

START_TEST(a_table_has_as_many_chains_as_topics_and_each_topic_once)
{
    eventure__subscriptions all = {0};
    const eventure__topics *exact = &all.topics[EVENTURE__PATTERN_EXACT];
    char pattern[16];
    for (size_t i = 1; i <= 40; i++)
    {
        snprintf(pattern, sizeof pattern, "t%zu", i);
        add(&all, pattern);
        add(&all, pattern);
        ck_assert_uint_eq(exact->count, i);
        ck_assert_uint_eq(exact->chains_count, i <= 16 ? 16 : i <= 32 ? 32 : 64);
    }
    for (size_t i = 1; i <= 40; i++)
    {
        eventure__selection selection = {0};
        snprintf(pattern, sizeof pattern, "t%zu", i);
        expect_ok(NULL, eventure__selection_begin(&selection, &all, pattern, strlen(pattern)));
        expect_next(&selection, 2 * i - 1);
        expect_next(&selection, 2 * i);
        expect_next(&selection, 0);
        eventure__selection_free(&selection);
    }
    for (size_t i = 1; i <= 40; i++)
    {
        ck_assert(eventure__subscriptions_end(&all, 2 * i - 1));
        ck_assert(eventure__subscriptions_end(&all, 2 * i));
        eventure__subscriptions_reclaim(&all);
        ck_assert_uint_eq(exact->count, 40 - i);
    }
    eventure__subscriptions_free(&all);
    ck_assert_ptr_null(all.by_number);
    ck_assert_ptr_null(exact->chains);
}
END_TEST

/* Every prefix and suffix of the type that ends or begins with a dot, and no other one. */
START_TEST(a_type_with_many_parts_is_heard_by_each_part)
{
    static const char type[] = "a.b.c.d.e.f.g.h.i.j.k.l";
    eventure__subscriptions all = {0};
    eventure__selection selection = {0};
    char pattern[40];
    eventure_subscription count = 0;
    add(&all, "*");
    for (size_t len = 2; len < sizeof type; len += 2)
    {
        snprintf(pattern, sizeof pattern, "%.*s*", (int)len, type);
        add(&all, pattern);
        snprintf(pattern, sizeof pattern, "*%s", type + len - 1);
        add(&all, pattern);
        snprintf(pattern, sizeof pattern, "x%.*s*", (int)len, type);
        add(&all, pattern);
        count++;
    }
    add(&all, type);
    expect_ok(NULL, eventure__selection_begin(&selection, &all, type, sizeof type - 1));
    expect_next(&selection, 3 * count + 2); /* exact */
    for (eventure_subscription i = 0; i < count; i++)
        expect_next(&selection, 3 * i + 2); /* prefixes, as subscribed */
    for (eventure_subscription i = 0; i < count; i++)
        expect_next(&selection, 3 * i + 3); /* suffixes */
    expect_next(&selection, 1);
    expect_next(&selection, 0);
    ck_assert_uint_eq(selection.ends[EVENTURE__PATTERN_EXACT], 1);
    ck_assert_uint_eq(selection.ends[EVENTURE__PATTERN_PREFIX], 1 + count);
    ck_assert_uint_eq(selection.ends[EVENTURE__PATTERN_SUFFIX], 1 + 2 * count);
    ck_assert_uint_eq(selection.ends[EVENTURE__PATTERN_ALL], 2 + 2 * count);
    ck_assert_uint_ge(selection.capacity, 2 + 2 * count);
    ck_assert_uint_lt(selection.capacity, 2 * (2 + 2 * count));
    eventure__selection_free(&selection);
    eventure__subscriptions_free(&all);
}
END_TEST
