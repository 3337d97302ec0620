/*
 * Answers the overview of a run: its figures, save points, origin, record and digests; and the types with their counts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <eventure/integrity.h>
#include <eventure/run.h>
#include <eventure/session.h>
#include <eventure/snapshot.h>
#include <eventure/version.h>

#include "server.h"

#define SAVE_POINTS_MAX 1000
#define TYPES_MAX 5000

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void answer_figures(request *asked)
{
    json *out = &asked->out;
    int64_t last_seq = 0;
    int64_t tick = 0;
    int64_t first_seq = 0;
    int64_t first_tick = 0;
    int64_t last_tick = 0;
    int64_t ticks = 0;
    eventure_status status = eventure_reader_last_seq(asked->reader, &last_seq);
    if (status == EVENTURE_OK)
        status = eventure_reader_tick(asked->reader, &tick);
    if (status != EVENTURE_OK)
    {
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
        return;
    }
    if (!request_ask_int(asked, "SELECT first_seq FROM tick ORDER BY tick LIMIT 1", 0, 0, &first_seq) ||
        !request_ask_int(asked, "SELECT min(tick) FROM tick", 0, -1, &first_tick) ||
        !request_ask_int(asked, "SELECT max(tick) FROM tick", 0, -1, &last_tick) ||
        !request_ask_int(asked, "SELECT count(*) FROM tick", 0, 0, &ticks))
        return;
    json_int(out, "events", first_seq > 0 ? last_seq - first_seq + 1 : 0);
    json_int(out, "first_seq", first_seq);
    json_int(out, "last_seq", last_seq);
    json_int(out, "current_tick", tick);
    if (first_tick >= 0)
    {
        json_int(out, "first_tick", first_tick);
        json_int(out, "last_tick", last_tick);
    }
    else
    {
        json_null(out, "first_tick");
        json_null(out, "last_tick");
    }
    json_int(out, "ticks_used", ticks);
}

static void answer_record(request *asked)
{
    char *record = NULL;
    eventure_status status = eventure_reader_description(asked->reader, NULL, &record);
    if (status == EVENTURE_OK) /* as text: JavaScript would round large numbers */
        json_text(&asked->out, "record", record);
    else
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
    eventure_free(record);
}

static void answer_origin(request *asked)
{
    eventure_origin origin;
    eventure_status status = eventure_store_origin(asked->reader, &origin);
    if (status != EVENTURE_OK)
    {
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
        return;
    }
    json_text(&asked->out, "uuid", origin.uuid);
    if (origin.from_uuid[0] == '\0')
    {
        json_null(&asked->out, "forked_from");
        return;
    }
    json_open(&asked->out, "forked_from", '{');
    json_text(&asked->out, "uuid", origin.from_uuid);
    json_int(&asked->out, "tick", origin.from_tick);
    json_int(&asked->out, "seq", origin.from_seq);
    json_close(&asked->out, '}');
}

static void answer_digests(request *asked)
{
    eventure_digests digests;
    eventure_status status = eventure_store_digest(asked->reader, EVENTURE_TICK_NEWEST, &digests);
    if (status != EVENTURE_OK)
    {
        /* A store can be made without digests. After any error the rest of the overview is still shown. */
        json_null(&asked->out, "digests");
        json_text(&asked->out, "digests_missing", eventure_reader_message(asked->reader));
        return;
    }
    json_open(&asked->out, "digests", '{');
    json_int(&asked->out, "tick", digests.tick);
    json_text(&asked->out, "run", digests.run);
    json_text(&asked->out, "full", digests.full);
    json_close(&asked->out, '}');
}

typedef struct save_list
{
    request *asked;
    int count;
} save_list;

static int answer_save(const eventure_save_point *save, void *context)
{
    save_list *list = context;
    json *out = &list->asked->out;
    if (list->count++ >= SAVE_POINTS_MAX)
        return 0;
    json_open(out, NULL, '{');
    json_text(out, "name", save->name);
    json_int(out, "tick", save->tick);
    json_int(out, "seq", save->seq);
    if (save->note != NULL)
        json_text_n(out, "note", save->note, cut_text(save->note, strlen(save->note), 1000));
    else
        json_null(out, "note");
    json_double(out, "created", save->created);
    json_close(out, '}');
    return 0;
}

static void answer_saves(request *asked)
{
    save_list list = {asked, 0};
    json_open(&asked->out, "save_points", '[');
    eventure_status status = eventure_save_point_list(asked->reader, answer_save, &list);
    if (status != EVENTURE_OK)
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
    json_close(&asked->out, ']');
    json_int(&asked->out, "save_points_count", list.count);
}

static void answer_archives(request *asked)
{
    sqlite3_stmt *statement =
        request_prepare(asked, "SELECT before_tick, last_seq, file FROM archive ORDER BY before_tick DESC LIMIT 100");
    json_open(&asked->out, "archives", '[');
    while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
    {
        json_open(&asked->out, NULL, '{');
        answer_cell(asked, "before_tick", statement, 0);
        answer_cell(asked, "last_seq", statement, 1);
        answer_cell(asked, "file", statement, 2);
        json_close(&asked->out, '}');
    }
    json_close(&asked->out, ']');
    sqlite3_finalize(statement);
}

void api_overview(request *asked)
{
    json *out = &asked->out;
    const serve_options *options = asked->owner->options;
    if (!request_open(asked))
        return;
    json_open(out, NULL, '{');
    json_text(out, "name", file_name(asked->is_against ? options->against : options->path));
    json_text(out, "against", options->against != NULL ? file_name(options->against) : NULL);
    json_text(out, "version", eventure_version());
    answer_figures(asked);
    if (!request_failed(asked))
        answer_origin(asked);
    if (!request_failed(asked))
        answer_record(asked);
    if (!request_failed(asked))
        answer_digests(asked);
    if (!request_failed(asked))
        answer_saves(asked);
    if (!request_failed(asked))
        answer_archives(asked);
    if (!request_failed(asked))
    {
        states_list(asked);
        json_close(out, '}');
    }
}

void api_types(request *asked)
{
    json *out = &asked->out;
    int64_t count = 0;
    if (!request_open(asked))
        return;
    sqlite3_stmt *statement = request_prepare(asked, "SELECT type, count(*) FROM events GROUP BY type");
    if (statement == NULL)
        return;
    json_open(out, NULL, '{');
    json_open(out, "types", '[');
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement))
    {
        if (count++ >= TYPES_MAX)
            continue;
        json_open(out, NULL, '{');
        answer_cell(asked, "type", statement, 0);
        answer_cell(asked, "count", statement, 1);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_int(out, "count", count);
    json_close(out, '}');
    if (code != SQLITE_DONE)
        request_fail_sqlite(asked, asked->db);
    sqlite3_finalize(statement);
}

void api_verify(request *asked)
{
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    eventure_verify_report report;
    json *out = &asked->out;
    if (!request_open(asked))
        return;
    options.progress = work_progress;
    options.quick = request_flag(asked, "quick");
    eventure_status status = eventure_store_verify(asked->reader, &options, &report);
    if (status != EVENTURE_OK)
    {
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
        return;
    }
    json_open(out, NULL, '{');
    json_bool(out, "is_sound", report.is_sound);
    json_int(out, "events", report.events);
    json_int(out, "ticks", report.ticks);
    json_int(out, "trusted_tick", report.trusted_tick);
    json_text(out, "problem", report.problem[0] != '\0' ? report.problem : NULL);
    json_close(out, '}');
}
