/*
 * The buffered output of the viewer: the order of the text, its pieces, and the errors of a callback.
 */
#include <stdlib.h>
#include <string.h>

#include "cascade/viewer_output.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

/* The size from which the output is passed to the callback. */
#define PIECE ((size_t)64 * 1024)

static struct
{
    eventure__buffer text;
    size_t calls;
    size_t largest;
    size_t calls_that_succeed;
} taken;

static eventure__output output;
static eventure__error error;

/* The callback returns this value when it does not succeed. */
static int answer;

static int take(const void *bytes, size_t len, void *sink)
{
    ck_assert_ptr_eq(sink, &taken);
    if (taken.calls == taken.calls_that_succeed)
        return answer;
    taken.calls++;
    taken.largest = len > taken.largest ? len : taken.largest;
    eventure__buffer_append(&taken.text, bytes, len);
    return 0;
}

static void set_up(void)
{
    memset(&taken, 0, sizeof taken);
    taken.calls_that_succeed = SIZE_MAX;
    answer = EVENTURE_ERROR_INTERRUPTED;
    output = (eventure__output){.write = take, .write_sink = &taken, .error = &error};
}

static void tear_down(void)
{
    eventure__output_free(&output);
    eventure__buffer_free(&taken.text);
}

static void expect_text(const char *expected)
{
    expect_ok(NULL, eventure__output_flush(&output));
    ck_assert_str_eq(eventure__buffer_text(&taken.text), expected);
    ck_assert_int_eq(output.bytes_written, (int64_t)strlen(expected));
}

START_TEST(small_pieces_are_written_together)
{
    for (int i = 0; i < 100; i++)
        eventure__output_text(&output, "ab");
    ck_assert_uint_eq(taken.calls, 0);
    expect_ok(NULL, eventure__output_flush(&output));
    ck_assert_uint_eq(taken.calls, 1);
    ck_assert_uint_eq(taken.largest, 200);
    /* There is nothing left to write. */
    expect_ok(NULL, eventure__output_flush(&output));
    ck_assert_uint_eq(taken.calls, 1);
}
END_TEST

START_TEST(a_full_buffer_is_written)
{
    char piece[1000];
    memset(piece, 'x', sizeof piece);
    for (size_t i = 0; i < 200; i++)
    {
        eventure__output_bytes(&output, piece, sizeof piece);
        ck_assert_uint_lt(output.pending.len, PIECE);
    }
    ck_assert_uint_eq(taken.calls, 200 * sizeof piece / PIECE);
    ck_assert_uint_lt(taken.largest, PIECE + sizeof piece);
}
END_TEST

START_TEST(a_long_piece_keeps_its_place)
{
    char *piece = malloc(PIECE + 1);
    ck_assert_ptr_nonnull(piece);
    memset(piece, 'x', PIECE);
    piece[PIECE] = '\0';
    eventure__output_text(&output, "before ");
    eventure__output_bytes(&output, piece, PIECE);
    eventure__output_text(&output, " after");
    expect_ok(NULL, eventure__output_flush(&output));
    ck_assert_uint_eq(taken.text.len, PIECE + strlen("before  after"));
    const char *text = eventure__buffer_text(&taken.text);
    ck_assert_int_eq(strncmp(text, "before xx", 9), 0);
    ck_assert_str_eq(text + PIECE + 6, "x after");
    free(piece);
}
END_TEST

START_TEST(runs_of_spaces_of_any_length)
{
    static const size_t lengths[] = {0, 1, 63, 64, 65, 256 * 1024, 256 * 1024 + 1, 1000000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
    {
        eventure__buffer_clear(&taken.text);
        eventure__output_text(&output, "<");
        eventure__output_spaces(&output, lengths[i]);
        eventure__output_text(&output, ">");
        expect_ok(NULL, eventure__output_flush(&output));
        const char *text = eventure__buffer_text(&taken.text);
        ck_assert_uint_eq(strlen(text), lengths[i] + 2);
        ck_assert_uint_eq(strspn(text + 1, " "), lengths[i]);
        ck_assert_str_eq(text + 1 + lengths[i], ">");
    }
}
END_TEST

START_TEST(numbers_and_escapes)
{
    eventure__output_int(&output, INT64_MIN);
    eventure__output_text(&output, " ");
    eventure__output_int(&output, 0);
    eventure__output_escaped(&output, " a\tb\033[1m\n\xFF", 10);
    expect_text("-9223372036854775808 0 a\tb\\u001b[1m\\u000a\\xff");
}
END_TEST

START_TEST(styles_are_written_only_with_color)
{
    eventure__output_style(&output, EVENTURE__STYLE_ROOT);
    expect_text("");
    output.color = true;
    eventure__output_style(&output, EVENTURE__STYLE_ROOT);
    eventure__output_style(&output, EVENTURE__STYLE_PLAIN);
    expect_text("\033[32m\033[0m");
}
END_TEST

START_TEST(the_first_error_stays_and_ends_the_writing)
{
    taken.calls_that_succeed = 1;
    eventure__output_text(&output, "one");
    expect_ok(NULL, eventure__output_flush(&output));
    eventure__output_text(&output, "two");
    expect_status(EVENTURE_ERROR_INTERRUPTED, NULL, eventure__output_flush(&output));
    ck_assert_str_eq(error.text, "show cascade: the callback that writes returned -16");
    taken.calls_that_succeed = SIZE_MAX;
    eventure__output_text(&output, "three");
    eventure__output_spaces(&output, 1000000);
    expect_status(EVENTURE_ERROR_INTERRUPTED, NULL, eventure__output_flush(&output));
    ck_assert_str_eq(eventure__buffer_text(&taken.text), "one");
}
END_TEST

START_TEST(a_positive_value_of_the_callback_is_an_error_too)
{
    taken.calls_that_succeed = 0;
    answer = 1;
    eventure__output_text(&output, "one");
    expect_status(EVENTURE_ERROR_HANDLER, NULL, eventure__output_flush(&output));
    ck_assert_str_eq(error.text, "show cascade: the callback that writes returned 1");
}
END_TEST
