/*
 * Queries when each allocation fails in turn: the call returns EVENTURE_ERROR_MEMORY, or the answer that it has with
 * enough memory, and nothing in between.
 */
#include "alloc_fail.h"
#include "query_world.h"

TEST_FIXTURE(open_story, close_story);

#define FILTERS 5

/* Filters that together use every part of a statement. */
static eventure_filter filter_of(int which)
{
    static const char *const types[] = {"c.*", "*.start", "no.such"};
    static eventure_field n;
    static eventure_condition condition;
    static const double min = 1.5;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    n = eventure_json_field("n", "1");
    condition = (eventure_condition){EVENTURE_CONTAINS, eventure_string("who", "n")};
    filter.type = which == 0 ? "a.*" : which == 1 ? "b.move" : NULL;
    filter.types = which == 0 ? types : NULL;
    filter.types_count = which == 0 ? 3 : 0;
    filter.data = which == 2 ? &n : NULL;
    filter.data_count = which == 2 ? 1 : 0;
    filter.conditions = which == 2 ? &condition : NULL;
    filter.conditions_count = which == 2 ? 1 : 0;
    filter.timestamp_min = which == 1 ? &min : NULL;
    filter.tick_end = which == 1 ? 4 : 0;
    filter.cascade_of = which == 3 ? A : NULL;
    filter.levels = which == 3 ? 3 : 0;
    filter.order = which == 3 ? EVENTURE_ORDER_ID : EVENTURE_ORDER_DEFAULT;
    filter.children_of = which == 4 ? A : NULL;
    return filter;
}

static eventure_reader *fresh_reader(void)
{
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader)); /* without prepared statements */
    return reader;
}

LOOP_TEST(an_explanation_is_whole_or_there_is_none, FILTERS)
{
    const eventure_filter filter = filter_of(_i);
    char *expected = NULL;
    bool hit = true;
    int failures = 0;
    expect_ok(reader_, eventure_query_explain(reader_, &filter, &expected));
    for (long n = 1; hit; n++)
    {
        eventure_reader *reader = fresh_reader();
        char *text = NULL;
        alloc_fail_at(n);
        const eventure_status status = eventure_query_explain(reader, &filter, &text);
        hit = alloc_fail_stop();
        if (status == EVENTURE_OK)
            ck_assert_str_eq(text, expected);
        else
        {
            expect_status(EVENTURE_ERROR_MEMORY, reader, status);
            ck_assert_str_ne(eventure_reader_message(reader), "");
            ck_assert_ptr_null(text);
            failures++;
        }
        ck_assert(hit || status == EVENTURE_OK);
        eventure_free(text);
        eventure_reader_close(reader);
    }
    ck_assert_int_ge(failures, 5);
    eventure_free(expected);
}
END_TEST

static const eventure_member members[] = {{.key = "n", .kind = EVENTURE_MEMBER_INT},
                                          {.key = "n", .kind = EVENTURE_MEMBER_DOUBLE},
                                          {.key = "who", .kind = EVENTURE_MEMBER_TEXT}};

#define ANSWER_BYTES 4096

static void note_text(char *answer, const eventure_text_column *column, size_t row)
{
    const size_t len = strlen(answer);
    snprintf(answer + len, ANSWER_BYTES - len, "%.*s|", (int)(column->offsets[row + 1] - column->offsets[row]),
             column->bytes + column->offsets[row]);
}

/* Reads the answer as columns, and writes every row as text. */
static eventure_status read_answer(eventure_reader *reader, const eventure_filter *filter, char *answer)
{
    eventure_cursor *cursor = NULL;
    eventure_columns columns;
    answer[0] = '\0';
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next_batch(cursor, 2, members, 3, &columns)) == EVENTURE_ROW)
        for (size_t i = 0; i < columns.rows; i++)
        {
            const size_t len = strlen(answer);
            snprintf(answer + len, ANSWER_BYTES - len, "%d %d %d %.1f %d %.1f %d%d%d ", (int)columns.seq[i],
                     (int)columns.tick[i], (int)columns.parent_seq[i], columns.timestamp[i],
                     (int)columns.members[0].integers[i], columns.members[1].numbers[i], columns.members[0].has[i],
                     columns.members[1].has[i], columns.members[2].has[i]);
            note_text(answer, &columns.type, i);
            note_text(answer, &columns.id, i);
            note_text(answer, &columns.parent_id, i);
            note_text(answer, &columns.data, i);
            note_text(answer, &columns.members[2].text, i);
        }
    eventure_cursor_free(cursor);
    return status;
}

LOOP_TEST(an_answer_is_whole_or_an_error, FILTERS)
{
    const eventure_filter filter = filter_of(_i);
    static char expected[ANSWER_BYTES], answer[ANSWER_BYTES];
    bool hit = true;
    int failures = 0;
    expect_ok(reader_, read_answer(reader_, &filter, expected));
    ck_assert_str_ne(expected, "");
    for (long n = 1; hit; n++)
    {
        eventure_reader *reader = fresh_reader();
        alloc_fail_at(n);
        const eventure_status status = read_answer(reader, &filter, answer);
        hit = alloc_fail_stop();
        if (status == EVENTURE_OK)
            ck_assert_str_eq(answer, expected);
        else
        {
            expect_status(EVENTURE_ERROR_MEMORY, reader, status);
            ck_assert_str_ne(eventure_reader_message(reader), "");
            failures++;
        }
        ck_assert(hit || status == EVENTURE_OK);
        eventure_reader_close(reader);
    }
    ck_assert_int_ge(failures, 5);
}
END_TEST

LOOP_TEST(a_count_is_right_or_an_error, FILTERS)
{
    const eventure_filter filter = filter_of(_i);
    int64_t expected = -1;
    bool hit = true;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &expected));
    for (long n = 1; hit; n++)
    {
        int64_t count = -1;
        eventure_reader *reader = fresh_reader();
        alloc_fail_at(n);
        const eventure_status status = eventure_query_count(reader, &filter, &count);
        hit = alloc_fail_stop();
        if (status == EVENTURE_OK)
            ck_assert_int_eq(count, expected);
        else
            expect_status(EVENTURE_ERROR_MEMORY, reader, status);
        ck_assert(hit || status == EVENTURE_OK);
        eventure_reader_close(reader);
    }
}
END_TEST
