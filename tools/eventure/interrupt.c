/*
 * Signals: see interrupt.h.
 */
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

/* Atomic: in a program with threads, a handler can run in another thread than the one that reads them. C allows a
   handler to use atomic objects that need no lock, as these do. */
static atomic_int came;
static atomic_int is_late; /* the signal came a second ago */
static atomic_int reads_only;

static bool dies_of_pipe;

/* Redirects the output, so that later writes do not block. */
void interrupt_discard_output(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0)
        return;
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
}

static void note(int signal_number)
{
    int kept = errno;
    int none = 0;
    if (is_late != 0)
    {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    else if (atomic_compare_exchange_strong(&came, &none, signal_number))
    {
        if (reads_only != 0)
            interrupt_discard_output();
        alarm(1);
    }
    errno = kept;
}

/* A signal that arrives just before a read does not interrupt it. A timer therefore repeats the signal until the
   program has ended. */
static void note_again(int signal_number)
{
    (void)signal_number;
    interrupt_again();
}

static void set_handler(int signal_number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler; /* without SA_RESTART: a read that waits for input is interrupted */
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

static bool is_ignored(int signal_number)
{
    struct sigaction before;
    return sigaction(signal_number, NULL, &before) != 0 || before.sa_handler == SIG_IGN;
}

void interrupt_catch(void)
{
    reads_only = 0;
    set_handler(SIGALRM, note_again);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
    {
        if (!is_ignored(caught[i]))
            set_handler(caught[i], note);
    }
}

void interrupt_catch_reading(void)
{
    interrupt_catch();
    reads_only = 1;
}

bool interrupt_came(void)
{
    return came != 0;
}

bool interrupt_ends_reading(void)
{
    return reads_only != 0 && (came != 0 || ferror(stdout));
}

bool interrupt_again(void)
{
    if (came == 0)
        return false;
    is_late = 1;
    alarm(1);
    return true;
}

/* Terminates the process by a signal with its default action. */
static void die_of(int signal_number)
{
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void interrupt_forget(void)
{
    alarm(0);
    came = 0;
}

void interrupt_finish(void)
{
    if (came == 0)
        return;
    alarm(0);
    die_of(came);
}

void interrupt_ignore_pipe(void)
{
    dies_of_pipe = !is_ignored(SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
}

void interrupt_finish_pipe(void)
{
    if (dies_of_pipe)
        die_of(SIGPIPE);
}

void interrupt_restore(void)
{
    alarm(0);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
    {
        if (!is_ignored(caught[i]))
            signal(caught[i], SIG_DFL);
    }
    if (dies_of_pipe)
        signal(SIGPIPE, SIG_DFL);
}
