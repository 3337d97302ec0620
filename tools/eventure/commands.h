/*
 * The commands of a program. To add one to `eventure`: its function in cmd_<name>.c with a prototype here, a row in
 * commands.c, its help in commands/<name>.txt (and a line in commands/eventure.txt), and the files in CMakeLists.txt.
 *
 * A function receives its own argc and argv, where argv[0] is its name, and returns an exit code of message.h.
 *
 * Commands that need a library which no other command needs are in a program of their own (companion.h), which is built
 * from the same main.c with another table: tools/serve and tools/postgres.
 */
#ifndef EVENTURE_TOOL_COMMANDS_H
#define EVENTURE_TOOL_COMMANDS_H

#include <stddef.h>

#include "companion.h"

typedef struct command
{
    const char *name;
    int (*run)(int argc, char **argv); /* NULL: the command is in a companion */
    const companion *companion;
} command;

/* The table of the program, in the order of the overview. */
extern const command commands[];
extern const size_t commands_count;

int cmd_import(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_append(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_cascade(int argc, char **argv);
int cmd_children(int argc, char **argv);
int cmd_ancestors(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_index(int argc, char **argv);
int cmd_fleet(int argc, char **argv);
int cmd_sql(int argc, char **argv);
int cmd_state(int argc, char **argv);
int cmd_snapshot(int argc, char **argv);
int cmd_project(int argc, char **argv);
int cmd_shell(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_digest(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_repair(int argc, char **argv);
int cmd_save_point(int argc, char **argv);
int cmd_copy(int argc, char **argv);
int cmd_fork(int argc, char **argv);
int cmd_archive(int argc, char **argv);
int cmd_join(int argc, char **argv);
int cmd_upgrade(int argc, char **argv);
int cmd_ship(int argc, char **argv);
int cmd_fetch(int argc, char **argv);

#endif
