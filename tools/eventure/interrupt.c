/*
 * Signals: see interrupt.h.
 */
#include "interrupt.h"

#include <signal.h>
#include <string.h>

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

/* A signal handler has nothing but a global to write to. */
static volatile sig_atomic_t came;

static void note(int signal_number)
{
    came = signal_number;
}

void interrupt_catch(void)
{
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
    {
        struct sigaction before;
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = note; /* without SA_RESTART: a read that waits for input ends */
        sigemptyset(&action.sa_mask);
        if (sigaction(caught[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
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
    signal((int)came, SIG_DFL);
    raise((int)came);
}
