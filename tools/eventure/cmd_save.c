/*
 * eventure save: a name for where the history stands.
 */
#include <inttypes.h>
#include <stdio.h>

#include <eventure/session.h>

#include "commands.h"
#include "message.h"
#include "options.h"
#include "store_file.h"

static int save(const char *path, const char *name, const char *note)
{
    eventure_log *log = NULL;
    int64_t seq = 0;
    int exit_code = store_open_existing(path, &log);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_status status = eventure_save(log, name, note);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(eventure_log_reader(log), &seq);
    if (status == EVENTURE_OK)
        fprintf(stderr, "at tick %" PRId64 ", after event %" PRId64 "\n", eventure_log_tick(log), seq);
    else
        exit_code = message_status(status, eventure_log_message(log));
    return store_close_existing(path, log, exit_code);
}

int cmd_save(int argc, char **argv)
{
    const char *note = NULL;
    const char *operands[2];
    option_spec specs[] = {{"note", OPTION_VALUE, option_set_text, &note, false}, OPTIONS_END};
    static const char *const names[] = {"DB", "NAME", NULL};
    command_line line = {"save", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    return save(operands[0], operands[1], note);
}
