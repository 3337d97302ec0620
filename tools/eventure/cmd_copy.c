/*
 * eventure copy: copies a store to another file, even while it is written.
 */
#include <stddef.h>

#include <eventure/query.h>

#include "command_options.h"
#include "commands.h"
#include "message.h"
#include "new_store.h"

static eventure_status copy(eventure_reader *reader, const char *path, const eventure_copy_options *options,
                            void *context)
{
    (void)context;
    return eventure_store_copy(reader, path, options);
}

static eventure_status count(eventure_reader *reader, void *context, int64_t *out_events)
{
    (void)context;
    return eventure_query_count(reader, NULL, out_events);
}

int cmd_copy(int argc, char **argv)
{
    bool force = false;
    const char *operands[2];
    option_spec specs[] = {{"replace", OPTION_FLAG, option_set_flag, &force, false}, OPTIONS_END};
    static const char *const names[] = {"DB", "NEW", NULL};
    command_line line = {"copy", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    const new_store work = {"copy", copy, count, NULL};
    return new_store_make(operands[0], operands[1], force, &work);
}
