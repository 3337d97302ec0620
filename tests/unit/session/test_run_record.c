/*
 * The record of a run: setting, reading and removing keys; the record in copies of a store; digests, which do not
 * include the record; and stores that were made before records existed.
 */
#include <string.h>

#include <sqlite3.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, close_log);

static eventure_log *the_log;

static void set_up(void)
{
    the_log = scratch_new();
}

static void close_log(void)
{
    eventure_log_close(the_log);
    the_log = NULL;
}

static void assert_record(eventure_reader *reader, const char *key, const char *expected)
{
    char *json = NULL;
    expect_ok(reader, eventure_reader_description(reader, key, &json));
    ck_assert_str_eq(json, expected);
    eventure_free(json);
}

static void describe(const char *json)
{
    expect_ok(the_log, eventure_log_describe(the_log, eventure_json(json)));
}

static void assert_record_of_file(const char *file, const char *expected)
{
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(file, &reader));
    assert_record(reader, NULL, expected);
    const eventure_verify_report report = scratch_expect_sound(reader);
    ck_assert_str_eq(report.unchecked, "");
    eventure_reader_close(reader);
}

static void run_sql(const char *sql)
{
    char *problem = scratch_sql(SCRATCH_PATH, sql);
    ck_assert_msg(problem == NULL, "%s", problem);
}

START_TEST(a_store_has_an_empty_record_at_first)
{
    char *json = NULL;
    assert_record(eventure_log_reader(the_log), NULL, "{}");
    expect_status(EVENTURE_ERROR_NOT_FOUND, eventure_log_reader(the_log),
                  eventure_reader_description(eventure_log_reader(the_log), "seed", &json));
    ck_assert_ptr_null(json);
}
END_TEST

START_TEST(keys_are_set_replaced_and_removed)
{
    eventure_reader *reader = eventure_log_reader(the_log);
    expect_ok(the_log, eventure_log_describe(
                           the_log, EVENTURE_DATA(eventure_string("name", "sweep \"12\""), eventure_int("seed", 7),
                                                  eventure_json_field("parameters", "{ \"rate\": 0.25 }"))));
    assert_record(reader, NULL, "{\"name\":\"sweep \\\"12\\\"\",\"parameters\":{\"rate\":0.25},\"seed\":7}");
    assert_record(reader, "parameters", "{\"rate\":0.25}");
    scratch_expect_answer("SELECT name || seed || parameters FROM run", "sweep \"12\"7{\"rate\":0.25}");
    describe("{\"seed\": null, \"name\": 5, \"not there\": null}");
    assert_record(reader, NULL, "{\"name\":5,\"parameters\":{\"rate\":0.25}}");
    describe("{\"k\\u00e9\\\"y\": [1, 2]}");
    assert_record(reader, "k\xc3\xa9\"y", "[1,2]");
    describe("{\"a\\\\b\": true, \"seed\": 123456789012345678901, \"outcome\": 0.5, \"name\": null}");
    scratch_expect_answer("SELECT record -> '$' FROM run",
                          "{\"a\\\\b\":true,\"k\xc3\xa9\\\"y\":[1,2],\"outcome\":0.5,\"parameters\":{\"rate\":0.25},"
                          "\"seed\":123456789012345678901}");
    scratch_expect_answer("SELECT group_concat(typeof(value)) FROM run_record", "integer,text,real,text,real");
}
END_TEST

START_TEST(wrong_changes_change_nothing)
{
    char long_key[258] = "{\"";
    static char large[EVENTURE_RUN_VALUE_MAX_BYTES + 16];
    eventure_reader *reader = eventure_log_reader(the_log);
    describe("{\"seed\": 1}");
    static const char *const wrong[] = {"[1]",
                                        "{\"seed\": 2, \"\": 1}",
                                        "{\"seed\": 2, \"a\\u0000b\": 1}",
                                        "{\"seed\": 2, \"a\\nb\": 1}",
                                        "{\"seed\": 2",
                                        "5",
                                        "{\"seed\": NaN}"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        eventure_status status = eventure_log_describe(the_log, eventure_json(wrong[i]));
        ck_assert_msg(status == EVENTURE_ERROR_ARGUMENT || status == EVENTURE_ERROR_JSON, "%s: %d", wrong[i], status);
        assert_record(reader, NULL, "{\"seed\":1}");
    }
    memset(long_key, 'k', 256);
    long_key[256] = '\0';
    expect_status(EVENTURE_ERROR_ARGUMENT, the_log,
                  eventure_log_describe(the_log, EVENTURE_DATA(eventure_int(long_key, 1))));
    memset(large, 'x', EVENTURE_RUN_VALUE_MAX_BYTES - 1); /* one byte too long with its quotes */
    expect_status(EVENTURE_ERROR_LIMIT, the_log,
                  eventure_log_describe(the_log, EVENTURE_DATA(eventure_string("text", large))));
    large[EVENTURE_RUN_VALUE_MAX_BYTES - 2] = '\0';
    expect_ok(the_log, eventure_log_describe(the_log, EVENTURE_DATA(eventure_string("text", large))));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_describe(NULL, eventure_json("{}")));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_reader_description(NULL, NULL, NULL));
}
END_TEST

START_TEST(a_change_commits_and_is_not_part_of_the_digests)
{
    eventure_digests before;
    eventure_digests after;
    expect_ok(the_log, eventure_log_append(the_log, "a.b", eventure_no_data(), NULL, NULL));
    eventure_log_advance_tick(the_log);
    expect_ok(eventure_log_reader(the_log), eventure_store_digest(eventure_log_reader(the_log), 0, &before));
    expect_ok(the_log, eventure_log_append(the_log, "a.c", eventure_no_data(), NULL, NULL));
    describe("{\"host\": \"a\"}");
    assert_record_of_file(SCRATCH_PATH, "{\"host\":\"a\"}");
    expect_ok(eventure_log_reader(the_log), eventure_store_digest(eventure_log_reader(the_log), 0, &after));
    ck_assert_str_eq(before.full, after.full);
    ck_assert_str_eq(before.run, after.run);
}
END_TEST

START_TEST(a_fork_has_the_record_with_its_changes_and_without_the_end)
{
    const eventure_data changes = eventure_json("{\"seed\": 8, \"host\": null}");
    const eventure_data wrong = eventure_json("{\"seed\": }");
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    scratch_remove("fork.db");
    scratch_remove("copy.db");
    expect_ok(the_log, eventure_log_append(the_log, "a.b", eventure_no_data(), NULL, NULL));
    describe("{\"name\": \"a\", \"seed\": 7, \"host\": \"h\", \"finished\": \"2026-01-01T00:00:00Z\", \"outcome\": 1}");
    options.record = &wrong;
    expect_status(EVENTURE_ERROR_JSON, eventure_log_reader(the_log),
                  eventure_store_fork_at_tick(eventure_log_reader(the_log), "fork.db", 0, &options));
    options.record = &changes;
    expect_ok(eventure_log_reader(the_log),
              eventure_store_fork_at_tick(eventure_log_reader(the_log), "fork.db", 0, &options));
    assert_record_of_file("fork.db", "{\"name\":\"a\",\"seed\":8}");
    expect_ok(eventure_log_reader(the_log), eventure_store_copy(eventure_log_reader(the_log), "copy.db", NULL));
    assert_record_of_file("copy.db",
                          "{\"finished\":\"2026-01-01T00:00:00Z\",\"host\":\"h\",\"name\":\"a\",\"outcome\":1,"
                          "\"seed\":7}");
}
END_TEST

START_TEST(archives_joined_extracted_and_repaired_stores_have_the_record)
{
    static const char record[] = "{\"name\":\"a\",\"seed\":7}";
    eventure_reader *readers[2] = {NULL, NULL};
    eventure_repair_report report;
    scratch_remove("archive.db");
    scratch_remove("whole.db");
    scratch_remove("part.db");
    scratch_remove("repaired.db");
    for (int i = 0; i < 4; i++)
    {
        expect_ok(the_log, eventure_log_append(the_log, "a.b", eventure_no_data(), NULL, NULL));
        eventure_log_advance_tick(the_log);
    }
    describe(record);
    expect_ok(eventure_log_reader(the_log),
              eventure_store_extract(eventure_log_reader(the_log), "part.db", NULL, NULL));
    assert_record_of_file("part.db", record);
    expect_ok(NULL, eventure_archive(the_log, "archive.db", 2, NULL, NULL));
    assert_record_of_file("archive.db", record);
    describe("{\"seed\": 9}");
    close_log();
    expect_ok(NULL, eventure_reader_open("archive.db", &readers[0]));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &readers[1]));
    expect_ok(NULL, eventure_store_join(readers, 2, "whole.db", NULL, NULL));
    assert_record_of_file("whole.db", "{\"name\":\"a\",\"seed\":9}");
    expect_ok(readers[1], eventure_store_repair(readers[1], "repaired.db", NULL, &report));
    ck_assert(!report.has_lost_record);
    assert_record_of_file("repaired.db", "{\"name\":\"a\",\"seed\":9}");
    eventure_reader_close(readers[0]);
    eventure_reader_close(readers[1]);
}
END_TEST

START_TEST(a_store_from_before_the_record_gets_it_with_the_first_key)
{
    close_log();
    run_sql("DROP VIEW run; DROP TABLE run_record; DROP TRIGGER proof_delete; "
            "DELETE FROM proof WHERE name = 'run_record'; "
            "CREATE TRIGGER proof_delete BEFORE DELETE ON proof BEGIN SELECT RAISE(ABORT, 'proof: cannot "
            "delete'); END");
    assert_record_of_file(SCRATCH_PATH, "{}");
    the_log = scratch_open(SCRATCH_PATH);
    describe("{\"seed\": 3}");
    assert_record_of_file(SCRATCH_PATH, "{\"seed\":3}");
    run_sql("SELECT seed, record FROM run");
}
END_TEST

START_TEST(a_change_by_hand_is_found)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    char *json = NULL;
    describe("{\"seed\": 3}");
    close_log();
    run_sql("UPDATE run_record SET json = 'four'");
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_store_verify(reader, NULL, &report));
    ck_assert_str_eq(report.problem, "table run_record has changed since its digest was noted");
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_reader_description(reader, NULL, &json));
    ck_assert_ptr_null(json);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(values_are_stored_for_sql_and_as_json)
{
    describe("{\"a\": true, \"b\": false, \"c\": 7, \"d\": -7.50, \"e\": \"x\\u00e9\\n\", \"f\": [1, 2], \"g\": {}, "
             "\"h\": 12345678901234567890123, \"i\": \"\", \"j k\": 9223372036854775807, \"l\": null}");
    scratch_expect_answer("SELECT group_concat(key || '=' || typeof(value) || ':' || value, ' ') FROM "
                          "(SELECT * FROM run_record ORDER BY key)",
                          "a=integer:1 b=integer:0 c=integer:7 d=real:-7.5 e=text:x\xC3\xA9\n f=text:[1,2] g=text:{} "
                          "h=real:1.23456789012346e+22 i=text: j k=integer:9223372036854775807");
    assert_record(eventure_log_reader(the_log), "d", "-7.50");
    assert_record(eventure_log_reader(the_log), "e", "\"x\xC3\xA9\\n\"");
    assert_record(eventure_log_reader(the_log), "f", "[1,2]");
    describe("{\"a\": null, \"f\": 3}");
    scratch_expect_answer("SELECT count(*) || typeof(max(value) FILTER (WHERE key = 'f')) FROM run_record", "9integer");
}
END_TEST

START_TEST(a_value_may_have_65535_bytes)
{
    static char json[EVENTURE_RUN_VALUE_MAX_BYTES + 32];
    int len = snprintf(json, sizeof json, "{\"k\":\"%0*d\"}", EVENTURE_RUN_VALUE_MAX_BYTES - 2, 0);
    ck_assert_int_eq(len, EVENTURE_RUN_VALUE_MAX_BYTES + 6);
    describe(json);
    snprintf(json, sizeof json, "{\"k\":\"%0*d\"}", EVENTURE_RUN_VALUE_MAX_BYTES - 1, 0);
    char text[100];
    expect_status(EVENTURE_ERROR_LIMIT, the_log, eventure_log_describe(the_log, eventure_json(json)));
    snprintf(text, sizeof text, "describe: the value of k has %d bytes; the limit is %d",
             EVENTURE_RUN_VALUE_MAX_BYTES + 1, EVENTURE_RUN_VALUE_MAX_BYTES);
    ck_assert_str_eq(eventure_log_message(the_log), text);
}
END_TEST

START_TEST(rows_that_no_log_writes_are_damage)
{
    static const char *const rows[] = {"'k', 1, NULL", "CAST(x'FF' AS TEXT), 1, '1'", "'k', 1, '{1}'"};
    describe("{\"seed\": 3}");
    close_log();
    run_sql("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE run_record (key TEXT PRIMARY "
            "KEY, value, json) WITHOUT ROWID' WHERE name = 'run_record'");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
    {
        char sql[200];
        char *json = (char *)&json;
        eventure_reader *reader = NULL;
        snprintf(sql, sizeof sql, "DELETE FROM run_record; INSERT INTO run_record VALUES (%s)", rows[i]);
        run_sql(sql);
        expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
        expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_reader_description(reader, NULL, &json));
        ck_assert_str_eq(eventure_reader_message(reader),
                         "scratch.db is damaged: the record of the run has a value that is not JSON");
        ck_assert_ptr_null(json);
        eventure_reader_close(reader);
    }
}
END_TEST

START_TEST(a_key_that_is_not_there_is_named)
{
    char *json = (char *)&json;
    eventure_reader *reader = eventure_log_reader(the_log);
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_reader_description(reader, "k", &json));
    ck_assert_str_eq(eventure_reader_message(reader), "the record of the run has no key k");
    ck_assert_ptr_null(json);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_reader_description(NULL, "k", &json));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_reader_description(reader, "k", NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_describe(NULL, eventure_json("{}")));
}
END_TEST
