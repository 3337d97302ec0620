/*
 * A history for tests of copies, forks and archives: see session_world.h.
 */
#include "session_world.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "testing.h"

/* Appends one line as importing does. */
static void import_line(eventure_log *log, const char *line)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.external_parents = true;
    expect_ok(log, scratch_import(log, line, &options));
}

static void make_tick(eventure_log *log, int64_t tick, char *carried)
{
    char data[64];
    char line[256];
    char id[64] = "";
    for (int i = 0; i < 8; i++)
    {
        snprintf(data, sizeof data, "{\"n\": %d, \"of\": %lld}", i, (long long)tick);
        /* A chain through the ticks; a chain in the tick; an event alone. */
        const char *parent = i == 0 ? (carried[0] != '\0' ? carried : NULL) : i % 3 == 0 ? NULL : id;
        static const char *const types[] = {"tick.start", "player.move", "enemy.move", "player.attack"};
        const char *given = scratch_append(log, tick > 20 && i == 7 ? "late.comer" : types[i % 4], data, parent);
        snprintf(id, sizeof id, "%s", given);
        if (i == 0)
            snprintf(carried, 64, "%s", given);
    }
    snprintf(line, sizeof line,
             "{\"tick\": %lld, \"timestamp\": 1.5, \"type\": \"far.away\", \"data\": {}, \"event_id\": \"far-%lld\", "
             "\"parent_id\": \"outside-%lld\"}\n",
             (long long)tick, (long long)tick, (long long)tick);
    import_line(log, line);
    snprintf(line, sizeof line,
             "{\"tick\": %lld, \"timestamp\": 2.5, \"type\": \"player.move\", \"data\": {\"to\": \"x\"}, "
             "\"event_id\": \"%lld-EBDB-99\", \"parent_id\": \"far-%lld\"}\n",
             (long long)tick, (long long)tick, (long long)(tick > 2 ? (tick - 2) % 7 == 3 ? tick : tick - 2 : tick));
    import_line(log, line);
}

eventure_log *world_make(const char *path, int64_t ticks)
{
    char carried[64] = "";
    char name[32];
    scratch_remove(path);
    eventure_log *log = scratch_open(path);
    for (int64_t tick = 0; tick < ticks; tick++)
    {
        if (tick % 7 != 3)
            make_tick(log, tick, carried);
        if (tick % 10 == 5)
        {
            snprintf(name, sizeof name, "save %lld", (long long)tick);
            expect_ok(log, eventure_save_point_create(log, name, NULL));
            scratch_append(log, "player.move", "{\"after\": \"the save\"}", NULL);
        }
        expect_ok(log, eventure_log_advance_tick(log));
    }
    return log;
}

char *world_lines(const char *path, int64_t after_seq, int64_t last_seq)
{
    eventure_reader *reader = NULL;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    char *lines = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&lines, &size);
    ck_assert_ptr_nonnull(out);
    eventure_status status = eventure_reader_open(path, &reader);
    expect_ok(reader, status);
    filter.after_seq = after_seq;
    status = eventure_query(reader, &filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW && event.seq <= last_seq)
    {
        char *line = NULL;
        expect_ok(NULL, eventure_event_to_json(&event, &line));
        fprintf(out, "%lld %lld %s\n", (long long)event.seq, (long long)event.parent_seq, line);
        eventure_free(line);
    }
    ck_assert_msg(status >= 0, "%s", eventure_reader_message(reader));
    eventure_cursor_free(cursor);
    eventure_reader_close(reader);
    fclose(out);
    return lines;
}

/* Returns all rows of a query of a file as text; the caller frees it. */
static char *answer(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char *text = NULL;
    size_t size = 0;
    int step;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        for (int i = 0; i < sqlite3_column_count(statement); i++)
        {
            const char *column = (const char *)sqlite3_column_text(statement, i);
            fprintf(out, "%s|", column != NULL ? column : "NULL");
        }
        fputc('\n', out);
    }
    ck_assert_int_eq(step, SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    fclose(out);
    return text;
}

void world_expect_same(const char *path, const char *other, const char *sql)
{
    char *one = answer(path, sql);
    char *two = answer(other, sql);
    ck_assert_msg(strcmp(one, two) == 0, "%s: %s answers\n%.2000s\n%s answers\n%.2000s", sql, path, one, other, two);
    free(one);
    free(two);
}

int world_files(const char *beginning)
{
    int count = 0;
    const struct dirent *entry;
    DIR *directory = opendir(".");
    ck_assert_ptr_nonnull(directory);
    while ((entry = readdir(directory)) != NULL)
        count += strncmp(entry->d_name, beginning, strlen(beginning)) == 0;
    closedir(directory);
    return count;
}

static void expect_nothing(const char *path, const char *sql)
{
    char *text = answer(path, sql);
    ck_assert_msg(text[0] == '\0', "%s: %s answers\n%.2000s", path, sql, text);
    free(text);
}

void world_check(const char *path)
{
    expect_nothing(path, "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
    expect_nothing(path, "SELECT tick, count(*), min(seq), max(seq) FROM events GROUP BY tick EXCEPT "
                         "SELECT tick, last_seq - first_seq + 1, first_seq, last_seq FROM tick");
    expect_nothing(path, "SELECT tick, last_seq - first_seq + 1, first_seq, last_seq FROM tick EXCEPT "
                         "SELECT tick, count(*), min(seq), max(seq) FROM events GROUP BY tick");
    expect_nothing(path, "SELECT seq, parent_seq FROM events WHERE parent_seq IS NOT NULL AND parent_seq NOT IN "
                         "(SELECT seq FROM events UNION ALL SELECT seq FROM archived_events)");
    expect_nothing(path, "SELECT seq, parent_seq FROM archived_events WHERE parent_seq IS NOT NULL AND "
                         "parent_seq NOT IN (SELECT seq FROM archived_events)");
    expect_nothing(path, "SELECT seq FROM archived_events WHERE seq > (SELECT max(last_seq) FROM archive) OR "
                         "(SELECT count(*) FROM archive) = 0");
    expect_nothing(path, "WITH known AS (SELECT seq, id, parent_seq, parent_id FROM events UNION ALL "
                         "SELECT seq, id, parent_seq, parent_id FROM archived_events) "
                         "SELECT * FROM known JOIN known AS parent ON parent.seq = known.parent_seq "
                         "WHERE known.parent_id IS NOT parent.id");
    expect_nothing(path, "SELECT id FROM (SELECT id FROM events UNION ALL SELECT id FROM archived_events) "
                         "GROUP BY id HAVING count(*) > 1");
    expect_nothing(path, "SELECT seq, id FROM (SELECT seq, id, tick FROM events UNION ALL "
                         "SELECT seq, id, tick FROM archived_events) "
                         "WHERE (SELECT foreign_ids FROM store) = 0 AND id NOT GLOB tick || '-[A-F]*-[1-9]*'");
    expect_nothing(path, "SELECT min(seq) AS low, max(seq) AS high, count(*) AS n FROM events "
                         "GROUP BY NULL HAVING high - low + 1 <> n OR "
                         "low <> 1 + coalesce((SELECT max(last_seq) FROM archive), 0)");
}

int64_t world_number(const char *path, const char *sql)
{
    char *text = scratch_ask(path, sql);
    int64_t value = text != NULL ? strtoll(text, NULL, 10) : -1;
    free(text);
    return value;
}

/* Makes a history, and a complete copy of it. */
eventure_log *world_whole(int64_t ticks)
{
    eventure_log *log = world_make(SCRATCH_PATH, ticks);
    scratch_remove(WORLD_WHOLE);
    scratch_remove(WORLD_ARCHIVE);
    expect_ok(eventure_log_reader(log), eventure_store_copy(eventure_log_reader(log), WORLD_WHOLE, NULL));
    return log;
}

eventure_archive_counts world_archive(eventure_log *log, const char *path, int64_t before_tick)
{
    eventure_archive_counts counts = {-1, -1};
    expect_ok(log, eventure_log_archive(log, path, before_tick, NULL, &counts));
    return counts;
}

void world_verify(const char *path)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    expect_ok(NULL, eventure_reader_open(path, &reader));
    expect_ok(reader, eventure_store_verify(reader, NULL, &report));
    ck_assert_msg(report.is_sound, "%s: %s", path, report.problem);
    eventure_reader_close(reader);
    world_check(path);
}

void world_expect_same_lines(const char *path, int64_t after_seq, int64_t last_seq)
{
    char *whole = world_lines(WORLD_WHOLE, after_seq, last_seq);
    char *part = world_lines(path, after_seq, last_seq);
    ck_assert_str_eq(whole, part);
    free(whole);
    free(part);
}

void world_expect_same_ticks(const char *path, int64_t tick_min, int64_t tick_max)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT * FROM tick WHERE tick BETWEEN %lld AND %lld", (long long)tick_min,
             (long long)tick_max);
    world_expect_same(WORLD_WHOLE, path, sql);
}
