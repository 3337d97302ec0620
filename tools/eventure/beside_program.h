/*
 * Files that are installed with the program.
 */
#ifndef EVENTURE_TOOL_BESIDE_PROGRAM_H
#define EVENTURE_TOOL_BESIDE_PROGRAM_H

/* Returns the absolute path of a file, which is given relative to the directory of the running program. The caller
   frees it. NULL when there is no such file, or without memory. */
char *beside_program(const char *relative);

#endif
