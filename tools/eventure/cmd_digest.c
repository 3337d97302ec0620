/*
 * eventure digest: the digests of a history, to publish or to compare.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include <eventure/integrity.h>

#include "command_options.h"
#include "commands.h"
#include "message.h"
#include "store_file.h"

static void print_digests(const eventure_digests *digests, bool json)
{
    if (json && digests->tick < 0)
        printf("{\"tick\": null, \"seq\": 0, \"run\": \"%s\", \"full\": \"%s\"}\n", digests->run, digests->full);
    else if (json)
        printf("{\"tick\": %" PRId64 ", \"seq\": %" PRId64 ", \"run\": \"%s\", \"full\": \"%s\"}\n", digests->tick,
               digests->seq, digests->run, digests->full);
    else
        printf("run   %s\nfull  %s\n", digests->run, digests->full);
}

int cmd_digest(int argc, char **argv)
{
    bool json = false;
    int64_t tick = INT64_MAX;
    const char *operands[1];
    option_spec specs[] = {
        {"tick", OPTION_VALUE, option_set_tick, &tick, false},
        {"format", OPTION_VALUE, option_set_text_json, &json, false},
        {"json", OPTION_FLAG, option_set_flag, &json, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", NULL};
    command_line line = {"digest", specs, names, operands};
    eventure_digests digests;
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = store_open_reader(operands[0], &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_status status = eventure_store_digest(reader, tick, &digests);
    if (status == EVENTURE_OK)
        print_digests(&digests, json);
    else
        exit_code = message_status(status, eventure_reader_message(reader));
    eventure_reader_close(reader);
    return exit_code;
}
