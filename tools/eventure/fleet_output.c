/*
 * Joined answers: see fleet_output.h. The formats print the row of an SQL statement, so the joined row is one:
 * `SELECT ?1 AS "run", ...`. It becomes `INSERT INTO answers ...` when the answers are collected.
 */
#include "fleet_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fleet_folder.h"
#include "interrupt.h"
#include "message.h"
#include "sql_answer.h"
#include "terminal.h"

static int fail_in_sql(fleet_output *self, const char *what)
{
    message("%s: %s", what, self->db != NULL ? sqlite3_errmsg(self->db) : "out of memory");
    return EXIT_FILE;
}

/* --- The file of joined answers --- */

static int check_place(const fleet_output *self)
{
    struct stat info;
    if (lstat(self->into, &info) != 0)
        return EXIT_DONE;
    if (!S_ISREG(info.st_mode))
        message("write %s: it is not a regular file", self->into);
    else if (fleet_folder_is_store(self->into))
        message("write %s: it is a store, and is not replaced", self->into);
    else if (!self->replace)
        message("write %s: the file exists; --replace replaces it", self->into);
    else
        return EXIT_DONE;
    return EXIT_DATA;
}

static int open_file(fleet_output *self)
{
    static const char configure[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = %d";
    char sql[sizeof configure + 20];
    int exit_code = check_place(self);
    if (exit_code == EXIT_DONE)
        exit_code = output_file_open(self->into, NULL, &self->file);
    if (exit_code != EXIT_DONE)
        return exit_code;
    snprintf(sql, sizeof sql, configure, FLEET_APPLICATION_ID);
    if (sqlite3_open_v2(self->file.temporary, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(self->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return fail_in_sql(self, self->into);
    return EXIT_DONE;
}

/* Gives the finished database its name; removes it when keep is false. */
static int close_file(fleet_output *self, bool keep)
{
    /* A file may have got the name meanwhile. */
    int exit_code = keep ? check_place(self) : EXIT_DONE;
    int closed = output_file_close(&self->file, keep && exit_code == EXIT_DONE ? EXIT_DONE : EXIT_DATA);
    return keep && exit_code == EXIT_DONE ? closed : exit_code;
}

int fleet_output_open(fleet_output *output)
{
    /* A database without a name is a temporary file, which SQLite keeps in memory while it is small. */
    const char *path = output->combine != NULL || output->group_by != NULL ? "" : ":memory:";
    output->columns = -1;
    if (output->into != NULL)
        return open_file(output);
    if (sqlite3_open_v2(path, &output->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return fail_in_sql(output, "join the answers");
    return EXIT_DONE;
}

/* --- The row --- */

static bool has_title(const fleet_output *self, const char *title)
{
    for (int i = 0; i < self->titles_count; i++)
    {
        if (sqlite3_stricmp(self->titles[i], title) == 0)
            return true;
    }
    return false;
}

/* Adds a title; a title that exists already gets a number: no two columns have the same name. */
static bool add_title(fleet_output *self, const char *title)
{
    char *unique = sqlite3_mprintf("%s", title);
    for (int number = 2; unique != NULL && has_title(self, unique); number++)
    {
        sqlite3_free(unique);
        unique = sqlite3_mprintf("%s_%d", title, number);
    }
    if (unique != NULL)
        self->titles[self->titles_count++] = unique;
    return unique != NULL;
}

static bool read_titles(fleet_output *self, fleet_answer *answer)
{
    bool done = true;
    self->titles = calloc(self->question->columns_count + (size_t)answer->columns + 1, sizeof *self->titles);
    if (self->titles == NULL)
        return false;
    done = add_title(self, "run");
    for (size_t i = 0; done && i < self->question->columns_count; i++)
        done = add_title(self, self->question->names.list[self->question->columns[i]]);
    for (int i = 0; done && i < answer->columns; i++)
    {
        char *title = fleet_rows_next_text(&answer->values);
        done = title != NULL && add_title(self, title);
        free(title);
    }
    return done;
}

/* Appends the columns: the parameters, the titles in quotes, or both as `?1 AS "title"`. */
static void append_columns(const fleet_output *self, sqlite3_str *sql, bool with_parameters, bool with_titles)
{
    for (int i = 0; i < self->titles_count; i++)
    {
        sqlite3_str_appendall(sql, i > 0 ? ", " : "");
        if (with_parameters)
            sqlite3_str_appendf(sql, "?%d", i + 1);
        if (with_titles)
            sqlite3_str_appendf(sql, with_parameters ? " AS \"%w\"" : "\"%w\"", self->titles[i]);
    }
}

static int run_sql(fleet_output *self, sqlite3_str *sql, sqlite3_stmt **out_statement)
{
    char *text = sqlite3_str_finish(sql);
    int code = text == NULL            ? SQLITE_NOMEM
               : out_statement == NULL ? sqlite3_exec(self->db, text, NULL, NULL, NULL)
                                       : sqlite3_prepare_v2(self->db, text, -1, out_statement, NULL);
    sqlite3_free(text);
    return code == SQLITE_OK ? EXIT_DONE : fail_in_sql(self, "join the answers");
}

static bool is_collected(const fleet_output *self)
{
    return self->into != NULL || self->combine != NULL || self->group_by != NULL;
}

/* Prepares the joined row, after the titles of the first answer are known. */
static int begin_rows(fleet_output *self, fleet_answer *answer)
{
    int exit_code = EXIT_DONE;
    if (!read_titles(self, answer))
        return message_memory();
    self->columns = answer->columns;
    sqlite3_str *sql = sqlite3_str_new(self->db);
    if (is_collected(self))
    {
        sqlite3_str_appendall(sql, "BEGIN; CREATE TABLE answers (");
        append_columns(self, sql, false, true);
        sqlite3_str_appendall(sql, ")");
        exit_code = run_sql(self, sql, NULL);
        sql = sqlite3_str_new(self->db);
        sqlite3_str_appendall(sql, "INSERT INTO answers VALUES (");
        append_columns(self, sql, true, false);
        sqlite3_str_appendall(sql, ")");
    }
    else
    {
        sqlite3_str_appendall(sql, "SELECT ");
        append_columns(self, sql, true, true);
    }
    if (exit_code != EXIT_DONE)
    {
        sqlite3_free(sqlite3_str_finish(sql));
        return exit_code;
    }
    exit_code = run_sql(self, sql, &self->row);
    if (exit_code == EXIT_DONE && !is_collected(self))
    {
        self->printing = self->format->begin(self->row);
        if (self->printing == NULL)
            exit_code = message_memory();
    }
    return exit_code;
}

static int write_row(fleet_output *self)
{
    int step = sqlite3_step(self->row);
    bool done =
        is_collected(self) ? step == SQLITE_DONE : step == SQLITE_ROW && self->format->row(self->row, self->printing);
    sqlite3_reset(self->row);
    self->rows++;
    return done ? EXIT_DONE : fail_in_sql(self, self->into != NULL ? self->into : "join the answers");
}

static int fail_values(const char *name, const fleet_answer *answer)
{
    message("%s: read the answer: %s", name, strerror(answer->values.cause));
    return EXIT_DATA;
}

static int write_rows(fleet_output *self, const char *name, fleet_answer *answer)
{
    int front = self->titles_count - self->columns;
    int exit_code = EXIT_DONE;
    for (int i = 0; i < front; i++)
    {
        if (!fleet_rows_bind_next(&answer->values, self->row, i + 1))
            return fail_values(name, answer);
    }
    for (int64_t row = 0; row < answer->rows && exit_code == EXIT_DONE && terminal_alive() && !interrupt_came(); row++)
    {
        for (int i = front; i < self->titles_count; i++)
        {
            if (!fleet_rows_bind_next(&answer->values, self->row, i + 1))
                return fail_values(name, answer);
        }
        exit_code = write_row(self);
    }
    return exit_code;
}

int fleet_output_add(fleet_output *output, const char *name, fleet_answer *answer)
{
    int exit_code = EXIT_DONE;
    if (output->columns < 0)
        exit_code = begin_rows(output, answer);
    else if (output->columns != answer->columns)
    {
        message("%s: the answer has %d columns, and those of the runs before it have %d", name, answer->columns,
                output->columns);
        return EXIT_DATA;
    }
    else
    {
        for (int i = 0; i < answer->columns; i++)
            free(fleet_rows_next_text(&answer->values));
    }
    return exit_code == EXIT_DONE ? write_rows(output, name, answer) : exit_code;
}

/* --- The end --- */

/* Returns the SQL of --group-by: a row for each value of the columns, with figures of each column of the answers. */
static char *group_sql(fleet_output *self)
{
    static const char *const figures[] = {"sum", "avg", "min", "max"};
    sqlite3_str *sql = sqlite3_str_new(self->db);
    int front = self->titles_count - self->columns;
    sqlite3_str_appendall(sql, "SELECT ");
    /* The columns to group by are the columns of the run. */
    for (int i = 1; i < front; i++)
        sqlite3_str_appendf(sql, "\"%w\", ", self->titles[i]);
    sqlite3_str_appendall(sql, "count(DISTINCT run) AS runs");
    for (int i = front; i < self->titles_count; i++)
    {
        for (size_t f = 0; f < sizeof figures / sizeof figures[0]; f++)
            sqlite3_str_appendf(sql, ", %s(\"%w\") AS \"%s(%w)\"", figures[f], self->titles[i], figures[f],
                                self->titles[i]);
    }
    sqlite3_str_appendall(sql, " FROM answers GROUP BY ");
    for (int i = 1; i < front; i++)
        sqlite3_str_appendf(sql, "%s%d", i > 1 ? ", " : "", i);
    sqlite3_str_appendall(sql, " ORDER BY ");
    for (int i = 1; i < front; i++)
        sqlite3_str_appendf(sql, "%s%d", i > 1 ? ", " : "", i);
    return sqlite3_str_finish(sql);
}

/* Runs SQL over the answers, which can only be read from now on. */
static int combine(fleet_output *self)
{
    sql_guard guard;
    memset(&guard, 0, sizeof guard);
    guard.db = self->db;
    char *grouped = self->combine == NULL ? group_sql(self) : NULL;
    if (self->combine == NULL && grouped == NULL)
        return message_memory();
    int exit_code = sql_guard_restrict(&guard) == SQLITE_OK ? EXIT_DONE : fail_in_sql(self, "join the answers");
    if (exit_code == EXIT_DONE)
        exit_code = sql_answer(&guard, self->combine != NULL ? self->combine : grouped, self->format);
    sqlite3_set_authorizer(self->db, NULL, NULL);
    sqlite3_free(grouped);
    return exit_code;
}

static int finish(fleet_output *self, bool whole)
{
    int exit_code = EXIT_DONE;
    if (self->printing != NULL)
        self->format->end(self->printing, whole);
    sqlite3_finalize(self->row);
    self->row = NULL;
    if (!whole || !is_collected(self) || self->columns < 0)
        return EXIT_DONE;
    if (sqlite3_exec(self->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        exit_code = fail_in_sql(self, self->into != NULL ? self->into : "join the answers");
    else if (self->into == NULL)
        exit_code = combine(self);
    return exit_code;
}

int fleet_output_end(fleet_output *output, int exit_code)
{
    bool whole = exit_code < EXIT_USAGE && !interrupt_came();
    int ended = finish(output, whole);
    if (sqlite3_close(output->db) != SQLITE_OK && ended == EXIT_DONE)
        ended = fail_in_sql(output, "join the answers");
    if (output->file.stream != NULL)
    {
        int closed = close_file(output, whole && ended == EXIT_DONE && output->columns >= 0);
        ended = ended == EXIT_DONE ? closed : ended;
    }
    for (int i = 0; i < output->titles_count; i++)
        sqlite3_free(output->titles[i]);
    free(output->titles);
    return ended != EXIT_DONE ? ended : exit_code;
}
