/*
 * Reading lines: every line is returned unchanged, for all positions of the boundaries of chunks.
 */
#include "history_world.h"

#include "base/error.h"
#include "transfer/line_reader.h"

/* Reads lines of these lengths, the last one with or without its line feed, and checks them. */
static void expect_lines(const size_t *lengths, size_t count, bool complete)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += lengths[i] + 1;
    char *text = malloc(total + 1);
    ck_assert_ptr_nonnull(text);
    char *at = text;
    for (size_t i = 0; i < count; i++)
    {
        memset(at, 'a' + (int)(i % 26), lengths[i]);
        at += lengths[i];
        *at++ = '\n';
    }
    FILE *in = scratch_stream(text, complete ? total : total - 1);
    eventure__error error = {0};
    eventure__line_reader lines;
    expect_ok(NULL, eventure__line_reader_open(&lines, eventure__input_read_file, in, &error));
    at = text;
    for (size_t i = 0; i < count; i++)
    {
        const char *line = NULL;
        size_t len = 0;
        expect_status(EVENTURE_ROW, NULL, eventure__line_reader_next(&lines, &line, &len));
        ck_assert_uint_eq(len, lengths[i]);
        ck_assert(memcmp(line, at, len) == 0);
        ck_assert_int_eq(lines.number, (int64_t)i + 1);
        ck_assert_int_eq(lines.complete, complete || i + 1 < count);
        at += len + 1;
    }
    for (int i = 0; i < 2; i++) /* after the end each call returns the end again */
    {
        const char *line = NULL;
        size_t len = 0;
        expect_ok(NULL, eventure__line_reader_next(&lines, &line, &len));
    }
    eventure__line_reader_free(&lines);
    fclose(in);
    free(text);
}

START_TEST(lines_that_end_around_the_end_of_a_chunk_come_out_whole)
{
    const size_t chunk = (size_t)256 * 1024;
    for (size_t first = chunk - 3; first <= chunk + 3; first++)
    {
        const size_t lengths[] = {first, 0, 1, chunk - 1, 5, 0};
        expect_lines(lengths, 6, true);
        expect_lines(lengths, 5, false);
        expect_lines(lengths, 1, true);
        expect_lines(lengths, 1, false);
    }
}
END_TEST

START_TEST(a_line_may_span_many_chunks)
{
    const size_t lengths[] = {3, 1500000, 2, 786432, 786431, 0, 7};
    expect_lines(lengths, 7, true);
    expect_lines(lengths, 7, false);
}
END_TEST

START_TEST(many_short_lines_come_out_in_order)
{
    size_t lengths[60000];
    for (size_t i = 0; i < 60000; i++)
        lengths[i] = i * 7919 % 37;
    expect_lines(lengths, 60000, true);
}
END_TEST

START_TEST(no_bytes_are_no_lines)
{
    expect_lines(NULL, 0, true);
}
END_TEST
