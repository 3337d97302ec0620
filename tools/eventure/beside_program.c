/*
 * Files that are installed with the program: see beside_program.h.
 */
#include "beside_program.h"

#include <stdlib.h>
#include <string.h>

char *beside_program(const char *relative)
{
    char *program = realpath("/proc/self/exe", NULL);
    const char *slash = program != NULL ? strrchr(program, '/') : NULL;
    size_t directory_len = slash != NULL ? (size_t)(slash - program) + 1 : 0;
    char *path = slash != NULL ? malloc(directory_len + strlen(relative) + 1) : NULL;
    if (path != NULL)
    {
        memcpy(path, program, directory_len);
        strcpy(path + directory_len, relative);
    }
    char *real = path != NULL ? realpath(path, NULL) : NULL;
    free(path);
    free(program);
    return real;
}
