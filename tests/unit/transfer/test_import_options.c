/*
 * The options of an import: which are refused, the order that sorting makes, the dry run, and what is counted.
 */
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

static eventure_import_options options;

static void begin_options(void)
{
    options = (eventure_import_options)EVENTURE_IMPORT_OPTIONS_INIT;
}

static eventure_status import(const char *text, eventure_transfer_counts *out_counts)
{
    return import_bytes(text, strlen(text), &options, out_counts);
}

static void expect_wrong(const char *message)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, import("", NULL));
    ck_assert_str_eq(eventure_log_message(here.log), message);
    begin_options();
}

START_TEST(options_that_exclude_each_other_are_refused)
{
    begin_options();
    static const eventure_format not_read[] = {EVENTURE_FORMAT_DOT, EVENTURE_FORMAT_MERMAID, (eventure_format)6,
                                               (eventure_format)-1};
    for (size_t i = 0; i < COUNT_OF(not_read); i++)
    {
        options.format = not_read[i];
        expect_wrong("import: only jsonl, csv, cloudevents and chrome can be read");
    }
    options.format = EVENTURE_FORMAT_CSV;
    expect_wrong("import: csv needs a map");
    options.map = "type=n";
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    expect_wrong("import: a map is for jsonl and csv; cloudevents and chrome have none");
    options.map = "type=n";
    options.format = EVENTURE_FORMAT_CHROME;
    expect_wrong("import: a map is for jsonl and csv; cloudevents and chrome have none");
    options.time_format = (eventure_time_format)(EVENTURE_TIME_RFC3339 + 1);
    expect_wrong("import: option time_format is 6, not between 0 and 5");
    options.time_format = (eventure_time_format)-1;
    expect_wrong("import: option time_format is -1, not between 0 and 5");
    options.tick_every_ns = -1;
    expect_wrong("import: option tick_every_ns is -1, less than 0");
    options.tick_every_events = -1;
    expect_wrong("import: option tick_every_events is -1, less than 0");
    options.tick_every_events = 1;
    options.tick_every_ns = 1;
    expect_wrong("import: tick_every_ns and tick_every_events exclude each other");
    options.sort_memory = 65535;
    expect_wrong("import: the memory for sorting must be 65536 bytes or more");
    options.sort_memory = -1;
    expect_wrong("import: the memory for sorting must be 65536 bytes or more");
    options.dry_run_events = -1;
    expect_wrong("import: option dry_run_events is -1, less than 0");
    options.dry_run = stdout;
    options.dry_run_write = (eventure_write_fn)(uintptr_t)1;
    expect_wrong("import: there is both a stream and a callback for the dry run");
    options.read = (eventure_read_fn)(uintptr_t)1;
    expect_wrong("import: there is both a stream and a callback to read from");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_log_import(here.log, NULL, &options, NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "import: there is no stream to read from");
    ck_assert_int_eq(events_in_log(), 0);
}
END_TEST

START_TEST(options_at_their_borders_are_accepted)
{
    static const eventure_format formats[] = {EVENTURE_FORMAT_JSONL, EVENTURE_FORMAT_CLOUDEVENTS,
                                              EVENTURE_FORMAT_CHROME};
    for (size_t i = 0; i < COUNT_OF(formats); i++)
    {
        begin_options();
        options.format = formats[i];
        options.time_format = EVENTURE_TIME_RFC3339;
        options.sort_memory = 65536;
        options.sort = true;
        expect_ok(here.log, import("", NULL));
    }
    begin_options();
    options.format = EVENTURE_FORMAT_CSV;
    options.map = "type=n";
    options.tick_every_events = 1;
    expect_ok(here.log, import("n\na\n", NULL));
    begin_options();
    options.tick_every_ns = 1;
    expect_ok(here.log, import("", NULL));
}
END_TEST

/* Asserts that the log has these ids, separated by spaces. */
static void expect_ids(const char *ids)
{
    scratch_expect(here.reader, NULL, ids);
}

#define MAP "type='x',id=i,time=t,tick=k,parent=p"

START_TEST(sorting_is_by_tick_then_time_then_place)
{
    begin_options();
    options.map = MAP;
    options.sort = true;
    expect_ok(here.log,
              import("{\"i\":\"f\",\"k\":2,\"t\":1}{\"i\":\"d\",\"k\":1,\"t\":3}{\"i\":\"e\",\"k\":1,\"t\":3}"
                     "{\"i\":\"c\",\"k\":1,\"t\":2}{\"i\":\"a\",\"k\":0,\"t\":8}{\"i\":\"b\",\"k\":0,\"t\":9}",
                     NULL));
    expect_ids("a b c d e f");
}
END_TEST

START_TEST(what_is_missing_sorts_as_tick_0_and_the_time_of_the_option)
{
    begin_options();
    options.map = MAP;
    options.sort = true;
    options.time = "5";
    expect_ok(
        here.log,
        import("{\"i\":\"d\",\"k\":1,\"t\":1}{\"i\":\"b\"}{\"i\":\"c\",\"t\":6}{\"i\":\"a\",\"t\":4,\"k\":0}", NULL));
    expect_ids("a b c d");
    begin_options();
    options.map = MAP;
    options.sort = true; /* the time is that of the clock, 1700000000.5 */
    expect_ok(
        here.log,
        import("{\"i\":\"f\",\"k\":2}{\"i\":\"e\",\"k\":2,\"t\":1700000000}{\"i\":\"g\",\"k\":2,\"t\":1700000001}",
               NULL));
    expect_ids("a b c d e f g");
}
END_TEST

/* With sorting, the texts of an event are packed one behind the other. */
START_TEST(sorted_events_keep_their_parts)
{
    static const char text[] =
        "{\"tick\": 1, \"timestamp\": 2.5, \"type\": \"c\", \"data\": {\"x\": 1}, \"event_id\": \"b\", "
        "\"parent_id\": \"a\"}\n"
        "{\"tick\": 1, \"timestamp\": 3.5, \"type\": \"d.e\", \"data\": {}}\n"
        "{\"tick\": 0, \"timestamp\": 2.5, \"type\": \"a.b\", \"data\": {\"long\": [1, 2]}, \"event_id\": "
        "\"a\", \"parent_id\": null}\n";
    begin_options();
    options.sort = true;
    expect_ok(here.log, import(text, NULL));
    char *lines = exported();
    ck_assert_str_eq(lines,
                     "{\"tick\": 0, \"timestamp\": 2.5, \"type\": \"a.b\", \"data\": {\"long\": [1, 2]}, \"event_id\": "
                     "\"a\", \"parent_id\": null}\n"
                     "{\"tick\": 1, \"timestamp\": 2.5, \"type\": \"c\", \"data\": {\"x\": 1}, \"event_id\": \"b\", "
                     "\"parent_id\": \"a\"}\n"
                     "{\"tick\": 1, \"timestamp\": 3.5, \"type\": \"d.e\", \"data\": {}, \"event_id\": "
                     "\"1-FAAC-1\", \"parent_id\": null}\n");
    free(lines);
}
END_TEST

START_TEST(an_error_while_sorted_events_are_appended_names_their_line)
{
    begin_options();
    options.sort = true;
    options.name = "f";
    expect_status(EVENTURE_ERROR_EXISTS, NULL,
                  import("{\"tick\": 1, \"timestamp\": 1, \"type\": \"a\", \"data\": {}, \"event_id\": \"x\"}\n"
                         "{\"tick\": 2, \"timestamp\": 1, \"type\": \"a\", \"data\": {}, \"event_id\": \"x\"}\n"
                         "{\"tick\": 0, \"timestamp\": 1, \"type\": \"a\", \"data\": {}, \"event_id\": \"y\"}\n",
                         NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "f:2: id x is taken by event 2");
    options.sort_memory = 65536;
    char *large = malloc(70000);
    ck_assert_ptr_nonnull(large);
    snprintf(large, 70000, "\n{\"tick\": 1, \"timestamp\": 1, \"type\": \"a\", \"data\": {\"x\": \"%066000d\"}}", 0);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, import(large + 1, NULL));
    ck_assert_msg(strncmp(eventure_log_message(here.log), "f:1: sort: an event takes 66", 28) == 0, "%s",
                  eventure_log_message(here.log));
    free(large);
    ck_assert_int_eq(events_in_log(), 0);
}
END_TEST

/* Many events that do not fit into the memory for sorting, the last ones of the file first. */
static char *many_events(int count)
{
    sink text;
    sink_open(&text);
    for (int i = count; i-- > 0;)
        fprintf(text.stream, "{\"i\":\"e%d\",\"k\":%d,\"t\":1,\"z\":\"%0100d\"}\n", i, i, 0);
    sink_close(&text);
    return text.text;
}

START_TEST(the_temporary_file_is_in_the_folder_of_the_option)
{
    char *text = many_events(2000);
    begin_options();
    options.map = MAP;
    options.sort = true;
    options.sort_memory = 65536;
    options.temporary_folder = "no/such/folder";
    expect_status(EVENTURE_ERROR_IO, NULL, import(text, NULL));
    ck_assert_str_eq(eventure_log_message(here.log),
                     "import input: make a temporary file in no/such/folder: No such file or directory");
    options.temporary_folder = ".";
    expect_ok(here.log, import(text, NULL));
    ck_assert_int_eq(events_in_log(), 2000);
    char *first =
        scratch_ask(SCRATCH_PATH, "SELECT min(tick) || ' ' || max(tick) || ' ' || max(seq - tick) FROM events");
    ck_assert_str_eq(first, "0 1999 1");
    free(first);
    free(text);
}
END_TEST

START_TEST(without_the_option_it_is_beside_the_store)
{
    char *text = many_events(1000);
    expect_ok(NULL, eventure_log_close(here.log));
    scratch_run("rm -rf sub moved && mkdir sub");
    here.log = scratch_open("sub/store.db");
    here.reader = eventure_log_reader(here.log);
    begin_options();
    options.map = MAP;
    options.sort = true;
    options.sort_memory = 65536;
    expect_ok(here.log, import(text, NULL));
    scratch_run("mv sub moved");
    expect_status(EVENTURE_ERROR_IO, NULL, import(text, NULL));
    expect_part(eventure_log_message(here.log), "make a temporary file in sub: No such file or directory");
    scratch_run("mv moved sub");
    expect_ok(NULL, eventure_log_close(here.log));
    scratch_run("rm -rf sub");
    open_log();
    free(text);
}
END_TEST

START_TEST(progress_is_reported_while_the_file_is_read_for_sorting)
{
    sink text;
    watcher self = {.stop_after = 1};
    begin_options();
    sink_open(&text);
    for (int i = 0; i < 4096; i++)
        fprintf(text.stream, "{\"i\":\"e%d\",\"k\":%d,\"t\":1}\n", i, i / 2);
    sink_close(&text);
    options.map = MAP;
    options.sort = true;
    options.progress = watch;
    options.progress_context = &self;
    expect_status(EVENTURE_ERROR_INTERRUPTED, NULL, import(text.text, NULL));
    ck_assert_int_eq(self.last.done, 4096);
    ck_assert_int_eq(self.last.tick, 0);
    self = (watcher){0};
    expect_ok(here.log, import(text.text, NULL));
    ck_assert_int_eq(self.calls, 3);
    ck_assert_int_eq(self.last.done, 4096);
    ck_assert_int_eq(self.last.tick, 2047);
    free(text.text);
}
END_TEST

START_TEST(the_dry_run_writes_ten_events_or_as_many_as_asked)
{
    char *text = many_events(12);
    for (int events = 0; events < 13; events++)
    {
        sink out;
        eventure_transfer_counts counts = {0};
        begin_options();
        options.map = MAP;
        options.sort = true;
        options.dry_run_events = events;
        sink_open(&out);
        options.dry_run = out.stream;
        expect_ok(here.log, import(text, &counts));
        sink_close(&out);
        int lines = 0;
        for (const char *at = out.text; (at = strchr(at, '\n')) != NULL; at++)
            lines++;
        ck_assert_int_eq(lines, events == 0 ? 10 : events < 12 ? events : 12);
        ck_assert_int_eq(counts.events, lines);
        expect_part(out.text, "{\"tick\": 0, \"timestamp\": 1.0, \"type\": \"x\", \"data\": {\"z\": \"000");
        free(out.text);
    }
    ck_assert_int_eq(events_in_log(), 0);
    begin_options();
    options.map = MAP;
    FILE *full = full_stream();
    options.dry_run = full;
    expect_status(EVENTURE_ERROR_TICK, NULL, import("{\"k\":-1}", NULL));
    expect_status(EVENTURE_ERROR_IO, NULL, import("{\"k\":1}", NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "import input: cannot write the dry run");
    fclose(full);
    free(text);
}
END_TEST

START_TEST(events_ticks_and_unknown_parents_are_counted)
{
    eventure_transfer_counts counts = {0};
    begin_options();
    options.map = MAP;
    expect_ok(
        here.log,
        import("{\"i\":\"a\",\"k\":1,\"p\":\"far\"}{\"i\":\"b\",\"k\":1,\"p\":\"far\"}{\"i\":\"c\",\"k\":3,\"p\":\"d\"}"
               "{\"i\":\"d\",\"k\":4,\"p\":\"off\"}{\"i\":\"e\",\"k\":4,\"p\":\"a\"}",
               &counts));
    ck_assert_int_eq(counts.events, 5);
    ck_assert_int_eq(counts.ticks, 3);
    ck_assert_int_eq(counts.unknown_parents, 2);
    ck_assert_int_eq(counts.known, 0);
    ck_assert_int_eq(counts.other, 0);
    /* A dry run does not look for parents. */
    options.dry_run = fopen("/dev/null", "w");
    ck_assert_ptr_nonnull(options.dry_run);
    expect_ok(here.log, import("{\"i\":\"z\",\"k\":5,\"p\":\"nowhere\"}", &counts));
    ck_assert_int_eq(counts.events, 1);
    ck_assert_int_eq(counts.unknown_parents, 0);
    fclose(options.dry_run);
    options.dry_run = NULL;
    /* Only the parents of this import are counted. */
    options.skip_known = true;
    expect_ok(here.log, import("{\"i\":\"a\",\"k\":1}{\"i\":\"f\",\"k\":4,\"p\":\"a\"}", &counts));
    ck_assert_int_eq(counts.events, 1);
    ck_assert_int_eq(counts.ticks, 1);
    ck_assert_int_eq(counts.known, 1);
    ck_assert_int_eq(counts.unknown_parents, 0);
    begin_options();
    options.format = EVENTURE_FORMAT_CHROME;
    expect_ok(here.log,
              import("[{\"ph\":\"M\"},{\"ph\":\"i\",\"ts\":1,\"name\":\"a\"},{\"ph\":\"E\",\"ts\":2}]", &counts));
    ck_assert_int_eq(counts.events, 1);
    ck_assert_int_eq(counts.other, 2);
}
END_TEST

START_TEST(a_name_of_more_than_400_bytes_is_cut_at_a_character)
{
    static const struct
    {
        int letters;
        const char *first;
    } names[] = {{400, "aaa"}, {401, "...aaa"}, {0, "...\xe2\x82\xac\xe2\x82\xac"}};
    char name[700];
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        begin_options();
        int len = 0;
        for (int j = 0; j < names[i].letters; j++)
            name[len++] = 'a';
        for (int j = 0; j < 200 && names[i].letters == 0; j++)
            len += snprintf(name + len, sizeof name - (size_t)len, "\xe2\x82\xac");
        name[len] = '\0';
        options.name = name;
        expect_status(EVENTURE_ERROR_JSON, NULL, import("{\n", NULL));
        const char *message = eventure_log_message(here.log);
        ck_assert_int_eq(strncmp(message, names[i].first, strlen(names[i].first)), 0);
        const size_t shown = (size_t)(strchr(message, ':') - message);
        ck_assert_uint_eq(shown, i == 0 ? 400 : i == 1 ? 403 : 402);
    }
}
END_TEST
