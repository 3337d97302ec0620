/*
 * An import whose bytes a callback returns in pieces of any size, and a dry run whose events a callback receives.
 */
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

typedef struct giver
{
    const char *text;
    size_t len;
    size_t piece;   /* bytes per call */
    int calls_left; /* then `answer` is returned; below 0: no limit */
    int answer;
} giver;

static int give(void *bytes, size_t capacity, size_t *out_len, void *source)
{
    giver *self = source;
    if (self->calls_left == 0)
        return self->answer;
    self->calls_left--;
    size_t len = self->len < self->piece ? self->len : self->piece;
    if (len > capacity)
        len = capacity;
    memcpy(bytes, self->text, len);
    self->text += len;
    self->len -= len;
    *out_len = len;
    return 0;
}

static eventure_status import_given(giver *self, eventure_import_options *options)
{
    options->read = give;
    options->read_source = self;
    return eventure_log_import(here.log, NULL, options, NULL);
}

#define LINES                                                                                                          \
    "{\"tick\": 1, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"x\": 1}, \"event_id\": \"p\", "                 \
    "\"parent_id\": null}\n"                                                                                           \
    "{\"tick\": 1, \"timestamp\": 2.5, \"type\": \"a.c\", \"data\": {}, \"event_id\": \"q\", \"parent_id\": \"p\"}\n"

static giver giver_of(const char *text, size_t piece)
{
    return (giver){.text = text, .len = strlen(text), .piece = piece, .calls_left = -1};
}

LOOP_TEST(pieces_of_any_size_are_the_same_input, 6)
{
    static const size_t pieces[] = {1, 2, 3, 7, 100, 100000};
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    giver self = giver_of(LINES, pieces[_i]);
    expect_ok(here.log, import_given(&self, &options));
    char *after = exported();
    ck_assert_str_eq(after, LINES);
    free(after);
}
END_TEST

LOOP_TEST(the_other_formats_are_read_in_pieces_too, 4)
{
    static const struct
    {
        eventure_format format;
        const char *map;
        const char *text;
    } inputs[] = {
        {EVENTURE_FORMAT_CSV, "type=kind", "\xEF\xBB\xBFkind,x\na.b,\"1\"\na.c,2\n"},
        {EVENTURE_FORMAT_JSONL, "type=kind", "\xEF\xBB\xBF[{\"kind\": \"a.b\"}, {\"kind\": \"a.c\"}]"},
        {EVENTURE_FORMAT_CLOUDEVENTS, NULL,
         "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"a.b\"}\n"
         "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"s\",\"type\":\"a.c\"}\n"},
        {EVENTURE_FORMAT_CHROME, NULL,
         "{\"traceEvents\":[{\"name\":\"a\",\"ph\":\"i\",\"ts\":1,\"pid\":1,\"tid\":1},"
         "{\"name\":\"b\",\"ph\":\"i\",\"ts\":2,\"pid\":1,\"tid\":1}]}"},
    };
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = inputs[_i].format;
    options.map = inputs[_i].map;
    giver self = giver_of(inputs[_i].text, 1);
    expect_ok(here.log, import_given(&self, &options));
    ck_assert_int_eq(events_in_log(), 2);
}
END_TEST

START_TEST(a_part_of_a_byte_order_mark_is_an_error)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = "type=kind";
    giver self = giver_of("\xEF\xBB{\"kind\": \"a.b\"}", 1);
    expect_status(EVENTURE_ERROR_JSON, NULL, import_given(&self, &options));
    ck_assert_str_eq(eventure_log_message(here.log), "input:1: the input begins with a part of a byte order mark");
    ck_assert_int_eq(events_in_log(), 0);
}
END_TEST

START_TEST(an_error_of_the_callback_ends_the_import)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    giver self = giver_of(LINES, 20);
    self.calls_left = 9;
    self.answer = EVENTURE_ERROR_INTERRUPTED;
    expect_status(EVENTURE_ERROR_INTERRUPTED, NULL, import_given(&self, &options));
    expect_part(eventure_log_message(here.log), "after line 1");
    self = giver_of(LINES, 20);
    self.calls_left = 9;
    self.answer = EVENTURE_ROW; /* a status with another meaning inside the library */
    expect_status(EVENTURE_ERROR_HANDLER, NULL, import_given(&self, &options));
    ck_assert_int_eq(events_in_log(), 0);
}
END_TEST

static int give_too_much(void *bytes, size_t capacity, size_t *out_len, void *source)
{
    (void)bytes;
    (void)source;
    *out_len = capacity + 1;
    return 0;
}

START_TEST(more_bytes_than_there_is_room_for_are_refused)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.read = give_too_much;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_log_import(here.log, NULL, &options, NULL));
    expect_part(eventure_log_message(here.log), "there is room for");
}
END_TEST

static int keep(const void *bytes, size_t len, void *context)
{
    char *text = context;
    ck_assert_uint_lt(strlen(text) + len, 1000);
    strncat(text, bytes, len);
    return 0;
}

static int refuse(const void *bytes, size_t len, void *context)
{
    (void)bytes;
    (void)len;
    return *(const int *)context;
}

START_TEST(a_dry_run_goes_to_a_callback)
{
    char text[1000] = "";
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.dry_run_write = keep;
    options.dry_run_sink = text;
    giver self = giver_of(LINES, 30);
    expect_ok(NULL, import_given(&self, &options));
    ck_assert_str_eq(text, LINES);
    ck_assert_int_eq(events_in_log(), 0);

    static const int answers[] = {EVENTURE_ERROR_IO, -99, 7, EVENTURE_ROW};
    for (size_t i = 0; i < COUNT_OF(answers); i++)
    {
        int answer = answers[i];
        char message[100];
        options.dry_run_write = refuse;
        options.dry_run_sink = &answer;
        self = giver_of(LINES, 30);
        ck_assert_int_eq(import_given(&self, &options), answer < 0 ? answer : EVENTURE_ERROR_HANDLER);
        snprintf(message, sizeof message, "import input: the callback that writes the dry run returned %d", answer);
        ck_assert_str_eq(eventure_log_message(here.log), message);
        ck_assert_int_eq(events_in_log(), 0);
    }
}
END_TEST

START_TEST(a_stream_and_a_callback_exclude_each_other)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    FILE *in = scratch_stream(LINES, strlen(LINES));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_log_import(here.log, NULL, &options, NULL));
    options.read = give;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_log_import(here.log, in, &options, NULL));
    options.read = NULL;
    options.dry_run = stdout;
    options.dry_run_write = keep;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_log_import(here.log, in, &options, NULL));
    fclose(in);
}
END_TEST
