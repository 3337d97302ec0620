/*
 * eventure fleet: questions across a folder of stores.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command_options.h"
#include "commands.h"
#include "fleet_folder.h"
#include "fleet_output.h"
#include "fleet_pool.h"
#include "fleet_progress.h"
#include "fleet_where.h"
#include "interrupt.h"
#include "message.h"
#include "projection_file.h"
#include "record_option.h"
#include "sql_answer.h"
#include "store_file.h"
#include "text.h"

#define MOST_JOBS 256

typedef struct fleet
{
    fleet_question question;
    fleet_output output;
    fleet_folder folder;
    fleet_progress progress;
    const char *columns;
    const char *cache;
    bool list;
    bool check;
    int64_t jobs;
    int64_t runs;     /* the runs that answered */
    int64_t left_out; /* by the condition */
    int64_t failed;   /* stores that could not answer */
    int64_t damaged;
    int exit_code; /* of what ends the work early */
} fleet;

/* --- The answers --- */

/* Names a store and its problem. The texts of the library contain the path already. */
static void report(fleet *self, const char *name, const char *problem)
{
    char *path = fleet_path(self->question.folder, name);
    fleet_progress_erase(&self->progress);
    if (path != NULL && strstr(problem, path) != NULL)
        message("%s", problem);
    else
        message("%s: %s", path != NULL ? path : name, problem);
    free(path);
}

/* Whether the SQL cannot be compiled for any store: an empty one refuses it too. That is reported once. */
static bool is_refused_by_all(fleet *self)
{
    fleet_answer answer;
    if (self->output.columns >= 0)
        return false;
    fleet_ask_empty(&self->question, &answer);
    bool is_refused = answer.result == FLEET_REFUSED;
    if (is_refused)
    {
        fleet_progress_erase(&self->progress);
        self->exit_code = message_usage("fleet", "%s", answer.problem);
    }
    fleet_rows_clear(&answer.values);
    return is_refused;
}

static void take_rows(fleet *self, const char *name, fleet_answer *answer)
{
    fleet_progress_erase(&self->progress);
    int exit_code = fleet_output_add(&self->output, name, answer);
    if (exit_code == EXIT_DONE)
        self->runs++;
    else if (exit_code == EXIT_DATA)
        self->failed++;
    else
        self->exit_code = exit_code;
    if (answer->is_damaged)
    {
        report(self, name, answer->problem);
        self->damaged++;
    }
}

/* A fleet_work take. */
static bool take(const char *name, fleet_answer *answer, void *context)
{
    fleet *self = context;
    if (interrupt_ends_reading())
        return false;
    switch (answer->result)
    {
    case FLEET_ANSWERED:
        take_rows(self, name, answer);
        break;
    case FLEET_LEFT_OUT:
        self->left_out++;
        break;
    case FLEET_REFUSED:
        if (is_refused_by_all(self))
            break;
        report(self, name, answer->problem);
        self->failed++;
        break;
    default:
        if (interrupt_ends_reading()) /* the problem may be that it was stopped */
            return false;
        report(self, name, answer->problem);
        self->failed++;
    }
    return self->exit_code == EXIT_DONE && !interrupt_ends_reading();
}

/* A fleet_work tick. */
static void tick(size_t done, void *context)
{
    fleet *self = context;
    fleet_progress_show(&self->progress, done);
}

/* --- The work --- */

/* Reports the names that no run has: probably they are misspelled. */
static int check_names(fleet *self, const bool *found)
{
    const fleet_names *names = &self->question.names;
    int exit_code = EXIT_DONE;
    char with_bars[64];
    if (self->runs + self->left_out == 0 || self->question.kind == FLEET_CHECK)
        return EXIT_DONE;
    for (size_t i = 0; i < names->count; i++)
    {
        snprintf(with_bars, sizeof with_bars, "|%s|", names->list[i]);
        if (found[i] || fleet_name_is_fact(names->list[i]) || strstr(RECORD_CONVENTIONAL_KEYS, with_bars) != NULL)
            continue;
        message("fleet: no run has the key '%s' in its record", names->list[i]);
        exit_code = EXIT_DATA;
    }
    return exit_code;
}

/* Prints the column titles when no store answered. An empty store answers the question to obtain them. */
static int add_titles(fleet *self)
{
    fleet_answer answer;
    int exit_code = EXIT_DONE;
    fleet_ask_empty(&self->question, &answer);
    answer.rows = 0;
    if (answer.result == FLEET_REFUSED)
        exit_code = message_usage("fleet", "%s", answer.problem);
    else if (answer.result == FLEET_ANSWERED)
        exit_code = fleet_output_add(&self->output, "", &answer);
    else if (!interrupt_ends_reading()) /* the problem may be that it was stopped */
    {
        message("%s", answer.problem);
        exit_code = EXIT_FILE;
    }
    fleet_rows_clear(&answer.values);
    return exit_code;
}

static int ask_all(fleet *self)
{
    bool *found = calloc(self->question.names.count + 1, sizeof *found);
    fleet_work work = {&self->question, &self->folder, (size_t)self->jobs, take, tick, self, found};
    if (found == NULL)
        return message_memory();
    fleet_progress_begin(&self->progress, self->folder.count);
    int exit_code = fleet_pool_run(&work);
    fleet_progress_erase(&self->progress);
    if (exit_code == EXIT_DONE)
        exit_code = self->exit_code;
    if (exit_code == EXIT_DONE && !interrupt_came() && self->output.columns < 0)
        exit_code = add_titles(self);
    if (exit_code == EXIT_DONE && !interrupt_came())
        exit_code = check_names(self, found);
    free(found);
    return exit_code;
}

static void say_end(const fleet *self)
{
    char runs[COUNT_BYTES];
    char rows[COUNT_BYTES];
    if (self->output.into != NULL)
        fprintf(stderr, "%s, %s\n", text_count(runs, self->runs, "run"), text_count(rows, self->output.rows, "row"));
    if (self->failed > 0)
        message("fleet: %" PRId64 " of %s could not be read", self->failed,
                text_count(rows, (int64_t)self->folder.count, "store"));
    if (self->damaged > 0)
        message("fleet: %" PRId64 " of %s not sound", self->damaged,
                text_count(rows, (int64_t)self->folder.count, "store"));
}

static int run(fleet *self)
{
    store_prepare_reading();
    int exit_code = fleet_folder_find(self->question.folder, &self->folder);
    if (exit_code == EXIT_DONE && self->folder.count == 0 && !interrupt_came())
        message("fleet: there is no store in %s", self->question.folder);
    self->output.question = &self->question;
    if (exit_code == EXIT_DONE)
        exit_code = fleet_output_open(&self->output);
    bool is_begun = exit_code == EXIT_DONE;
    if (is_begun)
        exit_code = ask_all(self);
    exit_code = fleet_output_end(&self->output, exit_code);
    if (is_begun && exit_code < EXIT_USAGE && !interrupt_ends_reading())
        say_end(self);
    if (exit_code == EXIT_DONE && (self->failed > 0 || self->damaged > 0 || self->folder.is_incomplete))
        exit_code = EXIT_DATA;
    return exit_code;
}

/* --- The options --- */

/* Adds the names of a list with commas. */
static int add_columns(fleet *self, const char *option, const char *list)
{
    for (const char *at = list; at != NULL;)
    {
        const char *comma = strchr(at, ',');
        size_t len = comma != NULL ? (size_t)(comma - at) : strlen(at);
        if (len == 0 || memchr(at, '"', len) != NULL)
            return message_usage("fleet", "fleet: --%s: '%s' is not a list of keys", option, list);
        if (!fleet_question_add_column(&self->question, at, len))
            return message_memory();
        at = comma != NULL ? comma + 1 : NULL;
    }
    return EXIT_DONE;
}

static int choose_columns(fleet *self)
{
    int exit_code = EXIT_DONE;
    if (self->question.kind == FLEET_LIST)
        exit_code = add_columns(self, "list", "events,tick,size");
    if (exit_code == EXIT_DONE && self->output.group_by != NULL)
        exit_code = add_columns(self, "group-by", self->output.group_by);
    else if (exit_code == EXIT_DONE && self->columns != NULL)
        exit_code = add_columns(self, "columns", self->columns);
    else if (exit_code == EXIT_DONE && self->question.kind == FLEET_LIST)
        exit_code = add_columns(self, "list", "record");
    else if (exit_code == EXIT_DONE && self->question.kind == FLEET_SQL)
        exit_code = add_columns(self, "columns", "name");
    return exit_code;
}

static int check_options(const fleet *self, bool has_tick)
{
    const fleet_question *question = &self->question;
    const fleet_output *output = &self->output;
    int asked = (question->sql != NULL) + self->list + self->check;
    int ends = (output->into != NULL) + (output->combine != NULL) + (output->group_by != NULL);
    if (asked == 0)
        return message_usage("fleet", "fleet: --sql SQL, --list or --check is missing");
    if (asked > 1)
        return message_usage("fleet", "fleet: --sql, --list and --check exclude each other");
    if (question->sql == NULL && question->projection != NULL)
        return message_usage("fleet", "fleet: --projection is for --sql");
    if (has_tick && question->projection == NULL)
        return message_usage("fleet", "fleet: --tick is for --projection");
    if (self->cache != NULL && (question->projection == NULL || has_tick))
        return message_usage("fleet", "fleet: --cache is for --projection without --tick");
    if (ends > 1)
        return message_usage("fleet", "fleet: --into, --combine and --group-by exclude each other");
    if (output->group_by != NULL && question->sql == NULL)
        return message_usage("fleet", "fleet: --group-by is for --sql");
    if (output->group_by != NULL && self->columns != NULL)
        return message_usage("fleet", "fleet: --group-by and --columns exclude each other");
    if (self->check && self->columns != NULL)
        return message_usage("fleet", "fleet: --check and --columns exclude each other");
    if (output->replace && output->into == NULL)
        return message_usage("fleet", "fleet: --replace is for --into");
    return EXIT_DONE;
}

/* Checks the projection once, before each thread opens it. */
static int check_projection(const char *path)
{
    eventure_projection *projection = NULL;
    int exit_code = path != NULL ? projection_file_open("fleet", path, &projection) : EXIT_DONE;
    eventure_projection_close(projection);
    return exit_code;
}

static int ask(fleet *self)
{
    char *kept = NULL;
    int64_t processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (self->jobs == 0)
        self->jobs = processors > 0 ? processors : 1;
    if (self->jobs > MOST_JOBS)
        self->jobs = MOST_JOBS;
    self->question.kind = self->list ? FLEET_LIST : self->check ? FLEET_CHECK : FLEET_SQL;
    int exit_code = choose_columns(self);
    if (exit_code == EXIT_DONE)
        exit_code = fleet_where_read(&self->question);
    if (exit_code == EXIT_DONE)
        exit_code = check_projection(self->question.projection);
    if (exit_code == EXIT_DONE && self->question.projection != NULL && self->question.tick == EVENTURE_TICK_NEWEST)
    {
        kept = self->cache != NULL ? strdup(self->cache) : fleet_path(self->question.folder, FLEET_KEPT_FOLDER);
        self->question.kept = kept;
        if (kept == NULL)
            exit_code = message_memory();
    }
    if (exit_code == EXIT_DONE)
        exit_code = run(self);
    free(kept);
    return exit_code;
}

int cmd_fleet(int argc, char **argv)
{
    int64_t no_tick = -1;
    fleet self = {.question = {.tick = no_tick}, .output = {.format = sql_format_find("table")}};
    const char *operands[1];
    option_spec specs[] = {
        {"sql", OPTION_VALUE, option_set_text, &self.question.sql, false},
        {"list", OPTION_FLAG, option_set_flag, &self.list, false},
        {"check", OPTION_FLAG, option_set_flag, &self.check, false},
        {"where", OPTION_VALUE, option_set_text, &self.question.where, false},
        {"columns", OPTION_VALUE, option_set_text, &self.columns, false},
        {"projection", OPTION_VALUE, option_set_text, &self.question.projection, false},
        {"tick", OPTION_VALUE, option_set_tick, &self.question.tick, false},
        {"cache", OPTION_VALUE, option_set_text, &self.cache, false},
        {"group-by", OPTION_VALUE, option_set_text, &self.output.group_by, false},
        {"combine", OPTION_VALUE, option_set_text, &self.output.combine, false},
        {"into", OPTION_VALUE, option_set_text, &self.output.into, false},
        {"replace", OPTION_FLAG, option_set_flag, &self.output.replace, false},
        {"jobs", OPTION_VALUE, option_set_count, &self.jobs, false},
        {"format", OPTION_VALUE, sql_format_set, &self.output.format, false},
        {"json", OPTION_FLAG, sql_format_set_json, &self.output.format, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"RUNS", NULL};
    command_line line = {"fleet", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    bool has_tick = self.question.tick != no_tick;
    self.question.folder = operands[0];
    /* Statistics of memory, which SQLite collects with a lock for each allocation, would make the threads wait. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    exit_code = check_options(&self, has_tick);
    if (!has_tick)
        self.question.tick = EVENTURE_TICK_NEWEST;
    if (exit_code == EXIT_DONE)
        exit_code = ask(&self);
    fleet_folder_free(&self.folder);
    fleet_question_free(&self.question);
    return exit_code;
}
