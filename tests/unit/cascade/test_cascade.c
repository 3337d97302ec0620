/*
 * The cascade viewer: its exact text for every form of an event. test_cascade_run.c tests the run of the viewer; the
 * texts of the reference are in tests/conformance.
 */
#include <stdint.h>

#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

#define HEADER "===== EVENT CASCADE VIEWER =====\n"

static void expect_cascade(const eventure_cascade_options *options, const char *expected)
{
    char *text = cascade_text(here.reader, options);
    ck_assert_str_eq(text, expected);
    free(text);
}

typedef eventure_status (*print_fn)(eventure_reader *, const char *, FILE *, const eventure_cascade_options *);

static void expect_of(print_fn print, const char *id, const eventure_cascade_options *options, const char *expected)
{
    sink out;
    sink_open(&out);
    expect_ok(here.reader, print(here.reader, id, out.stream, options));
    sink_close(&out);
    ck_assert_str_eq(out.text, expected);
    free(out.text);
}

/* Imports two ticks: a root with a nested cascade that continues in later ticks, and a root in between. */
static void import_family(void)
{
    import_text(line_of(0, "world.begin", "{\"name\": \"a b\", \"n\": 1e22}", "w", "null"));
    import_text(line_of(0, "room.enter", "{}", "r1", "\"w\""));
    import_text(line_of(0, "other.root", "{}", "o", "null"));
    import_text(line_of(0, "rat.bite", "{\"hp\": -3}", "b", "\"r1\""));
    import_text(line_of(0, "room.enter", "{\"x\": 2}", "r2", "\"w\""));
    import_text(line_of(3, "rat.dead", "{}", "d1", "\"b\""));
    import_text(line_of(3, "rat.dust", "{}", "d2", "\"d1\""));
    import_text(line_of(3, "rat.dead", "{}", "d3", "\"b\""));
    import_text(line_of(12, "rat.ghost", "{}", "g", "\"b\""));
    import_text(line_of(12, "rat.boo", "{}", "h", "\"r2\""));
}

#define FAMILY_TICK_3                                                                                                  \
    "\n┌─── TICK 3 ───┐\n"                                                                             \
    "│\n"                                                                                                            \
    "  ↓ rat.dead (caused by: rat.bite @ tick 0)\n"                                                                  \
    "    ID: d1\n"                                                                                                     \
    "    │\n"                                                                                                        \
    "    └─ rat.dust\n"                                                                                            \
    "    │ ID: d2\n"                                                                                                 \
    "│\n"                                                                                                            \
    "  ↓ rat.dead (caused by: rat.bite @ tick 0)\n"                                                                  \
    "    ID: d3\n"                                                                                                     \
    "└───────────────┘\n"

#define FAMILY_TICK_12                                                                                                 \
    "\n┌─── TICK 12 ───┐\n"                                                                            \
    "│\n"                                                                                                            \
    "  ↓ rat.ghost (caused by: rat.bite @ tick 0)\n"                                                                 \
    "    ID: g\n"                                                                                                      \
    "│\n"                                                                                                            \
    "  ↓ rat.boo (caused by: room.enter @ tick 0)\n"                                                                 \
    "    ID: h\n"                                                                                                      \
    "└────────────────┘\n"

START_TEST(a_store_without_events_is_reported)
{
    expect_cascade(NULL, HEADER "\n<No events in log>\n");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    expect_cascade(NULL, HEADER "\n<No events in log>\n");
}
END_TEST

START_TEST(causes_stand_above_their_effects_and_later_ticks_are_named)
{
    import_family();
    expect_cascade(NULL, HEADER "\n┌─── TICK 0 ───┐\n"
                                "│\n"
                                "  ● world.begin\n"
                                "    ID: w\n"
                                "    Data:\n"
                                "      name: a b\n"
                                "      n: 1e22\n"
                                "    │\n"
                                "    └─ room.enter\n"
                                "    │ ID: r1\n"
                                "      │\n"
                                "      └─ rat.bite\n"
                                "      │ ID: b\n"
                                "      │ Data:\n"
                                "      │   hp: -3\n"
                                "      │ ↓ Triggers events in: tick 3 (2), tick 12 (1)\n"
                                "    │\n"
                                "    └─ room.enter\n"
                                "    │ ID: r2\n"
                                "    │ Data:\n"
                                "    │   x: 2\n"
                                "    │ ↓ Triggers events in tick 12 (1)\n"
                                "│\n"
                                "  ● other.root\n"
                                "    ID: o\n"
                                "└───────────────┘\n" FAMILY_TICK_3 FAMILY_TICK_12);
}
END_TEST

START_TEST(data_can_be_left_out)
{
    import_text(line_of(0, "a.b", "{\"x\": 1}", "0-AB-1", "null"));
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.without_data = true;
    expect_cascade(&options, HEADER "\n┌─── TICK 0 ───┐\n│\n  ● a.b\n    ID: 0-AB-1\n└───────────────┘\n");
    expect_of(eventure_cascade_print_one, "0-AB-1", &options, "│\n  ● a.b\n    ID: 0-AB-1\n");
    expect_of(eventure_cascade_print_event, "0-AB-1", &options, "● a.b\n  ID: 0-AB-1\n");
}
END_TEST

START_TEST(a_range_of_ticks_is_shown_alone_and_names_causes_outside_it)
{
    import_family();
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.tick_min = 1;
    options.tick_end = 4;
    expect_cascade(&options, HEADER FAMILY_TICK_3);
    options.tick_end = 0;
    expect_cascade(&options, HEADER FAMILY_TICK_3 FAMILY_TICK_12);
    options.tick_min = 12;
    options.tick_end = 13;
    expect_cascade(&options, HEADER FAMILY_TICK_12);
}
END_TEST

START_TEST(events_that_a_filter_leaves_out_are_no_causes_and_the_chosen_event_is_always_shown)
{
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    import_family();
    filter.type = "rat.*";
    options.filter = &filter;
    options.without_data = true;
    options.tick_end = 1;
    expect_cascade(&options, HEADER "\n┌─── TICK 0 ───┐\n"
                                    "  │\n"
                                    "  └─ rat.bite\n"
                                    "  │ ID: b\n"
                                    "  │ ↓ Triggers events in: tick 3 (2), tick 12 (1)\n"
                                    "└───────────────┘\n");
    expect_of(eventure_cascade_print_one, "w", &options,
              "│\n"
              "  ● world.begin\n"
              "    ID: w\n"
              "    │\n"
              "    └─ rat.bite\n"
              "    │ ID: b\n"
              "    │ ↓ Triggers events in: tick 3 (2), tick 12 (1)\n");
    filter.type = "other.*";
    expect_of(eventure_cascade_print_one, "w", &options, "│\n  ● world.begin\n    ID: w\n");
    filter.type = "room.*";
    expect_of(eventure_cascade_print_one, "r1", &options, "  │\n  └─ room.enter\n  │ ID: r1\n");
}
END_TEST

START_TEST(levels_that_are_left_out_are_counted)
{
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    import_family();
    options.without_data = true;
    options.levels = 1;
    expect_cascade(&options, HEADER "\n┌─── TICK 0 ───┐\n"
                                    "│\n"
                                    "  ● world.begin\n"
                                    "    ID: w\n"
                                    "    │\n"
                                    "    └─ … 3 more events below\n"
                                    "│\n"
                                    "  ● other.root\n"
                                    "    ID: o\n"
                                    "└───────────────┘\n"
                                    "\n┌─── TICK 3 ───┐\n"
                                    "│\n"
                                    "  ↓ rat.dead (caused by: rat.bite @ tick 0)\n"
                                    "    ID: d1\n"
                                    "    │\n"
                                    "    └─ … 1 more event below\n"
                                    "│\n"
                                    "  ↓ rat.dead (caused by: rat.bite @ tick 0)\n"
                                    "    ID: d3\n"
                                    "└───────────────┘\n" FAMILY_TICK_12);
}
END_TEST

START_TEST(a_range_without_events_is_reported)
{
    import_family();
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.tick_min = 4;
    options.tick_end = 12;
    expect_cascade(&options, HEADER "\n<No events in these ticks>\n");
    options.tick_min = 3;
    options.tick_end = 3;
    expect_cascade(&options, HEADER "\n<No events in these ticks>\n");
}
END_TEST

/* Checks the lines that show the data of an event. */
static void expect_data(const char *data, const char *expected_lines)
{
    static int n;
    char id[32];
    char expected[1024];
    snprintf(id, sizeof id, "event%d", n++);
    snprintf(expected, sizeof expected, "● a.b\n  ID: %s\n%s", id, expected_lines);
    import_text(line_of(0, "a.b", data, id, "null"));
    expect_of(eventure_cascade_print_event, id, NULL, expected);
}

START_TEST(values_are_shown_as_they_were_written)
{
    expect_data("{}", "");
    expect_data("{\"a\": 9007199254740993, \"b\": 1.50, \"c\": -0.0, \"d\": 1E400}",
                "  Data:\n    a: 9007199254740993\n    b: 1.50\n    c: -0.0\n    d: 1E400\n");
    expect_data("{\"t\": true, \"f\": false, \"n\": null}", "  Data:\n    t: true\n    f: false\n    n: null\n");
    expect_data("{\"a\": [1, \"x\", {\"y\": []}], \"o\": { \"k\" : \"v\" }}",
                "  Data:\n    a: [1,\"x\",{\"y\":[]}]\n    o: {\"k\":\"v\"}\n");
    expect_data("{\"\": \"\", \"q\\\"q\": \"say \\\"hi\\\" \\\\ \\/\", \"\\u00e9\": \"\\ud83d\\udc09\"}",
                "  Data:\n    : \n    q\"q: say \"hi\" \\ /\n    é: 🐉\n");
}
END_TEST

START_TEST(control_characters_in_values_and_keys_are_escaped_but_not_tabs)
{
    expect_data("{\"a\": \"\\u001b[2J\\u0000\\u0007\\n\\r\\t.\"}",
                "  Data:\n    a: \\u001b[2J\\u0000\\u0007\\u000a\\u000d\t.\n");
    expect_data("{\"k\\u001b\\n\": 1}", "  Data:\n    k\\u001b\\u000a: 1\n");
    expect_data("{\"a\": \"~\x7f\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0\"}",
                "  Data:\n    a: ~\\u007f\\u0080\\u009b\\u009f\xc2\xa0\n");
    expect_data("{\"a\": [\"\\u001b\", \"\xc2\x9b\", {\"\x7f\": 1}]}",
                "  Data:\n    a: [\"\\u001b\",\"\\u009b\",{\"\\u007f\":1}]\n");
}
END_TEST

START_TEST(characters_that_break_lines_or_turn_the_writing_round_are_escaped)
{
    expect_data("{\"a\": \"\\u2027\\u2028\\u2029\\u202a\\u202e\\u202f\"}",
                "  Data:\n    a: \xe2\x80\xa7\\u2028\\u2029\\u202a\\u202e\xe2\x80\xaf\n");
    expect_data("{\"\\u2066\": \"\\u2065\\u2069\\u206a\"}", "  Data:\n    \\u2066: \xe2\x81\xa5\\u2069\xe2\x81\xaa\n");
}
END_TEST

START_TEST(control_characters_in_types_and_ids_are_escaped)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.external_parents = true;
    const char *outside = line_of(0, "a\\u001b.b", "{}", "i\\u0007d", "\"p\\u009b\"");
    expect_ok(NULL, import_bytes(outside, strlen(outside), &options, NULL));
    import_text(line_of(1, "c", "{}", "c", "\"i\\u0007d\""));
    expect_cascade(NULL, HEADER "\n┌─── TICK 0 ───┐\n│\n  ↓ a\\u001b.b (caused by: external p\\u009b)\n    ID: "
                                "i\\u0007d\n    ↓ Triggers events in tick 1 (1)\n└───────────────┘\n"
                                "\n┌─── TICK 1 ───┐\n│\n  ↓ c (caused by: a\\u001b.b @ tick 0)\n    ID: "
                                "c\n└───────────────┘\n");
}
END_TEST

START_TEST(a_parent_outside_the_store_is_named_by_its_id)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.external_parents = true;
    const char *outside = line_of(0, "a.b", "{}", "x", "\"elsewhere-7\"");
    expect_ok(NULL, import_bytes(outside, strlen(outside), &options, NULL));
    expect_of(eventure_cascade_print_one, "x", NULL, "│\n  ↓ a.b (caused by: external elsewhere-7)\n    ID: x\n");
    expect_of(eventure_cascade_print_event, "x", NULL, "● a.b (caused by: external elsewhere-7)\n  ID: x\n");
    eventure_cascade_options local = EVENTURE_CASCADE_OPTIONS_INIT;
    local.external_as_local = true;
    expect_of(eventure_cascade_print_one, "x", &local, "  │\n  └─ a.b\n  │ ID: x\n");
    expect_of(eventure_cascade_print_event, "x", &local, "● a.b\n  ID: x\n");
}
END_TEST

START_TEST(one_cascade_is_the_event_and_what_it_caused_in_its_tick)
{
    import_family();
    expect_of(eventure_cascade_print_one, "r1", NULL,
              "  │\n"
              "  └─ room.enter\n"
              "  │ ID: r1\n"
              "    │\n"
              "    └─ rat.bite\n"
              "    │ ID: b\n"
              "    │ Data:\n"
              "    │   hp: -3\n"
              "    │ ↓ Triggers events in: tick 3 (2), tick 12 (1)\n");
    expect_of(eventure_cascade_print_one, "o", NULL, "│\n  ● other.root\n    ID: o\n");
    expect_of(eventure_cascade_print_one, "d1", NULL,
              "│\n"
              "  ↓ rat.dead (caused by: rat.bite @ tick 0)\n"
              "    ID: d1\n"
              "    │\n"
              "    └─ rat.dust\n"
              "    │ ID: d2\n");
}
END_TEST

START_TEST(one_event_is_shown_without_its_cascade)
{
    import_family();
    expect_of(eventure_cascade_print_event, "b", NULL, "● rat.bite\n  ID: b\n  Data:\n    hp: -3\n");
    expect_of(eventure_cascade_print_event, "g", NULL, "● rat.ghost (caused by: rat.bite @ tick 0)\n  ID: g\n");
}
END_TEST

START_TEST(the_ticks_of_the_options_do_not_count_for_one_event)
{
    import_family();
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.tick_min = 100;
    expect_of(eventure_cascade_print_one, "o", &options, "│\n  ● other.root\n    ID: o\n");
    expect_of(eventure_cascade_print_event, "o", &options, "● other.root\n  ID: o\n");
}
END_TEST

START_TEST(an_id_that_does_not_exist_is_an_error_and_prints_nothing)
{
    import_family();
    const print_fn prints[] = {eventure_cascade_print_one, eventure_cascade_print_event};
    for (size_t i = 0; i < 2; i++)
    {
        sink out;
        sink_open(&out);
        ck_assert_int_eq(prints[i](here.reader, "7-NONE-1", out.stream, NULL), EVENTURE_ERROR_NOT_FOUND);
        ck_assert_str_eq(eventure_reader_message(here.reader), "there is no event 7-NONE-1");
        ck_assert_int_eq(prints[i](here.reader, NULL, out.stream, NULL), EVENTURE_ERROR_ARGUMENT);
        ck_assert_str_eq(eventure_reader_message(here.reader), "show cascade: there is no id");
        sink_close(&out);
        ck_assert_uint_eq(out.len, 0);
        free(out.text);
    }
}
END_TEST

/* Removes escape sequences (ECMA-48, SGR only) from a text. Returns their number. */
static int strip_color(char *text)
{
    int sequences = 0;
    char *to = text;
    for (const char *from = text; *from != '\0';)
    {
        if (from[0] == '\033' && from[1] == '[')
        {
            sequences++;
            from += 2 + strspn(from + 2, "0123456789;");
            ck_assert_int_eq(*from++, 'm');
        }
        else
        {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return sequences;
}

START_TEST(color_changes_nothing_but_the_color)
{
    import_family();
    eventure_import_options outside = EVENTURE_IMPORT_OPTIONS_INIT;
    outside.external_parents = true;
    const char *line = line_of(13, "a.b", "{\"esc\": \"\\u001b[31m\"}", "x", "\"y\"");
    expect_ok(NULL, import_bytes(line, strlen(line), &outside, NULL));
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    char *plain = cascade_text(here.reader, &options);
    options.color = true;
    char *color = cascade_text(here.reader, &options);
    ck_assert_ptr_null(strchr(plain, '\033'));
    ck_assert_int_gt(strip_color(color), 50);
    ck_assert_str_eq(color, plain);
    free(plain);
    free(color);
}
END_TEST

START_TEST(every_color_ends_on_its_own_line)
{
    import_family();
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.color = true;
    char *text = cascade_text(here.reader, &options);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
    {
        const char *last = NULL;
        for (const char *at = line; (at = strchr(at, '\033')) != NULL; at++)
            last = at;
        ck_assert_msg(last == NULL || strncmp(last, "\033[0m", 4) == 0, "%s", line);
    }
    free(text);
}
END_TEST

START_TEST(a_stream_that_cannot_be_written_is_an_error)
{
    import_family();
    FILE *full = full_stream();
    expect_status(EVENTURE_ERROR_IO, here.reader, eventure_cascade_print(here.reader, full, NULL));
    ck_assert_str_eq(eventure_reader_message(here.reader), "show cascade: cannot write: No space left on device");
    expect_status(EVENTURE_ERROR_IO, here.reader, eventure_cascade_print_one(here.reader, "w", full, NULL));
    expect_status(EVENTURE_ERROR_IO, here.reader, eventure_cascade_print_event(here.reader, "w", full, NULL));
    fclose(full);
    expect_of(eventure_cascade_print_event, "o", NULL, "● other.root\n  ID: o\n"); /* the reader can still be used */
}
END_TEST

static void append(const char *type, const eventure_event *parent, eventure_event *out)
{
    expect_ok(here.log, eventure_log_append(here.log, type, eventure_no_data(), parent, out));
}

START_TEST(a_log_shows_what_it_has_not_committed_yet)
{
    append("a.b", NULL, NULL);
    expect_cascade(NULL, HEADER "\n┌─── TICK 0 ───┐\n│\n  ● a.b\n    ID: 0-EBFC-1\n└───────────────┘\n");
    append("a.b", NULL, NULL);
    expect_of(eventure_cascade_print_one, "0-EBFC-2", NULL, "│\n  ● a.b\n    ID: 0-EBFC-2\n");
}
END_TEST

/* Fills a tick with events, each of which is the child of the previous one. */
static void append_chain(int events)
{
    eventure_event event;
    append("a.b", NULL, &event);
    for (int i = 1; i < events; i++)
        append("a.b", &event, &event);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
}

/* strspn and strchr are not used, because under a sanitizer each call reads the whole text. */
static size_t spaces_at(const char *text)
{
    size_t count = 0;
    while (text[count] == ' ')
        count++;
    return count;
}

static const char *line_after(const char *text)
{
    while (*text++ != '\n')
        ;
    return text;
}

START_TEST(a_deep_chain_within_a_tick_is_indented_all_the_way)
{
    enum
    {
        DEPTH = 3000
    };
    append_chain(DEPTH);
    char *text = cascade_text(here.reader, NULL);
    const char *line = strstr(text, "│\n");
    for (size_t level = 1; level <= DEPTH; level++)
    {
        char expected[64];
        ck_assert_uint_eq(spaces_at(line), level == 1 ? 0 : 2 * level);
        line = line_after(line);
        ck_assert_uint_eq(spaces_at(line), 2 * level);
        ck_assert(strncmp(line + 2 * level, level == 1 ? "● a.b\n" : "└─ a.b\n", strlen("● a.b\n")) == 0);
        line = line_after(line);
        snprintf(expected, sizeof expected, "%sID: 0-EBFC-%zu\n", level == 1 ? "  " : "│ ", level);
        ck_assert(strncmp(line + 2 * level, expected, strlen(expected)) == 0);
        line = line_after(line);
    }
    ck_assert_str_eq(line, "└───────────────┘\n");
    free(text);
}
END_TEST

START_TEST(the_ticks_that_an_event_reaches_are_counted_one_by_one)
{
    eventure_event first;
    char expected[4096] = "│\n  ● a.b\n    ID: 0-EBFC-1\n    ↓ Triggers events in:";
    append("a.b", NULL, &first);
    eventure_event *root = NULL;
    expect_ok(NULL, eventure_event_copy(&first, &root));
    append("a.b", NULL, NULL); /* in the same tick, but not a child */
    for (int tick = 1; tick <= 100; tick++)
    {
        expect_ok(here.log, eventure_log_advance_tick(here.log));
        for (int i = 0; i < tick % 3 + 1; i++)
            append("a.b", root, NULL);
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s tick %d (%d)",
                 tick == 1 ? "" : ",", tick, tick % 3 + 1);
    }
    snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "\n");
    expect_of(eventure_cascade_print_one, "0-EBFC-1", NULL, expected);
    eventure_event_free(root);
}
END_TEST
