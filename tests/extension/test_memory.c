/*
 * Every allocation fails once, the extension's own and SQLite's: a question then gets the right answer, or ends with
 * the error "out of memory". It never gets a wrong answer and never crashes; and under the sanitizers, it leaks
 * nothing.
 */
#include "host_world.h"

#include <eventure/extension.h>

#include "alloc_fail.h"

static sqlite3_mem_methods methods;

/* SQLite's allocations count among ours: this program's malloc is the one that fails (see alloc_fail.h). */
static bool may_allocate(void)
{
    void *probe = malloc(1);
    free(probe);
    return probe != NULL;
}

static void *failing_malloc(int size)
{
    return may_allocate() ? methods.xMalloc(size) : NULL;
}

static void *failing_realloc(void *memory, int size)
{
    return may_allocate() ? methods.xRealloc(memory, size) : NULL;
}

static sqlite3 *open_host(void)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open_v2(SCRATCH_PATH, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0), SQLITE_OK);
    return db;
}

/* Makes each allocation of a question fail in turn; returns how many there were. */
static long fail_each(const char *sql, bool *out_failed_once)
{
    sqlite3 *db = open_host();
    ck_assert_int_eq(eventure_extension_init(db, NULL, NULL), SQLITE_OK);
    char *expected = strdup(host_ask(db, sql));
    ck_assert_msg(strncmp(expected, "error", 5) != 0, "%s", expected);
    bool hit = true;
    long n = 0;
    *out_failed_once = false;
    while (hit)
    {
        alloc_fail_at(++n);
        const char *answer = host_ask(db, sql);
        hit = alloc_fail_stop();
        if (strcmp(answer, expected) != 0)
        {
            ck_assert_msg(hit && strstr(answer, "memory") != NULL, "%s, allocation %ld: %s", sql, n, answer);
            *out_failed_once = true;
        }
    }
    free(expected);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    return n;
}

static void make_store(void)
{
    eventure_log *log = scratch_new();
    char first[32];
    strcpy(first, scratch_append(log, "a.start", "{\"who\":\"A\\u0001nn\",\"list\":[1,{\"x\":2.5}]}", NULL));
    for (int i = 0; i < 5; i++)
        scratch_append(log, "b.move", "{\"n\":1}", first);
    ck_assert_int_eq(eventure_log_advance_tick(log), EVENTURE_OK);
    scratch_append(log, "c.end", NULL, first);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}

START_TEST(a_failing_allocation_is_an_error)
{
    static const char *const questions[] = {
        "SELECT id, depth, path FROM event_cascade((SELECT id FROM events WHERE seq = 1), 'depth-first')",
        "SELECT seq FROM event_cascade((SELECT id FROM events WHERE seq = 1), 'id', 'main')",
        "SELECT seq, path FROM event_ancestors((SELECT id FROM events WHERE seq = 7))",
        "SELECT data FROM events_at(1)",
        "SELECT tick, type, count FROM event_timeline(10)",
        "SELECT event_tree(id) FROM events WHERE seq = 1",
        "SELECT event_data(data, 'who'), event_data(data, 'list') FROM events WHERE seq = 1",
        "SELECT event_data_equals(data, 'list', '[1.0, {\"x\": 25e-1}]') FROM events WHERE seq = 1",
        "SELECT event_type_hash('a.b'), event_matches('a.b', 'a.*'), event_id_hash('1-FADA-1')",
    };
    make_store();
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
    {
        bool failed_once = false;
        ck_assert_int_gt(fail_each(questions[i], &failed_once), 5);
        ck_assert_msg(failed_once, "%s", questions[i]);
    }
    scratch_remove(SCRATCH_PATH);
}
END_TEST

START_TEST(loading_survives_it_too)
{
    bool hit = true;
    make_store();
    for (long n = 1; hit; n++)
    {
        char *message = NULL;
        sqlite3 *db = open_host();
        alloc_fail_at(n);
        int code = eventure_extension_init(db, &message, NULL);
        hit = alloc_fail_stop();
        ck_assert_msg(hit ? code == SQLITE_NOMEM || code == SQLITE_OK : code == SQLITE_OK, "%ld: %d", n, code);
        sqlite3_free(message);
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    }
    scratch_remove(SCRATCH_PATH);
}
END_TEST

int main(void)
{
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &methods) != SQLITE_OK)
        return 1;
    sqlite3_mem_methods failing = methods;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) != SQLITE_OK)
        return 1;
    Suite *suite = suite_create("extension without memory");
    TCase *cases = tcase_create("memory");
    tcase_set_timeout(cases, 600);
    tcase_add_test(cases, a_failing_allocation_is_an_error);
    tcase_add_test(cases, loading_survives_it_too);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
