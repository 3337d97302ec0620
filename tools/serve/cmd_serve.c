/*
 * eventure serve: a store in the browser. The command of the program eventure-serve.
 */
#include <stdlib.h>
#include <string.h>

#include "serve.h"
#include "tools/eventure/command_options.h"
#include "tools/eventure/commands.h"
#include "tools/eventure/message.h"
#include "tools/eventure/projection_list.h"

#define TIME_LIMIT_MS 10000
#define LONGEST_MS (24 * 3600 * 1000)

static const char *set_port(const char *value, void *target)
{
    int64_t number = 0;
    if (!options_read_number(value, strlen(value), &number) || number > UINT16_MAX)
        return "is not a port (0 to 65535)";
    *(int64_t *)target = number;
    return NULL;
}

static const char *set_time_limit(const char *value, void *target)
{
    int64_t number = 0;
    if (!options_read_number(value, strlen(value), &number) || number < 1 || number > LONGEST_MS)
        return "is no number of milliseconds from 1 to 86400000, a day";
    *(int64_t *)target = number;
    return NULL;
}

int cmd_serve(int argc, char **argv)
{
    const char *against = NULL;
    const char *listen = NULL;
    int64_t port = 0;
    int64_t time_limit_ms = TIME_LIMIT_MS;
    projection_list projections = {NULL, NULL, 0};
    const char *operands[1];
    option_spec specs[] = {
        {"against", OPTION_VALUE, option_set_text, &against, false},
        {"projection", OPTION_LIST, projection_list_add, &projections, false},
        {"port", OPTION_VALUE, set_port, &port, false},
        {"listen", OPTION_VALUE, option_set_text, &listen, false},
        {"timeout-ms", OPTION_VALUE, set_time_limit, &time_limit_ms, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", NULL};
    command_line line = {"serve", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
    {
        serve_options options = {.path = operands[0],
                                 .against = against,
                                 .projections = projections.paths,
                                 .projections_count = projections.count,
                                 .listen = listen,
                                 .port = (uint16_t)port,
                                 .time_limit_ms = time_limit_ms};
        exit_code = serve_run(&options);
    }
    projection_list_close(&projections);
    return exit_code;
}
