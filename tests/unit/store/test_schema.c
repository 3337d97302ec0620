/*
 * Recognising a store: marks, tables and keys of a file of unknown origin. Also the content of a new store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include "scratch.h"
#include "store/schema.h"
#include "testing.h"

TEST_FIXTURE(make_store, remove_store);

static void make_store(void)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.sync = EVENTURE_SYNC_OFF; /* no test needs the disk */
    scratch_remove(SCRATCH_PATH);
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(NULL, eventure_log_close(log));
}

static void remove_store(void)
{
    scratch_remove(SCRATCH_PATH);
}

static void change(const char *sql)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void expect_refused(const char *text)
{
    eventure_reader *reader = NULL;
    char expected[512];
    snprintf(expected, sizeof expected, "open scratch.db: %s", text);
    expect_status(EVENTURE_ERROR_FORMAT, NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    ck_assert_str_eq(eventure_reader_message(reader), expected);
}

/* Asserts that the store can be opened, even if reading it then fails. */
static void expect_opened(void)
{
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    eventure_reader_close(reader);
}

/* --- Marks --- */

typedef struct marks
{
    const char *sql;
    const char *text; /* NULL: it is a store */
} marks;

START_TEST(the_marks_of_the_file_must_be_those_of_a_store)
{
    static const marks cases[] = {
        {"PRAGMA user_version = 7",
         "made by a newer version of Eventure: its format is 7, this library knows formats up to 6"},
        {"PRAGMA user_version = 0",
         "made by a newer version of Eventure: its format is 0, this library knows formats up to 6"},
        {"PRAGMA user_version = -1",
         "made by a newer version of Eventure: its format is -1, this library knows formats up to 6"},
        {"PRAGMA user_version = 5", "made by an older version of Eventure: its format is 5, this library reads format "
                                    "6; bring it up to date with: eventure upgrade scratch.db"},
        {"PRAGMA user_version = 1", "made by an older version of Eventure: its format is 1, this library reads format "
                                    "6; bring it up to date with: eventure upgrade scratch.db"},
        {"PRAGMA user_version = 6", NULL},
        {"PRAGMA application_id = 0", "not an Eventure store: an SQLite database of another application "
                                      "(application_id is 0, not 1165389428)"},
        {"PRAGMA application_id = 1165389428", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        change(cases[i].sql);
        if (cases[i].text != NULL)
            expect_refused(cases[i].text);
        else
            expect_opened();
    }
}
END_TEST

/* A store that was just made, before its schema was written. */
START_TEST(an_empty_database_is_made_a_store_unless_it_has_other_marks)
{
    static const marks cases[] = {
        {"PRAGMA user_version = 0", "not an Eventure store: it is empty"},
        {"PRAGMA application_id = 1165389428", "not an Eventure store: it is empty"},
        {"PRAGMA user_version = 6", NULL},
        {"PRAGMA application_id = 3", "not an Eventure store: an SQLite database of another application "
                                      "(application_id is 3, not 1165389428)"},
        {"PRAGMA user_version = 0",
         "not an Eventure store: an SQLite database of another application (application_id is 3, not 1165389428)"},
    };
    scratch_remove(SCRATCH_PATH);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        change(cases[i].sql);
        if (cases[i].text != NULL)
            expect_refused(cases[i].text);
        else
            expect_opened(); /* each missing table is damage, which reading reports */
    }
    eventure_log *log = NULL;
    expect_status(EVENTURE_ERROR_FORMAT, NULL, eventure_log_open(SCRATCH_PATH, NULL, &log));
    change("PRAGMA application_id = 1165389428");
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, NULL, &log));
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
    expect_opened();
}
END_TEST

START_TEST(what_is_no_database_is_named_as_such)
{
    scratch_run("yes this is not a database | head -c 5000 > " SCRATCH_PATH);
    expect_refused("not an Eventure store: file is not a database");
}
END_TEST

/* --- Tables --- */

static const char *const tables[] = {"store",      "events",     "tick",    "snapshot",
                                     "save_point", "origin",     "archive", "archived_events",
                                     "data_index", "data_value", "proof",   "run_record"};

LOOP_TEST(a_view_in_place_of_a_table_is_refused_and_a_missing_table_is_left_to_the_readers, COUNT_OF(tables))
{
    char sql[200];
    char text[200];
    /* The record of the run is made when it is first written. */
    snprintf(sql, sizeof sql, "CREATE TABLE IF NOT EXISTS run_record (key); ALTER TABLE %s RENAME TO away", tables[_i]);
    change("PRAGMA legacy_alter_table = ON; DROP VIEW IF EXISTS run; DROP VIEW IF EXISTS ticks; DROP VIEW IF EXISTS "
           "roots; DROP VIEW IF EXISTS type_counts; DROP VIEW IF EXISTS indexed_data");
    change(sql);
    expect_opened();
    snprintf(sql, sizeof sql, "CREATE VIEW %s AS SELECT * FROM away", tables[_i]);
    change(sql);
    snprintf(text, sizeof text, "not an Eventure store: %s is not a table in it", tables[_i]);
    expect_refused(text);
}
END_TEST

/* --- Keys --- */

typedef struct key
{
    const char *table;
    const char *key;
} key;

static const key keys[] = {{"events", "seq"}, {"archived_events", "seq"}, {"tick", "tick"}};

LOOP_TEST(a_table_whose_key_is_another_column_is_refused, COUNT_OF(keys))
{
    static const char *const columns[] = {"%s INT", "%s INT, other INTEGER PRIMARY KEY",
                                          "%s INT PRIMARY KEY) WITHOUT ROWID; CREATE TABLE unused (x"};
    char text[200];
    snprintf(text, sizeof text, "not an Eventure store: %s is not the key of table %s in it", keys[_i].key,
             keys[_i].table);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
    {
        char sql[300];
        char column[100];
        make_store();
        snprintf(sql, sizeof sql,
                 "DROP VIEW IF EXISTS ticks; DROP VIEW IF EXISTS roots; DROP VIEW IF EXISTS type_counts; DROP TABLE %s",
                 keys[_i].table);
        change(sql);
        snprintf(column, sizeof column, columns[i], keys[_i].key);
        snprintf(sql, sizeof sql, "CREATE TABLE %s (%s)", keys[_i].table, column);
        change(sql);
        expect_refused(text);
        snprintf(sql, sizeof sql, "DROP TABLE %s; CREATE TABLE %s (%s INTEGER PRIMARY KEY)", keys[_i].table,
                 keys[_i].table, keys[_i].key);
        change(sql);
        expect_opened();
    }
}
END_TEST

/* --- A new store --- */

static char *ask(const char *sql)
{
    return scratch_ask(SCRATCH_PATH, sql);
}

START_TEST(a_new_store_has_a_random_uuid_and_its_marks)
{
    char before[64] = "";
    for (int i = 0; i < 3; i++)
    {
        scratch_remove(SCRATCH_PATH);
        make_store();
        char *uuid = ask("SELECT uuid FROM store");
        ck_assert_uint_eq(strlen(uuid), 36);
        ck_assert_uint_eq(strspn(uuid, "0123456789abcdef-"), 36);
        for (int at = 0; at < 36; at++)
            ck_assert_int_eq(uuid[at] == '-', at == 8 || at == 13 || at == 18 || at == 23);
        ck_assert_int_eq(uuid[14], '4');
        ck_assert_ptr_nonnull(strchr("89ab", uuid[19]));
        ck_assert_str_ne(uuid, before);
        strcpy(before, uuid);
        free(uuid);
    }

    scratch_expect_answer("SELECT id || digests || foreign_ids FROM store", "1sha5120");
    scratch_expect_answer("PRAGMA application_id", "1165389428");
    scratch_expect_answer("PRAGMA user_version", "6");
    char *created = ask("SELECT abs(created - unixepoch('now')) < 60 FROM store");
    ck_assert_str_eq(created, "1");
    free(created);
}
END_TEST

START_TEST(each_bit_of_a_uuid_but_six_is_random)
{
    unsigned char set[16] = {0};
    unsigned char cleared[16] = {0};
    for (int i = 0; i < 40; i++)
    {
        eventure_log *log = NULL;
        eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
        eventure_origin origin;
        options.mode = EVENTURE_OPEN_MEMORY;
        expect_ok(NULL, eventure_log_open("memory", &options, &log));
        expect_ok(eventure_log_reader(log), eventure_store_origin(eventure_log_reader(log), &origin));
        int at = 0;
        for (const char *c = origin.uuid; *c != '\0' && at < 16; c += 2)
        {
            unsigned byte = 0;
            c += *c == '-';
            ck_assert_int_eq(sscanf(c, "%2x", &byte), 1);
            set[at] = (unsigned char)(set[at] | byte);
            cleared[at] = (unsigned char)(cleared[at] | ~byte);
            at++;
        }
        ck_assert_int_eq(at, 16);
        expect_ok(NULL, eventure_log_close(log));
    }
    for (int at = 0; at < 16; at++)
    {
        ck_assert_int_eq(set[at], at == 6 ? 0x4F : at == 8 ? 0xBF : 0xFF);
        ck_assert_int_eq(cleared[at], at == 6 ? 0xBF : at == 8 ? 0x7F : 0xFF);
    }
}
END_TEST
