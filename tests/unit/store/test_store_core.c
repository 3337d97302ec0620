/*
 * The core of a store: cached statements, the translation of SQLite's errors, and queries of single values.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "scratch.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure__store *store;

static void set_up(void)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(NULL, eventure_log_close(log));
    expect_ok(NULL, eventure__store_open_read(SCRATCH_PATH, &store));
}

static void tear_down(void)
{
    eventure__store_close(store);
    scratch_remove(SCRATCH_PATH);
}

static sqlite3_stmt *take(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    expect_ok(store, eventure__store_prepare(store, sql, &statement));
    ck_assert_ptr_nonnull(statement);
    ck_assert_int_eq(strncmp(sqlite3_sql(statement), sql, strlen(sql)), 0);
    return statement;
}

/* Takes and returns SELECT number. */
static sqlite3_stmt *use(int number)
{
    char sql[32];
    snprintf(sql, sizeof sql, "SELECT %d", number);
    sqlite3_stmt *statement = take(sql);
    eventure__store_release(store, statement);
    return statement;
}

/* --- Statements --- */

static int prepared; /* the number of statements that SQLite has compiled */

static int count_prepared(void *context, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    prepared += action == SQLITE_SELECT;
    return SQLITE_OK;
}

START_TEST(a_statement_is_compiled_once_and_taken_by_one)
{
    sqlite3_set_authorizer(store->db, count_prepared, NULL);
    prepared = 0;
    sqlite3_stmt *first = take("SELECT ?1, ?2");
    sqlite3_stmt *second = take("SELECT ?1, ?2");
    ck_assert_ptr_ne(first, second);
    ck_assert_int_eq(prepared, 2);
    sqlite3_bind_int(first, 1, 5);
    ck_assert_int_eq(sqlite3_step(first), SQLITE_ROW);
    eventure__store_release(store, first);
    ck_assert(!sqlite3_stmt_busy(first));
    ck_assert_ptr_eq(take("SELECT ?1, ?2"), first);
    ck_assert_int_eq(prepared, 2);
    ck_assert_int_eq(sqlite3_step(first), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_column_type(first, 0), SQLITE_NULL); /* nothing is bound any more */
    eventure__store_release(store, first);
    eventure__store_release(store, second);
    /* The text is compared with its length. */
    sqlite3_stmt *third = take("SELECT ?1");
    ck_assert_int_eq(prepared, 3);
    eventure__store_release(store, third);
    eventure__store_release(store, NULL);
}
END_TEST

START_TEST(the_statement_that_was_not_used_for_longest_makes_room)
{
    for (int i = 0; i < EVENTURE__STATEMENTS; i++)
        use(i);
    sqlite3_stmt *held = take("SELECT 1");
    use(0);
    sqlite3_set_authorizer(store->db, count_prepared, NULL);
    prepared = 0;
    use(100); /* replaces 2, as 0 was used since and 1 is in use */
    ck_assert_int_eq(prepared, 1);
    for (int i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        if (i != 1 && i != 2)
            use(i);
    }
    use(100);
    ck_assert_int_eq(prepared, 1);
    use(2);
    ck_assert_int_eq(prepared, 2);
    eventure__store_release(store, held);
}
END_TEST

START_TEST(a_statement_without_room_is_finalised_when_it_is_released)
{
    sqlite3_stmt *taken[EVENTURE__STATEMENTS + 1];
    int count = 0;
    for (int i = 0; i <= EVENTURE__STATEMENTS; i++)
    {
        char sql[32];
        snprintf(sql, sizeof sql, "SELECT %d", i);
        taken[i] = take(sql);
    }
    for (int i = EVENTURE__STATEMENTS; i >= 0; i--)
        eventure__store_release(store, taken[i]);
    for (sqlite3_stmt *one = sqlite3_next_stmt(store->db, NULL); one != NULL; one = sqlite3_next_stmt(store->db, one))
        count++;
    ck_assert_int_eq(count, EVENTURE__STATEMENTS);
    eventure__store_forget_statements(store);
    ck_assert_ptr_null(sqlite3_next_stmt(store->db, NULL));
    use(1);
}
END_TEST

START_TEST(a_text_that_is_no_statement_is_damage)
{
    sqlite3_stmt *statement = (sqlite3_stmt *)&statement;
    int64_t value = 0;
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__store_prepare(store, "SELEC", &statement));
    ck_assert_ptr_null(statement);
    ck_assert_str_eq(store->error.text, "scratch.db: prepare a statement: near \"SELEC\": syntax error");
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__store_run(store, "SELECT * FROM none", "try"));
    ck_assert_str_eq(store->error.text, "scratch.db: prepare a statement: no such table: none");
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__store_ask_int(store, "ask", "SELECT * FROM none", &value));
    ck_assert_str_eq(store->error.text, "scratch.db: ask: no such table: none");
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__store_exec(store, "SELECT * FROM none", "try"));
    ck_assert_str_eq(store->error.text, "scratch.db: try: no such table: none");
}
END_TEST

START_TEST(an_error_while_a_statement_runs_is_returned)
{
    int64_t value = 5;
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__store_run(store, "SELECT abs(-9223372036854775808)", "try"));
    ck_assert_str_eq(store->error.text, "scratch.db: try: integer overflow");
    expect_status(EVENTURE_ERROR_CORRUPT, store,
                  eventure__store_ask_int_with(store, "ask", "SELECT abs(-9223372036854775808)", 0, 7, &value));
    ck_assert_str_eq(store->error.text, "scratch.db: ask: integer overflow");
    ck_assert_int_eq(value, 7);
    expect_status(EVENTURE_ERROR_READ_ONLY, store, eventure__store_run(store, "DELETE FROM events", "try"));
    expect_ok(store, eventure__store_run(store, "SELECT 1 WHERE 0", "try"));
    expect_ok(store, eventure__store_run(store, "SELECT 1", "try"));
    expect_ok(store, eventure__store_exec(store, "SELECT 1; SELECT 2", "try"));
}
END_TEST

/* --- Values --- */

START_TEST(one_integer_is_asked_for)
{
    int64_t value = 0;
    expect_ok(store, eventure__store_ask_int_with(store, "ask", "SELECT 7, 8", 3, 9, &value));
    ck_assert_int_eq(value, 7);
    expect_ok(store, eventure__store_ask_int_with(store, "ask", "SELECT ?1 + 1", 3, 9, &value));
    ck_assert_int_eq(value, 4);
    expect_ok(store, eventure__store_ask_int_with(store, "ask", "SELECT 1 WHERE 0", 3, 9, &value));
    ck_assert_int_eq(value, 9);
    ck_assert_int_eq(eventure__sqlite_ask_int(store->db, "SELECT 7", 9, &value), SQLITE_OK);
    ck_assert_int_eq(value, 7);
    ck_assert_int_eq(eventure__sqlite_ask_int(store->db, "SELECT 7 WHERE 0", 9, &value), SQLITE_OK);
    ck_assert_int_eq(value, 9);
    ck_assert_int_eq(eventure__sqlite_ask_int(store->db, "SELECT '7'", 9, &value), SQLITE_OK);
    ck_assert_int_eq(value, 9);
    ck_assert_int_eq(eventure__sqlite_ask_int(store->db, "SELEC", 9, &value), SQLITE_ERROR);
    ck_assert_int_eq(value, 9);
    ck_assert_int_eq(eventure__sqlite_ask_int(store->db, "SELECT abs(-9223372036854775808)", 9, &value), SQLITE_ERROR);
}
END_TEST

START_TEST(a_table_is_there_or_not)
{
    bool exists = false;
    expect_ok(store, eventure__store_has_table(store, "events", &exists));
    ck_assert(exists);
    expect_ok(store, eventure__store_has_table(store, "none", &exists));
    ck_assert(!exists);
}
END_TEST

START_TEST(a_time_must_be_finite)
{
    expect_ok(store, eventure__store_check_time(store, 0));
    expect_ok(store, eventure__store_check_time(store, -1e300));
    expect_status(EVENTURE_ERROR_ARGUMENT, store, eventure__store_check_time(store, NAN));
    expect_status(EVENTURE_ERROR_ARGUMENT, store, eventure__store_check_time(store, INFINITY));
    ck_assert_str_eq(store->error.text, "the clock returned Infinity, which is not finite");
}
END_TEST

/* --- Errors --- */

START_TEST(each_code_of_sqlite_has_its_status)
{
    static const struct
    {
        int code;
        eventure_status status;
    } cases[] = {
        {SQLITE_NOMEM, EVENTURE_ERROR_MEMORY},
        {SQLITE_IOERR_NOMEM, EVENTURE_ERROR_IO},
        {SQLITE_BUSY, EVENTURE_ERROR_BUSY},
        {SQLITE_BUSY_SNAPSHOT, EVENTURE_ERROR_BUSY},
        {SQLITE_LOCKED, EVENTURE_ERROR_BUSY},
        {SQLITE_CORRUPT, EVENTURE_ERROR_CORRUPT},
        {SQLITE_CORRUPT_INDEX, EVENTURE_ERROR_CORRUPT},
        {SQLITE_ERROR, EVENTURE_ERROR_CORRUPT},
        {SQLITE_SCHEMA, EVENTURE_ERROR_CORRUPT},
        {SQLITE_MISMATCH, EVENTURE_ERROR_CORRUPT},
        {SQLITE_CONSTRAINT, EVENTURE_ERROR_CORRUPT},
        {SQLITE_CONSTRAINT_UNIQUE, EVENTURE_ERROR_CORRUPT},
        {SQLITE_NOTADB, EVENTURE_ERROR_FORMAT},
        {SQLITE_READONLY, EVENTURE_ERROR_READ_ONLY},
        {SQLITE_READONLY_DBMOVED, EVENTURE_ERROR_READ_ONLY},
        {SQLITE_PERM, EVENTURE_ERROR_READ_ONLY},
        {SQLITE_INTERRUPT, EVENTURE_ERROR_INTERRUPTED},
        {SQLITE_TOOBIG, EVENTURE_ERROR_LIMIT},
        {SQLITE_IOERR, EVENTURE_ERROR_IO},
        {SQLITE_FULL, EVENTURE_ERROR_IO},
        {SQLITE_CANTOPEN, EVENTURE_ERROR_IO},
        {SQLITE_MISUSE, EVENTURE_ERROR_IO},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ck_assert_msg(eventure__sqlite_status(cases[i].code) == cases[i].status, "%d", cases[i].code);
}
END_TEST

static int stop(void *none)
{
    (void)none;
    return 1;
}

START_TEST(an_interrupted_statement_is_an_error_of_its_own)
{
    int64_t count = 0;
    static const char endless[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) "
                                  "FROM n";
    sqlite3_progress_handler(store->db, 100, stop, NULL);
    expect_status(EVENTURE_ERROR_INTERRUPTED, store, eventure__store_ask_int(store, "ask", endless, &count));
    ck_assert_str_eq(store->error.text, "scratch.db: ask: interrupted");
}
END_TEST

START_TEST(the_log_is_moved_into_the_file)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    eventure_reader *reader = NULL;
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    eventure__store *its = eventure_log_reader(log);
    expect_ok(its, eventure__store_bring_inside(its));
    scratch_run("cp " SCRATCH_PATH " alone.db");
    expect_ok(NULL, eventure_reader_open("alone.db", &reader));
    ck_assert_int_eq(scratch_last_seq(reader), 2);
    eventure_reader_close(reader);
    scratch_remove("alone.db");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_second_view_has_its_own_statements_and_error)
{
    eventure__store *view = eventure__store_share(store);
    int64_t value = 0;
    ck_assert_ptr_nonnull(view);
    ck_assert_ptr_eq(view->db, store->db);
    ck_assert_str_eq(view->path, "scratch.db");
    ck_assert_int_eq(view->busy_timeout_ms, store->busy_timeout_ms);
    ck_assert(!eventure__store_in_memory(view));
    expect_ok(view, eventure__store_ask_int(view, "ask", "SELECT count(*) FROM events", &value));
    ck_assert_int_eq(value, 1);
    expect_status(EVENTURE_ERROR_CORRUPT, view, eventure__store_exec(view, "SELEC", "try"));
    ck_assert_str_eq(store->error.text, "");
    expect_ok(NULL, eventure__store_close(view));
    expect_ok(store, eventure__store_ask_int(store, "ask", "SELECT count(*) FROM events", &value));
    expect_ok(NULL, eventure__store_close(NULL));
}
END_TEST
