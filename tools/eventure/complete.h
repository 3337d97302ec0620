/*
 * Completion of a command line for the shells: the scripts in completions/ ask the program itself, which answers from
 * the tables of options that its commands have, and from the store that the line names.
 *
 *   eventure --complete WORD...
 *
 * The words are those after `eventure`, the last one being the one to complete. Each line of the answer is a candidate,
 * with a tab and what it is behind it where that is known. The line `:files` asks for names of files as well.
 */
#ifndef EVENTURE_TOOL_COMPLETE_H
#define EVENTURE_TOOL_COMPLETE_H

#include <stdbool.h>

#include "command_options.h"

/* The line that asks the shell for names of files. */
#define COMPLETE_FILES ":files"

/* From here on, options_parse answers with candidates instead of parsing. Nothing goes to standard error any more. */
void complete_begin(void);
bool complete_is_on(void);

/* Prints a candidate if it begins as the word does. The description may be NULL. */
void complete_offer(const char *word, const char *candidate, const char *description);

/* Answers for the last word of a command's line. */
void complete_line(const command_line *line, int argc, char **argv);

#endif
