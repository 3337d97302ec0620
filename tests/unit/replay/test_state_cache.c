/*
 * The cache of states: its size in bytes is bounded, and it evicts the state that is farthest from the position first.
 */
#include "replay/state_cache.h"

#include <stdlib.h>
#include <string.h>

#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define STATE_BYTES 100

static eventure__state_cache cache;
static size_t each; /* the bytes that the cache counts for one state */

/* Adds a state of STATE_BYTES bytes, each of which is the low byte of the seq. */
static void add(int64_t seq)
{
    char state[STATE_BYTES];
    memset(state, (int)(seq & 0xFF), sizeof state);
    eventure__state_cache_add(&cache, seq, seq * 10, state, sizeof state);
}

static void set_up(void)
{
    cache = (eventure__state_cache){.max_bytes = 100000};
    add(1);
    each = cache.bytes;
    ck_assert_uint_ge(each, STATE_BYTES);
    eventure__state_cache_clear(&cache);
    ck_assert_uint_eq(cache.bytes, 0);
    cache.max_bytes = 4 * each;
}

static void tear_down(void)
{
    eventure__state_cache_clear(&cache);
}

static bool has(int64_t seq)
{
    const eventure__cached_state *found = eventure__state_cache_find(&cache, seq);
    if (found == NULL || found->seq != seq)
        return false;
    ck_assert_int_eq(found->tick, seq * 10);
    ck_assert_uint_eq(found->state_len, STATE_BYTES);
    for (size_t i = 0; i < STATE_BYTES; i++)
        ck_assert_int_eq((unsigned char)found->state[i], seq & 0xFF);
    return true;
}

START_TEST(the_newest_state_at_or_before_a_seq_is_found)
{
    ck_assert_ptr_null(eventure__state_cache_find(&cache, 100));
    add(30);
    add(10);
    add(20);
    ck_assert_ptr_null(eventure__state_cache_find(&cache, 9));
    ck_assert_int_eq(eventure__state_cache_find(&cache, 10)->seq, 10);
    ck_assert_int_eq(eventure__state_cache_find(&cache, 29)->seq, 20);
    ck_assert_int_eq(eventure__state_cache_find(&cache, INT64_MAX)->seq, 30);
    ck_assert(has(10) && has(20) && has(30));
}
END_TEST

START_TEST(a_seq_is_kept_once)
{
    add(10);
    eventure__state_cache_add(&cache, 10, 7, "other", 5);
    ck_assert_uint_eq(cache.count, 1);
    ck_assert_uint_eq(cache.bytes, each);
    ck_assert(has(10));
}
END_TEST

START_TEST(the_farthest_state_goes_first)
{
    for (int64_t seq = 10; seq <= 40; seq += 10)
        add(seq);
    ck_assert_uint_eq(cache.count, 4);
    add(45); /* 10 is farthest */
    ck_assert(!has(10) && has(20) && has(45));
    add(15); /* 45 is farthest */
    ck_assert(has(15) && has(20) && has(30) && has(40) && !has(45));
    add(25); /* 15 and 40: both are 10 and 15 away; 40 is farther */
    ck_assert(has(15) && has(20) && has(25) && has(30) && !has(40));
}
END_TEST

LOOP_TEST(the_bytes_stay_within_the_bound_and_are_counted_exactly, 2)
{
    const size_t most = _i == 0 ? 4 : 50;
    cache.max_bytes = most * each;
    for (int64_t seq = 1; seq <= 500; seq++)
    {
        add(seq * 7919 % 1000);
        ck_assert_uint_eq(cache.bytes, cache.count * each);
        ck_assert_uint_le(cache.bytes, cache.max_bytes);
        ck_assert(has(seq * 7919 % 1000));
    }
    ck_assert_uint_eq(cache.count, most);
}
END_TEST

START_TEST(a_state_beyond_the_bound_is_not_kept)
{
    char *large = calloc(1, cache.max_bytes);
    add(10);
    eventure__state_cache_add(&cache, 20, 200, large, cache.max_bytes - (each - STATE_BYTES) + 1);
    ck_assert(has(10));
    ck_assert_uint_eq(cache.count, 1);
    eventure__state_cache_add(&cache, 20, 200, large, cache.max_bytes - (each - STATE_BYTES));
    ck_assert(!has(10));
    ck_assert_uint_eq(cache.count, 1);
    ck_assert_uint_eq(cache.bytes, cache.max_bytes);
    free(large);
}
END_TEST

START_TEST(an_empty_state_is_a_state)
{
    eventure__state_cache_add(&cache, 5, 50, NULL, 0);
    const eventure__cached_state *found = eventure__state_cache_find(&cache, 6);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->state_len, 0);
}
END_TEST
