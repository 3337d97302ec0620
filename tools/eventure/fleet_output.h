/*
 * The joined answers: printed in a format, collected in a database, or combined by SQL.
 */
#ifndef EVENTURE_TOOL_FLEET_OUTPUT_H
#define EVENTURE_TOOL_FLEET_OUTPUT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "fleet_answer.h"
#include "fleet_question.h"
#include "output_file.h"
#include "sql_output.h"

typedef struct fleet_output
{
    const fleet_question *question;
    const sql_format *format;
    const char *into;     /* the database; NULL: none */
    const char *combine;  /* the SQL over the table `answers`; NULL: none */
    const char *group_by; /* the columns to group by, as given; NULL: none */
    bool replace;         /* `into` may exist */

    sqlite3 *db;
    sqlite3_stmt *row; /* the joined row: selected for printing, or inserted */
    void *printing;    /* the context of the format */
    output_file file;  /* with into: the database that is being made */
    char **titles;
    int titles_count;
    int columns; /* of the answers; -1 before the first one */
    int64_t rows;
} fleet_output;

/* Checks and opens what is needed before the first answer. Returns the exit code; errors have been reported. Must be
   followed by fleet_output_end in any case. */
int fleet_output_open(fleet_output *output);

/* Adds the rows of an answer. Returns the exit code: EXIT_DATA when the answer does not have the same number of columns
   as those before, or cannot be read; EXIT_FILE when the output failed. Errors have been reported. */
int fleet_output_add(fleet_output *output, const char *name, fleet_answer *answer);

/* Prints, combines or makes the file, unless exit_code is EXIT_USAGE or EXIT_FILE or a signal came; then closes
   everything. Returns the exit code of the output if that failed, otherwise exit_code. */
int fleet_output_end(fleet_output *output, int exit_code);

#endif
