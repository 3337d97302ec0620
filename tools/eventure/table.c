/*
 * The table: see table.h. The first rows are kept to measure the columns; all others are written immediately.
 */
#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define SAMPLE_ROWS 200
#define SAMPLE_BYTES ((size_t)1 << 20)
#define GAP 2
#define NARROWEST_CAP 12

typedef struct column_state
{
    table_column column;
    size_t width;
    bool numbers; /* all cells of the sample are numbers or absent */
} column_state;

struct table
{
    FILE *out;
    column_state *columns;
    size_t columns_count;
    size_t width;
    bool color;
    bool measured;
    table_cell *sample; /* the cells, row by row; each owns its text */
    size_t sample_rows;
    size_t sample_bytes;
};

/* The state of the line that is being written. */
typedef struct line_state
{
    size_t left;    /* columns left on the terminal */
    size_t pending; /* spaces owed before the next text */
} line_state;

table *table_new(FILE *out, const table_column *columns, size_t columns_count, size_t width, bool color)
{
    table *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->out = out;
    t->width = width;
    t->color = color;
    t->columns_count = columns_count;
    t->columns = calloc(columns_count, sizeof *t->columns);
    t->sample = calloc(columns_count * SAMPLE_ROWS, sizeof *t->sample);
    if (t->columns == NULL || t->sample == NULL)
    {
        table_free(t);
        return NULL;
    }
    for (size_t i = 0; i < columns_count; i++)
        t->columns[i].column = columns[i];
    return t;
}

void table_free(table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; t->sample != NULL && i < t->sample_rows * t->columns_count; i++)
        free((char *)t->sample[i].text);
    free(t->sample);
    free(t->columns);
    free(t);
}

/* Returns the maximum width of a column before the last: on a terminal, no column uses the full width. */
static size_t widest(const table *t)
{
    if (t->width == SIZE_MAX)
        return SIZE_MAX;
    size_t third = t->width / 3;
    return third > NARROWEST_CAP ? third : NARROWEST_CAP;
}

static void measure(table *t)
{
    size_t cap = widest(t);
    for (size_t c = 0; c < t->columns_count; c++)
    {
        column_state *column = &t->columns[c];
        column->width = text_width(column->column.title, strlen(column->column.title), cap);
        column->numbers = true;
        for (size_t row = 0; row < t->sample_rows; row++)
        {
            const table_cell *cell = &t->sample[row * t->columns_count + c];
            /* The width of the last column is not needed, because nothing follows it. */
            bool last = c + 1 == t->columns_count;
            size_t width = last && !cell->number ? 0 : text_width(cell->text, cell->len, cap);
            column->width = width > column->width ? width : column->width;
            column->numbers = column->numbers && (cell->number || cell->absent);
        }
        column->width = column->width < cap ? column->width : cap;
    }
    t->measured = true;
}

static void write_spaces(FILE *out, size_t count)
{
    for (; count > 0; count--)
        fputc(' ', out);
}

/* Writes the ellipsis at the end of a line that is full. */
static void end_line(const table *t, line_state *line)
{
    if (line->left > 0)
    {
        write_spaces(t->out, line->pending < line->left ? line->pending : line->left - 1);
        fputs("…", t->out);
    }
    line->left = 0;
}

/* Writes the pending spaces and a cell, as far as they fit; all cells except the last leave one column free. */
static void write_cell(const table *t, line_state *line, const table_cell *cell, size_t cap, const char *style,
                       bool last)
{
    size_t kept = last ? 0 : 1;
    if (cell->len == 0 || line->left == 0)
        return;
    if (line->left <= line->pending + kept)
    {
        end_line(t, line);
        return;
    }
    write_spaces(t->out, line->pending);
    if (t->color && style != NULL)
        fprintf(t->out, "\033[%sm", style);
    if (line->left == SIZE_MAX)
        text_write(t->out, cell->text, cell->len);
    else
    {
        size_t room = line->left - line->pending - kept;
        bool fits = text_width(cell->text, cell->len, room) <= room || cap <= room;
        size_t used = text_write_cut(t->out, cell->text, cell->len, cap < room ? cap : room);
        line->left = fits ? room - used + kept : 0;
    }
    if (t->color && style != NULL)
        fputs("\033[0m", t->out);
    line->pending = 0;
}

/* `style` contains the parameters of an escape sequence, such as "1" for bold; NULL: none. */
static void write_row(const table *t, const table_cell *cells, const char *style)
{
    line_state line = {t->width, 0};
    for (size_t c = 0; c < t->columns_count; c++)
    {
        const column_state *column = &t->columns[c];
        bool last = c + 1 == t->columns_count;
        size_t cap = last ? SIZE_MAX : widest(t);
        size_t width = last && !column->numbers ? 0 : text_width(cells[c].text, cells[c].len, cap);
        size_t used = width < cap ? width : cap;
        size_t padding = column->width > used ? column->width - used : 0;
        if (column->numbers)
            line.pending += padding;
        write_cell(t, &line, &cells[c], cap, style != NULL ? style : column->column.style, last);
        line.pending += column->numbers ? GAP : padding + GAP;
    }
    fputc('\n', t->out);
}

static void write_titles(const table *t)
{
    table_cell *titles = calloc(t->columns_count, sizeof *titles);
    if (titles == NULL)
        return; /* the rows are useful without them */
    for (size_t c = 0; c < t->columns_count; c++)
    {
        titles[c].text = t->columns[c].column.title;
        titles[c].len = strlen(titles[c].text);
    }
    write_row(t, titles, "1");
    free(titles);
}

static void write_sample(table *t)
{
    measure(t);
    write_titles(t);
    for (size_t row = 0; row < t->sample_rows; row++)
        write_row(t, t->sample + row * t->columns_count, NULL);
}

bool table_add(table *t, const table_cell *cells)
{
    if (t->measured)
    {
        write_row(t, cells, NULL);
        return true;
    }
    table_cell *row = t->sample + t->sample_rows * t->columns_count;
    size_t bytes = 0;
    bool copied = true;
    for (size_t c = 0; c < t->columns_count; c++)
    {
        row[c] = cells[c];
        char *text = malloc(cells[c].len + 1);
        if (text != NULL)
        {
            memcpy(text, cells[c].text, cells[c].len);
            text[cells[c].len] = '\0';
        }
        row[c].text = text;
        copied = copied && text != NULL;
        bytes += cells[c].len;
    }
    if (!copied)
    {
        for (size_t c = 0; c < t->columns_count; c++)
            free((char *)row[c].text);
        return false;
    }
    t->sample_bytes += bytes;
    t->sample_rows++;
    if (t->sample_rows == SAMPLE_ROWS || t->sample_bytes >= SAMPLE_BYTES)
        write_sample(t);
    return true;
}

bool table_end(table *t, bool with_titles)
{
    if (!t->measured && (t->sample_rows > 0 || with_titles))
        write_sample(t);
    return !ferror(t->out);
}
