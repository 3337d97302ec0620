/*
 * The program that the matrix test disturbs: it appends ticks, does one operation again and again beside that, and
 * tells through a pipe what it may rely on from now on.
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

/* What is done beside appending. */
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

/* What the writer does to itself when it gets SIGUSR1. SIGUSR2 asks it to close and to end. */
typedef enum matrix_request
{
    MATRIX_NOTHING,
    MATRIX_READ_OWN_FILE, /* opens and closes the store with stdio, which drops the POSIX locks of the process */
    MATRIX_CHILD_USES,    /* forks; the child uses the log and closes it */
    MATRIX_CHILD_EXITS,   /* forks; the child ends */
    MATRIX_CHDIR,         /* goes to MATRIX_ELSEWHERE */
    MATRIX_NO_ROOM        /* its files cannot grow any more; with the next SIGUSR1 they can */
} matrix_request;

typedef struct matrix_job
{
    matrix_operation operation;
    matrix_request request;
    bool background;
    bool goes_on;   /* whatever the number of errors */
    bool too_early; /* a deliberate defect: acknowledges before it commits */
} matrix_job;

/* What the writer tells. */
typedef enum matrix_kind
{
    MATRIX_READY,     /* the log is open */
    MATRIX_EVENTS,    /* the events up to `value` are acknowledged */
    MATRIX_MADE,      /* the file matrix_made(number) holds the events up to `value` at least */
    MATRIX_PROJECTED, /* the rows of the events up to `value` are in MATRIX_ROWS */
    MATRIX_HANDED,    /* the follower got event `value`, and keeps that position now */
    MATRIX_FOLLOWED,  /* the position of event `value` is kept */
    MATRIX_LOG_ERROR, /* a call of the log answered the status `value`, and `text` */
    MATRIX_ERROR,     /* another call did */
    MATRIX_DONE,      /* what was requested is done */
    MATRIX_CHILD_OK,  /* in the child, the call `text` answered EVENTURE_OK */
    MATRIX_CHILD_END, /* the child ended with the status `value` of waitpid */
    MATRIX_CLOSED     /* closing the log answered the status `value` */
} matrix_kind;

typedef struct matrix_note
{
    int kind;
    int number;
    int64_t value;
    int64_t began_ns; /* when the reported call began (monotonic) */
    int64_t told_ns;  /* when it had returned */
    char text[216];
} matrix_note;

/* The instant now. */
int64_t matrix_now_ns(void);

/* The name of one of two files that copies, forks and repaired stores are made into by turns. */
const char *matrix_made(int number);

/* Makes the projection of MATRIX_PROJECTED. */
eventure_projection *matrix_projection(void);

/* Runs the program, in a process of its own; `out` is the pipe. */
_Noreturn void matrix_write(const matrix_job *job, int out);

#endif
