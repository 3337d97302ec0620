/*
 * The derived ids of events, and how ids that are in use are skipped: explicit ids of imported events in the same tick,
 * in memory, in the file, and in archives. A history has the same ids and digests whether it was appended or imported.
 */
#include "numbering_world.h"

TEST_FIXTURE(open_world, close_world);

static eventure_status import_line(int tick, const char *type, const char *id, const char *parent)
{
    char quoted[512] = "null";
    if (parent != NULL)
        snprintf(quoted, sizeof quoted, "\"%s\"", parent);
    const char *line = line_of(tick, type, "{}", id, quoted);
    return import_bytes(line, strlen(line), NULL, NULL);
}

static void expect_import(int tick, const char *type, const char *id, const char *parent)
{
    eventure_status status = import_line(tick, type, id, parent);
    ck_assert_msg(status == EVENTURE_OK, "%s: %s", id, eventure_log_message(here.log));
}

static void expect_taken(int tick, const char *type, const char *id, const char *message)
{
    expect_status(EVENTURE_ERROR_EXISTS, NULL, import_line(tick, type, id, NULL));
    expect_part(eventure_log_message(here.log), message);
}

static void expect_append(const char *type, const char *id)
{
    ck_assert_str_eq(scratch_append(here.log, type, NULL, NULL), id);
}

static void reopen(void)
{
    expect_ok(NULL, eventure_log_close(here.log));
    open_log();
}

static int64_t explicit_ids(void)
{
    return world_number(SCRATCH_PATH, "SELECT foreign_ids FROM store");
}

/* --- Numbering --- */

START_TEST(numbering_skips_ids_that_imported_events_have_taken)
{
    expect_import(0, "c.d", "0-EBFC-2", NULL);
    expect_import(0, "c.d", "0-EBFC-3", NULL);
    expect_import(0, "c.d", "0-EBFC-7", NULL);
    expect_append("a.b", "0-EBFC-1");
    expect_append("a.b", "0-EBFC-4"); /* the second event of its tick and HASH */
    expect_append("a.b", "0-EBFC-5");
    expect_append("a.b", "0-EBFC-6");
    expect_append("a.b", "0-EBFC-8");
    expect_append("a.b", "0-EBFC-9");
    expect_append("a.b", "0-EBFC-10");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    expect_append("a.b", "1-EBFC-1");
    expect_same_when_imported();
    expect_sound();
}
END_TEST

/* An imported event counts among the events of its tick and HASH, also when it has an explicit id. */
START_TEST(imported_events_count_where_they_are)
{
    expect_import(0, "a.b", "x", NULL);
    expect_append("a.b", "0-EBFC-2");
    expect_ok(here.log, eventure_log_commit(here.log));
    expect_import(0, "a.b", "0-EBFC-1", NULL);
    expect_append("a.b", "0-EBFC-4");
    expect_import(0, "a.b", "0-EBFC-5", NULL); /* this is its derived id */
    expect_append("a.b", "0-EBFC-6");
    expect_same_when_imported();
    expect_sound();
}
END_TEST

START_TEST(explicit_ids_of_the_past_take_nothing)
{
    expect_append("a.b", "0-EBFC-1");
    expect_ok(here.log, eventure_log_advance_to(here.log, 5));
    expect_import(5, "a.b", "3-EBFC-1", NULL);
    expect_import(5, "a.b", "0-EBFC-2", NULL);
    expect_taken(5, "a.b", "0-EBFC-1", "id 0-EBFC-1 is taken by event 1");
    expect_append("a.b", "5-EBFC-3");
    expect_append("c.d", "5-EECD-1");
    expect_taken(5, "a.b", "5-EBFC-3", "id 5-EBFC-3 is taken by event 4");
    expect_taken(6, "a.b", "3-EBFC-1", "id 3-EBFC-1 is taken by event 2");
    expect_append("a.b", "5-EBFC-4");
    expect_same_when_imported();
    expect_sound();
}
END_TEST

START_TEST(explicit_ids_of_the_future_are_taken_when_their_tick_comes)
{
    for (int closes = 0; closes < 2; closes++)
    {
        close_world();
        open_world();
        expect_import(0, "c.d", "7-EBFC-1", NULL);
        expect_import(0, "c.d", "9-EBFC-2", NULL);
        expect_import(0, "c.d", "8-EBFC-01", NULL); /* these two are not ids of that tick */
        expect_import(0, "c.d", "08-EBFC-1", NULL);
        if (closes)
            reopen();
        expect_append("a.b", "0-EBFC-1");
        expect_ok(here.log, eventure_log_advance_to(here.log, 6));
        expect_append("a.b", "6-EBFC-1");
        expect_ok(here.log, eventure_log_advance_tick(here.log));
        expect_append("a.b", "7-EBFC-2");
        if (closes)
            reopen();
        expect_append("a.b", "7-EBFC-3"); /* the second event of its tick and HASH; the first one has the id with 2 */
        expect_ok(here.log, eventure_log_advance_tick(here.log));
        expect_append("a.b", "8-EBFC-1");
        expect_ok(here.log, eventure_log_advance_tick(here.log));
        expect_append("a.b", "9-EBFC-1");
        if (closes)
            reopen();
        expect_append("a.b", "9-EBFC-3");
        expect_same_when_imported();
        expect_sound();
    }
}
END_TEST

START_TEST(an_import_gives_no_event_an_id_that_waits_or_was_taken)
{
    static const char *const ids[] = {"0-EBFC-1", "short", LONG_47, LONG_48, LONG_60};
    char text[4096];
    for (size_t i = 0; i < COUNT_OF(ids); i++)
    {
        /* Both events are still in memory. */
        snprintf(text, sizeof text, "%s%s", line_of(0, "a.b", "{}", ids[i], "null"),
                 line_of(0, "c.d", "{}", ids[i], "null"));
        expect_status(EVENTURE_ERROR_EXISTS, NULL, import_bytes(text, strlen(text), NULL, NULL));
        expect_part(eventure_log_message(here.log), "is taken by event 1");
        ck_assert_int_eq(events_in_log(), 0);
        ck_assert_int_eq(explicit_ids(), 0);
    }
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        expect_import(0, "a.b", ids[i], i > 0 ? ids[i - 1] : NULL);
    ck_assert_int_eq(explicit_ids(), 1);
    for (int round = 0; round < 3; round++)
    {
        for (size_t i = 0; i < COUNT_OF(ids); i++)
        {
            char message[128];
            snprintf(message, sizeof message, "is taken by event %zu", i + 1);
            expect_taken(5, "c.d", ids[i], message);
        }
        if (round == 0) /* the log drops the ids from memory */
            for (int i = 0; i < 3000; i++)
                scratch_append(here.log, "b.c", NULL, NULL);
        else
            reopen();
    }
    expect_same_when_imported();
    expect_sound();
}
END_TEST

START_TEST(ids_of_any_length_are_found_as_parents)
{
    char longest[901];
    char text[4096];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const ids[] = {"s", LONG_48, LONG_60, longest};
    /* Each event is the parent of the next one in the import, and of an appended event. */
    text[0] = '\0';
    for (size_t i = 0; i < 3; i++)
    {
        char parent[128] = "null";
        if (i > 0)
            snprintf(parent, sizeof parent, "\"%s\"", ids[i - 1]);
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s", line_of(0, "a.b", "{}", ids[i], parent));
    }
    expect_ok(NULL, import_bytes(text, strlen(text), NULL, NULL));
    snprintf(text, sizeof text,
             "{\"tick\": 0, \"timestamp\": 1, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"%s\", \"parent_id\": "
             "\"" LONG_60 "\"}\n",
             longest);
    expect_ok(NULL, import_bytes(text, strlen(text), NULL, NULL));
    scratch_expect_answer("SELECT group_concat(coalesce(parent_seq, '-')) FROM (SELECT * FROM events ORDER BY seq)",
                          "-,1,2,3");
    for (int round = 0; round < 2; round++)
    {
        for (size_t i = 0; i < 4; i++)
        {
            const eventure_event parent = {.id = ids[i]};
            eventure_event child;
            eventure_event *found = NULL;
            expect_ok(here.log, eventure_log_append(here.log, "c.d", eventure_no_data(), &parent, &child));
            ck_assert_int_eq(child.parent_seq, (int64_t)i + 1);
            ck_assert_str_eq(child.parent_id, ids[i]);
            expect_ok(here.reader, eventure_query_find(here.reader, ids[i], &found));
            ck_assert_int_eq(found->seq, (int64_t)i + 1);
            eventure_event_free(found);
        }
        reopen();
    }
    const eventure_event unknown = {.id = LONG_48 "8"};
    expect_status(EVENTURE_ERROR_PARENT, here.log,
                  eventure_log_append(here.log, "c.d", eventure_no_data(), &unknown, NULL));
    ck_assert_int_eq(events_in_log(), 12);
    expect_sound();
}
END_TEST

/* Enough lines that the import writes its rows many times and drops ids from memory; all ids are long. */
START_TEST(long_ids_of_events_that_wait_are_found_in_a_large_import)
{
    sink text;
    sink_open(&text);
    for (int i = 0; i < 2000; i++)
    {
        char id[80];
        char parent[82] = "null";
        snprintf(id, sizeof id, "%s/%d", LONG_60, i);
        if (i > 0)
            snprintf(parent, sizeof parent, "\"%s/%d\"", LONG_60, i % 3 == 0 ? i / 2 : i - 1);
        fputs(line_of(i / 100, "a.b", "{}", id, parent), text.stream);
    }
    sink_close(&text);
    expect_ok(NULL, import_bytes(text.text, text.len, NULL, NULL));
    free(text.text);
    scratch_expect_answer("SELECT count(*) FROM events AS event WHERE event.seq > 1 AND event.parent_seq = "
                          "CASE (event.seq - 1) % 3 WHEN 0 THEN (event.seq - 1) / 2 + 1 ELSE event.seq - 1 END",
                          "1999");
    expect_same_when_imported();
    expect_sound();
}
END_TEST

START_TEST(ids_of_archived_events_are_taken)
{
    eventure_status status = EVENTURE_OK;
    expect_import(0, "c.d", "9-EBFC-1", NULL);
    expect_import(0, "c.d", LONG_48, NULL);
    expect_append("a.b", "0-EBFC-1");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    scratch_append(here.log, "e.f", NULL, "9-EBFC-1"); /* so that the archived causes stay known */
    scratch_append(here.log, "e.f", NULL, LONG_48);
    scratch_append(here.log, "e.f", NULL, "0-EBFC-1");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    scratch_remove(WORLD_ARCHIVE);
    ck_assert_int_eq(world_archive(here.log, WORLD_ARCHIVE, 1).events, 3);
    for (int round = 0; round < 2; round++)
    {
        expect_taken(2, "c.d", LONG_48, "is taken by event 2");
        expect_taken(2, "c.d", "9-EBFC-1", "is taken by event 1");
        expect_taken(2, "c.d", "0-EBFC-1", "is taken by event 3");
        const eventure_event parent = {.id = "9-EBFC-1"};
        eventure_event child;
        status = eventure_log_append(here.log, "g.h", eventure_no_data(), &parent, &child);
        expect_ok(here.log, status);
        ck_assert_int_eq(child.parent_seq, 1);
        reopen();
    }
    expect_ok(here.log, eventure_log_advance_to(here.log, 9));
    expect_append("a.b", "9-EBFC-2");
    reopen();
    expect_append("a.b", "9-EBFC-3"); /* the second event of its tick and HASH; the first one has the id with 2 */
    expect_sound();
    scratch_remove(WORLD_ARCHIVE);
}
END_TEST

START_TEST(batches_skip_taken_ids_and_know_their_parents)
{
    expect_import(0, "c.d", "1-EBFC-2", NULL);
    expect_import(0, "c.d", "1-EBFC-3", NULL);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    eventure_event out[5];
    const eventure_event_input events[] = {{.size = sizeof(eventure_event_input), .type = "a.b"},
                                           {.size = sizeof(eventure_event_input), .type = "a.b", .parent_in_batch = 1},
                                           {.size = sizeof(eventure_event_input), .type = "a.b", .parent_in_batch = 2},
                                           {.size = sizeof(eventure_event_input), .type = "c.d", .parent_in_batch = 3},
                                           {.size = sizeof(eventure_event_input), .type = "a.b", .parent_in_batch = 3}};
    static const char *const ids[] = {"1-EBFC-1", "1-EBFC-4", "1-EBFC-5", "1-EECD-1", "1-EBFC-6"};
    expect_ok(here.log, eventure_log_append_batch(here.log, events, 5, out));
    for (size_t i = 0; i < 5; i++)
    {
        ck_assert_str_eq(out[i].id, ids[i]);
        if (i > 0)
            ck_assert_str_eq(out[i].parent_id, ids[events[i].parent_in_batch - 1]);
    }
    expect_ok(here.log, eventure_log_append_batch(here.log, events, 5, NULL));
    expect_ok(here.log, eventure_log_commit(here.log));
    scratch_expect_answer("SELECT count(*) FROM events JOIN events AS cause ON cause.seq = events.parent_seq "
                          "AND cause.id = events.parent_id",
                          "8");
    scratch_expect_answer("SELECT max(seq) || ' ' || id FROM events", "12 1-EBFC-10");
    expect_same_when_imported();
    expect_sound();
}
END_TEST

START_TEST(a_rollback_gives_ids_back)
{
    char text[2048];
    expect_append("a.b", "0-EBFC-1");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    snprintf(text, sizeof text, "%s%s{\n", line_of(1, "c.d", "{}", "1-EBFC-1", "null"),
             line_of(1, "c.d", "{}", LONG_60, "null"));
    expect_status(EVENTURE_ERROR_JSON, NULL, import_bytes(text, strlen(text), NULL, NULL));
    ck_assert_int_eq(explicit_ids(), 0);
    expect_append("a.b", "1-EBFC-1");
    expect_ok(here.log, eventure_log_rollback(here.log));
    expect_import(1, "c.d", "1-EBFC-1", NULL);
    ck_assert_int_eq(explicit_ids(), 1);
    expect_append("a.b", "1-EBFC-2");
    expect_append("a.b", "1-EBFC-3");
    expect_ok(here.log, eventure_log_rollback(here.log));
    expect_append("a.b", "1-EBFC-2");
    expect_ok(here.log, eventure_log_commit(here.log));
    expect_append("a.b", "1-EBFC-3");
    expect_ok(here.log, eventure_log_rollback(here.log));
    expect_import(1, "c.d", LONG_60, NULL);
    expect_append("a.b", "1-EBFC-3");
    expect_same_when_imported();
    expect_sound();
}
END_TEST
