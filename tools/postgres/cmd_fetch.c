/*
 * eventure fetch: brings a run back from a PostgreSQL server. A command of the program eventure-postgres.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "command_options.h"
#include "commands.h"
#include "fetch.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "text.h"

static int run(const char *conninfo, const char *run, const char *path, bool replace)
{
    server from;
    progress_line line;
    int64_t events = 0;
    char count[COUNT_BYTES];
    const fetch_request request = {
        .run = run, .path = path, .replace = replace, .progress = progress_show, .progress_context = &line};
    int exit_code = server_open(&from, conninfo);
    if (exit_code == EXIT_DONE)
        exit_code = server_need_schema(&from, 0);
    if (exit_code == EXIT_DONE)
    {
        interrupt_catch();
        progress_begin(&line, "fetch");
        exit_code = fetch_run(&from, &request, &events);
        progress_end(&line);
    }
    server_close(&from);
    if (exit_code == EXIT_DONE)
        fprintf(stderr, "%s, digests checked\n", text_count(count, events, "event"));
    interrupt_finish();
    return exit_code;
}

int cmd_fetch(int argc, char **argv)
{
    bool replace = false;
    const char *operands[3];
    option_spec specs[] = {{"replace", OPTION_FLAG, option_set_flag, &replace, false}, OPTIONS_END};
    static const char *const names[] = {"CONNINFO", "RUN", "NEW", NULL};
    command_line line = {"fetch", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    return run(operands[0], operands[1], operands[2], replace);
}
