/*
 * Help: see help.h.
 */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "command_help.h"
#include "message.h"

int help_print(const char *command)
{
    for (size_t i = 0; i < command_helps_count; i++)
    {
        if (strcmp(command_helps[i].name, command) == 0)
        {
            fputs(command_helps[i].text, stdout);
            return EXIT_DONE;
        }
    }
    return message_usage(NULL, "help: there is no command '%s'", command);
}
