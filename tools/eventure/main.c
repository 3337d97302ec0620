/*
 * The command-line program: finds the command and calls it. The table of the commands is in commands.c; their help
 * texts are in commands/<name>.txt.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/version.h>

#include "commands.h"
#include "companion.h"
#include "complete.h"
#include "help.h"
#include "interrupt.h"
#include "message.h"
#include "pager.h"
#include "suggest.h"
#include "terminal.h"
#include "text.h"

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < commands_count; i++)
    {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

/* The arguments of the process. */
static char **given;

/* Runs a command with its own arguments; one of a companion receives the arguments of the process. */
static int run_command(const command *found, int argc, char **argv)
{
    return found->run != NULL ? found->run(argc, argv) : companion_run(found->companion, found->name, given);
}

/* Other names of a command and its verb: the names in earlier versions. */
typedef struct synonym
{
    const char *word;
    const char *command;
    char *verb;
} synonym;

static char verb_add[] = "add";
static char verb_list[] = "list";
static const synonym synonyms[] = {{"save", "save-point", verb_add}, {"saves", "save-point", verb_list}};

static const synonym *find_synonym(const char *word)
{
    for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++)
        if (strcmp(synonyms[i].word, word) == 0 && find_command(synonyms[i].command) != NULL)
            return &synonyms[i];
    return NULL;
}

/* Runs the command of a synonym, with the verb before the given arguments. */
static int run_synonym(const synonym *other, int argc, char **argv)
{
    char **longer = calloc((size_t)argc + 2, sizeof *longer);
    if (longer == NULL)
        return message_memory();
    longer[0] = argv[0];
    longer[1] = other->verb;
    memcpy(longer + 2, argv + 1, (size_t)argc * sizeof *longer); /* with the closing NULL */
    int exit_code = run_command(find_command(other->command), argc + 1, longer);
    free(longer);
    return exit_code;
}

/* When the program is started with a standard stream closed, the next opened file would get its descriptor, and be read
   or written by mistake. The descriptor is therefore opened so that reading and writing fail, as on a closed stream. */
static bool guard_standard_streams(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++)
    {
        int flags = descriptor == 0 ? O_WRONLY : O_RDONLY;
        if (fcntl(descriptor, F_GETFD) == -1 && open("/dev/null", flags) != descriptor)
            return false;
    }
    return true;
}

/* Reports that there is no such command, with the most similar ones. */
static int refuse_command(const char *name)
{
    suggestion best = {.word = name, .len = strlen(name)};
    char text[128];
    for (size_t i = 0; i < commands_count; i++)
        suggest_offer(&best, commands[i].name);
    suggest_offer(&best, "help");
    suggest_text(&best, "", text, sizeof text);
    return message_usage(NULL, "there is no command '%s'%s", name, text);
}

static int run_help(int argc, char **argv)
{
    if (argc > 2)
        return message_usage(NULL, "help: unexpected argument '%s'", argv[2]);
    const char *topic = argc == 2 ? argv[1] : "eventure";
    const synonym *other = find_synonym(topic);
    if (other != NULL)
        topic = other->command;
    if (strcmp(topic, "eventure") != 0 && find_command(topic) == NULL)
        return refuse_command(topic);
    return help_print(topic);
}

static const char *const global_options[] = {"--help", "--version", "--no-pager"};

static int refuse_option(const char *name)
{
    suggestion best = {.word = name, .len = strlen(name)};
    char text[128];
    for (size_t i = 0; i < sizeof global_options / sizeof global_options[0]; i++)
        suggest_offer(&best, global_options[i]);
    suggest_text(&best, "", text, sizeof text);
    return message_usage(NULL, "unknown option %s%s", name, text);
}

static void complete_command(const char *word)
{
    char summary[100];
    for (size_t i = 0; i < commands_count; i++)
    {
        help_summary(commands[i].name, summary, sizeof summary);
        complete_offer(word, commands[i].name, summary);
    }
}

/* Completes a line for a shell: see complete.h. */
static int run_complete(int argc, char **argv)
{
    complete_begin();
    if (argc > 1 && strcmp(argv[0], "--no-pager") == 0)
        return run_complete(argc - 1, argv + 1);
    if (argc < 2 || (argc == 2 && strcmp(argv[0], "help") == 0))
    {
        const char *word = argc > 0 ? argv[argc - 1] : "";
        complete_command(word);
        if (argc < 2)
            complete_offer(word, "help", "show what the program or a command does");
        for (size_t i = 0; word[0] == '-' && i < sizeof global_options / sizeof global_options[0]; i++)
            complete_offer(word, global_options[i], NULL);
        return EXIT_DONE;
    }
    const command *found = find_command(argv[0]);
    const synonym *other = find_synonym(argv[0]);
    if (other != NULL)
        return run_synonym(other, argc, argv);
    return found != NULL ? run_command(found, argc, argv) : EXIT_DONE;
}

static int run(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--no-pager") == 0)
    {
        pager_forbid();
        argc--;
        argv++;
    }
    if (argc < 2)
        return help_print("eventure");
    const char *name = argv[1];
    if (strcmp(name, "--complete") == 0)
        return run_complete(argc - 2, argv + 2);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help_print("eventure");
    if (strcmp(name, "help") == 0)
        return run_help(argc - 1, argv + 1);
    if (strcmp(name, "--version") == 0)
    {
        printf("eventure %s\n", eventure_version());
        return EXIT_DONE;
    }
    if (name[0] == '-')
        return refuse_option(name);
    const command *found = find_command(name);
    const synonym *other = find_synonym(name);
    if (other != NULL)
        return run_synonym(other, argc - 1, argv + 1);
    if (found == NULL)
        return refuse_command(name);
    return run_command(found, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    if (!guard_standard_streams())
        return EXIT_FILE;
    text_init();
    signal(SIGXFSZ, SIG_IGN); /* exceeding the file size limit is reported as an error, and does not terminate the
                                 program */
    interrupt_ignore_pipe();
    given = argv;
    int exit_code = terminal_finish(run(argc, argv));
    interrupt_finish();
    return exit_code;
}
