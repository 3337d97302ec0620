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

START_TEST(a_record_takes_whole_units_of_16_bytes)
{
    ck_assert_uint_eq(eventure__record_bytes(1), 16);
    ck_assert_uint_eq(eventure__record_bytes(16), 16);
    ck_assert_uint_eq(eventure__record_bytes(17), 32);
    ck_assert_uint_eq(eventure__record_bytes(33), 48);
    ck_assert_uint_eq(sizeof(eventure__record), 16);
}
END_TEST

/* Records of every size, many times around the ring: each is returned with its kind and size, and is whole. */
START_TEST(positions_count_all_bytes_and_records_stay_whole)
{
    uint64_t position = 0;
    for (int i = 0; i < 200; i++)
    {
        const size_t bytes = (size_t)(i % 8 + 1) * 16;
        const size_t rest = SIZE - (size_t)(position % SIZE);
        const size_t room = eventure__ring_room_for(&ring, bytes);
        ck_assert_uint_eq(room, bytes <= rest ? bytes : rest + bytes);
        ck_assert(eventure__ring_fits(&ring, room));
        char *record = eventure__ring_reserve(&ring, 1 + i % 3, bytes);
        ck_assert(record >= ring.bytes && record + bytes <= ring.bytes + SIZE);
        ck_assert_uint_eq(eventure__ring_unpublished(&ring), room);
        ck_assert(eventure__ring_is_empty(&ring));
        ck_assert(eventure__ring_publish(&ring));
        ck_assert_uint_eq(eventure__ring_unpublished(&ring), 0);
        ck_assert(!eventure__ring_is_empty(&ring));
        if (room > bytes)
        {
            ck_assert_uint_eq(eventure__ring_peek(&ring)->bytes, rest);
            take(EVENTURE__RECORD_FILLER);
            position += rest;
            ck_assert_uint_eq(eventure__ring_taken(&ring), position);
        }
        ck_assert_ptr_eq(eventure__ring_peek(&ring), record);
        ck_assert_int_eq(eventure__ring_peek(&ring)->kind, 1 + i % 3);
        ck_assert_uint_eq(eventure__ring_peek(&ring)->bytes, bytes);
        position += bytes;
        ck_assert_uint_eq(eventure__ring_take(&ring), position);
        ck_assert_uint_eq(eventure__ring_taken(&ring), position);
    }
}
END_TEST

START_TEST(a_ring_that_is_reused_goes_on_at_the_next_multiple_of_its_size)
{
    for (int i = 1; i <= 3; i++)
    {
        eventure__ring_reserve(&ring, 1, 32);
        eventure__ring_publish(&ring);
        take(1);
        ck_assert(eventure__ring_may_reuse(&ring, 32));
        ck_assert(!eventure__ring_may_reuse(&ring, 48));
        eventure__ring_reuse(&ring);
        ck_assert_uint_eq(ring.filled, (uint64_t)i * SIZE);
        ck_assert_uint_eq(eventure__ring_taken(&ring), (uint64_t)i * SIZE);
        ck_assert_uint_eq(ring.taken_seen, (uint64_t)i * SIZE);
        ck_assert_uint_eq(eventure__ring_unpublished(&ring), 0);
        ck_assert(eventure__ring_fits(&ring, SIZE));
        ck_assert(!eventure__ring_fits(&ring, SIZE + 16));
    }
}
END_TEST

START_TEST(the_memory_of_a_new_ring_is_zero)
{
    memset(ring.bytes, 0xAB, SIZE); /* the allocator returns the same memory again */
    eventure__ring_close(&ring);
    ck_assert(eventure__ring_open(&ring, SIZE));
    for (size_t i = 0; i < SIZE; i++)
        ck_assert_int_eq(ring.bytes[i], 0);
    eventure__ring_close(&ring);
    ck_assert_ptr_null(ring.bytes);
    eventure__ring_close(&ring);
    ck_assert(eventure__ring_open(&ring, 31)); /* the smallest one has 16 bytes */
    ck_assert_uint_eq(ring.size, 16);
}
END_TEST
