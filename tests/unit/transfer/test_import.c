/*
 * Import: valid lines; and errors, each of which names the line, the value and the cause, and changes nothing.
 * test_import_run.c tests the run of an import.
 */
#include "import_world.h"

TEST_FIXTURE(open_world_with_an_event, close_world);

#define LINE_WITH(tick, data, id, parent)                                                                              \
    "{\"tick\": " #tick ", \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": " data ", \"event_id\": \"" id             \
    "\", \"parent_id\": " parent "}\n"

/* Imports a valid line and then invalid bytes. The log must be unchanged, and accept a valid import afterwards.
 */
static void expect_refused_bytes(const char *bytes, size_t len, eventure_status expected, const char *message)
{
    const size_t good_len = strlen(GOOD);
    char *text = malloc(good_len + len);
    ck_assert_ptr_nonnull(text);
    memcpy(text, GOOD, good_len);
    memcpy(text + good_len, bytes, len);
    eventure_transfer_counts counts = {.events = 7, .ticks = 7};
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.name = "in.jsonl";
    const eventure_status status = import_bytes(text, good_len + len, &options, &counts);
    free(text);
    ck_assert_str_eq(eventure_log_message(here.log), message);
    ck_assert_int_eq(status, expected);
    ck_assert_int_eq(counts.events, 0);
    ck_assert_int_eq(counts.ticks, 0);
    expect_unchanged();
    /* Also for a reader of another connection, and after closing. */
    eventure_reader *reader = NULL;
    int64_t seq = 0;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 1);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(here.log));
    open_log();
    expect_unchanged();
}

static void expect_refused(const char *text, eventure_status expected, const char *message)
{
    expect_refused_bytes(text, strlen(text), expected, message);
}

START_TEST(a_truncated_last_line_is_refused)
{
    expect_refused("{\"tick\": 3, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"x", EVENTURE_ERROR_JSON,
                   "in.jsonl:2: the last line is truncated: at byte 54: the string that begins here has no end");
    expect_refused("{", EVENTURE_ERROR_JSON,
                   "in.jsonl:2: the last line is truncated: at byte 1: the text ends where a key should be");
}
END_TEST

START_TEST(a_truncated_line_in_the_middle_is_refused)
{
    expect_refused("{\"tick\": 3, \"timestamp\": 1.5, \"ty\n" GOOD, EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 30: the string that begins here has no end");
}
END_TEST

START_TEST(a_last_line_that_is_json_is_not_called_truncated)
{
    expect_refused("{\"tick\": 3}", EVENTURE_ERROR_JSON, "in.jsonl:2: \"timestamp\" is missing");
}
END_TEST

START_TEST(invalid_json_is_refused)
{
    expect_refused("tick,timestamp,type\n", EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 0: found tick instead of a value");
    expect_refused("{'tick': 3}\n", EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 1: found 'tick' instead of a key");
    expect_refused("[1, 2]\n", EVENTURE_ERROR_JSON, "in.jsonl:2: not a JSON object: [1,2]");
    expect_refused(line_of(3, "a.b", "{\"x\": 1,}", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 61: found } instead of a key");
}
END_TEST

START_TEST(data_that_is_not_an_object_is_refused)
{
    expect_refused(line_of(3, "a.b", "[1]", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: data is [1], not a JSON object");
    expect_refused(line_of(3, "a.b", "\"text\"", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: data is \"text\", not a JSON object");
    expect_refused(line_of(3, "a.b", "null", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: data is null, not a JSON object");
}
END_TEST

START_TEST(nan_is_refused)
{
    expect_refused(line_of(3, "a.b", "{\"x\": NaN}", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 59: NaN is not a JSON number");
    expect_refused(line_of(3, "a.b", "{\"x\": -Infinity}", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 59: -Infinity is not a JSON number");
    expect_refused("{\"tick\": 3, \"timestamp\": NaN, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x\", "
                   "\"parent_id\": null}\n",
                   EVENTURE_ERROR_JSON, "in.jsonl:2: invalid JSON: at byte 25: NaN is not a JSON number");
    expect_refused("{\"tick\": 3, \"timestamp\": 1e999, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x\", "
                   "\"parent_id\": null}\n",
                   EVENTURE_ERROR_JSON, "in.jsonl:2: timestamp is 1e999, too large for a double");
}
END_TEST

START_TEST(a_lone_surrogate_is_refused)
{
    expect_refused(line_of(3, "a.b", "{\"x\": \"\\ud83d\"}", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 60: \\ud83d is half of a surrogate pair");
    expect_refused(line_of(3, "a.b", "{\"\\udc09\": 1}", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 55: \\udc09 is half of a surrogate pair");
}
END_TEST

START_TEST(text_that_is_not_utf8_is_refused)
{
    expect_refused(line_of(3, "a.b", "{\"x\": \"\xff\"}", "x", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: invalid JSON: at byte 60: the byte 0xff is not valid UTF-8");
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
    static const char raw[] = "{\"tick\": 3,\0 \"timestamp\": 1.5}\n";
    expect_refused_bytes(raw, sizeof raw - 1, EVENTURE_ERROR_JSON, "in.jsonl:2: invalid JSON: at byte 11: a NUL byte");
    static const char zeros[16];
    expect_refused_bytes(zeros, sizeof zeros, EVENTURE_ERROR_JSON, "in.jsonl:2: invalid JSON: at byte 0: a NUL byte");
}
END_TEST

START_TEST(a_nul_in_a_type_or_an_id_is_refused_but_not_in_data)
{
    expect_refused(line_of(3, "a\\u0000b", "{}", "x", "null"), EVENTURE_ERROR_TYPE,
                   "in.jsonl:2: the type a\\u0000b contains a NUL");
    expect_refused(line_of(3, "a.b", "{}", "x\\u0000", "null"), EVENTURE_ERROR_JSON,
                   "in.jsonl:2: event_id is x\\u0000, which contains a NUL");
    import_text(line_of(3, "a.b", "{\"x\": \"\\u0000\"}", "x", "null"));
}
END_TEST

START_TEST(a_type_that_is_empty_or_too_long_is_refused)
{
    char type[257];
    memset(type, 't', sizeof type);
    type[256] = '\0';
    expect_refused(line_of(3, "", "{}", "x", "null"), EVENTURE_ERROR_TYPE, "in.jsonl:2: the type is empty");
    expect_refused(line_of(3, type, "{}", "x", "null"), EVENTURE_ERROR_TYPE,
                   "in.jsonl:2: the type "
                   "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt... is "
                   "256 bytes long, and at most 255 are allowed");
    type[255] = '\0';
    import_text(line_of(3, type, "{}", "x", "null"));
}
END_TEST

START_TEST(a_tick_that_goes_back_is_refused)
{
    expect_refused(line_of(2, "a.b", "{}", "x", "null"), EVENTURE_ERROR_TICK,
                   "in.jsonl:2: tick 2 goes back: the log is at tick 3");
    expect_refused(line_of(-1, "a.b", "{}", "x", "null"), EVENTURE_ERROR_TICK,
                   "in.jsonl:2: tick is -1, not an integer from 0 to 9223372036854775807");
    expect_ok(here.log, eventure_log_advance_to(here.log, 9));
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    expect_status(EVENTURE_ERROR_TICK, NULL, import_bytes(GOOD, strlen(GOOD), &options, NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "input:1: tick 3 goes back: the log is at tick 9");
}
END_TEST

START_TEST(an_id_that_is_taken_is_refused)
{
    expect_refused(line_of(3, "a.b", "{}", "first", "null"), EVENTURE_ERROR_EXISTS,
                   "in.jsonl:2: id first is taken by event 1");
    expect_refused(line_of(3, "a.b", "{}", "good", "null"), EVENTURE_ERROR_EXISTS,
                   "in.jsonl:2: id good is taken by event 2");
}
END_TEST

START_TEST(an_unknown_parent_is_refused)
{
    expect_refused(line_of(3, "a.b", "{}", "x", "\"nobody\""), EVENTURE_ERROR_PARENT,
                   "in.jsonl:2: parent nobody is not in this store");
    expect_refused(line_of(3, "a.b", "{}", "x", "\"x\""), EVENTURE_ERROR_PARENT,
                   "in.jsonl:2: parent x is not in this store");
    char text[1024];
    snprintf(text, sizeof text, "%s%s", line_of(3, "a.b", "{}", "child", "\"late\""),
             line_of(3, "a.b", "{}", "late", "null"));
    expect_refused(text, EVENTURE_ERROR_PARENT, "in.jsonl:2: parent late is not in this store");
}
END_TEST

START_TEST(an_event_without_an_id_gets_the_next_one_of_its_tick_and_type)
{
    for (int sort = 0; sort < 2; sort++)
    {
        eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
        char text[1024];
        options.sort = sort != 0;
        snprintf(text, sizeof text,
                 "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"n\": 1}}\n"
                 "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": null, "
                 "\"parent_id\": \"first\"}\n"
                 "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"own%d\"}\n",
                 3 + sort, 3 + sort, 3 + sort, sort);
        expect_ok(here.log, import_bytes(text, strlen(text), &options, NULL));
    }
    char *after = exported();
    ck_assert_str_eq(after,
                     BEFORE LINE_WITH(3, "{\"n\": 1}", "3-EBFC-1", "null") LINE_WITH(3, "{}", "3-EBFC-2", "\"first\"")
                         LINE_WITH(3, "{}", "own0", "null") LINE_WITH(4, "{\"n\": 1}", "4-EBFC-1", "null")
                             LINE_WITH(4, "{}", "4-EBFC-2", "\"first\"") LINE_WITH(4, "{}", "own1", "null"));
    free(after);
}
END_TEST

START_TEST(a_field_that_is_missing_mistyped_or_unknown_is_refused)
{
    expect_refused("{\"tick\": 3, \"timestamp\": 1.5, \"data\": {}, \"event_id\": \"x\", \"parent_id\": null}\n",
                   EVENTURE_ERROR_JSON, "in.jsonl:2: \"type\" is missing");
    expect_refused("{\"tick\": \"3\", \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x\", "
                   "\"parent_id\": null}\n",
                   EVENTURE_ERROR_JSON, "in.jsonl:2: tick is \"3\", not an integer from 0");
    expect_refused("{\"tick\": 3.5, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x\", "
                   "\"parent_id\": null}\n",
                   EVENTURE_ERROR_TICK, "in.jsonl:2: tick is 3.5, not an integer from 0 to 9223372036854775807");
    expect_refused("{\"tick\": 3, \"timestamp\": 1.5, \"type\": 7, \"data\": {}, \"event_id\": \"x\", "
                   "\"parent_id\": null}\n",
                   EVENTURE_ERROR_JSON, "in.jsonl:2: type is 7, not a string");
    expect_refused("{\"tick\": 3, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x\", "
                   "\"parent_id\": null, \"more\": 1}\n",
                   EVENTURE_ERROR_JSON, "in.jsonl:2: unknown field \"more\"");
}
END_TEST

/* Returns `{"x":[[...]]}` of this depth; the caller frees it. */
static char *deep_line(int depth)
{
    static const char begin[] = "{\"tick\": 3, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"x\": ";
    static const char end[] = "}, \"event_id\": \"x\", \"parent_id\": null}\n";
    const size_t arrays = (size_t)depth - 1;
    char *line = calloc(1, sizeof begin + sizeof end + 2 * arrays);
    ck_assert_ptr_nonnull(line);
    memcpy(line, begin, sizeof begin - 1);
    memset(line + sizeof begin - 1, '[', arrays);
    memset(line + sizeof begin - 1 + arrays, ']', arrays);
    memcpy(line + sizeof begin - 1 + 2 * arrays, end, sizeof end);
    return line;
}

START_TEST(data_that_is_too_deep_is_refused)
{
    char *line = deep_line(2000);
    expect_refused(line, EVENTURE_ERROR_LIMIT, "in.jsonl:2: data is nested deeper than max_depth, which is 1000");
    free(line);
    line = deep_line(1001);
    expect_refused(line, EVENTURE_ERROR_LIMIT, "in.jsonl:2: data is nested deeper than max_depth, which is 1000");
    free(line);
    line = deep_line(1000);
    import_text(line);
    free(line);
}
END_TEST

START_TEST(a_line_of_64_mib_is_refused)
{
    const size_t len = (size_t)64 * 1024 * 1024;
    char *line = malloc(len);
    ck_assert_ptr_nonnull(line);
    memset(line, ' ', len);
    line[0] = '{';
    line[len - 1] = '\n';
    expect_refused_bytes(line, len, EVENTURE_ERROR_LIMIT, "in.jsonl:2: the line is longer than 33554432 bytes");
    free(line);
}
END_TEST

START_TEST(the_longest_line_is_read)
{
    const size_t good_len = strlen(GOOD) - 1;
    const size_t len = EVENTURE_IMPORT_LINE_MAX_BYTES;
    char *line = malloc(len + 2);
    ck_assert_ptr_nonnull(line);
    memset(line, ' ', len);
    memcpy(line, GOOD, good_len);
    line[len] = '\n';
    const eventure_status status = import_bytes(line, len + 1, NULL, NULL);
    expect_ok(here.log, status);
    ck_assert_int_eq(events_in_log(), 2);
    memcpy(line, GOOD, good_len);
    line[len] = ' ';
    line[len + 1] = '\n';
    expect_status(EVENTURE_ERROR_LIMIT, NULL, import_bytes(line, len + 2, NULL, NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "input:1: the line is longer than 33554432 bytes");
    free(line);
}
END_TEST

START_TEST(data_beyond_the_limit_of_the_log_is_refused)
{
    static const char begin[] = "{\"tick\": 3, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"x\": \"";
    static const char end[] = "\"}, \"event_id\": \"x\", \"parent_id\": null}\n";
    const size_t len = (size_t)17 * 1024 * 1024;
    char *line = malloc(sizeof begin + len + sizeof end);
    ck_assert_ptr_nonnull(line);
    memcpy(line, begin, sizeof begin - 1);
    memset(line + sizeof begin - 1, 'x', len);
    memcpy(line + sizeof begin - 1 + len, end, sizeof end);
    expect_refused(line, EVENTURE_ERROR_LIMIT,
                   "in.jsonl:2: data is 17825800 bytes long; the limit max_data_bytes is 16777216");
    free(line);
}
END_TEST

START_TEST(a_blank_line_between_events_is_refused)
{
    expect_refused("\n" GOOD, EVENTURE_ERROR_JSON, "in.jsonl:2: invalid JSON: the line is blank");
    expect_refused(" \t\r\n\n\n{\n", EVENTURE_ERROR_JSON, "in.jsonl:2: invalid JSON: the line is blank");
}
END_TEST

START_TEST(blank_lines_at_the_end_are_allowed)
{
    import_text(GOOD "\n \n\t");
    ck_assert_int_eq(events_in_log(), 2);
    import_text("\n");
    import_text("");
    ck_assert_int_eq(events_in_log(), 2);
}
END_TEST

START_TEST(the_last_line_needs_no_line_feed_and_lines_may_end_as_on_windows)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s", GOOD, line_of(4, "a.b", "{}", "x", "\"good\""));
    text[strlen(text) - 1] = '\0';
    text[strlen(GOOD) - 1] = '\r';
    memmove(text + strlen(GOOD) + 1, text + strlen(GOOD), strlen(text + strlen(GOOD)) + 1);
    text[strlen(GOOD)] = '\n';
    eventure_transfer_counts counts;
    expect_ok(here.log, import_bytes(text, strlen(text), NULL, &counts));
    ck_assert_int_eq(counts.events, 2);
    ck_assert_int_eq(counts.ticks, 2);
    ck_assert_int_eq(eventure_log_tick(here.log), 4);
}
END_TEST

START_TEST(events_and_different_ticks_are_counted)
{
    char text[4096] = "";
    const int ticks[] = {2, 2, 5, 5, 5, 6, 100};
    for (int i = 0; i < 7; i++)
    {
        char id[16];
        snprintf(id, sizeof id, "e%d", i);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s", line_of(ticks[i], "a.b", "{}", id, "null"));
    }
    eventure_transfer_counts counts;
    expect_ok(NULL, import_bytes(text, strlen(text), NULL, &counts));
    ck_assert_int_eq(counts.events, 7);
    ck_assert_int_eq(counts.ticks, 4);
    ck_assert_int_eq(eventure_log_tick(here.log), 100);
    expect_ok(NULL, import_bytes("", 0, NULL, &counts));
    ck_assert_int_eq(counts.events, 0);
    ck_assert_int_eq(counts.ticks, 0);
}
END_TEST

START_TEST(a_parent_outside_the_store_is_kept_when_that_is_asked_for)
{
    const char *text = line_of(3, "a.b", "{}", "x", "\"elsewhere-7\"");
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.external_parents = true;
    expect_ok(NULL, import_bytes(text, strlen(text), &options, NULL));
    eventure_event *event = NULL;
    expect_ok(here.reader, eventure_query_find(here.reader, "x", &event));
    ck_assert_str_eq(event->parent_id, "elsewhere-7");
    ck_assert_int_eq(event->parent_seq, 0);
    eventure_event_free(event);
    const char *child = line_of(3, "a.b", "{}", "y", "\"x\"");
    expect_ok(NULL, import_bytes(child, strlen(child), &options, NULL));
    expect_ok(here.reader, eventure_query_find(here.reader, "y", &event));
    ck_assert_int_eq(event->parent_seq, 2);
    eventure_event_free(event);
}
END_TEST
