/*
 * The first difference of two histories. The chain of run digests tells of any tick whether the histories are equal up
 * to it, so the tick is found by bisection; from there on, events are compared.
 */
#include <string.h>

#include <eventure/integrity.h>
#include <eventure/query.h>

#include "store/archived.h"
#include "store/store.h"

typedef struct comparison
{
    eventure_reader *left;
    eventure_reader *right;
    eventure_difference *difference;
} comparison;

/* The error of the right store becomes that of the left one, which is where the caller looks. */
static eventure_status from_right(comparison *both, eventure_status status)
{
    if (status < 0 && both->left != both->right)
        both->left->error = both->right->error;
    return status;
}

/* Whether the histories are equal up to a tick. */
static eventure_status are_equal_at(comparison *both, int64_t tick, bool *out_equal, int64_t *out_seq)
{
    eventure_digests left;
    eventure_digests right;
    eventure_status status = eventure_digest(both->left, tick, &left);
    if (status == EVENTURE_OK)
        status = from_right(both, eventure_digest(both->right, tick, &right));
    if (status != EVENTURE_OK)
        return status;
    *out_equal = left.tick == right.tick && left.seq == right.seq && strcmp(left.run, right.run) == 0;
    *out_seq = left.seq;
    return EVENTURE_OK;
}

/* Finds how many events are certainly equal: all up to the last tick at which the digests are. */
static eventure_status bisect(comparison *both, int64_t *out_common_seq)
{
    eventure_digests left = {0};
    eventure_digests right = {0};
    *out_common_seq = 0;
    eventure_status status = eventure_digest(both->left, INT64_MAX, &left);
    if (status == EVENTURE_OK)
        status = from_right(both, eventure_digest(both->right, INT64_MAX, &right));
    if (status == EVENTURE_ERROR_NOT_FOUND)
        return EVENTURE_OK; /* without digests, from the beginning */
    int64_t low = -1;       /* equal up to here */
    int64_t high = left.tick > right.tick ? left.tick : right.tick;
    high = high < INT64_MAX ? high + 1 : high; /* so that equal histories are found to be equal at the end */
    while (status == EVENTURE_OK && low < high)
    {
        uint64_t span = (uint64_t)high - (uint64_t)low;
        int64_t middle = low + (int64_t)(span - span / 2);
        int64_t seq = 0;
        bool equal = false;
        status = are_equal_at(both, middle, &equal, &seq);
        if (equal)
        {
            low = middle;
            *out_common_seq = seq;
        }
        else
            high = middle - 1;
    }
    return status;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Whether two events are the same but for their timestamps. */
static bool same_event(const eventure_event *a, const eventure_event *b)
{
    return a->seq == b->seq && a->tick == b->tick && a->parent_seq == b->parent_seq && same_text(a->id, b->id) &&
           same_text(a->type, b->type) && same_text(a->parent_id, b->parent_id) && a->data_len == b->data_len &&
           memcmp(a->data, b->data, a->data_len) == 0;
}

/* Steps both cursors until their events differ, or both are at their end. */
static eventure_status compare_events(comparison *both, eventure_cursor *left, eventure_cursor *right)
{
    eventure_difference *difference = both->difference;
    for (;;)
    {
        eventure_event ours;
        eventure_event theirs;
        eventure_status here = eventure_cursor_next(left, &ours);
        if (here < 0)
            return here;
        eventure_status there = from_right(both, eventure_cursor_next(right, &theirs));
        if (there < 0)
            return there;
        if (here != EVENTURE_ROW && there != EVENTURE_ROW)
            return EVENTURE_OK;
        if (here == EVENTURE_ROW && there == EVENTURE_ROW && same_event(&ours, &theirs))
        {
            difference->common_seq = ours.seq;
            difference->common_tick = ours.tick;
            continue;
        }
        difference->differ = true;
        if ((here == EVENTURE_ROW && eventure_event_copy(&ours, &difference->left) != EVENTURE_OK) ||
            (there == EVENTURE_ROW && eventure_event_copy(&theirs, &difference->right) != EVENTURE_OK))
            return eventure__fail(&both->left->error, EVENTURE_ERROR_MEMORY, "compare two histories: out of memory");
        return EVENTURE_OK;
    }
}

/* Begins one event before the difference, whose tick is to be told. */
static eventure_status compare_from(comparison *both, int64_t common_seq)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *left = NULL;
    eventure_cursor *right = NULL;
    filter.after_seq = common_seq > 0 ? common_seq - 1 : 0;
    eventure_status status = eventure_query(both->left, &filter, &left);
    if (status == EVENTURE_OK)
        status = from_right(both, eventure_query(both->right, &filter, &right));
    if (status == EVENTURE_OK)
        status = compare_events(both, left, right);
    eventure_cursor_free(left);
    eventure_cursor_free(right);
    return status;
}

eventure_status eventure_diff(eventure_reader *left, eventure_reader *right, eventure_difference *out_difference)
{
    if (left == NULL || right == NULL || out_difference == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    *out_difference = (eventure_difference){.common_tick = -1};
    comparison both = {left, right, out_difference};
    int64_t common_seq = 0;
    bool left_held = false;
    bool right_held = false;
    eventure_status status = eventure__store_hold(left, &left_held);
    if (status == EVENTURE_OK)
        status = from_right(&both, eventure__store_hold(right, &right_held));
    if (status == EVENTURE_OK)
        status = eventure__store_check_whole(left, 0);
    if (status == EVENTURE_OK)
        status = from_right(&both, eventure__store_check_whole(right, 0));
    if (status == EVENTURE_OK)
        status = bisect(&both, &common_seq);
    if (status == EVENTURE_OK)
        status = compare_from(&both, common_seq);
    eventure__store_let_go(right, right_held);
    eventure__store_let_go(left, left_held);
    if (status != EVENTURE_OK)
        eventure_difference_clear(out_difference);
    return status;
}

void eventure_difference_clear(eventure_difference *difference)
{
    if (difference == NULL)
        return;
    eventure_event_free(difference->left);
    eventure_event_free(difference->right);
    difference->left = NULL;
    difference->right = NULL;
}
