/*
 * Finds the first difference of two histories. The run digest of a tick shows whether the histories are equal up to
 * that tick, so bisection finds the tick; from there on, events are compared. When the beginning of a store is in an
 * archive, the digest at the cut represents it: the comparison begins at the later of the two beginnings.
 */
#include <string.h>

#include <eventure/integrity.h>
#include <eventure/query.h>

#include "base/error.h"
#include "store/store.h"

/* The beginning of a store; all zero when none of its events were archived. */
typedef struct beginning
{
    int64_t before_tick;
    int64_t last_seq;
    char run[65]; /* run digest up to the cut; empty without digests */
} beginning;

typedef struct comparison
{
    eventure_reader *left;
    eventure_reader *right;
    beginning left_beginning;
    beginning right_beginning;
    int64_t before_tick; /* the later of the two beginnings: all events before are equal */
    int64_t after_seq;
    eventure_difference *difference;
} comparison;

/* Copies the error of the right store to the left one, from which the caller reads it. */
static eventure_status from_right(comparison *both, eventure_status status)
{
    if (status < 0 && both->left != both->right)
        both->left->error = both->right->error;
    return status;
}

/* Reads one row: a tick, a seq, and a digest, which is "" for NULL. Without a row, *out_found is false and *out is
 * unchanged. */
static eventure_status ask(eventure_reader *reader, const char *sql, int64_t seq, beginning *out, bool *out_found)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(reader, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, seq);
    int step = sqlite3_step(statement);
    *out_found = step == SQLITE_ROW;
    if (step == SQLITE_ROW)
    {
        const char *run = (const char *)sqlite3_column_text(statement, 2);
        out->before_tick = sqlite3_column_int64(statement, 0);
        out->last_seq = sqlite3_column_int64(statement, 1);
        out->run[0] = '\0';
        if (run != NULL)
            strncat(out->run, run, sizeof out->run - 1);
        else if (sqlite3_column_type(statement, 2) != SQLITE_NULL)
            status = eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "compare two histories: out of memory");
    }
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(reader, "compare two histories");
    eventure__store_release(reader, statement);
    return status;
}

static eventure_status read_beginning(eventure_reader *reader, beginning *out)
{
    static const char sql[] = "SELECT before_tick, last_seq, iif((SELECT digests FROM store) IS 'none', NULL, "
                              "lower(hex(run_digest))) FROM archive WHERE ?1 = 0 ORDER BY before_tick DESC LIMIT 1";
    bool found = false;
    *out = (beginning){.last_seq = 0};
    return ask(reader, sql, 0, out, &found);
}

/* Checks that the history of `other`, up to the later beginning, equals the archived history. */
static eventure_status check_beginning(comparison *both, const eventure_reader *later, const beginning *begins,
                                       eventure_reader *other, const beginning *other_begins)
{
    static const char sql[] = "SELECT tick.tick, tick.last_seq, iif((SELECT digests FROM store) IS 'none', NULL, "
                              "lower(hex(tick.run_digest))) FROM tick WHERE tick.last_seq = ?1 AND tick.tick = "
                              "(SELECT events.tick FROM events WHERE events.seq = ?1)";
    beginning place = *other_begins;
    bool found = true;
    eventure_status status = EVENTURE_OK;
    if (other_begins->last_seq != begins->last_seq)
        status = ask(other, sql, begins->last_seq, &place, &found);
    if (other == both->right)
        status = from_right(both, status);
    if (status != EVENTURE_OK)
        return status;
    if (found && (begins->run[0] == '\0' || place.run[0] == '\0'))
        return eventure__fail(
            &both->left->error, EVENTURE_ERROR_ARCHIVED,
            "%s begins with tick %lld: without digests, it is unknown whether the earlier events are the "
            "same in %s; the events after event %lld can be compared",
            later->path, (long long)begins->before_tick, other->path, (long long)begins->last_seq);
    if (found && strcmp(begins->run, place.run) == 0)
        return EVENTURE_OK;
    return eventure__fail(
        &both->left->error, EVENTURE_ERROR_ARCHIVED,
        "%s begins with tick %lld, and its archived events, up to event %lld, are not the beginning of "
        "%s: the first event that differs is in the archive",
        later->path, (long long)begins->before_tick, (long long)begins->last_seq, other->path);
}

/* Finds the position from which both histories are compared. */
static eventure_status find_beginning(comparison *both)
{
    beginning *left = &both->left_beginning;
    beginning *right = &both->right_beginning;
    eventure_status status = read_beginning(both->left, left);
    if (status == EVENTURE_OK)
        status = from_right(both, read_beginning(both->right, right));
    if (status != EVENTURE_OK || (left->last_seq == 0 && right->last_seq == 0))
        return status;
    both->before_tick = left->before_tick > right->before_tick ? left->before_tick : right->before_tick;
    both->after_seq = left->last_seq > right->last_seq ? left->last_seq : right->last_seq;
    both->difference->common_seq = both->after_seq;
    both->difference->common_tick = both->before_tick - 1;
    return left->last_seq >= right->last_seq ? check_beginning(both, both->left, left, both->right, right)
                                             : check_beginning(both, both->right, right, both->left, left);
}

/* Reads the digests up to a tick; before the first tick of the store, those at the cut. */
static eventure_status digest_at(eventure_reader *reader, const beginning *begins, int64_t tick, eventure_digests *out)
{
    eventure_status status = eventure_store_digest(reader, tick, out);
    if (status != EVENTURE_OK || out->tick >= 0 || begins->last_seq == 0)
        return status;
    out->seq = begins->last_seq;
    memcpy(out->run, begins->run, sizeof out->run);
    return EVENTURE_OK;
}

/* Whether the histories are equal up to a tick. */
static eventure_status are_equal_at(comparison *both, int64_t tick, bool *out_equal, int64_t *out_seq)
{
    eventure_digests left;
    eventure_digests right;
    eventure_status status = digest_at(both->left, &both->left_beginning, tick, &left);
    if (status == EVENTURE_OK)
        status = from_right(both, digest_at(both->right, &both->right_beginning, tick, &right));
    if (status != EVENTURE_OK)
        return status;
    *out_equal = left.seq == right.seq && strcmp(left.run, right.run) == 0; /* the digest covers the ticks */
    *out_seq = left.seq;
    return EVENTURE_OK;
}

/* Finds how many events are certainly equal: all events up to the last tick with equal digests. */
static eventure_status bisect(comparison *both, int64_t *out_common_seq)
{
    eventure_digests left = {0};
    eventure_digests right = {0};
    *out_common_seq = both->after_seq;
    eventure_status status = eventure_store_digest(both->left, EVENTURE_TICK_NEWEST, &left);
    if (status == EVENTURE_OK)
        status = from_right(both, eventure_store_digest(both->right, EVENTURE_TICK_NEWEST, &right));
    if (status == EVENTURE_ERROR_NOT_FOUND)
        return EVENTURE_OK;              /* without digests, compare from the beginning */
    int64_t low = both->before_tick - 1; /* the histories are equal up to this tick */
    int64_t high = left.tick > right.tick ? left.tick : right.tick;
    high = high < INT64_MAX ? high + 1 : high; /* so that equal histories are equal at the end */
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

/* Whether two events are equal except for their timestamps. */
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

/* Begins one event before the difference, because the result contains the tick of that event. */
static eventure_status compare_from(comparison *both, int64_t common_seq)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *left = NULL;
    eventure_cursor *right = NULL;
    filter.after_seq = common_seq > both->after_seq ? common_seq - 1 : both->after_seq;
    eventure_status status = eventure_query(both->left, &filter, &left);
    if (status == EVENTURE_OK)
        status = from_right(both, eventure_query(both->right, &filter, &right));
    if (status == EVENTURE_OK)
        status = compare_events(both, left, right);
    eventure_cursor_free(left);
    eventure_cursor_free(right);
    return status;
}

eventure_status eventure_store_diff(eventure_reader *left, eventure_reader *right, eventure_difference *out_difference)
{
    if (left == NULL || right == NULL || out_difference == NULL)
        return eventure__fail_argument(__func__);
    *out_difference = (eventure_difference){.common_tick = -1};
    comparison both = {.left = left, .right = right, .difference = out_difference};
    int64_t common_seq = 0;
    bool left_held = false;
    bool right_held = false;
    eventure_status status = eventure__store_read_begin(left, &left_held);
    if (status == EVENTURE_OK)
        status = from_right(&both, eventure__store_read_begin(right, &right_held));
    if (status == EVENTURE_OK)
        status = find_beginning(&both);
    if (status == EVENTURE_OK)
        status = bisect(&both, &common_seq);
    if (status == EVENTURE_OK)
        status = compare_from(&both, common_seq);
    eventure__store_read_end(right, right_held);
    eventure__store_read_end(left, left_held);
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
