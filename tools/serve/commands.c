/*
 * The commands of the program eventure-serve.
 */
#include "tools/eventure/commands.h"

const command commands[] = {{"serve", cmd_serve, NULL}};
const size_t commands_count = sizeof commands / sizeof commands[0];
