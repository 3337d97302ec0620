/*
 * eventure save-point: names for places in a history.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <eventure/session.h>

#include "base/number.h"
#include "command_options.h"
#include "commands.h"
#include "message.h"
#include "noun.h"
#include "store_file.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

#define NUMBER_BYTES 32
#define DATE_BYTES EVENTURE__DOUBLE_BYTES

enum
{
    COLUMN_NAME = 0,
    COLUMN_TICK,
    COLUMN_SEQ,
    COLUMN_CREATED,
    COLUMN_NOTE,
    COLUMNS
};

static const table_column save_columns[COLUMNS] = {
    [COLUMN_NAME] = {"NAME", "1"},        [COLUMN_TICK] = {"TICK", "33"}, [COLUMN_SEQ] = {"SEQ", "2"},
    [COLUMN_CREATED] = {"CREATED", NULL}, [COLUMN_NOTE] = {"NOTE", NULL},
};

/* "2023-11-14T22:13:20Z"; the number itself when it cannot be written as a date. */
static void format_date(double seconds, char out[DATE_BYTES])
{
    struct tm parts;
    double whole = floor(seconds);
    time_t time = fabs(whole) < 1e12 ? (time_t)whole : 0;
    if (fabs(whole) >= 1e12 || gmtime_r(&time, &parts) == NULL ||
        strftime(out, DATE_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        eventure__format_double(out, seconds);
}

static int print_json(const eventure_save_point *save, void *context)
{
    char created[EVENTURE__DOUBLE_BYTES];
    (void)context;
    eventure__format_double(created, save->created);
    fputs("{\"name\": ", stdout);
    text_write_json(stdout, save->name, strlen(save->name));
    printf(", \"tick\": %" PRId64 ", \"seq\": %" PRId64 ", \"created\": %s, \"note\": ", save->tick, save->seq,
           created);
    if (save->note != NULL)
        text_write_json(stdout, save->note, strlen(save->note));
    else
        fputs("null", stdout);
    fputs("}\n", stdout);
    return 0;
}

static int add_to_table(const eventure_save_point *save, void *context)
{
    char tick[NUMBER_BYTES];
    char seq[NUMBER_BYTES];
    char created[DATE_BYTES];
    table_cell cells[COLUMNS] = {0};
    snprintf(tick, sizeof tick, "%" PRId64, save->tick);
    snprintf(seq, sizeof seq, "%" PRId64, save->seq);
    format_date(save->created, created);
    cells[COLUMN_NAME].text = save->name;
    cells[COLUMN_TICK].text = tick;
    cells[COLUMN_TICK].number = true;
    cells[COLUMN_SEQ].text = seq;
    cells[COLUMN_SEQ].number = true;
    cells[COLUMN_CREATED].text = created;
    cells[COLUMN_NOTE].text = save->note != NULL ? save->note : "";
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i].len = strlen(cells[i].text);
    return table_add(context, cells) ? 0 : EVENTURE_ERROR_MEMORY;
}

static int list(const char *path, bool json)
{
    eventure_reader *reader = NULL;
    table *t = NULL;
    int exit_code = store_open_reader(path, &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (!json)
        t = table_new(stdout, save_columns, COLUMNS, terminal_width(stdout), terminal_color(stdout, COLOR_AUTO));
    if (!json && t == NULL)
        exit_code = message_memory();
    if (exit_code == EXIT_DONE)
    {
        eventure_status status = eventure_save_point_list(reader, json ? print_json : add_to_table, t);
        if (t != NULL)
            table_end(t, false);
        if (status == EVENTURE_ERROR_MEMORY)
            exit_code = message_memory();
        else if (status != EVENTURE_OK)
            exit_code = message_status(status, eventure_reader_message(reader));
    }
    table_free(t);
    eventure_reader_close(reader);
    return exit_code;
}

static int delete_save(const char *path, const char *name)
{
    eventure_log *log = NULL;
    int exit_code = store_open_existing(path, &log);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_status status = eventure_save_point_delete(log, name);
    if (status != EVENTURE_OK)
        exit_code = message_status(status, eventure_log_message(log));
    return store_close_existing(path, log, exit_code);
}

static int add_save(const char *path, const char *name, const char *note)
{
    eventure_log *log = NULL;
    int64_t seq = 0;
    int exit_code = store_open_existing(path, &log);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_status status = eventure_save_point_create(log, name, note);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(eventure_log_reader(log), &seq);
    if (status == EVENTURE_OK)
        fprintf(stderr, "at tick %" PRId64 ", after event %" PRId64 "\n", eventure_log_tick(log), seq);
    else
        exit_code = message_status(status, eventure_log_message(log));
    return store_close_existing(path, log, exit_code);
}

enum
{
    VERB_LIST = 0,
    VERB_ADD,
    VERB_DROP
};

static const char *const verbs[] = {"list", "add", "drop", NULL};

typedef struct save_point_request
{
    const char *path;
    const char *name;
    const char *note;
    const char *deleted; /* `saves --delete NAME`, the older spelling */
    bool json;
} save_point_request;

static int run(int verb, const save_point_request *request)
{
    if (request->json && verb != VERB_LIST)
        return message_usage("save-point", "save-point: --json and --format are for list");
    if (request->note != NULL && verb != VERB_ADD)
        return message_usage("save-point", "save-point: --note is for add");
    if (request->json && request->deleted != NULL)
        return message_usage("save-point", "save-point: --json and --delete exclude each other");
    if (verb == VERB_LIST && request->name != NULL)
        return message_usage("save-point", "save-point: list takes no NAME");
    if (verb != VERB_LIST && request->name == NULL)
        return message_usage("save-point", "save-point: NAME is missing");
    if (verb == VERB_ADD)
        return add_save(request->path, request->name, request->note);
    if (verb == VERB_DROP)
        return delete_save(request->path, request->name);
    return request->deleted != NULL ? delete_save(request->path, request->deleted) : list(request->path, request->json);
}

int cmd_save_point(int argc, char **argv)
{
    save_point_request request = {NULL, NULL, NULL, NULL, false};
    const char *operands[3];
    option_spec specs[] = {
        {"note", OPTION_VALUE, option_set_text, &request.note, false},
        {"format", OPTION_VALUE, option_set_table_jsonl, &request.json, false},
        {"json", OPTION_FLAG, option_set_flag, &request.json, false},
        {"delete", OPTION_HIDDEN, option_set_text, &request.deleted, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"VERB", "DB", "[NAME]", NULL};
    command_line line = {"save-point", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    int verb = noun_find_verb(verbs, operands[0]);
    if (verb < 0)
        return noun_refuse_verb("save-point", verbs, operands[0]);
    request.path = operands[1];
    request.name = operands[2];
    return run(verb, &request);
}
