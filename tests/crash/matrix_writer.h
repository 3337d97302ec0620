/*
 * The program that the matrix test disturbs: it appends ticks, repeats one operation, and reports through a pipe which
 * events and files must exist from now on.
 *
 * Event number n of the store has the data {"n":n}; a tick has a multiple of MATRIX_TICK events.
 */
#ifndef EVENTURE_TESTS_MATRIX_WRITER_H
#define EVENTURE_TESTS_MATRIX_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/eventure.h>

#define MATRIX_STORE "game.db"
#define MATRIX_ARCHIVE "archive.db"
#define MATRIX_ROWS "rows.db"
#define MATRIX_FOLLOWER "matrix"
#define MATRIX_ELSEWHERE "elsewhere" /* a directory below, which has a store of the same name */
#define MATRIX_TICK 3

/* The operation that is repeated while appending. */
typedef enum matrix_operation
{
    MATRIX_APPEND,
    MATRIX_BACKGROUND,
    MATRIX_ARCHIVE_EVENTS,
    MATRIX_FORK,
    MATRIX_COPY,
    MATRIX_REPAIR,
    MATRIX_IMPORT,
    MATRIX_PROJECT,
    MATRIX_FOLLOW,
    MATRIX_OPERATIONS
} matrix_operation;

/* The action of the writer when it receives SIGUSR1. SIGUSR2 requests that it closes the log and ends. */
typedef enum matrix_request
{
    MATRIX_NOTHING,
    MATRIX_READ_OWN_FILE, /* opens and closes the store with stdio, which drops the POSIX locks of the process */
    MATRIX_CHILD_USES,    /* forks; the child uses the log and closes it */
    MATRIX_CHILD_EXITS,   /* forks; the child ends */
    MATRIX_CHDIR,         /* changes the directory to MATRIX_ELSEWHERE */
    MATRIX_NO_ROOM        /* its files cannot grow any more; with the next SIGUSR1 they can */
} matrix_request;

typedef struct matrix_job
{
    matrix_operation operation;
    matrix_request request;
    bool background;
    bool goes_on;   /* does not stop after MOST_ERRORS errors */
    bool too_early; /* a deliberate defect: acknowledges before it commits */
} matrix_job;

/* The kinds of reports. */
typedef enum matrix_kind
{
    MATRIX_READY,     /* the log is open */
    MATRIX_EVENTS,    /* the events up to `value` are acknowledged */
    MATRIX_MADE,      /* the file matrix_made(number) holds the events up to `value` at least */
    MATRIX_PROJECTED, /* the rows of the events up to `value` are in MATRIX_ROWS */
    MATRIX_HANDED,    /* the follower received event `value`, and will commit this position now */
    MATRIX_FOLLOWED,  /* the position of event `value` was committed */
    MATRIX_LOG_ERROR, /* a call of the log returned the status `value`, with `text` */
    MATRIX_ERROR,     /* another call returned the status `value`, with `text` */
    MATRIX_DONE,      /* the request was executed */
    MATRIX_CHILD_OK,  /* in the child, the call `text` returned EVENTURE_OK */
    MATRIX_CHILD_END, /* the child ended with the status `value` of waitpid */
    MATRIX_CLOSED     /* closing the log returned the status `value` */
} matrix_kind;

typedef struct matrix_note
{
    int kind;
    int number;
    int64_t value;
    int64_t began_ns; /* when the reported call began (monotonic) */
    int64_t told_ns;  /* when the reported call had returned */
    char text[216];
} matrix_note;

/* Returns the monotonic time. */
int64_t matrix_now_ns(void);

/* Returns the name of one of two files. Copies, forks and repaired stores are written to them alternately. */
const char *matrix_made(int number);

/* Returns the projection of the operation "project" (MATRIX_PROJECTED). */
eventure_projection *matrix_projection(void);

/* Runs the program in the calling process; `out` is the pipe. */
_Noreturn void matrix_write(const matrix_job *job, int out);

#endif
