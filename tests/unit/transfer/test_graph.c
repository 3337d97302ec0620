/*
 * Graphs of a history, for Graphviz and Mermaid, and its trace for Chrome: byte for byte. tests/export reads them with
 * the programs that they are for.
 */
#include "history_world.h"

TEST_FIXTURE(open_history, close_world);

static char *export_as(eventure_format format, int64_t max_nodes, const eventure_filter *filter)
{
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    sink out;
    options.format = format;
    options.max_nodes = max_nodes;
    options.filter = filter;
    options.trace_clock = EVENTURE_TRACE_BY_TICK; /* the times of the events are those of the machine */
    sink_open(&out);
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    return out.text;
}

static void expect(eventure_format format, int64_t max_nodes, const eventure_filter *filter, const char *expected)
{
    char *text = export_as(format, max_nodes, filter);
    ck_assert_str_eq(text, expected);
    free(text);
}

/* a causes b and c; d is caused by something outside; e by b. */
static void open_history(void)
{
    open_world();
    import_text(line_of(0, "a.a", "{}", "a", "null"));
    import_text(line_of(0, "a.b", "{}", "b", "\"a\""));
    import_text(line_of(1, "a.b", "{}", "c", "\"a\""));
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.external_parents = true;
    const char *line = line_of(1, "a.b", "{\"x\": 1}", "d", "\"far\"");
    expect_ok(NULL, import_bytes(line, strlen(line), &options, NULL));
    import_text(line_of(2, "a.a", "{}", "e", "\"b\""));
}

#define DOT_HEAD                                                                                                       \
    "digraph eventure {\n  charset=\"UTF-8\";\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n"

START_TEST(a_graph_shows_events_causes_and_what_is_outside)
{
    expect(EVENTURE_FORMAT_DOT, 0, NULL,
           DOT_HEAD "  n1 [label=\"a.a\\na\"];\n  n2 [label=\"a.b\\nb\"];\n  n1 -> n2;\n  n3 [label=\"a.b\\nc\"];\n"
                    "  n1 -> n3;\n  n4 [label=\"a.b\\nd\"];\n"
                    "  x4 [style=dashed, label=\"far\\n(not among these)\"];\n  x4 -> n4 [style=dashed];\n"
                    "  n5 [label=\"a.a\\ne\"];\n  n2 -> n5;\n}\n");
    expect(EVENTURE_FORMAT_MERMAID, 0, NULL,
           "flowchart TD\n  n1[\"a.a<br/>a\"]\n  n2[\"a.b<br/>b\"]\n  n1 --> n2\n  n3[\"a.b<br/>c\"]\n  n1 --> n3\n"
           "  n4[\"a.b<br/>d\"]\n  x4([\"far<br/>not among these\"])\n  x4 -.-> n4\n  n5[\"a.a<br/>e\"]\n"
           "  n2 --> n5\n");
}
END_TEST

START_TEST(a_graph_says_what_it_leaves_out)
{
    expect(EVENTURE_FORMAT_DOT, 2, NULL,
           DOT_HEAD "  n1 [label=\"a.a\\na\"];\n  n2 [label=\"a.b\\nb\"];\n  n1 -> n2;\n"
                    "  m1 [shape=plaintext, label=\"1 more\"];\n  n1 -> m1 [style=dotted];\n"
                    "  m2 [shape=plaintext, label=\"1 more\"];\n  n2 -> m2 [style=dotted];\n"
                    "  left_out [shape=note, label=\"3 later events are not shown\"];\n}\n");
    expect(EVENTURE_FORMAT_MERMAID, 2, NULL,
           "flowchart TD\n  n1[\"a.a<br/>a\"]\n  n2[\"a.b<br/>b\"]\n  n1 --> n2\n  n1 -.-> m1([\"1 more\"])\n"
           "  n2 -.-> m2([\"1 more\"])\n  left_out[/\"3 later events are not shown\"/]\n");
}
END_TEST

START_TEST(a_cause_that_the_filter_leaves_out_is_outside)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = 2;
    expect(EVENTURE_FORMAT_DOT, 0, &filter,
           DOT_HEAD "  n5 [label=\"a.a\\ne\"];\n  p2 [style=dashed, label=\"b\\n(not among these)\"];\n"
                    "  p2 -> n5 [style=dashed];\n}\n");
    expect(EVENTURE_FORMAT_MERMAID, 0, &filter,
           "flowchart TD\n  n5[\"a.a<br/>e\"]\n  p2([\"b<br/>not among these\"])\n  p2 -.-> n5\n");
}
END_TEST

START_TEST(what_means_something_in_a_label_is_escaped)
{
    /* A quote, a backslash, an ampersand; a control character, NEL, a direction mark, a byte order mark; a letter. */
    import_text(
        line_of(3, "q\\\"\\\\&\\u0001\\u0085\\u200e\\u2028\\u202e\\u2066\\ufeff\\ufffe\\uffff\\u00e9\\u2070\\u3000",
                "{}", "0_-[]", "null"));
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = 3;
    expect(EVENTURE_FORMAT_DOT, 0, &filter,
           DOT_HEAD
           "  n6 [label=\"q\\\"\\\\&amp;\\\\u0001\\\\u0085\\\\u200e\\\\u2028\\\\u202e\\\\u2066\\\\ufeff\\\\ufffe"
           "\\\\uffff\xc3\xa9\xe2\x81\xb0\xe3\x80\x80\\n0_-[]\"];\n}\n");
    expect(EVENTURE_FORMAT_MERMAID, 0, &filter,
           "flowchart TD\n  n6[\"q#34;#92;#38;#92;u0001#92;u0085#92;u200e#92;u2028#92;u202e#92;u2066#92;ufeff#92;ufffe"
           "#92;uffff#233;#8304;#12288;<br/>0_-#91;#93;\"]\n");
}
END_TEST

START_TEST(many_events_make_a_large_graph)
{
    for (int i = 0; i < 100; i++)
        scratch_append(here.log, "a.z", NULL, "a");
    char *text = export_as(EVENTURE_FORMAT_DOT, 300, NULL);
    expect_part(text, "  n1 -> n105;\n");
    ck_assert_ptr_null(strstr(text, "left_out"));
    free(text);
}
END_TEST

START_TEST(a_trace_has_a_track_for_each_family_and_an_arrow_for_each_cause)
{
    char *text = export_as(EVENTURE_FORMAT_CHROME, 0, NULL);
    expect_part(text, "\"name\": \"process_name\"");
    expect_part(text, "\"name\": \"a.a\"");
    /* Tick 0 has two events: each half a millisecond. The third event begins tick 1. */
    expect_part(text, "\"ts\": 500.000");
    expect_part(text, "\"ts\": 1000.000");
    expect_part(text, "\"ts\": 2000.000");
    size_t arrows = 0;
    for (const char *at = text; (at = strstr(at, "\"ph\": \"s\"")) != NULL; at++)
        arrows++;
    ck_assert_uint_eq(arrows, 3);
    free(text);
}
END_TEST

START_TEST(times_of_a_trace_have_three_digits_of_fraction)
{
    expect_ok(here.log, eventure_log_advance_to(here.log, 7));
    for (int i = 0; i < 300; i++)
        scratch_append(here.log, "a.t", NULL, NULL);
    char *text = export_as(EVENTURE_FORMAT_CHROME, 0, NULL);
    /* 1,000,000 ns for 300 events: 3333 ns each. */
    expect_part(text, "\"ts\": 7003.333");
    expect_part(text, "\"ts\": 7009.999");
    expect_part(text, "\"ts\": 7099.990");
    expect_part(text, "\"ts\": 7333.300");
    free(text);
}
END_TEST

START_TEST(a_graph_has_at_least_one_node_and_200_unless_asked)
{
    expect(EVENTURE_FORMAT_DOT, 1, NULL,
           DOT_HEAD "  n1 [label=\"a.a\\na\"];\n  m1 [shape=plaintext, label=\"2 more\"];\n  n1 -> m1 [style=dotted];\n"
                    "  left_out [shape=note, label=\"4 later events are not shown\"];\n}\n");
    for (int i = 5; i < 201; i++)
        scratch_append(here.log, "a.z", NULL, NULL);
    char *text = export_as(EVENTURE_FORMAT_MERMAID, 0, NULL);
    expect_part(text, "\n  n200[");
    ck_assert_ptr_null(strstr(text, "\n  n201["));
    expect_part(text, "  left_out[/\"1 later events are not shown\"/]\n");
    free(text);
}
END_TEST

START_TEST(events_that_are_left_out_are_not_counted)
{
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    eventure_transfer_counts counts = {0};
    sink out;
    options.format = EVENTURE_FORMAT_DOT;
    options.max_nodes = 3;
    sink_open(&out);
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, &counts));
    sink_close(&out);
    free(out.text);
    ck_assert_int_eq(counts.events, 3);
    ck_assert_int_eq(counts.ticks, 2);
}
END_TEST

START_TEST(hidden_characters_are_spelled)
{
    import_text(line_of(3, "\\u200a\\u200b\\u200f\\u2010\\ufefe\\ufffd", "{}", "h", "null"));
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = 3;
    expect(EVENTURE_FORMAT_DOT, 0, &filter,
           DOT_HEAD "  n6 [label=\"\xe2\x80\x8a\\\\u200b\\\\u200f\xe2\x80\x90\xef\xbb\xbe\xef\xbf\xbd\\nh\"];\n}\n");
}
END_TEST
