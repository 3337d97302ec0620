/*
 * Chrome's traces as a source: slices in the order of their time, their ids, the flows between them, and traces that
 * are refused.
 */
#include "source_world.h"

TEST_FIXTURE(source_begin, NULL);

/* Reads the entries of a trace, and expects these events. */
static void expect(const char *text, const char *expected)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    source_expect(eventure__source_chrome, &options, text, expected);
}

START_TEST(complete_and_instant_events_become_events)
{
    expect("[{\"name\":\"a\",\"ph\":\"X\",\"ts\":5,\"dur\":2.5,\"pid\":1,\"tid\":2,\"args\":{\"x\":1}},\n"
           "{\"name\":\"b\",\"ph\":\"i\",\"ts\":1.25,\"pid\":1,\"tid\":2,\"s\":\"t\"},\n"
           "{\"name\":\"c\",\"ph\":\"I\",\"ts\":2,\"pid\":\"main\"},{\"name\":\"d\",\"ph\":\"R\",\"ts\":3}]",
           "2: time 1.2500000000000001e-06, b 1/2/1.250 {\"trace\":{\"ph\":\"i\",\"pid\":1,\"tid\":2,\"s\":\"t\"}}\n"
           "3: time 1.9999999999999999e-06, c main/0/2 {\"trace\":{\"ph\":\"I\",\"pid\":\"main\"}}\n"
           "3: time 3.0000000000000001e-06, d 0/0/3 {\"trace\":{\"ph\":\"R\"}}\n"
           "1: time 5.0000000000000004e-06, a 1/2/5 {\"x\":1,\"trace\":{\"ph\":\"X\",\"dur\":2.5,\"pid\":1,"
           "\"tid\":2}}\n");
}
END_TEST

START_TEST(the_object_form_is_read_too)
{
    expect("{\"other\":[1],\"traceEvents\":[{\"ph\":\"X\",\"ts\":0,\"name\":\"a\"}],\"more\":{}}",
           "1: time 0, a 0/0/0 {\"trace\":{\"ph\":\"X\"}}\n");
    /* A trace of a program that was killed has no end. */
    expect("[{\"ph\":\"X\",\"ts\":0,\"name\":\"a\"},\n", "1: time 0, a 0/0/0 {\"trace\":{\"ph\":\"X\"}}\n");
    expect("[]", "");
}
END_TEST

START_TEST(slices_that_begin_together_are_numbered_the_outer_ones_first)
{
    expect("[{\"ph\":\"i\",\"ts\":1,\"name\":\"d\"},{\"ph\":\"X\",\"ts\":1,\"dur\":1,\"name\":\"c\"},"
           "{\"ph\":\"X\",\"ts\":1,\"dur\":3,\"name\":\"a\"},{\"ph\":\"X\",\"ts\":1,\"dur\":2,\"name\":\"b\"},"
           "{\"ph\":\"X\",\"ts\":1,\"name\":\"e\"},{\"ph\":\"X\",\"ts\":2,\"name\":\"f\"},"
           "{\"ph\":\"X\",\"ts\":2,\"name\":\"g\",\"tid\":\"t\"}]",
           "1: time 9.9999999999999995e-07, a 0/0/1 {\"trace\":{\"ph\":\"X\",\"dur\":3}}\n"
           "1: time 9.9999999999999995e-07, b 0/0/1~2 {\"trace\":{\"ph\":\"X\",\"dur\":2}}\n"
           "1: time 9.9999999999999995e-07, c 0/0/1~3 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n"
           "1: time 9.9999999999999995e-07, d 0/0/1~4 {\"trace\":{\"ph\":\"i\"}}\n"
           "1: time 9.9999999999999995e-07, e 0/0/1~5 {\"trace\":{\"ph\":\"X\"}}\n"
           "1: time 1.9999999999999999e-06, f 0/0/2 {\"trace\":{\"ph\":\"X\"}}\n"
           "1: time 1.9999999999999999e-06, g 0/t/2 {\"trace\":{\"ph\":\"X\",\"tid\":\"t\"}}\n");
}
END_TEST

START_TEST(an_end_event_ends_the_innermost_slice_that_is_open)
{
    expect("[{\"ph\":\"B\",\"ts\":1,\"name\":\"a\",\"args\":{\"x\":1}},{\"ph\":\"B\",\"ts\":2,\"name\":\"b\"},"
           "{\"ph\":\"X\",\"ts\":2.5,\"dur\":9,\"name\":\"c\"},"
           "{\"ph\":\"E\",\"ts\":3.5,\"args\":{\"y\":2}},{\"ph\":\"E\",\"ts\":4,\"args\":{\"x\":3,\"y\":4}},"
           "{\"ph\":\"E\",\"ts\":5},{\"ph\":\"B\",\"ts\":6,\"name\":\"d\"}]",
           "1: time 9.9999999999999995e-07, a 0/0/1 {\"x\":1,\"y\":4,\"trace\":{\"ph\":\"B\",\"dur\":3}}\n"
           "1: time 1.9999999999999999e-06, b 0/0/2 {\"y\":2,\"trace\":{\"ph\":\"B\",\"dur\":1.5}}\n"
           "1: time 2.5000000000000002e-06, c 0/0/2.500 {\"trace\":{\"ph\":\"X\",\"dur\":9}}\n"
           "1: time 6.0000000000000002e-06, d 0/0/6 {\"trace\":{\"ph\":\"B\"}}\n"
           "1 skipped\n");
}
END_TEST

/* A flow of two slices: its start, a point of another phase, and its end, with these members. */
#define FLOW(phase, ts, more) "{\"ph\":\"" phase "\",\"ts\":" ts ",\"id\":1,\"cat\":\"k\",\"name\":\"n\"" more "}"
#define SLICE(name, ts, dur) "{\"ph\":\"X\",\"name\":\"" name "\",\"ts\":" ts ",\"dur\":" dur "}"

/* Expects that slices a (from 1 to 3) and b (from 5 to 7) with this flow have these parents, and this number of skipped
 * entries. */
static void expect_flow(const char *flow, const char *id_of_b, const char *skipped)
{
    char text[1000];
    char expected[1000];
    snprintf(text, sizeof text, "[%s," SLICE("a", "1", "2") "," SLICE("b", "5", "2") "]", flow);
    snprintf(expected, sizeof expected,
             "1: time 9.9999999999999995e-07, a 0/0/1 {\"trace\":{\"ph\":\"X\",\"dur\":2}}\n"
             "1: time 5.0000000000000004e-06, b 0/0/5%s {\"trace\":{\"ph\":\"X\",\"dur\":2}}\n%s",
             id_of_b, skipped);
    expect(text, expected);
}

START_TEST(a_flow_makes_the_slice_at_its_end_an_effect)
{
    expect_flow(FLOW("s", "1", "") "," FLOW("f", "5", ""), " < 0/0/1", "");
    expect_flow(FLOW("s", "2", "") "," FLOW("f", "6", ",\"bp\":\"e\""), " < 0/0/1", "");
    expect_flow(FLOW("s", "3", "") "," FLOW("f", "7", ",\"bp\":\"e\""), " < 0/0/1", "");
    expect_flow(FLOW("s", "3", "") "," FLOW("t", "7", ""), " < 0/0/1", "");
    /* Without the binding "enclosing", an end belongs to the next slice. */
    expect_flow(FLOW("s", "2", "") "," FLOW("f", "4", ""), " < 0/0/1", "");
    expect_flow(FLOW("s", "2", "") "," FLOW("f", "2.5", ""), " < 0/0/1", "");
    expect_flow(FLOW("s", "2", "") "," FLOW("f", "6", ""), "", "");
    expect_flow(FLOW("s", "2", "") "," FLOW("f", "6", ",\"bp\":\"x\""), "", "");
    /* Outside of a slice. */
    expect_flow(FLOW("s", "4", "") "," FLOW("f", "5", ""), "", "1 skipped\n");
    expect_flow(FLOW("s", "2", "") "," FLOW("f", "8", ",\"bp\":\"e\""), "", "1 skipped\n");
    expect_flow(FLOW("s", "2", "") "," FLOW("t", "3.001", ""), "", "1 skipped\n");
    expect_flow(FLOW("s", "0.999", "") "," FLOW("f", "5", ""), "", "1 skipped\n");
    /* Within one slice, and without a start. */
    expect_flow(FLOW("s", "5", "") "," FLOW("f", "6", ",\"bp\":\"e\""), "", "");
    expect_flow(FLOW("f", "5", ""), "", "");
    expect_flow(FLOW("t", "1", "") "," FLOW("f", "5", ""), " < 0/0/1", "");
    expect_flow(FLOW("f", "1", "") "," FLOW("f", "5", ""), "", "");
    expect_flow(FLOW("s", "1", "") "," FLOW("f", "1", "") "," FLOW("f", "5", ""), " < 0/0/1", "");
}
END_TEST

/* An instant event has no duration: a flow can begin in it only at its time. */
START_TEST(a_flow_may_begin_in_an_instant_event)
{
    expect(
        "[{\"ph\":\"i\",\"ts\":1,\"name\":\"a\"},{\"ph\":\"s\",\"ts\":1,\"id\":1},{\"ph\":\"s\",\"ts\":1.001,\"id\":2},"
        "{\"ph\":\"i\",\"ts\":2,\"name\":\"b\"},{\"ph\":\"f\",\"ts\":2,\"id\":1}]",
        "1: time 9.9999999999999995e-07, a 0/0/1 {\"trace\":{\"ph\":\"i\"}}\n"
        "1: time 1.9999999999999999e-06, b 0/0/2 < 0/0/1 {\"trace\":{\"ph\":\"i\"}}\n"
        "1 skipped\n");
}
END_TEST

START_TEST(ends_of_flows_without_a_next_slice_are_left)
{
    expect("[{\"ph\":\"f\",\"ts\":1,\"id\":1},{\"ph\":\"f\",\"ts\":2,\"id\":1},{\"ph\":\"f\",\"ts\":3,\"id\":1}]", "");
}
END_TEST

START_TEST(the_name_of_a_track_is_cut_at_900_bytes)
{
    char text[3000];
    char expected[5000];
    char name[902];
    memset(name, 'p', 901);
    name[901] = '\0';
    snprintf(text, sizeof text,
             "[{\"ph\":\"i\",\"ts\":1,\"name\":\"a\",\"pid\":\"%s\"},{\"ph\":\"i\",\"ts\":1,\"name\":\"b\",\"pid\":\"%"
             "sq\"}]",
             name, name);
    snprintf(expected, sizeof expected,
             "1: time 9.9999999999999995e-07, a %.900s/1 {\"trace\":{\"ph\":\"i\",\"pid\":\"%s\"}}\n"
             "1: time 9.9999999999999995e-07, b %.900s/1~2 {\"trace\":{\"ph\":\"i\",\"pid\":\"%sq\"}}\n",
             name, name, name, name);
    expect(text, expected);
}
END_TEST

START_TEST(flows_differ_by_category_name_and_id)
{
    static const char *const others[] = {
        "{\"ph\":\"f\",\"ts\":5,\"id\":2,\"cat\":\"k\",\"name\":\"n\"}",
        "{\"ph\":\"f\",\"ts\":5,\"id\":1,\"cat\":\"l\",\"name\":\"n\"}",
        "{\"ph\":\"f\",\"ts\":5,\"id\":1,\"cat\":\"k\",\"name\":\"m\"}",
        "{\"ph\":\"f\",\"ts\":5,\"id\":1,\"cat\":\"k\"}",
        "{\"ph\":\"f\",\"ts\":5,\"id\":1,\"name\":\"n\"}",
        "{\"ph\":\"f\",\"ts\":5,\"cat\":\"k\",\"name\":\"n\"}",
    };
    char flow[300];
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        snprintf(flow, sizeof flow, FLOW("s", "1", "") ",%s", others[i]);
        expect_flow(flow, "", "");
    }
    expect_flow("{\"ph\":\"s\",\"ts\":1},{\"ph\":\"f\",\"ts\":5}", " < 0/0/1", "");
}
END_TEST

START_TEST(the_first_flow_to_a_slice_determines_its_cause)
{
    static const char slices[] =
        "[" SLICE("a", "1", "1") "," SLICE("b", "3", "1") "," SLICE("c", "5", "1") "," SLICE("d", "7", "1");
    char text[1000];
    snprintf(text, sizeof text, "%s,%s,%s,%s,%s]", slices, FLOW("s", "1", ""), FLOW("t", "3", ""), FLOW("t", "5", ""),
             FLOW("f", "7", ""));
    expect(text, "1: time 9.9999999999999995e-07, a 0/0/1 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n"
                 "1: time 3.0000000000000001e-06, b 0/0/3 < 0/0/1 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n"
                 "1: time 5.0000000000000004e-06, c 0/0/5 < 0/0/3 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n"
                 "1: time 6.9999999999999999e-06, d 0/0/7 < 0/0/5 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n");
    /* Only one of two flows that end in one slice is used. */
    snprintf(text, sizeof text,
             "%s,{\"ph\":\"s\",\"ts\":1,\"id\":1},{\"ph\":\"f\",\"ts\":5,\"id\":1},{\"ph\":\"s\",\"ts\":1,\"id\":2},"
             "{\"ph\":\"f\",\"ts\":5,\"id\":2}]",
             slices);
    expect(text, "1: time 9.9999999999999995e-07, a 0/0/1 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n"
                 "1: time 3.0000000000000001e-06, b 0/0/3 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n"
                 "1: time 5.0000000000000004e-06, c 0/0/5 < 0/0/1 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n"
                 "1: time 6.9999999999999999e-06, d 0/0/7 {\"trace\":{\"ph\":\"X\",\"dur\":1}}\n");
}
END_TEST

START_TEST(points_of_a_flow_at_one_time_are_ordered_by_their_phase)
{
    /* The slice at the end is on another track, and begins at the time of the start. */
    expect("[{\"ph\":\"f\",\"ts\":1,\"id\":1,\"tid\":3},{\"ph\":\"t\",\"ts\":1,\"id\":1,\"tid\":2},"
           "{\"ph\":\"s\",\"ts\":1,\"id\":1,\"tid\":1},{\"ph\":\"X\",\"ts\":1,\"name\":\"a\",\"tid\":1},"
           "{\"ph\":\"X\",\"ts\":1,\"name\":\"b\",\"tid\":2},{\"ph\":\"X\",\"ts\":1,\"name\":\"c\",\"tid\":3}]",
           "1: time 9.9999999999999995e-07, a 0/1/1 {\"trace\":{\"ph\":\"X\",\"tid\":1}}\n"
           "1: time 9.9999999999999995e-07, b 0/2/1 < 0/1/1 {\"trace\":{\"ph\":\"X\",\"tid\":2}}\n"
           "1: time 9.9999999999999995e-07, c 0/3/1 < 0/2/1 {\"trace\":{\"ph\":\"X\",\"tid\":3}}\n");
}
END_TEST

START_TEST(a_flow_may_begin_in_a_slice_with_a_begin_event)
{
    expect("[{\"ph\":\"B\",\"ts\":1,\"name\":\"a\"},{\"ph\":\"s\",\"ts\":2,\"id\":1},{\"ph\":\"E\",\"ts\":3},"
           "{\"ph\":\"s\",\"ts\":3.5,\"id\":2},{\"ph\":\"f\",\"ts\":3.6,\"id\":1},{\"ph\":\"f\",\"ts\":3.7,\"id\":2},"
           "{\"ph\":\"B\",\"ts\":4,\"name\":\"b\"},{\"ph\":\"B\",\"ts\":5,\"name\":\"c\"}]",
           "1: time 9.9999999999999995e-07, a 0/0/1 {\"trace\":{\"ph\":\"B\",\"dur\":2}}\n"
           "1: time 3.9999999999999998e-06, b 0/0/4 < 0/0/1 {\"trace\":{\"ph\":\"B\"}}\n"
           "1: time 5.0000000000000004e-06, c 0/0/5 {\"trace\":{\"ph\":\"B\"}}\n"
           "1 skipped\n");
}
END_TEST

START_TEST(times_may_be_negative)
{
    expect("[{\"ph\":\"X\",\"ts\":-1.25,\"name\":\"b\"},{\"ph\":\"X\",\"ts\":-2,\"name\":\"a\"}]",
           "1: time -1.9999999999999999e-06, a 0/0/-2 {\"trace\":{\"ph\":\"X\"}}\n"
           "1: time -1.2500000000000001e-06, b 0/0/-2.750 {\"trace\":{\"ph\":\"X\"}}\n");
}
END_TEST

START_TEST(entries_that_are_not_events_are_counted)
{
    expect("[{\"ph\":\"M\",\"name\":\"x\"},{\"ph\":\"C\",\"ts\":1},{\"ph\":\"X\",\"ts\":0,\"name\":\"a\"}]",
           "1: time 0, a 0/0/0 {\"trace\":{\"ph\":\"X\"}}\n2 skipped\n");
}
END_TEST

START_TEST(what_is_not_an_entry_is_refused)
{
    expect("[{\"ph\":\"M\"},\n7]", "EVENTURE_ERROR_JSON in line 2: not a JSON object: 7\n");
    expect("[{\"name\":\"a\"}]", "EVENTURE_ERROR_JSON in line 1: ph is missing, or not a string of one letter\n");
    expect("[{\"ph\":\"XX\"}]", "EVENTURE_ERROR_JSON in line 1: ph is missing, or not a string of one letter\n");
    expect("[{\"ph\":123}]", "EVENTURE_ERROR_JSON in line 1: ph is missing, or not a string of one letter\n");
    expect("[\n{\"ph\":\"X\"}]", "EVENTURE_ERROR_JSON in line 2: ts is missing\n");
    expect("[{\"ph\":\"X\",\"ts\":\"1\"}]",
           "EVENTURE_ERROR_JSON in line 1: ts is \"1\", not a number of microseconds\n");
    expect("[{\"ph\":\"X\",\"ts\":1e16}]", "EVENTURE_ERROR_JSON in line 1: ts is 1e16, not a number of microseconds\n");
    expect("[{\"ph\":\"X\",\"ts\":1,\"dur\":-1}]",
           "EVENTURE_ERROR_JSON in line 1: dur is -1, not a number of microseconds\n");
    expect("[{\"ph\":\"X\",\"ts\":1,\"dur\":\"x\"}]",
           "EVENTURE_ERROR_JSON in line 1: dur is \"x\", not a number of microseconds\n");
    expect("[{\"ph\":\"X\",]", "EVENTURE_ERROR_JSON in line 1: invalid JSON: at byte 10: found ] instead of a key\n");
    expect("[{\"ph\":\"X\",\"ts\":1,\"a\":[[[[[]]]]]}]",
           "EVENTURE_ERROR_LIMIT in line 1: at byte 25: nested deeper than max_depth, which is 5\n");
}
END_TEST

START_TEST(the_duration_of_other_entries_is_not_checked)
{
    expect("[{\"ph\":\"i\",\"ts\":1,\"dur\":-1,\"name\":\"a\"},{\"ph\":\"X\",\"ts\":2,\"dur\":0,\"name\":\"b\"}]",
           "1: time 9.9999999999999995e-07, a 0/0/1 {\"trace\":{\"ph\":\"i\",\"dur\":-1}}\n"
           "1: time 1.9999999999999999e-06, b 0/0/2 {\"trace\":{\"ph\":\"X\",\"dur\":0}}\n");
}
END_TEST

START_TEST(many_tracks_slices_and_flows_are_kept_apart)
{
    enum
    {
        TRACKS = 40
    };
    eventure__buffer text = {0};
    char line[300];
    eventure__buffer_append_text(&text, "[");
    /* On each track a slice in which 10 slices are open at the same time, and 10 flows that end in the next slice. */
    for (int i = 0; i < TRACKS; i++)
        for (int depth = 0; depth < 10; depth++)
        {
            snprintf(line, sizeof line,
                     "{\"ph\":\"B\",\"ts\":%d,\"tid\":%d,\"name\":\"a\"},{\"ph\":\"s\",\"ts\":%d,\"tid\":%d,\"id\":%d},"
                     "{\"ph\":\"E\",\"ts\":%d,\"tid\":%d},\n",
                     1 + depth, i, 1 + depth, i, i * 10 + depth, 100 - depth, i);
            eventure__buffer_append_text(&text, line);
            snprintf(line, sizeof line, "{\"ph\":\"f\",\"ts\":%d,\"tid\":%d,\"id\":%d},\n", 200 + depth, i,
                     i * 10 + depth);
            eventure__buffer_append_text(&text, line);
        }
    for (int i = 0; i < TRACKS; i++)
    {
        snprintf(line, sizeof line, "{\"ph\":\"X\",\"ts\":300,\"tid\":%d,\"name\":\"b\"},\n", i);
        eventure__buffer_append_text(&text, line);
    }
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    char *got = source_read(eventure__source_chrome, &options, eventure__buffer_text(&text), SIZE_MAX);
    /* In little memory the sorts use files, and return the same. */
    options.sort_memory = 3 * 3000;
    char *again = source_read(eventure__source_chrome, &options, eventure__buffer_text(&text), SIZE_MAX);
    ck_assert_str_eq(got, again);
    int slices = 0;
    int effects = 0;
    for (const char *at = got; (at = strchr(at, '\n')) != NULL; at++)
        slices++;
    for (const char *at = got; (at = strstr(at, " b ")) != NULL; at++)
        effects += strncmp(strchr(at, ' ') + 3, "0/", 2) == 0 && strstr(at, " < ") != NULL;
    ck_assert_int_eq(slices, TRACKS * 11);
    ck_assert_int_eq(effects, TRACKS);
    expect_part(got, "a 0/39/1 {\"trace\":{\"ph\":\"B\",\"dur\":99,\"tid\":39}}\n");
    expect_part(got, "a 0/39/10 {\"trace\":{\"ph\":\"B\",\"dur\":81,\"tid\":39}}\n");
    ck_assert_ptr_null(strstr(got, "skipped"));
    free(got);
    free(again);
    eventure__buffer_free(&text);
}
END_TEST
