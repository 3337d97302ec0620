/*
 * The queue between two threads: order, the end of the ring, and full and empty queues.
 */

#include "history_world.h"
#include "testing.h"
#include "writer/ring.h"

TEST_FIXTURE(set_up, tear_down);

#define SIZE 256

static eventure__ring ring;

static void set_up(void)
{
    ck_assert(eventure__ring_open(&ring, SIZE + 5)); /* rounded down to the alignment */
    ck_assert_uint_eq(ring.size, SIZE);
}

static void tear_down(void)
{
    eventure__ring_close(&ring);
}

/* Removes the oldest record, which must be of this kind. */
static void take(int kind)
{
    const eventure__record *record = eventure__ring_peek(&ring);
    ck_assert_ptr_nonnull(record);
    ck_assert_int_eq(record->kind, kind);
    eventure__ring_take(&ring);
}

START_TEST(records_are_seen_when_they_are_published_and_in_order)
{
    eventure__ring_reserve(&ring, 1, 48);
    eventure__ring_reserve(&ring, 2, 32);
    ck_assert_uint_eq(eventure__ring_unpublished(&ring), 80);
    ck_assert_ptr_null(eventure__ring_peek(&ring));
    ck_assert(eventure__ring_publish(&ring));
    ck_assert(!eventure__ring_publish(&ring));
    take(1);
    take(2);
    ck_assert(eventure__ring_is_empty(&ring));
    ck_assert_ptr_null(eventure__ring_peek(&ring));
}
END_TEST

START_TEST(a_record_that_does_not_fit_before_the_end_comes_after_a_filler)
{
    eventure__ring_reserve(&ring, 1, 208);
    eventure__ring_publish(&ring);
    ck_assert_uint_eq(eventure__ring_room_for(&ring, 48), 48);
    ck_assert_uint_eq(eventure__ring_room_for(&ring, 64), 48 + 64);
    ck_assert(!eventure__ring_fits(&ring, 48 + 64));
    take(1);
    ck_assert(eventure__ring_fits(&ring, 48 + 64));
    ck_assert_ptr_eq(eventure__ring_reserve(&ring, 2, 64), ring.bytes);
    eventure__ring_publish(&ring);
    take(EVENTURE__RECORD_FILLER);
    take(2);
}
END_TEST

START_TEST(a_full_ring_has_no_room)
{
    eventure__ring_reserve(&ring, 1, SIZE);
    ck_assert(!eventure__ring_fits(&ring, 16));
    eventure__ring_publish(&ring);
    take(1);
    ck_assert(eventure__ring_fits(&ring, SIZE));
}
END_TEST

START_TEST(an_empty_ring_is_reused_from_its_beginning)
{
    eventure__ring_reserve(&ring, 1, 64);
    eventure__ring_publish(&ring);
    ck_assert(!eventure__ring_may_reuse(&ring, 64)); /* it is not empty */
    take(1);
    ck_assert(!eventure__ring_may_reuse(&ring, 80));
    ck_assert(eventure__ring_may_reuse(&ring, 64));
    eventure__ring_reuse(&ring);
    ck_assert(eventure__ring_is_empty(&ring));
    ck_assert_ptr_eq(eventure__ring_reserve(&ring, 2, SIZE), ring.bytes);
    eventure__ring_publish(&ring);
    take(2);
}
END_TEST
