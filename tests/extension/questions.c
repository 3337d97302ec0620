/*
 * Runs the same queries on a history in three ways, and compares the ids in their order: through the library's cursors,
 * through the extension's table-valued functions on a read-only connection of its own, and in plain SQL over the table
 * `events`, which uses neither.
 *
 *     questions EXTENSION HISTORY.jsonl STORE COUNT SEED
 *
 * The queries are random, from a seed that is printed when two results differ.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <eventure/eventure.h>

typedef struct text
{
    char *bytes;
    size_t len;
    size_t capacity;
} text;

static eventure_reader *reader;
static sqlite3 *db;
static uint64_t random_state;
static int64_t events_count;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "questions: %s: %s\n", what, why);
    exit(1);
}

static void add(text *to, const char *more)
{
    const size_t len = strlen(more);
    if (to->len + len + 2 > to->capacity)
    {
        to->capacity = (to->capacity + len + 2) * 2;
        to->bytes = realloc(to->bytes, to->capacity);
        if (to->bytes == NULL)
            die("memory", "there is none");
    }
    memcpy(to->bytes + to->len, more, len + 1);
    to->len += len;
}

/* xorshift64*: gives the same queries on every machine. */
static int64_t draw(int64_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (int64_t)((random_state * UINT64_C(2685821657736338717)) >> 33) % below;
}

/* --- Three ways to run a query --- */

static void by_library(eventure_status status, eventure_cursor *cursor, bool with_depth, text *out)
{
    eventure_event event;
    char depth[32];
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        add(out, event.id);
        if (with_depth)
        {
            snprintf(depth, sizeof depth, ":%" PRId64, eventure_cursor_depth(cursor));
            add(out, depth);
        }
        add(out, " ");
    }
    eventure_cursor_free(cursor);
    if (status < 0)
        add(out, eventure_reader_message(reader));
}

/* Runs SQL and joins its columns with colons; ?1 is an id or a tick, ?2 another text. */
static void by_sql(const char *sql, const char *id, int64_t tick, const char *second, text *out)
{
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_DONE;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(db));
    if (id != NULL)
        sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    else if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, tick);
    if (second != NULL && sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_text(statement, 2, second, -1, SQLITE_STATIC);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        for (int i = 0; i < sqlite3_column_count(statement); i++)
        {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            add(out, i > 0 ? ":" : "");
            add(out, value != NULL ? value : "NULL");
        }
        add(out, " ");
    }
    if (step != SQLITE_DONE)
        add(out, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
}

/* --- The queries --- */

typedef enum kind
{
    CASCADE,
    CASCADE_DEPTH_FIRST,
    CASCADE_APPENDED,
    CASCADE_BY_ID,
    ANCESTORS,
    CHILDREN,
    AT,
    UNTIL,
    ROOTS,
    ROOTS_AT,
    TYPES,
    BY_TYPE,
    PATHS,
    KINDS
} kind;

/* A cascade in plain SQL, with the path to each event as seqs of equal length. Ordered by the path, it is depth-first;
 * ordered by depth and then by the path, breadth-first. */
#define PLAIN_CASCADE                                                                                                  \
    "WITH RECURSIVE c (seq, id, depth, way) AS (SELECT seq, id, 0, printf('%012d', seq) FROM events "                  \
    "WHERE seq = (SELECT seq FROM events WHERE id = ?1) UNION ALL "                                                    \
    "SELECT e.seq, e.id, c.depth + 1, c.way || printf('%012d', e.seq) FROM c CROSS JOIN events AS e "                  \
    "ON e.parent_seq = c.seq) SELECT id, depth FROM c ORDER BY "

/* The order of ids; all ids must have Eventure's own form. */
#define PLAIN_ID_ORDER                                                                                                 \
    "CAST(substr(id, 1, instr(id, '-') - 1) AS INTEGER), "                                                             \
    "substr(id, instr(id, '-') + 1, instr(substr(id, instr(id, '-') + 1), '-') - 1), "                                 \
    "CAST(substr(id, length(rtrim(id, '0123456789')) + 1) AS INTEGER)"

#define PLAIN_ROOTS                                                                                                    \
    "SELECT e.id FROM events AS e LEFT JOIN events AS p ON p.seq = e.parent_seq "                                      \
    "WHERE (p.seq IS NULL OR p.tick < e.tick)"

typedef struct question
{
    const char *extension;
    const char *plain; /* NULL: there is none */
} question;

static const question questions[KINDS] = {
    [CASCADE] = {"SELECT id, depth FROM event_cascade(?1)", PLAIN_CASCADE "depth, way"},
    [CASCADE_DEPTH_FIRST] = {"SELECT id, depth FROM event_cascade(?1, 'depth-first')", PLAIN_CASCADE "way"},
    [CASCADE_APPENDED] = {"SELECT id, depth FROM event_cascade(?1, 'append')", PLAIN_CASCADE "seq"},
    [CASCADE_BY_ID] = {"SELECT id, depth FROM event_cascade(?1, 'id')", PLAIN_CASCADE PLAIN_ID_ORDER},
    [ANCESTORS] = {"SELECT id, depth FROM event_ancestors(?1)",
                   "WITH RECURSIVE a (seq, id, parent_seq, depth) AS (SELECT seq, id, parent_seq, 0 FROM events WHERE "
                   "seq = (SELECT seq FROM events WHERE id = ?1) UNION ALL SELECT e.seq, e.id, e.parent_seq, depth + 1 "
                   "FROM a CROSS JOIN events AS e ON e.seq = a.parent_seq) "
                   "SELECT id, depth FROM a WHERE depth > 0 ORDER BY depth"},
    [CHILDREN] = {"SELECT id FROM event_children(?1)", "SELECT id FROM events WHERE parent_id = ?1 ORDER BY seq"},
    [AT] = {"SELECT id FROM events_at(?1)", "SELECT id FROM events WHERE tick = ?1 ORDER BY seq"},
    [UNTIL] = {"SELECT id FROM events_until(?1)", "SELECT id FROM events WHERE tick <= ?1 ORDER BY seq"},
    [ROOTS] = {"SELECT id FROM event_roots()", PLAIN_ROOTS " ORDER BY e.seq"},
    [ROOTS_AT] = {"SELECT id FROM event_roots(?1)", PLAIN_ROOTS " AND e.tick = ?1 ORDER BY e.seq"},
    [TYPES] = {"SELECT type, count FROM event_types()",
               "SELECT type, count(*) FROM events GROUP BY type ORDER BY min(seq)"},
    [BY_TYPE] = {"SELECT id FROM events WHERE event_matches(type, ?2) ORDER BY seq",
                 "SELECT id FROM events WHERE type GLOB ?2 ORDER BY seq"},
    [PATHS] = {"SELECT path FROM event_cascade(?1)",
               "WITH RECURSIVE c (seq, depth, way, path) AS (SELECT seq, 0, printf('%012d', seq), json_array(id) "
               "FROM events WHERE seq = (SELECT seq FROM events WHERE id = ?1) UNION ALL SELECT e.seq, c.depth + 1, "
               "c.way || printf('%012d', e.seq), json_insert(c.path, '$[#]', e.id) FROM c CROSS JOIN events AS e "
               "ON e.parent_seq = c.seq) SELECT path FROM c ORDER BY depth, way"},
};

static int say_count(const char *type, int64_t count, void *context)
{
    char number[32];
    snprintf(number, sizeof number, ":%" PRId64 " ", count);
    add(context, type);
    add(context, number);
    return 0;
}

static void ask_library(kind which, const char *id, int64_t tick, const char *pattern, text *out)
{
    eventure_cursor *cursor = NULL;
    eventure_status status = EVENTURE_OK;
    bool with_depth = false;
    switch (which)
    {
    case CASCADE:
    case CASCADE_APPENDED:
    case CASCADE_BY_ID:
        status = eventure_query_cascade(reader, id,
                                        which == CASCADE            ? EVENTURE_ORDER_BREADTH_FIRST
                                        : which == CASCADE_APPENDED ? EVENTURE_ORDER_APPEND
                                                                    : EVENTURE_ORDER_ID,
                                        &cursor);
        with_depth = true;
        break;
    case ANCESTORS:
        status = eventure_query_ancestors(reader, id, &cursor);
        with_depth = true;
        break;
    case CHILDREN:
        status = eventure_query_children(reader, id, &cursor);
        break;
    case AT:
        status = eventure_query_at_tick(reader, tick, &cursor);
        break;
    case UNTIL:
        status = eventure_query_until_tick(reader, tick, &cursor);
        break;
    case ROOTS:
    case ROOTS_AT:
        status = eventure_query_roots(reader, which == ROOTS ? -1 : tick, &cursor);
        break;
    case BY_TYPE:
        status = eventure_query_by_type(reader, pattern, &cursor);
        break;
    default:
        if (eventure_query_count_by_type(reader, say_count, out) != EVENTURE_OK)
            add(out, eventure_reader_message(reader));
        return;
    }
    by_library(status, cursor, with_depth, out);
}

/* --- One query --- */

static sqlite3_int64 ask_int(const char *sql, int64_t value)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(db));
    sqlite3_bind_int64(statement, 1, value);
    sqlite3_int64 answer = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    return answer;
}

static void draw_text(const char *column, char *out, size_t size)
{
    text drawn = {0};
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT %s FROM events WHERE seq = ?1", column);
    by_sql(sql, NULL, 1 + draw(events_count), NULL, &drawn);
    snprintf(out, size, "%.*s", drawn.len > 0 ? (int)drawn.len - 1 : 0, drawn.len > 0 ? drawn.bytes : "");
    free(drawn.bytes);
}

/* Draws a type, or a pattern made from a type. */
static void draw_pattern(char *out, size_t size)
{
    char type[256];
    draw_text("type", type, sizeof type);
    const int64_t form = draw(3);
    char *dot = strchr(type, '.');
    if (form == 1 && dot != NULL)
        snprintf(out, size, "%.*s.*", (int)(dot - type), type);
    else if (form == 2 && dot != NULL)
        snprintf(out, size, "*%s", strrchr(type, '.'));
    else
        snprintf(out, size, "%s", type);
}

static bool same(const char *what, const text *one, const text *other, const char *id, int64_t tick)
{
    const char *a = one->bytes != NULL ? one->bytes : "";
    const char *b = other->bytes != NULL ? other->bytes : "";
    if (strcmp(a, b) == 0)
        return true;
    fprintf(stderr, "questions: %s; id %s, tick %" PRId64 ":\n%.2000s\n%.2000s\n", what, id, tick, a, b);
    return false;
}

static bool ask(kind which, bool ids_have_form)
{
    char id[256];
    char pattern[256];
    text library = {0};
    text extension = {0};
    text plain = {0};
    draw_text("id", id, sizeof id);
    draw_pattern(pattern, sizeof pattern);
    const int64_t tick = ask_int("SELECT tick FROM events WHERE seq = ?1", 1 + draw(events_count)) + draw(2);
    const bool by_id = which <= ANCESTORS || which == CHILDREN || which == PATHS;
    by_sql(questions[which].extension, by_id ? id : NULL, tick, pattern, &extension);
    by_sql(questions[which].plain, by_id ? id : NULL, tick, pattern, &plain);
    bool fine =
        (which == CASCADE_BY_ID && !ids_have_form) || same(questions[which].plain, &extension, &plain, id, tick);
    if (which != CASCADE_DEPTH_FIRST && which != PATHS) /* the library has no such query */
    {
        ask_library(which, id, tick, pattern, &library);
        fine = same(questions[which].extension, &extension, &library, id, tick) && fine;
    }
    free(library.bytes);
    free(extension.bytes);
    free(plain.bytes);
    return fine;
}

static void import_history(const char *history, const char *store)
{
    eventure_log *log = NULL;
    FILE *in = fopen(history, "rb");
    if (in == NULL)
        die(history, "cannot be opened");
    if (eventure_log_open(store, NULL, &log) != EVENTURE_OK || eventure_log_import(log, in, NULL, NULL) != EVENTURE_OK)
        die(history, eventure_log_message(log));
    fclose(in);
    if (eventure_log_close(log) != EVENTURE_OK)
        die(store, "cannot be closed");
}

static void open_store(const char *store, const char *extension)
{
    char *message = NULL;
    if (eventure_reader_open(store, &reader) != EVENTURE_OK)
        die(store, eventure_reader_message(reader));
    if (sqlite3_open_v2(store, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL) != SQLITE_OK ||
        sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK)
        die(store, sqlite3_errmsg(db));
    if (sqlite3_load_extension(db, extension, NULL, &message) != SQLITE_OK)
        die(extension, message);
}

int main(int argc, char **argv)
{
    if (argc != 6)
        die("usage", "questions EXTENSION HISTORY STORE COUNT SEED");
    const long count = strtol(argv[4], NULL, 10);
    random_state = strtoull(argv[5], NULL, 10) * 2 + 1;
    remove(argv[3]);
    import_history(argv[2], argv[3]);
    open_store(argv[3], argv[1]);
    events_count = ask_int("SELECT count(*) FROM events", 0);
    const bool ids_have_form = ask_int("SELECT foreign_ids FROM store", 0) == 0;
    long wrong = 0;
    for (long i = 0; i < count && events_count > 0 && wrong == 0; i++)
        wrong += !ask((kind)draw(KINDS), ids_have_form);
    if (wrong > 0)
        fprintf(stderr, "questions: the seed was %s\n", argv[5]);
    else
        printf("%s: %ld questions about %" PRId64 " events answered alike\n", argv[2], events_count > 0 ? count : 0,
               events_count);
    sqlite3_close(db);
    eventure_reader_close(reader);
    return wrong > 0;
}
