/*
 * eventure shell: runs the system's sqlite3 on a store, with the functions of Eventure, so that it cannot change
 * anything.
 *
 * sqlite3 is started read-only (-readonly) and in its safe mode (-safe), in which it neither writes other files, nor
 * runs programs, nor opens another database. The extension is loaded before that mode begins; it removes the table
 * `zipfile`, which the safe mode permits. Without the extension, query_only prevents any change. The safe mode also
 * permits the commands .trace and .testcase, which make files, and the file of the history: the system refuses them
 * (no_new_files.h).
 *
 * A reader of this program stays open while the shell runs: it creates the files beside the store, if this user has
 * permission, and removes them when the shell has ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beside_program.h"
#include "command_options.h"
#include "commands.h"
#include "connection.h"
#include "interrupt.h"
#include "message.h"
#include "no_new_files.h"
#include "store_file.h"

#define SHELL "sqlite3"
#define EXTENSION_VARIABLE "EVENTURE_EXTENSION"

/* The path of the extension relative to the directory of the program; set by CMake. */
#ifndef EVENTURE_EXTENSION_FROM_PROGRAM
#define EVENTURE_EXTENSION_FROM_PROGRAM "../lib/eventure/eventure.so"
#endif

static char *join(const char *a, size_t a_len, const char *b)
{
    size_t b_len = strlen(b);
    char *text = malloc(a_len + b_len + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, a, a_len);
    memcpy(text + a_len, b, b_len + 1);
    return text;
}

static char *find_extension(void)
{
    const char *named = getenv(EXTENSION_VARIABLE);
    if (named == NULL || *named == '\0')
        return beside_program(EVENTURE_EXTENSION_FROM_PROGRAM);
    char *real = realpath(named, NULL);
    if (real == NULL)
        message("shell: " EXTENSION_VARIABLE " is %s: %s", named, strerror(errno));
    return real;
}

/* Returns the shell command that loads the extension. Its argument is in double quotes, with C's escapes. */
static char *load_command(const char *extension)
{
    static const char begin[] = ".load \"";
    static const char end[] = "\" sqlite3_eventure_shell_init";
    char *text = malloc(sizeof begin + 2 * strlen(extension) + sizeof end);
    if (text == NULL)
        return NULL;
    memcpy(text, begin, sizeof begin);
    char *at = text + sizeof begin - 1;
    for (const char *c = extension; *c != '\0'; c++)
    {
        if (*c == '"' || *c == '\\')
            *at++ = '\\';
        *at++ = *c;
    }
    memcpy(at, end, sizeof end);
    return text;
}

/* In the child: becomes the shell. */
static _Noreturn void become_shell(char *const *arguments)
{
    interrupt_restore();
    no_new_files(); /* where the system cannot, the safe mode still refuses most of it */
    execvp(SHELL, arguments);
    message("shell: cannot start " SHELL ": %s", strerror(errno));
    _exit(EXIT_FILE);
}

static volatile sig_atomic_t shell_process;

/* Forwards a signal to the shell, unless the terminal sent it (si_code > 0): the shell then receives it as well. */
static void pass_on(int signal_number, siginfo_t *info, void *context)
{
    int kept = errno;
    (void)context;
    if (info->si_code <= 0 && shell_process > 0)
        kill((pid_t)shell_process, signal_number);
    errno = kept;
}

static const int passed_on[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

static void pass_signals_on(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = pass_on;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++)
    {
        struct sigaction before;
        if (sigaction(passed_on[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(passed_on[i], &action, NULL);
    }
}

/* Waits for the shell, to which signals are forwarded. */
static int wait_for_shell(pid_t process)
{
    int ended = 0;
    shell_process = (sig_atomic_t)process;
    while (waitpid(process, &ended, 0) < 0)
    {
        if (errno != EINTR)
            return EXIT_FILE;
    }
    shell_process = 0;
    return WIFSIGNALED(ended) ? -WTERMSIG(ended) : WEXITSTATUS(ended);
}

/* Starts the shell and waits for it. Returns its exit code, or the negated number of the signal that terminated it. */
static int start_shell(char *const *arguments)
{
    fflush(stdout);
    pass_signals_on();
    pid_t process = fork();
    if (process == 0)
    {
        become_shell(arguments);
    }
    int ended = EXIT_FILE;
    if (process < 0)
        message("shell: cannot start " SHELL ": %s", strerror(errno));
    else
        ended = wait_for_shell(process);
    return ended;
}

/* Returns the name of the store for the shell, which must open it with the same parameters as the reader. */
static char *name_for_shell(const char *path)
{
    char *uri = connection_uri(connection_newest());
    return uri != NULL ? uri : path[0] == '/' ? join("", 0, path) : join("./", 2, path);
}

static int run_shell(const char *path, const char *query, char *load)
{
    /* A comment of SQL must not be treated as an option. */
    char *text = query != NULL ? join(" ", *query == '-', query) : NULL;
    char *database = name_for_shell(path);
    char *arguments[8];
    size_t count = 0;
    int ended = EXIT_FILE;
    arguments[count++] = (char *)SHELL;
    arguments[count++] = (char *)"-readonly";
    arguments[count++] = (char *)"-cmd";
    arguments[count++] = load != NULL ? load : (char *)"PRAGMA query_only = ON";
    arguments[count++] = (char *)"-safe";
    arguments[count++] = database;
    if (text != NULL)
        arguments[count++] = text;
    arguments[count] = NULL;
    if (database == NULL || (query != NULL && text == NULL))
        ended = message_memory();
    else
        ended = start_shell(arguments);
    free(text);
    free(database);
    return ended;
}

int cmd_shell(int argc, char **argv)
{
    const char *operands[2];
    option_spec specs[] = {OPTIONS_END};
    static const char *const names[] = {"DB", "[QUERY]", NULL};
    command_line line = {"shell", specs, names, operands};
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = store_open_reader(operands[0], &reader); /* reports a file that is not a store */
    if (exit_code != EXIT_DONE)
        return exit_code;
    char *extension = find_extension();
    char *load = extension != NULL ? load_command(extension) : NULL;
    if (extension == NULL)
        message("shell: the functions of Eventure are not available: eventure.so is not installed beside the program; "
                "set " EXTENSION_VARIABLE " to its path");
    if (extension != NULL && load == NULL)
        exit_code = message_memory();
    if (exit_code == EXIT_DONE)
        exit_code = run_shell(operands[0], operands[1], load);
    free(load);
    free(extension);
    eventure_reader_close(reader); /* after the shell, so that nothing is left beside the store */
    if (exit_code >= 0)
        return exit_code;
    signal(-exit_code, SIG_DFL);
    raise(-exit_code);
    return EXIT_FILE;
}
