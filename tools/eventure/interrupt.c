/*
 * Signals: see interrupt.h.
 */
#include "interrupt.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

/* A signal handler has nothing but a global to write to. */
static volatile sig_atomic_t came;

static void note(int signal_number)
{
    came = signal_number;
    alarm(1);
}

/* A signal that comes just before a read does not end it; so another one follows, until the program has ended. */
static void note_again(int signal_number)
{
    (void)signal_number;
    alarm(1);
}

static void set_handler(int signal_number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler; /* without SA_RESTART: a read that waits for input ends */
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void interrupt_catch(void)
{
    set_handler(SIGALRM, note_again);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
    {
        struct sigaction before;
        if (sigaction(caught[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            set_handler(caught[i], note);
    }
}

bool interrupt_came(void)
{
    return came != 0;
}

void interrupt_finish(void)
{
    if (came == 0)
        return;
    alarm(0);
    signal((int)came, SIG_DFL);
    raise((int)came);
}
