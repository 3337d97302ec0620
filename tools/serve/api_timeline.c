/*
 * Answers the timeline: exact counts of the events in each bin (one for each pixel of the page).
 *
 * The edges of the bins are ticks or seqs. The table `tick` maps a tick to its events, so the newest seq before an edge
 * takes one seek, and a count is the difference of two such seqs. For a lane, which shows some types only, the index on
 * types is read between the edges.
 */
#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"
#include "server.h"

#define BINS_MAX 4096

typedef struct density
{
    int64_t from;
    int64_t to;
    int64_t bins;
    bool by_seq;
    int64_t *edges;  /* bins + 1 elements: the newest seq before each edge */
    int64_t *counts; /* one for each bin */
} density;

/* Returns edge number i, computed without overflow. Two requests that share an edge compute the same value. */
static int64_t edge_at(const density *wanted, int64_t i)
{
    int64_t span = wanted->to - wanted->from;
    int64_t whole = span / wanted->bins;
    int64_t rest = span % wanted->bins;
    return wanted->from + whole * i + rest * i / wanted->bins;
}

/* Also works when the beginning of the store is archived. */
static bool find_tick_edges(request *asked, density *wanted)
{
    static const char sql[] = "SELECT coalesce((SELECT last_seq FROM tick WHERE tick < ?1 ORDER BY tick DESC LIMIT 1), "
                              "(SELECT first_seq - 1 FROM tick ORDER BY tick LIMIT 1), 0)";
    sqlite3_stmt *statement = request_prepare(asked, sql);
    int code = SQLITE_ROW;
    for (int64_t i = 0; statement != NULL && code == SQLITE_ROW && i <= wanted->bins; i++)
    {
        sqlite3_bind_int64(statement, 1, edge_at(wanted, i));
        code = sqlite3_step(statement);
        wanted->edges[i] = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    if (statement != NULL && code != SQLITE_ROW)
        request_fail_sqlite(asked, asked->db);
    sqlite3_finalize(statement);
    return !request_failed(asked);
}

static bool find_seq_edges(request *asked, density *wanted)
{
    int64_t first = 0;
    int64_t last = 0;
    if (!request_ask_int(asked, "SELECT first_seq FROM tick ORDER BY tick LIMIT 1", 0, 1, &first) ||
        !request_ask_int(asked, "SELECT last_seq FROM tick ORDER BY tick DESC LIMIT 1", 0, 0, &last))
        return false;
    for (int64_t i = 0; i <= wanted->bins; i++)
    {
        int64_t before = edge_at(wanted, i) - 1;
        wanted->edges[i] = before < first - 1 ? first - 1 : before > last ? last : before;
    }
    return true;
}

static void count_all(density *wanted)
{
    for (int64_t i = 0; i < wanted->bins; i++)
        wanted->counts[i] = wanted->edges[i + 1] - wanted->edges[i];
}

/* Adds the events of one type. They come in the order of seq, so the bin only moves forward. */
static bool count_type(request *asked, sqlite3_stmt *statement, const char *type, int len, density *wanted)
{
    int64_t bin = 0;
    int code = SQLITE_OK;
    sqlite3_bind_text(statement, 1, type, len, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, wanted->edges[0]);
    sqlite3_bind_int64(statement, 3, wanted->edges[wanted->bins]);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        int64_t seq = sqlite3_column_int64(statement, 0);
        while (bin < wanted->bins - 1 && seq > wanted->edges[bin + 1])
            bin++;
        wanted->counts[bin]++;
    }
    if (code != SQLITE_DONE)
        request_fail_sqlite(asked, asked->db);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE;
}

/* Finds the types of the store with one seek for each type, and counts those that match the pattern. */
static void count_lane(request *asked, const char *text, density *wanted)
{
    static const char types_sql[] =
        "WITH RECURSIVE t(type) AS (SELECT min(type) FROM events UNION ALL "
        "SELECT (SELECT min(type) FROM events WHERE type > t.type) FROM t WHERE t.type IS NOT NULL) "
        "SELECT type FROM t WHERE type IS NOT NULL";
    static const char count_sql[] = "SELECT seq FROM events WHERE type = ?1 AND seq > ?2 AND seq <= ?3";
    eventure__error error;
    eventure__pattern pattern;
    if (eventure__pattern_parse(text, &pattern, &error) != EVENTURE_OK)
    {
        request_fail(asked, 400, "bad-parameter", "type: %s", error.text);
        return;
    }
    sqlite3_stmt *types = request_prepare(asked, types_sql);
    sqlite3_stmt *events = request_prepare(asked, count_sql);
    int code = SQLITE_DONE;
    while (types != NULL && events != NULL && (code = sqlite3_step(types)) == SQLITE_ROW)
    {
        const char *type = (const char *)sqlite3_column_text(types, 0);
        int len = sqlite3_column_bytes(types, 0);
        bool is_wanted = type != NULL && eventure__pattern_matches(&pattern, type, (size_t)len);
        if (is_wanted && !count_type(asked, events, type, len, wanted))
            break;
    }
    if (code != SQLITE_DONE)
        request_fail_sqlite(asked, asked->db);
    sqlite3_finalize(types);
    sqlite3_finalize(events);
}

static void answer_density(request *asked, const density *wanted)
{
    json *out = &asked->out;
    int64_t total = 0;
    if (wanted->edges == NULL || wanted->counts == NULL)
        return; /* out of memory: the answer is an error already */
    json_open(out, NULL, '{');
    json_text(out, "axis", wanted->by_seq ? "seq" : "tick");
    json_int(out, "from", wanted->from);
    json_int(out, "to", wanted->to);
    json_int(out, "bins", wanted->bins);
    json_int(out, "first_seq", wanted->edges[0] + 1);
    json_int(out, "last_seq", wanted->edges[wanted->bins]);
    json_open(out, "counts", '[');
    for (int64_t i = 0; i < wanted->bins; i++)
    {
        json_int(out, NULL, wanted->counts[i]);
        total += wanted->counts[i];
    }
    json_close(out, ']');
    json_int(out, "total", total);
    json_close(out, '}');
}

static bool read_density(request *asked, density *wanted)
{
    const char *axis = request_text(asked, "axis");
    if (axis != NULL && strcmp(axis, "tick") != 0 && strcmp(axis, "seq") != 0)
    {
        request_fail(asked, 400, "bad-parameter", "axis=%.100s is neither tick nor seq", axis);
        return false;
    }
    wanted->by_seq = axis != NULL && strcmp(axis, "seq") == 0;
    int64_t otherwise = INT64_MAX;
    const char *newest = wanted->by_seq
                             ? "SELECT last_seq + 1 FROM tick ORDER BY tick DESC LIMIT 1"
                             : "SELECT min(tick, 9223372036854775806) + 1 FROM tick ORDER BY tick DESC LIMIT 1";
    if (!request_ask_int(asked, newest, 0, 1, &otherwise) ||
        !request_int(asked, "from", 0, 0, INT64_MAX, &wanted->from) ||
        !request_int(asked, "to", otherwise, 0, INT64_MAX, &wanted->to) ||
        !request_int(asked, "bins", 1000, 1, BINS_MAX, &wanted->bins))
        return false;
    if (wanted->to <= wanted->from)
    {
        request_fail(asked, 400, "bad-parameter", "to=%lld is not after from=%lld", (long long)wanted->to,
                     (long long)wanted->from);
        return false;
    }
    if (wanted->bins > wanted->to - wanted->from)
        wanted->bins = wanted->to - wanted->from;
    return true;
}

void api_timeline(request *asked)
{
    density wanted = {0};
    const char *type = request_text(asked, "type");
    if (!request_open(asked) || !read_density(asked, &wanted))
        return;
    wanted.edges = calloc((size_t)wanted.bins + 1, sizeof *wanted.edges);
    wanted.counts = calloc((size_t)wanted.bins, sizeof *wanted.counts);
    if (wanted.edges == NULL || wanted.counts == NULL)
        request_fail(asked, 503, "memory", "out of memory");
    else if (wanted.by_seq ? find_seq_edges(asked, &wanted) : find_tick_edges(asked, &wanted))
    {
        if (type != NULL)
            count_lane(asked, type, &wanted);
        else
            count_all(&wanted);
    }
    if (!request_failed(asked))
        answer_density(asked, &wanted);
    free(wanted.edges);
    free(wanted.counts);
}
