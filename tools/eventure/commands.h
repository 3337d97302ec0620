/*
 * The commands. To add one: a row here, its function in cmd_<name>.c, its help in commands/<name>.txt (and a line in
 * commands/eventure.txt), and both files in CMakeLists.txt.
 *
 * A function gets its own argc and argv, argv[0] being its name, and returns an exit code of message.h.
 */
#ifndef EVENTURE_TOOL_COMMANDS_H
#define EVENTURE_TOOL_COMMANDS_H

/* In the order in which the overview lists them. clang-format would put all of them on one line. */
/* clang-format off */
#define EVENTURE_COMMANDS(row)                                                                                         \
    row(import)                                                                                                        \
    row(export)                                                                                                        \
    row(append)                                                                                                        \
    row(log)                                                                                                           \
    row(show)                                                                                                          \
    row(cascade)                                                                                                       \
    row(children)                                                                                                      \
    row(ancestors)                                                                                                     \
    row(stats)                                                                                                         \
    row(explain)                                                                                                       \
    row(index)                                                                                                         \
    row(sql)                                                                                                           \
    row(state)                                                                                                         \
    row(snapshot)                                                                                                      \
    row(project)                                                                                                       \
    row(shell)                                                                                                         \
    row(verify)                                                                                                        \
    row(digest)                                                                                                        \
    row(diff)                                                                                                          \
    row(repair)                                                                                                        \
    row(save)                                                                                                          \
    row(saves)                                                                                                         \
    row(copy)                                                                                                          \
    row(fork)                                                                                                          \
    row(archive)                                                                                                       \
    row(upgrade)
/* clang-format on */

#define EVENTURE_COMMAND_PROTOTYPE(name) int cmd_##name(int argc, char **argv);
EVENTURE_COMMANDS(EVENTURE_COMMAND_PROTOTYPE)
#undef EVENTURE_COMMAND_PROTOTYPE

#endif
