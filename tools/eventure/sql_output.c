/*
 * Printing of SQL's answers: see sql_output.h. In every form blobs are hexadecimal, and numbers have the fewest digits
 * that read back as the same value.
 */
#include "sql_output.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/number.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

/* A value as text, valid until the next one; the text of a blob is allocated. */
typedef struct value_text
{
    const char *text;
    size_t len;
    char number[EVENTURE__DOUBLE_BYTES];
    char *hex;
} value_text;

static void take_real(double value, value_text *out)
{
    if (isinf(value))
        snprintf(out->number, sizeof out->number, value > 0 ? "1e999" : "-1e999"); /* as the sqlite3 shell does */
    else
        eventure__format_double(out->number, value);
    out->text = out->number;
    out->len = strlen(out->number);
}

static bool take_blob(const unsigned char *bytes, size_t len, value_text *out)
{
    out->hex = malloc(2 * len + 1);
    if (out->hex == NULL)
        return false;
    eventure__format_hex(out->hex, bytes, len);
    out->text = out->hex;
    out->len = 2 * len;
    return true;
}

/* Reads the value of a column; NULL gives `null_text`. To be freed with value_free. False when out of memory. */
static bool value_take(sqlite3_stmt *statement, int column, const char *null_text, value_text *out)
{
    out->hex = NULL;
    switch (sqlite3_column_type(statement, column))
    {
    case SQLITE_NULL:
        out->text = null_text;
        out->len = strlen(null_text);
        return true;
    case SQLITE_FLOAT:
        take_real(sqlite3_column_double(statement, column), out);
        return true;
    case SQLITE_BLOB:
    {
        const unsigned char *bytes = sqlite3_column_blob(statement, column);
        size_t len = (size_t)sqlite3_column_bytes(statement, column);
        return (bytes != NULL || len == 0) && take_blob(bytes, len, out);
    }
    default:
        out->text = (const char *)sqlite3_column_text(statement, column);
        out->len = (size_t)sqlite3_column_bytes(statement, column);
        return out->text != NULL;
    }
}

static void value_free(value_text *value)
{
    free(value->hex);
    value->hex = NULL;
}

static const char *title_of(sqlite3_stmt *statement, int column)
{
    const char *title = sqlite3_column_name(statement, column);
    return title != NULL ? title : "?";
}

/* --- table --- */

static void *table_begin(sqlite3_stmt *statement)
{
    int count = sqlite3_column_count(statement);
    table_column *columns = calloc((size_t)count, sizeof *columns);
    if (columns == NULL)
        return NULL;
    for (int i = 0; i < count; i++)
        columns[i].title = title_of(statement, i);
    table *t = table_new(stdout, columns, (size_t)count, terminal_width(stdout), terminal_color(stdout, COLOR_AUTO));
    free(columns);
    return t;
}

static bool table_row(sqlite3_stmt *statement, void *context)
{
    int count = sqlite3_column_count(statement);
    table_cell *cells = calloc((size_t)count, sizeof *cells);
    value_text *values = calloc((size_t)count, sizeof *values);
    bool done = cells != NULL && values != NULL;
    for (int i = 0; done && i < count; i++)
    {
        int type = sqlite3_column_type(statement, i);
        done = value_take(statement, i, "NULL", &values[i]);
        cells[i].text = values[i].text;
        cells[i].len = values[i].len;
        cells[i].number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
        cells[i].absent = type == SQLITE_NULL;
    }
    done = done && table_add(context, cells);
    for (int i = 0; values != NULL && i < count; i++)
        value_free(&values[i]);
    free(values);
    free(cells);
    return done;
}

static void table_finish(void *context, bool whole)
{
    (void)whole;
    table_end(context, true);
    table_free(context);
}

/* --- csv --- */

/* Writes a field of RFC 4180. On a terminal control characters are escaped; a file or a pipe receives the unchanged
   bytes. */
static void write_csv(const char *text, size_t len, bool on_terminal)
{
    bool quoted = false;
    for (size_t i = 0; i < len && !quoted; i++)
        quoted = text[i] == '"' || text[i] == ',' || text[i] == '\r' || text[i] == '\n';
    if (quoted)
        fputc('"', stdout);
    for (size_t i = 0; i < len;)
    {
        const char *quote = memchr(text + i, '"', len - i);
        size_t run = quote != NULL ? (size_t)(quote - text) - i + 1 : len - i;
        if (on_terminal)
            text_write(stdout, text + i, run);
        else
            fwrite(text + i, 1, run, stdout);
        if (quote != NULL)
            fputc('"', stdout);
        i += run;
    }
    if (quoted)
        fputc('"', stdout);
}

static void *csv_begin(sqlite3_stmt *statement)
{
    bool *on_terminal = malloc(sizeof *on_terminal);
    if (on_terminal == NULL)
        return NULL;
    *on_terminal = terminal_is(stdout);
    for (int i = 0; i < sqlite3_column_count(statement); i++)
    {
        const char *title = title_of(statement, i);
        fputs(i > 0 ? "," : "", stdout);
        write_csv(title, strlen(title), *on_terminal);
    }
    fputs("\r\n", stdout);
    return on_terminal;
}

static bool csv_row(sqlite3_stmt *statement, void *context)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++)
    {
        value_text value;
        if (!value_take(statement, i, "", &value))
            return false;
        fputs(i > 0 ? "," : "", stdout);
        write_csv(value.text, value.len, *(bool *)context);
        value_free(&value);
    }
    fputs("\r\n", stdout);
    return true;
}

static void csv_end(void *context, bool whole)
{
    (void)whole;
    free(context);
}

/* --- json --- */

static void *json_begin(sqlite3_stmt *statement)
{
    (void)statement;
    bool *any = calloc(1, sizeof *any);
    if (any != NULL)
        fputc('[', stdout);
    return any;
}

/* One row as an object. */
static bool write_object(sqlite3_stmt *statement)
{
    fputc('{', stdout);
    for (int i = 0; i < sqlite3_column_count(statement); i++)
    {
        value_text value;
        const char *title = title_of(statement, i);
        int type = sqlite3_column_type(statement, i);
        if (!value_take(statement, i, "null", &value))
            return false;
        fputs(i > 0 ? ", " : "", stdout);
        text_write_json(stdout, title, strlen(title));
        fputs(": ", stdout);
        if (type == SQLITE_TEXT || type == SQLITE_BLOB)
            text_write_json(stdout, value.text, value.len);
        else
            fwrite(value.text, 1, value.len, stdout);
        value_free(&value);
    }
    fputc('}', stdout);
    return true;
}

static bool json_row(sqlite3_stmt *statement, void *context)
{
    bool *any = context;
    fputs(*any ? ",\n" : "\n", stdout);
    *any = true;
    return write_object(statement);
}

static void json_end(void *context, bool whole)
{
    if (whole)
        fputs(*(bool *)context ? "\n]\n" : "]\n", stdout);
    free(context);
}

/* --- jsonl --- */

static void *jsonl_begin(sqlite3_stmt *statement)
{
    (void)statement;
    return malloc(1); /* the format has no state */
}

static bool jsonl_row(sqlite3_stmt *statement, void *context)
{
    (void)context;
    if (!write_object(statement))
        return false;
    fputc('\n', stdout);
    return true;
}

static void forget(void *context, bool whole)
{
    (void)whole;
    free(context);
}

/* --- markdown --- */

/* Writes a cell of a table in GitHub's Markdown: on one line, with markup and control characters escaped. */
static void write_markdown(const char *text, size_t len)
{
    static const char special[] = "\\`*_{}[]<>()#+!|~&$";
    for (size_t i = 0; i < len;)
    {
        size_t run = 0;
        while (i + run < len && (text[i + run] == '\0' || strchr(special, text[i + run]) == NULL))
            run++;
        text_write(stdout, text + i, run);
        i += run;
        if (i < len)
        {
            fputc('\\', stdout);
            fputc(text[i++], stdout);
        }
    }
}

static void *markdown_begin(sqlite3_stmt *statement)
{
    int count = sqlite3_column_count(statement);
    for (int i = 0; i < count; i++)
    {
        const char *title = title_of(statement, i);
        fputs(i > 0 ? " | " : "| ", stdout);
        write_markdown(title, strlen(title));
    }
    fputs(" |\n", stdout);
    for (int i = 0; i < count; i++)
        fputs(i > 0 ? " | ---" : "| ---", stdout);
    fputs(" |\n", stdout);
    return malloc(1);
}

static bool markdown_row(sqlite3_stmt *statement, void *context)
{
    (void)context;
    for (int i = 0; i < sqlite3_column_count(statement); i++)
    {
        value_text value;
        if (!value_take(statement, i, "NULL", &value))
            return false;
        fputs(i > 0 ? " | " : "| ", stdout);
        write_markdown(value.text, value.len);
        value_free(&value);
    }
    fputs(" |\n", stdout);
    return true;
}

const sql_format *sql_format_find(const char *name)
{
    static const sql_format formats[] = {
        {"table", table_begin, table_row, table_finish, true},    {"csv", csv_begin, csv_row, csv_end, false},
        {"json", json_begin, json_row, json_end, false},          {"jsonl", jsonl_begin, jsonl_row, forget, false},
        {"markdown", markdown_begin, markdown_row, forget, true},
    };
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}
