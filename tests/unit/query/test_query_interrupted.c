/*
 * Calls that SQLite interrupts at each of its instructions in turn: every call returns an error, or the answer that it
 * has without an interruption, and the reader can be used afterwards.
 */
#include "query/late_causes.h"
#include "query_world.h"
#include "store/store.h"

TEST_FIXTURE(open_interrupted, close_story);

static long instructions_left; /* until the interruption; negative: none */

static int count_down(void *context)
{
    (void)context;
    return instructions_left >= 0 && instructions_left-- == 0;
}

static void open_interrupted(void)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    open_story();
    input.type = "d.e";
    input.parent_id = "outside";
    input.external_parent = true;
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    expect_ok(log_, eventure_log_commit(log_));
    instructions_left = -1;
    sqlite3_progress_handler(reader_->db, 1, count_down, NULL);
}

/* Each call returns its status, and writes its answer as text. */
typedef eventure_status call(char *answer);

static void note(char *answer, const char *format, int64_t number)
{
    sprintf(answer + strlen(answer), format, (long long)number);
}

static eventure_status read_all(eventure_status status, eventure_cursor *cursor, char *answer)
{
    eventure_event event;
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        note(answer, "%lld ", event.seq);
    eventure_cursor_free(cursor);
    return status;
}

static eventure_status call_cascade(char *answer)
{
    eventure_cursor *cursor = NULL;
    const eventure_status status = eventure_query_cascade(reader_, A, EVENTURE_ORDER_DEFAULT, &cursor);
    return read_all(status, cursor, answer);
}

static eventure_status call_outside(char *answer)
{
    eventure_cursor *cursor = NULL;
    const eventure_status status = eventure_query_cascade(reader_, "outside", EVENTURE_ORDER_DEFAULT, &cursor);
    return read_all(status, cursor, answer);
}

static eventure_status call_children(char *answer)
{
    eventure_cursor *cursor = NULL;
    const eventure_status status = eventure_query_children(reader_, A, &cursor);
    return read_all(status, cursor, answer);
}

static eventure_status call_no_children(char *answer)
{
    eventure_cursor *cursor = NULL;
    const eventure_status status = eventure_query_children(reader_, H, &cursor);
    return read_all(status, cursor, answer);
}

static eventure_status call_pattern(char *answer)
{
    eventure_cursor *cursor = NULL;
    const eventure_status status = eventure_query_by_type(reader_, "*.error", &cursor);
    return read_all(status, cursor, answer);
}

static eventure_status call_data(char *answer)
{
    eventure_cursor *cursor = NULL;
    const eventure_status status = eventure_query_by_data(reader_, eventure_int("n", 1), &cursor);
    return read_all(status, cursor, answer);
}

static eventure_status call_count(char *answer)
{
    int64_t count = 0;
    const eventure_status status = eventure_query_count(reader_, NULL, &count);
    note(answer, "%lld", count);
    return status;
}

static eventure_status call_count_by_type(char *answer)
{
    return eventure_query_count_by_type(reader_, scratch_note_count, answer);
}

static int note_group(const eventure_query_group *group, void *context)
{
    note(context, "%lld:", group->tick);
    note(context, "%lld ", group->count);
    return 0;
}

static eventure_status call_groups(char *answer)
{
    return eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TICK, note_group, answer);
}

static eventure_status call_explain(char *answer)
{
    char *text = NULL;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = A;
    const eventure_status status = eventure_query_explain(reader_, &filter, &text);
    note(answer, "%lld", text != NULL ? (int64_t)strlen(text) : 0);
    eventure_free(text);
    return status;
}

static eventure_status call_find(char *answer)
{
    eventure_event *event = NULL;
    const eventure_status status = eventure_query_find(reader_, C, &event);
    note(answer, "%lld", event != NULL ? event->seq : 0);
    eventure_event_free(event);
    return status;
}

static eventure_status call_find_seq(char *answer)
{
    eventure_event *event = NULL;
    const eventure_status status = eventure_query_find_seq(reader_, 3, &event);
    note(answer, "%lld", event != NULL ? event->seq : 0);
    eventure_event_free(event);
    return status;
}

static eventure_status call_effects(char *answer)
{
    bool found = false;
    const eventure_status status = eventure__late_find_effects(reader_, (eventure__span){"outside", 7}, &found);
    note(answer, "%lld", found);
    return status;
}

static eventure_status call_late_causes(char *answer)
{
    bool found = false;
    const eventure_status status = eventure__late_causes_exist(reader_, &found);
    note(answer, "%lld", found);
    return status;
}

static eventure_status call_batches(char *answer)
{
    eventure_cursor *cursor = NULL;
    eventure_columns columns;
    eventure_status status = eventure_query(reader_, NULL, &cursor);
    while (status >= 0 && (status = eventure_cursor_next_batch(cursor, 3, NULL, 0, &columns)) == EVENTURE_ROW)
        for (size_t i = 0; i < columns.rows; i++)
            note(answer, "%lld ", columns.seq[i]);
    eventure_cursor_free(cursor);
    return status;
}

static call *const calls[] = {call_cascade, call_outside,  call_children, call_no_children,   call_pattern,
                              call_data,    call_count,    call_groups,   call_count_by_type, call_explain,
                              call_find,    call_find_seq, call_effects,  call_late_causes,   call_batches};

LOOP_TEST(an_interrupted_call_returns_an_error_or_the_whole_answer, COUNT_OF(calls))
{
    char expected[512] = "";
    bool interrupted = true;
    int errors = 0;
    expect_ok(reader_, calls[_i](expected));
    for (long n = 0; interrupted; n++)
    {
        char answer[512] = "";
        instructions_left = n;
        const eventure_status status = calls[_i](answer);
        interrupted = instructions_left < 0;
        instructions_left = -1;
        ck_assert(interrupted || status == EVENTURE_OK);
        if (status == EVENTURE_OK)
            ck_assert_str_eq(answer, expected);
        else
        {
            ck_assert_int_lt(status, 0);
            ck_assert_int_ne(status, EVENTURE_ERROR_NOT_FOUND);
            ck_assert_str_ne(eventure_reader_message(reader_), "");
            errors++;
        }
        answer[0] = '\0';
        expect_ok(reader_, calls[_i](answer));
        ck_assert_str_eq(answer, expected);
    }
    ck_assert_int_gt(errors, 0);
}
END_TEST
