/*
 * The pager: see pager.h.
 *
 * The program writes and the pager is its child, so that the shell waits for the program, which waits for the pager. On
 * Ctrl-C both receive the signal. The program then stops writing, but does not end before the pager: otherwise the
 * shell and the pager would both read the terminal.
 */
#include "pager.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* The default options of less: quit when everything fits on one screen, show colours, and do not clear the screen. */
#define LESS_OPTIONS "FRX"

static struct
{
    bool is_forbidden;
    bool is_running;
    pid_t process;
    int terminal; /* a duplicate of the original standard output */
} pager = {false, false, 0, -1};

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

#define CAUGHT (sizeof caught / sizeof caught[0])

static struct sigaction before[CAUGHT];

static void wait_for_pager(void)
{
    int status = 0;
    while (waitpid(pager.process, &status, 0) == -1 && errno == EINTR)
        continue;
}

static void end_by_signal(int signal_number)
{
    close(STDOUT_FILENO);
    wait_for_pager();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = end_by_signal;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CAUGHT; i++)
        if (sigaction(caught[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
}

static void release_signals(void)
{
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &before[i], NULL);
}

void pager_forbid(void)
{
    pager.is_forbidden = true;
}

int pager_terminal(void)
{
    return pager.is_running ? pager.terminal : -1;
}

/* Whether a program of this name is on the path. */
static bool is_installed(const char *name)
{
    const char *path = getenv("PATH");
    char file[4096];
    while (path != NULL && *path != '\0')
    {
        size_t len = strcspn(path, ":");
        int needed = snprintf(file, sizeof file, "%.*s/%s", (int)len, path, name);
        if (needed > 0 && (size_t)needed < sizeof file && access(file, X_OK) == 0)
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

/* Returns whether the terminal reports its height. A terminal without a height belongs to a script or a recorder, whose
 * record would contain the control sequences of less. */
static bool has_screen(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
}

/* Returns the command of the pager; NULL for none. */
static const char *choose_command(void)
{
    const char *command = getenv("EVENTURE_PAGER");
    if (command == NULL)
        command = getenv("PAGER");
    if (command == NULL)
        command = has_screen() && is_installed("less") ? "less" : "";
    return command[0] == '\0' || strcmp(command, "cat") == 0 ? NULL : command;
}

/* Executes the pager in the child; never returns. */
static void run_command(const char *command, int input)
{
    if (dup2(input, STDIN_FILENO) != -1)
    {
        setenv("LESS", LESS_OPTIONS, 0);
        setenv("LV", "-c", 0);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(127);
}

static bool start(const char *command)
{
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    pager.terminal = dup(STDOUT_FILENO);
    pager.process = pager.terminal != -1 ? fork() : -1;
    if (pager.process == 0)
    {
        close(ends[1]);
        close(pager.terminal);
        run_command(command, ends[0]);
    }
    close(ends[0]);
    bool is_started = pager.process > 0 && dup2(ends[1], STDOUT_FILENO) != -1;
    close(ends[1]);
    return is_started;
}

void pager_begin(void)
{
    const char *command = NULL;
    if (pager.is_forbidden || pager.is_running || isatty(STDOUT_FILENO) != 1 || (command = choose_command()) == NULL)
        return;
    fflush(stdout);
    pager.is_running = start(command);
    if (pager.is_running)
        catch_signals();
}

void pager_end(void)
{
    if (!pager.is_running)
        return;
    fflush(stdout);
    dup2(pager.terminal, STDOUT_FILENO);
    close(pager.terminal);
    wait_for_pager();
    release_signals();
    pager.is_running = false;
}
