/*
 * eventure explain: the SQL and the plan of a query.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <eventure/query.h>

#include "command_options.h"
#include "commands.h"
#include "filter_options.h"
#include "hint.h"
#include "message.h"
#include "output.h"
#include "pager.h"
#include "store_file.h"
#include "terminal.h"
#include "text.h"

/* The clauses that begin a line when they are outside of parentheses. */
static const char *const clauses[] = {"SELECT ", "LEFT JOIN ", "CROSS JOIN ", "FROM ",
                                      "WHERE ",  "AND ",       "ORDER BY ",   "LIMIT "};

static bool begins_clause(const char *at)
{
    for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++)
        if (strncmp(at, clauses[i], strlen(clauses[i])) == 0)
            return true;
    return false;
}

/* Returns the text that replaces the space before a clause. */
static const char *line_before(const char *clause)
{
    if (strncmp(clause, "SELECT ", strlen("SELECT ")) == 0)
        return "\n";
    return strncmp(clause, "AND ", strlen("AND ")) == 0 ? "\n    " : "\n  ";
}

/* Returns the end of a literal or a name in quotes. */
static const char *quoted_end(const char *at)
{
    const char *close = strchr(at + 1, *at);
    return close != NULL ? close + 1 : at + strlen(at);
}

/* Prints a statement with one line for each clause. It contains no values. */
static void print_sql(const char *sql, size_t len)
{
    int depth = 0;
    const char *end = sql + len;
    for (const char *at = sql; at < end;)
    {
        const char *next = *at == '\'' || *at == '"' ? quoted_end(at) : at + 1;
        depth += (*at == '(') - (*at == ')');
        if (*at == ' ' && depth == 0 && begins_clause(at + 1))
            fputs(line_before(at + 1), stdout);
        else
            fwrite(at, 1, (size_t)(next - at), stdout);
        at = next;
    }
    fputc('\n', stdout);
}

/* Prints the lines up to a heading, or all when it is NULL, as a JSON array, without their indentation. Returns the
   text after the heading. */
static const char *print_lines(const char *text, const char *heading)
{
    const char *comma = "";
    fputc('[', stdout);
    while (*text != '\0')
    {
        size_t len = strcspn(text, "\n");
        const char *line = text;
        text += len + (text[len] == '\n');
        if (heading != NULL && len == strlen(heading) && memcmp(line, heading, len) == 0)
            break;
        size_t indent = strncmp(line, "  ", 2) == 0 ? 2 : 0;
        fputs(comma, stdout);
        text_write_json(stdout, line + indent, len - indent);
        comma = ", ";
    }
    fputc(']', stdout);
    return text;
}

static void print_json(const char *text)
{
    const char *values = strstr(text, "\nvalues:\n");
    fputs("{\"sql\": ", stdout);
    text_write_json(stdout, text, (size_t)(values - text));
    fputs(", \"values\": ", stdout);
    const char *plan = print_lines(values + strlen("\nvalues:\n"), "plan:");
    fputs(", \"plan\": ", stdout);
    print_lines(plan, NULL);
    puts("}");
}

/* The library has escaped control characters. */
static void print_text(const char *text)
{
    size_t sql_len = strcspn(text, "\n");
    print_sql(text, sql_len);
    fputs(text + sql_len + (text[sql_len] == '\n'), stdout);
}

static int explain(const char *path, const eventure_filter *filter, bool json)
{
    eventure_reader *reader = NULL;
    char *text = NULL;
    int exit_code = store_open_reader(path, &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_status status = eventure_query_explain(reader, filter, &text);
    if (status == EVENTURE_OK)
    {
        pager_begin();
        (json ? print_json : print_text)(text);
        pager_end();
        if (fflush(stdout) == 0)
            hint_filter(reader, path, filter, -1);
    }
    else
        exit_code = output_query_failed(reader, status);
    eventure_free(text);
    eventure_reader_close(reader);
    return exit_code;
}

int cmd_explain(int argc, char **argv)
{
    filter_options options = FILTER_OPTIONS_INIT;
    bool json = false;
    const char *operands[1];
    option_spec specs[] = {{"cascade", OPTION_VALUE, option_set_text, &options.filter.cascade_of, false},
                           {"ancestors", OPTION_VALUE, option_set_text, &options.filter.ancestors_of, false},
                           {"format", OPTION_VALUE, option_set_text_json, &json, false},
                           {"json", OPTION_FLAG, option_set_flag, &json, false},
                           FILTER_OPTION_ROWS(&options),
                           OPTIONS_END};
    static const char *const names[] = {"DB", NULL};
    command_line line = {"explain", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
        exit_code = explain(operands[0], &options.filter, json);
    filter_options_free(&options);
    return exit_code;
}
