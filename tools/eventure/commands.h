/*
 * The commands. To add one: a row here, its function in cmd_<name>.c, its help in commands/<name>.txt (and a line in
 * commands/eventure.txt), and both files in CMakeLists.txt.
 *
 * A function receives its own argc and argv, where argv[0] is its name, and returns an exit code of message.h.
 */
#ifndef EVENTURE_TOOL_COMMANDS_H
#define EVENTURE_TOOL_COMMANDS_H

/* The commands in the order of the overview. clang-format would put all of them on one line. */
/* clang-format off */
#define EVENTURE_COMMANDS(row)                                                                                         \
    row(import, "import")                                                                                              \
    row(export, "export")                                                                                              \
    row(append, "append")                                                                                              \
    row(log, "log")                                                                                                    \
    row(show, "show")                                                                                                  \
    row(cascade, "cascade")                                                                                            \
    row(children, "children")                                                                                          \
    row(ancestors, "ancestors")                                                                                        \
    row(stats, "stats")                                                                                                \
    row(explain, "explain")                                                                                            \
    row(info, "info")                                                                                                  \
    row(index, "index")                                                                                                \
    row(fleet, "fleet")                                                                                                \
    row(sql, "sql")                                                                                                    \
    row(state, "state")                                                                                                \
    row(snapshot, "snapshot")                                                                                          \
    row(project, "project")                                                                                            \
    row(shell, "shell")                                                                                                \
    row(serve, "serve")                                                                                                \
    row(verify, "verify")                                                                                              \
    row(digest, "digest")                                                                                              \
    row(diff, "diff")                                                                                                  \
    row(check, "check")                                                                                                \
    row(repair, "repair")                                                                                              \
    row(save_point, "save-point")                                                                                      \
    row(copy, "copy")                                                                                                  \
    row(fork, "fork")                                                                                                  \
    row(archive, "archive")                                                                                            \
    row(join, "join")                                                                                                  \
    row(upgrade, "upgrade")                                                                                            \
    row(ship, "ship")                                                                                                  \
    row(fetch, "fetch")
/* clang-format on */

#define EVENTURE_COMMAND_PROTOTYPE(name, text) int cmd_##name(int argc, char **argv);
EVENTURE_COMMANDS(EVENTURE_COMMAND_PROTOTYPE)
#undef EVENTURE_COMMAND_PROTOTYPE

#endif
