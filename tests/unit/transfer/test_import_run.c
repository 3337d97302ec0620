/*
 * The run of an import: progress, the log afterwards, inputs that fail, out of memory.
 */
#include "alloc_fail.h"
#include "import_world.h"

TEST_FIXTURE(open_world_with_an_event, close_world);

/* More types than the initial size of the table. */
#define NEW_TYPES 40

START_TEST(what_was_appended_before_is_committed_and_stays_when_the_import_fails)
{
    expect_ok(here.log, eventure_log_append(here.log, "c.d", eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_JSON, NULL, import_bytes("{\n", 2, NULL, NULL));
    ck_assert_int_eq(events_in_log(), 2);
    expect_ok(here.log, eventure_log_rollback(here.log));
    ck_assert_int_eq(events_in_log(), 2);
}
END_TEST

START_TEST(the_log_continues_after_an_import_that_failed)
{
    eventure_event event;
    expect_status(EVENTURE_ERROR_JSON, NULL, import_bytes(GOOD "{\n", strlen(GOOD) + 2, NULL, NULL));
    expect_unchanged();
    expect_ok(here.log, eventure_log_append(here.log, "new.type", eventure_no_data(), NULL, &event));
    ck_assert_int_eq(event.seq, 2);
    ck_assert_str_eq(event.id, "2-CBDC-1");
    import_text(GOOD);
    ck_assert_int_eq(events_in_log(), 3);
}
END_TEST

START_TEST(an_input_that_cannot_be_read_is_an_error)
{
    FILE *folder = fopen(".", "r");
    ck_assert_ptr_nonnull(folder);
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.name = "a folder";
    expect_status(EVENTURE_ERROR_IO, here.log, eventure_log_import(here.log, folder, &options, NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "import a folder: cannot read after line 0: Is a directory");
    fclose(folder);
    expect_unchanged();
}
END_TEST

START_TEST(a_long_name_does_not_push_the_reason_out)
{
    char name[2001];
    memset(name, 'n', sizeof name - 1);
    memcpy(name + sizeof name - 9, "in.jsonl", 9);
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.name = name;
    expect_status(EVENTURE_ERROR_JSON, NULL, import_bytes("\n{\n", 3, &options, NULL));
    const char *message = eventure_log_message(here.log);
    ck_assert(strncmp(message, "...nnn", 6) == 0);
    expect_part(message, "nin.jsonl:1: invalid JSON: the line is blank");
}
END_TEST

START_TEST(progress_is_reported_and_can_stop_an_import)
{
    sink text;
    sink_open(&text);
    for (int i = 0; i < 10000; i++)
    {
        char id[16];
        snprintf(id, sizeof id, "e%d", i);
        fputs(line_of(3 + i / 100, "a.b", "{}", id, "null"), text.stream);
    }
    sink_close(&text);
    watcher self = {.stop_after = 2};
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.progress = watch;
    options.progress_context = &self;
    expect_status(EVENTURE_ERROR_INTERRUPTED, NULL, import_bytes(text.text, text.len, &options, NULL));
    ck_assert_str_eq(eventure_log_message(here.log),
                     "import input: stopped by the progress callback after 8192 events; nothing was imported");
    expect_unchanged();
    self = (watcher){.stop_after = 3}; /* the last call comes before the commit */
    expect_status(EVENTURE_ERROR_INTERRUPTED, NULL, import_bytes(text.text, text.len, &options, NULL));
    expect_unchanged();
    self = (watcher){0};
    expect_ok(NULL, import_bytes(text.text, text.len, &options, NULL));
    ck_assert_int_eq(self.calls, 3);
    ck_assert_int_eq(self.last.done, 10000);
    ck_assert_int_eq(self.last.total, 0);
    ck_assert_int_eq(self.last.tick, 102);
    ck_assert_int_eq(events_in_log(), 10001);
    free(text.text);
}
END_TEST

START_TEST(what_is_missing_in_a_call_is_an_error)
{
    eventure_import_options zero;
    memset(&zero, 0, sizeof zero);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_import(NULL, stdin, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_log_import(here.log, NULL, NULL, NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "import: there is no stream to read from");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, import_bytes("", 0, &zero, NULL));
    ck_assert_str_eq(
        eventure_log_message(here.log),
        "import: the eventure_import_options was not initialised: its size is 0; begin with its _INIT macro or with "
        "eventure_import_options_init");
}
END_TEST

/* The log keeps new types in memory also when an import fails. So each attempt uses different names, and has as many
 * new types as the first attempt. */
static FILE *with_new_types(long try_number, char *text, size_t size)
{
    char type[32];
    snprintf(text, size, "%s%s", GOOD, line_of(3, "a.b", "{\"a\": [1, \"\\u00e9\"]}", "x", "\"good\""));
    for (int i = 0; i < NEW_TYPES; i++)
    {
        char id[16];
        snprintf(type, sizeof type, "type.n%ld.n%d", try_number, i);
        snprintf(id, sizeof id, "y%d", i);
        size_t len = strlen(text);
        snprintf(text + len, size - len, "%s", line_of(9, type, "{}", id, "\"x\""));
    }
    ck_assert_uint_lt(strlen(text), size - 1);
    return scratch_stream(text, strlen(text));
}

START_TEST(no_memory_is_an_error_that_changes_nothing)
{
    static char text[32768];
    /* When only caching a statement fails, the call succeeds. So all statements are prepared before. */
    fclose(with_new_types(0, text, sizeof text));
    strcat(text, "{\n");
    expect_status(EVENTURE_ERROR_JSON, NULL, import_bytes(text, strlen(text), NULL, NULL));
    expect_unchanged();
    bool hit = true;
    int hits = -1;
    for (long n = 1; hit; n++)
    {
        FILE *in = with_new_types(n, text, sizeof text);
        char byte;
        ck_assert_uint_eq(fread(&byte, 1, 1, in), 1); /* makes the stream allocate its buffer now */
        rewind(in);
        alloc_fail_at(n);
        const eventure_status status = eventure_log_import(here.log, in, NULL, NULL);
        hit = alloc_fail_stop();
        ck_assert_msg(status == (hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK), "allocation %ld: %s: %s", n,
                      eventure_status_name(status), eventure_log_message(here.log));
        if (hit)
            expect_unchanged();
        hits++;
        fclose(in);
    }
    ck_assert_int_ge(hits, NEW_TYPES + 2); /* allocations for a line, and for the name of each type */
    ck_assert_int_eq(events_in_log(), 3 + NEW_TYPES);
}
END_TEST
