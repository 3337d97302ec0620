/*
 * Completion of a command line for the shells: the scripts in completions/ call the program, which computes the
 * candidates from the tables of options of its commands, and from the store that the line names.
 *
 * eventure --complete WORD...
 *
 * The words are those after `eventure`; the last one is completed. Each line of the output is a candidate, followed by
 * a tab and its description, if there is one. The line `:files` requests names of files as well.
 */
#ifndef EVENTURE_TOOL_COMPLETE_H
#define EVENTURE_TOOL_COMPLETE_H

#include <stdbool.h>

#include "command_options.h"

/* The line that requests names of files from the shell. */
#define COMPLETE_FILES ":files"

/* Afterwards, options_parse prints candidates instead of parsing, and nothing is written to standard error. */
void complete_begin(void);
bool complete_is_on(void);

/* Prints a candidate if it begins with the word. The description may be NULL. */
void complete_offer(const char *word, const char *candidate, const char *description);

/* Prints the candidates for the last word of a command line. */
void complete_line(const command_line *line, int argc, char **argv);

#endif
