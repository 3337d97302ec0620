/*
 * eventure upgrade: upgrades a store of an older format.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <eventure/upgrade.h>

#include "command_options.h"
#include "commands.h"
#include "message.h"
#include "text.h"

static void print_json(const char *path, const eventure_upgrade_report *report)
{
    fputs("{\"store\": ", stdout);
    text_write_json(stdout, path, strlen(path));
    printf(", \"from_format\": %" PRId64 ", \"to_format\": %" PRId64 ", \"backup\": ", report->from_format,
           report->to_format);
    text_write_json_or_null(stdout, report->backup);
    puts("}");
}

static void print_text(const char *path, const eventure_upgrade_report *report)
{
    text_write(stdout, path, strlen(path));
    if (report->from_format == report->to_format)
    {
        printf(": is of format %" PRId64 " already\n", report->to_format);
        return;
    }
    printf(": from format %" PRId64 " to %" PRId64, report->from_format, report->to_format);
    if (report->backup[0] != '\0')
    {
        fputs("; the old store is ", stdout);
        text_write(stdout, report->backup, strlen(report->backup));
    }
    putchar('\n');
}

int cmd_upgrade(int argc, char **argv)
{
    eventure_upgrade_options options = EVENTURE_UPGRADE_OPTIONS_INIT;
    eventure_upgrade_report report;
    bool json = false;
    const char *operands[2];
    option_spec specs[] = {
        {"no-backup", OPTION_FLAG, option_set_flag, &options.without_backup, false},
        {"replace", OPTION_FLAG, option_set_flag, &options.replace, false},
        {"format", OPTION_VALUE, option_set_text_json, &json, false},
        {"json", OPTION_FLAG, option_set_flag, &json, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "[NEW]", NULL};
    command_line line = {"upgrade", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    options.new_path = operands[1];
    if (options.replace && options.new_path == NULL)
        return message_usage("upgrade", "upgrade: --replace is for a file NEW");
    if (options.without_backup && options.new_path != NULL)
        return message_usage("upgrade",
                             "upgrade: --no-backup is for an upgrade in place: with NEW, the old store is not changed");
    eventure_status status = eventure_store_upgrade(operands[0], &options, &report);
    if (status == EVENTURE_ERROR_NOT_FOUND) /* NOT_FOUND means a missing object in a store; a missing store is an error
                                               of the file */
        status = EVENTURE_ERROR_IO;
    if (status != EVENTURE_OK)
        return message_status(status, eventure_last_message());
    (json ? print_json : print_text)(options.new_path != NULL ? options.new_path : operands[0], &report);
    return EXIT_DONE;
}
