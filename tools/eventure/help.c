/*
 * Help: see help.h. The texts are written for 80 columns, and are wrapped again for a narrower terminal. Their format
 * is described in cmake/text2man.awk.
 */
#include "help.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "command_help.h"
#include "message.h"
#include "pager.h"
#include "terminal.h"

/* The maximum width of the texts. */
#define WRITTEN_WIDTH 80

/* The minimum width; narrower terminals are treated as this wide. */
#define LEAST_WIDTH 20

/* The indentation of the lines of an entry; the heading of an entry is indented less. */
#define ENTRY_INDENT 8

/* The state of a paragraph that is being written. */
typedef struct paragraph
{
    size_t width;
    size_t indent; /* the indentation of every line except the first */
    size_t column;
} paragraph;

static size_t indent_of(const char *line)
{
    return strspn(line, " ");
}

static void write_spaces(size_t count)
{
    for (size_t i = 0; i < count; i++)
        fputc(' ', stdout);
}

/* Writes the words of a line, and begins a new line when a word does not fit. */
static void write_words(paragraph *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;)
    {
        while (i < len && text[i] == ' ')
            i++;
        size_t word = 0;
        while (i + word < len && text[i + word] != ' ')
            word++;
        if (word == 0)
            return;
        bool is_first = out->column <= out->indent;
        if (!is_first && out->column + 1 + word > out->width)
        {
            fputc('\n', stdout);
            write_spaces(out->indent);
            out->column = out->indent;
            is_first = true;
        }
        if (!is_first)
        {
            fputc(' ', stdout);
            out->column++;
        }
        fwrite(text + i, 1, word, stdout);
        out->column += word;
        i += word;
    }
}

/* Whether a line of flowing text continues on the next one. */
static bool goes_on(const char *next, size_t indent)
{
    return *next != '\0' && *next != '\n' && indent_of(next) == indent && strncmp(next + indent, "$ ", 2) != 0;
}

/* Returns the offset of the description in a line `name description` of a list; 0 for any other line. */
static size_t description_of(const char *line, size_t len)
{
    size_t indent = indent_of(line);
    for (size_t i = indent; i + 2 < len; i++)
        if (line[i] == ' ' && line[i + 1] == ' ')
            return i + strspn(line + i, " ");
    return 0;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end != NULL ? end + 1 : line + strlen(line);
}

/* Writes the paragraph that begins at a line; returns the text after it. */
static const char *write_paragraph(const char *line, size_t width, bool is_entry)
{
    size_t len = strcspn(line, "\n");
    size_t indent = indent_of(line);
    size_t description = description_of(line, len);
    const char *next = next_line(line);
    bool heads = indent < ENTRY_INDENT && *next != '\0' && *next != '\n' && indent_of(next) >= ENTRY_INDENT;
    bool is_kept = strncmp(line + indent, "$ ", 2) == 0 || (indent >= ENTRY_INDENT && !is_entry) || len <= indent;
    if (is_kept)
    {
        fwrite(line, 1, len, stdout);
        fputc('\n', stdout);
        return next;
    }
    size_t hanging = description != 0 && description + LEAST_WIDTH < width ? description : indent;
    paragraph out = {width, hanging, 0};
    write_spaces(indent);
    out.column = indent;
    if (hanging == description && description != 0)
    {
        fwrite(line + indent, 1, description - indent, stdout);
        out.column = description;
        write_words(&out, line + description, len - description);
    }
    else
        write_words(&out, line + indent, len - indent);
    while (description == 0 && !heads && goes_on(next, indent))
    {
        write_words(&out, next + indent, strcspn(next, "\n") - indent);
        next = next_line(next);
    }
    fputc('\n', stdout);
    return next;
}

/* Whether the lines of a section are not wrapped. */
static bool is_literal(const char *title)
{
    return strncmp(title, "EXAMPLES\n", 9) == 0 || strncmp(title, "SYNOPSIS\n", 9) == 0;
}

static void print_wrapped(const char *text, size_t width)
{
    bool literal = false;
    bool in_entry = false;
    for (const char *line = text; *line != '\0';)
    {
        const char *next = next_line(line);
        if (*line != ' ' && *line != '\n')
        {
            literal = is_literal(line);
            in_entry = false;
        }
        if (literal || *line != ' ')
        {
            fwrite(line, 1, (size_t)(next - line), stdout);
            line = next;
            continue;
        }
        size_t indent = indent_of(line);
        if (indent < ENTRY_INDENT)
            in_entry = *next == ' ' && indent_of(next) >= ENTRY_INDENT;
        line = write_paragraph(line, width, in_entry);
    }
}

int help_print(const char *command)
{
    for (size_t i = 0; i < command_helps_count; i++)
    {
        if (strcmp(command_helps[i].name, command) != 0)
            continue;
        pager_begin();
        size_t width = terminal_width(stdout);
        if (width >= WRITTEN_WIDTH)
            fputs(command_helps[i].text, stdout);
        else
            print_wrapped(command_helps[i].text, width < LEAST_WIDTH ? LEAST_WIDTH : width);
        return EXIT_DONE;
    }
    return message_usage(NULL, "help: there is no command '%s'", command);
}

void help_summary(const char *command, char *out, size_t out_size)
{
    out[0] = '\0';
    for (size_t i = 0; i < command_helps_count; i++)
    {
        const char *dash = strcmp(command_helps[i].name, command) == 0 ? strstr(command_helps[i].text, " - ") : NULL;
        if (dash != NULL)
            snprintf(out, out_size, "%.*s", (int)strcspn(dash + 3, "\n"), dash + 3);
    }
}
