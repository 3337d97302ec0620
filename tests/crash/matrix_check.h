/*
 * Checks the files after the program that the matrix test disturbs has ended.
 */
#ifndef EVENTURE_TESTS_MATRIX_CHECK_H
#define EVENTURE_TESTS_MATRIX_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "matrix_writer.h"

/* The reports of the writer. */
typedef struct matrix_told
{
    bool ready;
    bool done;
    bool closed; /* the writer reported MATRIX_CLOSED */
    eventure_status close_status;
    int64_t events;         /* the number of acknowledged events */
    int64_t events_after;   /* the number of acknowledging calls that began after the disturbance was complete */
    int64_t events_between; /* the number of those that returned before the disturbance was undone */
    int64_t made[2];        /* the number of events in each file that was made; 0: not reported */
    int64_t projected;
    int64_t handed;
    int64_t followed;
    long errors;
    char log_error[224]; /* the first error after the disturbance */
    char child_ok[224];  /* the name of a call that succeeded in a child */
    int child_end;
} matrix_told;

/* Checks the store, the files that were made from it, the projection, and the position of the follower; and that the
 * store can be continued. `where` is the beginning of the text of a failure. With may_be_lost the store may have lost
 * acknowledged events: then the files that were made are checked, and the store is only opened and verified, with any
 * result. */
void matrix_check(const char *where, const matrix_told *told, bool may_be_lost);

#endif
