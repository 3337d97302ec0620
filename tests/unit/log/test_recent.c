/*
 * The newest events in memory: how many there are, and that an event is found by its id, by its seq, and by neither
 * when one of them is of another event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_internal.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;

static void set_up(void)
{
    log_ = calloc(1, sizeof *log_);
    ck_assert_ptr_nonnull(log_);
}

static void tear_down(void)
{
    free(log_);
}

static eventure__span id_of(int64_t seq)
{
    static char text[32];
    snprintf(text, sizeof text, "id %lld", (long long)seq);
    return (eventure__span){text, strlen(text)};
}

static void remember(int64_t seq)
{
    const eventure__span id = id_of(seq);
    eventure__log_remember(log_, seq, id.at, id.len);
}

START_TEST(exactly_the_1024_newest_events_are_in_memory)
{
    ck_assert_int_eq(EVENTURE__RECENT, 1024);
    for (int64_t seq = 1; seq <= 5000; seq++)
    {
        remember(seq);
        ck_assert_int_eq(eventure__log_recall(log_, id_of(seq)), seq);
        const int64_t oldest = seq > 1024 ? seq - 1023 : 1;
        ck_assert_int_eq(eventure__log_recall(log_, id_of(oldest)), oldest);
        ck_assert_int_eq(eventure__log_recall(log_, id_of(oldest - 1)), 0);
    }
    for (int64_t seq = 1; seq <= 5001; seq++)
    {
        const bool is_there = seq > 5000 - 1024 && seq <= 5000;
        ck_assert_int_eq(eventure__log_recall(log_, id_of(seq)), is_there ? seq : 0);
        ck_assert_int_eq(eventure__log_is_recent(log_, seq, id_of(seq)), is_there);
        const eventure__span id = eventure__log_recent_id(log_, seq);
        ck_assert_int_eq(id.at != NULL, is_there);
        if (is_there)
            ck_assert_str_eq(id.at, id_of(seq).at);
        ck_assert_uint_eq(id.len, is_there ? id_of(seq).len : 0);
    }
}
END_TEST

START_TEST(both_seq_and_id_must_be_those_of_the_event)
{
    remember(1);
    remember(2);
    ck_assert(eventure__log_is_recent(log_, 1, id_of(1)));
    ck_assert(!eventure__log_is_recent(log_, 2, id_of(1)));
    ck_assert(!eventure__log_is_recent(log_, 1, (eventure__span){"id 12", 5}));
    ck_assert(eventure__log_is_recent(log_, 1, (eventure__span){"id 12", 4}));
    ck_assert(!eventure__log_is_recent(log_, 1025, id_of(1)));
    ck_assert(!eventure__log_is_recent(log_, 0, id_of(1)));
    ck_assert(!eventure__log_is_recent(log_, -1023, id_of(1)));
    ck_assert_ptr_null(eventure__log_recent_id(log_, 0).at);
    ck_assert_ptr_null(eventure__log_recent_id(log_, 3).at);
    eventure__log_forget_recent(log_);
    ck_assert_int_eq(eventure__log_recall(log_, id_of(1)), 0);
    ck_assert(!eventure__log_is_recent(log_, 1, id_of(1)));
    ck_assert_ptr_null(eventure__log_recent_id(log_, 2).at);
}
END_TEST

/* Ids of 47 bytes are kept, longer ones are not; such an event also replaces the one in its place. */
START_TEST(long_ids_are_not_in_memory)
{
    char id[] = "0123456789012345678901234567890123456789012345678";
    remember(7);
    id[47] = '\0';
    eventure__log_remember(log_, 1, id, 47);
    ck_assert_int_eq(eventure__log_recall(log_, (eventure__span){id, 47}), 1);
    id[47] = 'x';
    id[48] = '\0';
    eventure__log_remember(log_, 1024 + 7, id, 48);
    ck_assert_int_eq(eventure__log_recall(log_, (eventure__span){id, 48}), 0);
    ck_assert_ptr_null(eventure__log_recent_id(log_, 1024 + 7).at);
    ck_assert_ptr_null(eventure__log_recent_id(log_, 7).at);
}
END_TEST
