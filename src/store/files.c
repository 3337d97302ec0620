/*
 * Removing the files of a database: see files.h.
 */
#include "store/files.h"

#include <stddef.h>
#include <unistd.h>

#include "base/buffer.h"

void eventure__files_remove_beside(const char *path)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    {
        eventure__buffer name = {0};
        eventure__buffer_append_text(&name, path);
        eventure__buffer_append_text(&name, endings[i]);
        const char *text = eventure__buffer_text(&name);
        if (text != NULL)
            unlink(text);
        eventure__buffer_free(&name);
    }
}

void eventure__files_remove(const char *path)
{
    eventure__files_remove_beside(path);
    unlink(path);
}
