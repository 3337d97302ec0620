/*
 * Reading CSV: records, quotes, separators and titles, from chunks of every size, and files that are not CSV.
 */
#include "transfer/csv_read.h"

#include <stdlib.h>
#include <string.h>

#include <eventure/transfer.h>

#include "testing.h"

/* Gives a text in pieces. */
typedef struct giver
{
    const char *rest;
    size_t len;
    size_t piece;
    uint32_t random; /* not 0: pieces have lengths up to `piece` */
    size_t fails_at; /* with this rest the callback fails; SIZE_MAX: never */
} giver;

static int give(void *bytes, size_t capacity, size_t *out_len, void *context)
{
    giver *self = context;
    size_t len = self->piece;
    if (self->len <= self->fails_at && self->fails_at != SIZE_MAX)
        return EVENTURE_ERROR_IO;
    if (self->random != 0)
    {
        self->random = self->random * 1664525 + 1013904223;
        len = 1 + (self->random >> 16) % self->piece;
    }
    len = len < self->len ? len : self->len;
    len = len < capacity ? len : capacity;
    memcpy(bytes, self->rest, len);
    self->rest += len;
    self->len -= len;
    *out_len = len;
    return 0;
}

/* Returns "LINE RECORD\n" for each record, or the line and the text of the error; the caller frees it. */
static char *read_from(giver self)
{
    eventure__error error = {0};
    eventure__input input;
    eventure__csv_reader reader;
    eventure__span record;
    eventure__buffer out = {0};
    char line[1200];
    expect_ok(NULL, eventure__input_open(&input, give, &self, &error));
    eventure_status status = eventure__csv_reader_open(&reader, &input, 3);
    while (status == EVENTURE_OK && (status = eventure__csv_reader_next(&reader, &record)) == EVENTURE_ROW)
    {
        snprintf(line, sizeof line, "%lld ", (long long)reader.line);
        eventure__buffer_append_text(&out, line);
        eventure__buffer_append(&out, record.at, record.len);
        eventure__buffer_append_char(&out, '\n');
        status = EVENTURE_OK;
    }
    snprintf(line, sizeof line, "%lld %s", (long long)reader.line, error.text);
    eventure__buffer_append_text(&out, status != EVENTURE_OK ? line : "");
    ck_assert(status == EVENTURE_OK || status == EVENTURE_ERROR_JSON || status == EVENTURE_ERROR_IO);
    eventure__csv_reader_free(&reader);
    eventure__input_free(&input);
    return eventure__buffer_take(&out);
}

static char *read_all(const char *text, size_t len, size_t piece)
{
    return read_from((giver){text, len, piece, 0, SIZE_MAX});
}

/* `min_piece` is the length of the first line when the separator is not a comma: it is found in the first chunk. */
static void expect_from(const char *text, size_t min_piece, const char *records)
{
    const size_t len = strlen(text);
    for (size_t piece = min_piece; piece <= len + 1; piece++)
    {
        char *got = read_all(text, len, piece);
        ck_assert_str_eq(got, records);
        free(got);
    }
}

static void expect(const char *text, const char *records)
{
    expect_from(text, 1, records);
    for (uint32_t random = 1; random < 30; random++)
    {
        char *got = read_from((giver){text, strlen(text), 12, random, SIZE_MAX});
        ck_assert_str_eq(got, records);
        free(got);
    }
}

START_TEST(an_error_of_the_callback_ends_the_reading)
{
    static const char text[] = "a,\"b\"\n1,\"x \"\"y\"\"\"\n\"2\",\r\n,3\n4,5";
    for (size_t rest = 0; rest < sizeof text; rest++)
    {
        char *got = read_from((giver){text, sizeof text - 1, 1, 0, rest});
        ck_assert_msg(strstr(got, "the callback that reads returned -") != NULL, "%zu: %s", rest, got);
        free(got);
    }
}
END_TEST

START_TEST(records_are_objects_of_their_titles)
{
    expect("a,b\n1,x\n2,y\n", "2 {\"a\":1,\"b\":\"x\"}\n3 {\"a\":2,\"b\":\"y\"}\n");
    expect("a,b\r\n1,x\r\n2,y", "2 {\"a\":1,\"b\":\"x\"}\n3 {\"a\":2,\"b\":\"y\"}\n");
    expect("a\n1\r", "2 {\"a\":1}\n");
    expect("a,b\n1,2\r", "2 {\"a\":1,\"b\":2}\n");
    expect("a,b\n1\r,x\ry\n", "2 {\"a\":\"1\\r\",\"b\":\"x\\ry\"}\n");
    expect("\"a \"\"q\"\"\",\"b\nc\"\n1,2\n", "3 {\"a \\\"q\\\"\":1,\"b\\nc\":2}\n");
    expect("a,b\n", "");
    expect("a", "");
    expect("", "");
}
END_TEST

START_TEST(empty_lines_and_empty_cells_are_left_out)
{
    expect("a,b\n\n1,2\n\r\n,\n", "3 {\"a\":1,\"b\":2}\n5 {}\n");
    expect("a,b\n,2\n1,\n", "2 {\"b\":2}\n3 {\"a\":1}\n");
    expect("a\n\n\r\n\"\"\n\r", "4 {\"a\":\"\"}\n");
}
END_TEST

START_TEST(quoted_cells_contain_anything)
{
    expect("a,b\n\"x,y\",\"line\nfeed\"\n\"\"\"\",\"\"\n", "2 {\"a\":\"x,y\",\"b\":\"line\\nfeed\"}\n"
                                                           "4 {\"a\":\"\\\"\",\"b\":\"\"}\n");
    expect("a,b\n\"1\"\"2\"\"\",\"\n\n\"\"\n\"\n3,4\n",
           "2 {\"a\":\"1\\\"2\\\"\",\"b\":\"\\n\\n\\\"\\n\"}\n6 {\"a\":3,\"b\":4}\n");
    expect("a\n\"x\"", "2 {\"a\":\"x\"}\n");
    expect("a,b\n\"x\"\r\n", "2 invalid CSV: the record has 1 cells, and there are 2 titles");
    expect("a\n\"x\"\r", "2 {\"a\":\"x\"}\n");
    expect("a,b\nx\"y\",z\n", "2 {\"a\":\"x\\\"y\\\"\",\"b\":\"z\"}\n");
}
END_TEST

START_TEST(the_separator_is_found_in_the_titles)
{
    expect_from("a;b\n1;2,5\n", 4, "2 {\"a\":1,\"b\":\"2,5\"}\n");
    expect_from("a\tb\n1\t2;3\n", 4, "2 {\"a\":1,\"b\":\"2;3\"}\n");
    expect_from("a;b\tc\n1;2\n", 6, "2 {\"a\":1,\"b\\tc\":2}\n");
    expect_from("a\tb;c\n1\t2\n", 6, "2 {\"a\":1,\"b;c\":2}\n");
    expect_from("a;b,c\n1,2\n", 6, "2 {\"a;b\":1,\"c\":2}\n");
    expect_from("\"x,y\";b\n1;2\n", 8, "2 {\"x,y\":1,\"b\":2}\n");
    expect_from("\"x;y\nz\",b\n1,2\n", 10, "3 {\"x;y\\nz\":1,\"b\":2}\n");
    expect_from("a\n1;2\n", 2, "2 {\"a\":\"1;2\"}\n");
    expect_from("a;b", 3, "");
}
END_TEST

START_TEST(numbers_and_words_are_values)
{
    static const struct
    {
        const char *cell;
        bool is_value;
    } cells[] = {
        {"0", true},         {"-0", true},     {"10", true},         {"01", false},   {"-01", false},   {"00", false},
        {"1.5", true},       {"1.", false},    {".5", false},        {"-", false},    {"-.5", false},   {"0.0", true},
        {"12e45", false},    {"1e+5", true},   {"1E-5", true},       {"1.0e5", true}, {"1.5E5", true},  {"1e", false},
        {"1e+", false},      {"1.5e", false},  {"1.5e+", false},     {"+1", false},   {"1x", false},    {"1.5x", false},
        {"1e+5x", false},    {"true", true},   {"false", true},      {"True", false}, {"truex", false}, {"null", false},
        {"tru", false},      {"fals_", false}, {"{}", true},         {"[]", true},    {"{]", false},    {"[}", false},
        {"[1]", true},       {"[1", false},    {"{\"a\":1}", false}, {"1/2", false},  {"1:2", false},   {"-x", false},
        {"1./", false},      {"1e+:", false},  {"0x10", false},      {"9", true},     {"19", true},     {"1.9", true},
        {"[[[[]]]]", false}, {"[[[]]]", true},
    };
    for (size_t i = 0; i < COUNT_OF(cells); i++)
    {
        char text[100];
        char expected[100];
        char *got = NULL;
        snprintf(text, sizeof text, "a\n%s\n", cells[i].cell);
        got = read_all(text, strlen(text), SIZE_MAX);
        if (strcmp(cells[i].cell, "{\"a\":1}") == 0)
            snprintf(expected, sizeof expected, "2 {\"a\":{\"a\":1}}\n");
        else
            snprintf(expected, sizeof expected, cells[i].is_value ? "2 {\"a\":%s}\n" : "2 {\"a\":\"%s\"}\n",
                     cells[i].cell);
        ck_assert_str_eq(got, expected);
        free(got);
    }
    expect("a,b\n{\"k\": [1]},[ 1 ]\n", "2 {\"a\":{\"k\":[1]},\"b\":[1]}\n");
}
END_TEST

START_TEST(what_is_not_csv_is_refused)
{
    expect("a,b\n1,2,3\n", "2 invalid CSV: the record has 3 cells, and there are 2 titles");
    expect("a,b\n1,2\n3\n", "2 {\"a\":1,\"b\":2}\n3 invalid CSV: the record has 1 cells, and there are 2 titles");
    expect("a,b\n1,\"2\n", "2 invalid CSV: a quote that begins in this record has no end");
    expect("a,b\n\"1\"x,2\n",
           "2 invalid CSV: a closing quote must be followed by the separator or the end of the line");
    expect("a,\"b", "1 invalid CSV: a quote that begins in this record has no end");
    expect("a,b,a\n", "1 invalid CSV: two columns have the title a");
    expect("a,\xff\n", "1 invalid CSV: a title is not valid UTF-8");
    expect("a,b\n1,\xff\n", "2 invalid CSV: the cell of the column \"b\" is not valid UTF-8: \\xff");
}
END_TEST

START_TEST(titles_are_compared_whole)
{
    eventure__error error = {0};
    eventure__input input;
    eventure__csv_reader reader;
    giver self = {"ab,c\"d,e\n", 9, 100, 0, SIZE_MAX};
    expect_ok(NULL, eventure__input_open(&input, give, &self, &error));
    expect_ok(NULL, eventure__csv_reader_open(&reader, &input, 3));
    ck_assert(eventure__csv_reader_has(&reader, "ab", 2));
    ck_assert(eventure__csv_reader_has(&reader, "c\\\"d", 4));
    ck_assert(eventure__csv_reader_has(&reader, "e", 1));
    ck_assert(!eventure__csv_reader_has(&reader, "a", 1));
    ck_assert(!eventure__csv_reader_has(&reader, "ax", 2));
    ck_assert(!eventure__csv_reader_has(&reader, "abc", 3));
    ck_assert(!eventure__csv_reader_has(&reader, "", 0));
    eventure__csv_reader_free(&reader);
    eventure__input_free(&input);
}
END_TEST

START_TEST(many_columns_are_read)
{
    eventure__buffer text = {0};
    char cell[20];
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < 100; i++)
        {
            snprintf(cell, sizeof cell, row == 0 ? "c%d%s" : "%d%s", i, i < 99 ? "," : "\n");
            eventure__buffer_append_text(&text, cell);
        }
    char *got = read_all(eventure__buffer_text(&text), text.len, SIZE_MAX);
    expect_part(got, "2 {\"c0\":0,\"c1\":1,");
    expect_part(got, ",\"c63\":63,\"c64\":64,");
    expect_part(got, ",\"c99\":99}\n");
    free(got);
    eventure__buffer_free(&text);
}
END_TEST

/* Gives the beginning of a file, and then the same byte without end. */
typedef struct endless
{
    const char *begin; /* NULL: it was given */
} endless;

static int give_endless(void *bytes, size_t capacity, size_t *out_len, void *context)
{
    endless *self = context;
    memset(bytes, 'x', capacity);
    if (self->begin != NULL)
        memcpy(bytes, self->begin, strlen(self->begin));
    self->begin = NULL;
    *out_len = capacity;
    return 0;
}

LOOP_TEST(a_record_that_is_too_long_is_refused, 2)
{
    eventure__error error = {0};
    eventure__input input;
    eventure__csv_reader reader;
    eventure__span record;
    endless source = {_i == 0 ? "a\n" : "a\n\""};
    expect_ok(NULL, eventure__input_open(&input, give_endless, &source, &error));
    expect_ok(NULL, eventure__csv_reader_open(&reader, &input, 3));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, eventure__csv_reader_next(&reader, &record));
    ck_assert_str_eq(error.text, "the record is longer than 33554432 bytes");
    eventure__csv_reader_free(&reader);
    eventure__input_free(&input);
}
END_TEST
