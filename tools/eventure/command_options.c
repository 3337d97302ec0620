/*
 * Parsing of options: see command_options.h.
 */
#include "command_options.h"

#include <stdio.h>
#include <string.h>

#include "complete.h"
#include "help.h"
#include "message.h"
#include "pager.h"
#include "suggest.h"
#include "terminal.h"

bool options_read_number(const char *text, size_t len, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < len; i++)
    {
        if (text[i] < '0' || text[i] > '9')
            return false;
        int digit = text[i] - '0';
        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return len > 0;
}

const char *option_set_flag(const char *value, void *target)
{
    (void)value;
    *(bool *)target = true;
    return NULL;
}

const char *option_set_text(const char *value, void *target)
{
    *(const char **)target = value;
    return NULL;
}

const char *option_set_tick(const char *value, void *target)
{
    return options_read_number(value, strlen(value), target) ? NULL : "is not a tick: a whole number from 0 on";
}

const char *option_set_count(const char *value, void *target)
{
    int64_t count = 0;
    if (!options_read_number(value, strlen(value), &count) || count == 0)
        return "is not a whole number from 1 on";
    *(int64_t *)target = count;
    return NULL;
}

const char *option_set_text_json(const char *value, void *target)
{
    bool is_json = strcmp(value, "json") == 0;
    if (!is_json && strcmp(value, "text") != 0)
        return "is not one of text, json";
    *(bool *)target = is_json;
    return NULL;
}

/* Reads `jsonl`, or `json`, the name of the short form, or the name of the other format. Returns false for any other
 * value. */
static bool read_lines_format(const char *value, const char *other, bool *out_is_json)
{
    *out_is_json = strcmp(value, "jsonl") == 0 || strcmp(value, "json") == 0;
    return *out_is_json || strcmp(value, other) == 0;
}

const char *option_set_table_jsonl(const char *value, void *target)
{
    return read_lines_format(value, "table", target) ? NULL : "is not one of table, jsonl";
}

const char *option_set_text_jsonl(const char *value, void *target)
{
    return read_lines_format(value, "text", target) ? NULL : "is not one of text, jsonl";
}

const char *option_set_color(const char *value, void *target)
{
    color_when when = COLOR_ALWAYS;
    if (value == NULL || strcmp(value, "always") == 0)
        when = COLOR_ALWAYS;
    else if (strcmp(value, "auto") == 0)
        when = COLOR_AUTO;
    else if (strcmp(value, "never") == 0)
        when = COLOR_NEVER;
    else
        return "is not one of auto, always, never";
    *(color_when *)target = when;
    return NULL;
}

/* Other names of options, accepted with each command that has the option: those of earlier versions and of the C API.
 */
typedef struct synonym
{
    const char *word;
    const char *name;
} synonym;

static const synonym synonyms[] = {
    {"at", "tick"},
    {"batch", "batch-events"},
    {"every", "every-events"},
    {"force", "replace"},
    {"keep", "keep-newest"},
    {"new", "from-end"},
    {"rebuild", "from-start"},
    {"save", "save-point"},
    {"without-backup", "no-backup"},
    {"without-data", "no-data"},
    {"yes", "without-snapshots"},
};

static option_spec *find_name(option_spec *options, const char *name, size_t len)
{
    for (option_spec *option = options; option->name != NULL; option++)
    {
        if (strlen(option->name) == len && memcmp(option->name, name, len) == 0)
            return option;
    }
    return NULL;
}

/* Returns the option with a name or synonym; NULL when the command has none. */
static option_spec *find_option(option_spec *options, const char *name, size_t len)
{
    option_spec *found = find_name(options, name, len);
    for (size_t i = 0; found == NULL && i < sizeof synonyms / sizeof synonyms[0]; i++)
        if (strlen(synonyms[i].word) == len && memcmp(synonyms[i].word, name, len) == 0)
            found = find_name(options, synonyms[i].name, strlen(synonyms[i].name));
    return found;
}

void options_hide(option_spec *options, const char *name)
{
    option_spec *option = find_name(options, name, strlen(name));
    if (option != NULL)
        option->kind = option->kind == OPTION_FLAG ? OPTION_HIDDEN_FLAG : OPTION_HIDDEN;
}

static bool is_hidden(const option_spec *option)
{
    return option->kind == OPTION_HIDDEN || option->kind == OPTION_HIDDEN_FLAG;
}

static bool takes_value(const option_spec *option)
{
    return option->kind == OPTION_VALUE || option->kind == OPTION_LIST || option->kind == OPTION_HIDDEN;
}

/* Reports that a command has no such option, with the most similar ones. */
static void refuse_option(const command_line *line, const char *name, size_t len)
{
    suggestion best = {.word = name, .len = len};
    char text[160];
    for (const option_spec *option = line->options; option->name != NULL; option++)
        if (!is_hidden(option))
            suggest_offer(&best, option->name);
    suggest_offer(&best, "help");
    suggest_text(&best, "--", text, sizeof text);
    message_usage(line->command, "%s: unknown option --%.*s%s", line->command, (int)len, name, text);
}

/* Takes the option at argv[*index], and its value. Returns false on a usage error, which has been reported. */
static bool take_option(command_line *line, int argc, char **argv, int *index)
{
    const char *text = argv[*index] + 2;
    size_t name_len = strcspn(text, "=");
    const char *value = text[name_len] == '=' ? text + name_len + 1 : NULL;
    option_spec *option = find_option(line->options, text, name_len);
    if (option == NULL)
    {
        refuse_option(line, text, name_len);
        return false;
    }
    bool is_flag = option->kind == OPTION_FLAG || option->kind == OPTION_HIDDEN_FLAG;
    if (is_flag && value != NULL)
    {
        message_usage(line->command, "%s: --%.*s takes no value", line->command, (int)name_len, text);
        return false;
    }
    if (option->given && !is_flag && option->kind != OPTION_LIST)
    {
        message_usage(line->command, "%s: --%.*s is given twice", line->command, (int)name_len, text);
        return false;
    }
    if (value == NULL && takes_value(option))
    {
        if (*index + 1 >= argc)
        {
            message_usage(line->command, "%s: --%.*s needs a value", line->command, (int)name_len, text);
            return false;
        }
        value = argv[++*index];
    }
    option->given = true;
    const char *wrong = option->set(value, option->target);
    if (wrong != NULL)
        message_usage(line->command, "%s: --%.*s: '%s' %s", line->command, (int)name_len, text, value, wrong);
    return wrong == NULL;
}

static bool is_repeated(const char *name)
{
    size_t len = strlen(name);
    return len > 3 && strcmp(name + len - 3, "...") == 0;
}

/* Stores one operand; returns false when there are too many. The list overwrites arguments that were read already. */
static bool take_operand(command_line *line, operand_list *list, char *operand, size_t *count)
{
    if (line->operand_names[*count] != NULL && is_repeated(line->operand_names[*count]))
    {
        list->operands[list->count++] = operand;
        return true;
    }
    if (line->operand_names[*count] == NULL)
    {
        message_usage(line->command, "%s: unexpected argument '%s'", line->command, operand);
        return false;
    }
    line->operands[(*count)++] = operand;
    return true;
}

static void say_missing(const command_line *line, const char *name)
{
    int len = (int)strlen(name) - (is_repeated(name) ? 3 : 0);
    message_usage(line->command, "%s: %.*s is missing", line->command, len, name);
}

bool options_parse(command_line *line, int argc, char **argv, int *out_exit)
{
    operand_list none;
    return options_parse_list(line, &none, argc, argv, out_exit);
}

bool options_parse_list(command_line *line, operand_list *out_list, int argc, char **argv, int *out_exit)
{
    static char file_option[] = "--file";
    size_t count = 0;
    *out_list = (operand_list){argv + 1, 0};
    bool options_end = false;
    *out_exit = EXIT_USAGE;
    if (complete_is_on())
    {
        complete_line(line, argc, argv);
        *out_exit = EXIT_DONE;
        return false;
    }
    for (size_t i = 0; line->operand_names[i] != NULL && !is_repeated(line->operand_names[i]); i++)
        line->operands[i] = NULL;
    for (int i = 1; i < argc; i++)
    {
        char *argument = argv[i];
        bool is_option = !options_end && argument[0] == '-' && argument[1] != '\0';
        if (is_option && (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0))
        {
            *out_exit = help_print(line->command);
            return false;
        }
        if (is_option && strcmp(argument, "--no-pager") == 0)
            pager_forbid();
        else if (is_option && strcmp(argument, "--") == 0)
            options_end = true;
        else if (is_option && strcmp(argument, "-f") == 0 && find_option(line->options, "file", 4) != NULL)
        {
            argv[i] = file_option;
            if (!take_option(line, argc, argv, &i))
                return false;
        }
        else if (is_option && argument[1] != '-')
        {
            message_usage(line->command, "%s: unknown option %s", line->command, argument);
            return false;
        }
        else if (is_option ? !take_option(line, argc, argv, &i) : !take_operand(line, out_list, argument, &count))
            return false;
    }
    if (line->operand_names[count] != NULL && line->operand_names[count][0] != '[' && out_list->count == 0)
    {
        say_missing(line, line->operand_names[count]);
        return false;
    }
    return true;
}
