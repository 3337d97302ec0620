/*
 * The commands of the program `eventure`.
 */
#include "commands.h"

static const companion serving = {"eventure-serve", "libmicrohttpd"};
static const companion shipping = {"eventure-postgres", "libpq"};

const command commands[] = {
    {"import", cmd_import, NULL},
    {"export", cmd_export, NULL},
    {"append", cmd_append, NULL},
    {"log", cmd_log, NULL},
    {"show", cmd_show, NULL},
    {"cascade", cmd_cascade, NULL},
    {"children", cmd_children, NULL},
    {"ancestors", cmd_ancestors, NULL},
    {"stats", cmd_stats, NULL},
    {"explain", cmd_explain, NULL},
    {"info", cmd_info, NULL},
    {"index", cmd_index, NULL},
    {"fleet", cmd_fleet, NULL},
    {"sql", cmd_sql, NULL},
    {"state", cmd_state, NULL},
    {"snapshot", cmd_snapshot, NULL},
    {"project", cmd_project, NULL},
    {"shell", cmd_shell, NULL},
    {"serve", NULL, &serving},
    {"verify", cmd_verify, NULL},
    {"digest", cmd_digest, NULL},
    {"diff", cmd_diff, NULL},
    {"check", cmd_check, NULL},
    {"repair", cmd_repair, NULL},
    {"save-point", cmd_save_point, NULL},
    {"copy", cmd_copy, NULL},
    {"fork", cmd_fork, NULL},
    {"archive", cmd_archive, NULL},
    {"join", cmd_join, NULL},
    {"upgrade", cmd_upgrade, NULL},
    {"ship", NULL, &shipping},
    {"fetch", NULL, &shipping},
};
const size_t commands_count = sizeof commands / sizeof commands[0];
