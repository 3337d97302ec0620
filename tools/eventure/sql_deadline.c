/*
 * The deadline: see sql_deadline.h.
 */
#include "sql_deadline.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "interrupt.h"
#include "message.h"

#define INSTRUCTIONS_BETWEEN_LOOKS 1000
#define GRACE_MS 1000

/* A century, the maximum. */
#define LONGEST_MS (INT64_C(100) * 366 * 24 * 3600 * 1000)

static int look(void *context)
{
    sql_deadline *deadline = context;
    if (interrupt_ends_reading())
        return 1;
    deadline->passed = eventure__clock_ms() >= deadline->end_ms;
    return deadline->passed;
}

static void end_program(int signal_number)
{
    static const char text[] = "eventure: sql: stopped: the time given with --timeout-ms is over\n";
    (void)signal_number;
    if (interrupt_again())
        return;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(EXIT_FILE);
    _exit(EXIT_DATA);
}

static void ring_after(int64_t ms)
{
    struct sigaction action;
    struct itimerval timer;
    memset(&action, 0, sizeof action);
    memset(&timer, 0, sizeof timer);
    action.sa_handler = end_program;
    sigemptyset(&action.sa_mask);
    timer.it_value.tv_sec = (time_t)(ms / 1000);
    timer.it_value.tv_usec = (suseconds_t)(ms % 1000 * 1000);
    if (sigaction(SIGALRM, &action, NULL) == 0)
        setitimer(ITIMER_REAL, &timer, NULL);
}

void sql_deadline_begin(sql_deadline *deadline, sqlite3 *db, int64_t timeout_ms)
{
    timeout_ms = timeout_ms < LONGEST_MS ? timeout_ms : LONGEST_MS;
    memset(deadline, 0, sizeof *deadline);
    deadline->timeout_ms = timeout_ms;
    deadline->end_ms = eventure__clock_ms() + timeout_ms;
    sqlite3_progress_handler(db, INSTRUCTIONS_BETWEEN_LOOKS, look, deadline);
    ring_after(timeout_ms + GRACE_MS);
}
