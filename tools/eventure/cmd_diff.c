/*
 * eventure diff: the first event in which two histories differ, and its causes.
 */
#include <stdbool.h>
#include <stdio.h>

#include <eventure/integrity.h>

#include "command_options.h"
#include "commands.h"
#include "difference_output.h"
#include "message.h"
#include "pager.h"
#include "store_file.h"

static int compare(difference_side *left, difference_side *right, bool json)
{
    eventure_difference difference;
    eventure_status status = eventure_store_diff(left->reader, right->reader, &difference);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(left->reader));
    left->event = difference.left;
    right->event = difference.right;
    int exit_code = difference_print(&difference, left, right, json);
    if (json)
        putchar('\n');
    if (exit_code == EXIT_DONE && difference.differ)
        exit_code = EXIT_DATA;
    eventure_difference_clear(&difference);
    return exit_code;
}

int cmd_diff(int argc, char **argv)
{
    bool json = false;
    const char *operands[2];
    option_spec specs[] = {{"format", OPTION_VALUE, option_set_text_json, &json, false},
                           {"json", OPTION_FLAG, option_set_flag, &json, false},
                           OPTIONS_END};
    static const char *const names[] = {"A", "B", NULL};
    command_line line = {"diff", specs, names, operands};
    difference_side left = {0};
    difference_side right = {0};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    left.path = operands[0];
    right.path = operands[1];
    exit_code = store_open_reader(left.path, &left.reader);
    if (exit_code == EXIT_DONE)
        exit_code = store_open_reader(right.path, &right.reader);
    if (exit_code == EXIT_DONE)
        pager_begin();
    if (exit_code == EXIT_DONE)
        exit_code = compare(&left, &right, json);
    eventure_reader_close(right.reader);
    eventure_reader_close(left.reader);
    return exit_code;
}
