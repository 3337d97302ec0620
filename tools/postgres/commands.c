/*
 * The commands of the program eventure-postgres.
 */
#include "commands.h"

const command commands[] = {
    {"ship", cmd_ship, NULL},
    {"fetch", cmd_fetch, NULL},
};
const size_t commands_count = sizeof commands / sizeof commands[0];
