/*
 * What the matrix test expects of the files when the program that it disturbed has ended.
 */
#ifndef EVENTURE_TESTS_MATRIX_CHECK_H
#define EVENTURE_TESTS_MATRIX_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "matrix_writer.h"

/* What the writer reported until its end. */
typedef struct matrix_told
{
    bool ready;
    bool done;
    bool closed; /* MATRIX_CLOSED came */
    eventure_status close_status;
    int64_t events;         /* acknowledged */
    int64_t events_after;   /* calls that acknowledged, and began when the disturbance was over */
    int64_t events_between; /* those of them that answered before the disturbance was undone */
    int64_t made[2];        /* events that a file holds; 0: the writer did not report the file */
    int64_t projected;
    int64_t handed;
    int64_t followed;
    long errors;
    char log_error[224]; /* the first one after the disturbance */
    char child_ok[224];  /* a call that worked in a child */
    int child_end;
} matrix_told;

/* Checks all that is in the directory: the store, what was made of it, the positions of those who follow it. `where`
 * begins the text of a failure. With may_be_lost the store itself may hold anything, and only must not do harm. */
void matrix_check(const char *where, const matrix_told *told, bool may_be_lost);

#endif
