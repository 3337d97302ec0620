/*
 * A set of seqs: members at the borders of its bytes and pages.
 */
#include "transfer/seq_set.h"

#include "testing.h"

/* The number of seqs of a page. */
#define PAGE ((int64_t)4096 * 8)

START_TEST(it_contains_what_was_added_and_nothing_else)
{
    static const int64_t members[] = {1, 7, 8, 9, 64, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE - 1, 9 * PAGE, 20 * PAGE + 5};
    eventure__seq_set seqs = {0};
    ck_assert(!eventure__seq_set_has(&seqs, 1));
    for (size_t i = COUNT_OF(members); i-- > 0;)
    {
        ck_assert(!eventure__seq_set_has(&seqs, members[i]));
        ck_assert(eventure__seq_set_add(&seqs, members[i]));
        ck_assert(eventure__seq_set_add(&seqs, members[i]));
    }
    size_t next = 0;
    for (int64_t seq = 1; seq < 22 * PAGE; seq++)
    {
        const bool is_member = next < COUNT_OF(members) && members[next] == seq;
        if (eventure__seq_set_has(&seqs, seq) != is_member)
            ck_abort_msg("%lld", (long long)seq);
        next += is_member;
    }
    ck_assert(!eventure__seq_set_has(&seqs, 0));
    ck_assert(!eventure__seq_set_has(&seqs, -1));
    ck_assert(!eventure__seq_set_has(&seqs, INT64_MAX));
    eventure__seq_set_free(&seqs);
    ck_assert(!eventure__seq_set_has(&seqs, 1));
    ck_assert(eventure__seq_set_add(&seqs, 1));
    eventure__seq_set_free(&seqs);
}
END_TEST

START_TEST(its_pages_are_added_one_by_one)
{
    eventure__seq_set seqs = {0};
    for (int64_t page = 0; page < 40; page++)
    {
        ck_assert(eventure__seq_set_add(&seqs, page * PAGE + 1));
        ck_assert_uint_gt(seqs.count, (size_t)page);
        ck_assert_uint_le(seqs.count, 2 * (size_t)page + 1);
    }
    for (int64_t page = 0; page < 40; page++)
        ck_assert(eventure__seq_set_has(&seqs, page * PAGE + 1));
    eventure__seq_set_free(&seqs);
}
END_TEST
