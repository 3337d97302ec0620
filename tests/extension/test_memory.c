/*
 * Every allocation of the extension and of SQLite fails once: a query must then return the right result or the error
 * "out of memory", and must not crash; under the sanitizers, it must not leak.
 */
#include "host_world.h"

#include <eventure/extension.h>

#include "alloc_fail.h"
#include "sqlite_memory.h"

TEST_PREPARE(sqlite_memory_from_malloc);
TEST_TIMEOUT(600);

static sqlite3 *open_host(void)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open_v2(SCRATCH_PATH, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return db;
}

/* Makes each allocation of a query fail in turn. Returns their number. */
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
    expect_ok(log, eventure_log_advance_tick(log));
    scratch_append(log, "c.end", NULL, first);
    expect_ok(NULL, eventure_log_close(log));
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
    for (size_t i = 0; i < COUNT_OF(questions); i++)
    {
        bool failed_once = false;
        ck_assert_int_gt(fail_each(questions[i], &failed_once), 5);
        ck_assert_msg(failed_once, "%s", questions[i]);
    }
    scratch_remove(SCRATCH_PATH);
}
END_TEST

/* When loading succeeds, the functions are there. */
START_TEST(loading_survives_it_too)
{
    static const char *const questions[] = {
        "SELECT count(*) FROM event_cascade((SELECT id FROM events WHERE seq = 1))",
        "SELECT count(*) FROM events_at(1)",
        "SELECT count(*) FROM event_ancestors((SELECT id FROM events WHERE seq = 7))",
        "SELECT count(*) FROM event_timeline(10)", "SELECT event_id_hash('1-FADA-1')"};
    bool hit = true;
    bool failed_once = false;
    make_store();
    for (long n = 1; hit; n++)
    {
        char *message = NULL;
        sqlite3 *db = open_host();
        alloc_fail_at(n);
        int code = eventure_extension_init(db, &message, NULL);
        hit = alloc_fail_stop();
        ck_assert_msg(hit ? code == SQLITE_NOMEM || code == SQLITE_OK : code == SQLITE_OK, "%ld: %d", n, code);
        for (size_t i = 0; i < COUNT_OF(questions) && code == SQLITE_OK; i++)
        {
            const char *answer = host_ask(db, questions[i]);
            ck_assert_msg(strncmp(answer, "error", 5) != 0, "%ld: %s: %s", n, questions[i], answer);
        }
        failed_once = failed_once || code != SQLITE_OK;
        sqlite3_free(message);
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    }
    ck_assert(failed_once);
    scratch_remove(SCRATCH_PATH);
}
END_TEST
