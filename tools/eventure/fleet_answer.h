/*
 * The answer of one store: what a thread reads from it, for the thread that prints.
 */
#ifndef EVENTURE_TOOL_FLEET_ANSWER_H
#define EVENTURE_TOOL_FLEET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fleet_question.h"
#include "fleet_rows.h"

typedef enum fleet_result
{
    FLEET_ANSWERED = 0,
    FLEET_LEFT_OUT, /* the condition is not true for the run */
    FLEET_REFUSED,  /* the SQL cannot be compiled for this store */
    FLEET_FAILED
} fleet_result;

typedef struct fleet_answer
{
    fleet_result result;
    bool is_damaged;    /* FLEET_CHECK: verification found a problem; false for other questions */
    char problem[1200]; /* the error, or with is_damaged the problem found; "" otherwise */
    int columns;        /* of the answer, without those of the run */
    int64_t rows;
    fleet_rows values; /* the titles of the answer, the columns of the run once, and then the rows */
} fleet_answer;

/* The state of a thread that queries one store after the other. */
typedef struct fleet_asker fleet_asker;

/* Returns NULL after it has reported an error. The question is borrowed. */
fleet_asker *fleet_asker_new(const fleet_question *question);

/* Asks one store. All errors are in the answer, whose `values` are empty before. */
void fleet_asker_ask(fleet_asker *asker, const char *name, fleet_answer *out);

/* Notes in `found`, which has an element for each name of the question, the names that a run had. */
void fleet_asker_found(const fleet_asker *asker, bool *found);

void fleet_asker_free(fleet_asker *asker);

/* Asks a temporary empty store, without the condition of the question: for the titles, and for errors that all stores
   have in common. All errors are in the answer, also those of making the store. */
void fleet_ask_empty(const fleet_question *question, fleet_answer *out);

#endif
