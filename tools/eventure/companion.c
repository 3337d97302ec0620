/*
 * Companions: see companion.h. They are in the directory of the program, or in the installed directory for programs
 * that users do not call (libexec).
 */
#include "companion.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beside_program.h"
#include "interrupt.h"
#include "message.h"

/* CMake sets EVENTURE_COMPANIONS_FROM_PROGRAM: the installed directory of the companions, relative to that of the
   program. */
static char *find_companion(const char *program)
{
    char relative[sizeof EVENTURE_COMPANIONS_FROM_PROGRAM + 64];
    char *path = beside_program(program);
    if (path != NULL)
        return path;
    snprintf(relative, sizeof relative, EVENTURE_COMPANIONS_FROM_PROGRAM "/%s", program);
    return beside_program(relative);
}

int companion_run(const companion *self, const char *command, char **argv)
{
    char *path = find_companion(self->program);
    if (path == NULL)
    {
        message("%s: the program %s is not installed with this one; it is built when %s is found", command,
                self->program, self->needs);
        return EXIT_FILE;
    }
    interrupt_restore(); /* the companion ignores SIGPIPE itself, and then knows whether it was ignored before */
    execv(path, argv);
    message("%s: cannot start %s: %s", command, path, strerror(errno));
    free(path);
    return EXIT_FILE;
}
