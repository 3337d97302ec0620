/*
 * The options and operands of a command. A command lists its options, each with the target of its value; parsing is the
 * same for all commands: `--name VALUE`, `--name=VALUE`, `-f VALUE` for `--file VALUE`, options and operands in any
 * order, `--` ends the options, `--help` everywhere.
 */
#ifndef EVENTURE_TOOL_COMMAND_OPTIONS_H
#define EVENTURE_TOOL_COMMAND_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum option_kind
{
    OPTION_FLAG = 0,   /* takes no value */
    OPTION_VALUE,      /* takes a value, and may be given once */
    OPTION_LIST,       /* takes a value, and may be given more than once */
    OPTION_OPTIONAL,   /* takes an optional value, after `=` only */
    OPTION_HIDDEN,     /* as OPTION_VALUE, but not named by help and completion: an older spelling */
    OPTION_HIDDEN_FLAG /* as OPTION_FLAG, likewise */
} option_kind;

typedef struct option_spec option_spec;

/* Stores one occurrence of an option: value is NULL for a flag and for an optional value that is not given. Returns
   NULL, or a text that describes the error of the value ("is not a whole number"). */
typedef const char *(*option_set_fn)(const char *value, void *target);

struct option_spec
{
    const char *name; /* without the dashes; NULL ends the list */
    option_kind kind;
    option_set_fn set;
    void *target;
    bool given; /* for the parser */
};

#define OPTIONS_END                                                                                                    \
    {                                                                                                                  \
        NULL, OPTION_FLAG, NULL, NULL, false                                                                           \
    }

/* The operands, by name: "DB", "ID"; those in brackets ("[FILE]") may be left out. NULL ends the list. */
typedef struct command_line
{
    const char *command;
    option_spec *options;
    const char *const *operand_names;
    const char **operands; /* one element for each name; receives the operands, NULL for those left out */
} command_line;

/*
 * Parses the arguments after the command's name. Returns true to continue; false when the command ends, with its exit
 * code: after a usage error, which has been reported, or --help, which has been printed.
 */
bool options_parse(command_line *line, int argc, char **argv, int *out_exit);

/* The operands from the last name on, which ends with "..." and stands for any number of them. */
typedef struct operand_list
{
    char **operands; /* in the command's argv */
    size_t count;
} operand_list;

/* As options_parse, for a command whose last operand may be repeated; `operands` has no element for it. */
bool options_parse_list(command_line *line, operand_list *out_list, int argc, char **argv, int *out_exit);

/* Hides an option from help, suggestions and completion; the command reports its use as an error. */
void options_hide(option_spec *options, const char *name);

/* Functions that store the values of options. The comment contains the type of the target. */
const char *option_set_flag(const char *value, void *target);        /* bool */
const char *option_set_text(const char *value, void *target);        /* const char *; borrows from the command line */
const char *option_set_count(const char *value, void *target);       /* int64_t, from 1 */
const char *option_set_tick(const char *value, void *target);        /* int64_t, from 0 */
const char *option_set_text_json(const char *value, void *target);   /* bool: `--format text` or `json` */
const char *option_set_table_jsonl(const char *value, void *target); /* bool: `--format table` or `jsonl` */
const char *option_set_text_jsonl(const char *value, void *target);  /* bool: `--format text` or `jsonl` */
const char *option_set_color(const char *value, void *target);       /* color_when */

/* Reads a whole decimal number from 0 to INT64_MAX of exactly len bytes. */
bool options_read_number(const char *text, size_t len, int64_t *out);

#endif
