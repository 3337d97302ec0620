/*
 * Paths: see path.h.
 */
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

#define FOLLOW "-follow-"

/* Limit for the number of links that a path may lead through. */
#define MOST_LINKS 40

/* Returns the directory of a path with links resolved, or as the path spells it when it cannot be resolved. The caller
 * frees it. NULL: out of memory. */
static char *real_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    char *real = directory != NULL ? realpath(directory, NULL) : NULL;
    if (real == NULL && directory != NULL && errno != ENOMEM)
        return directory;
    free(directory);
    return real;
}

char *eventure__path_absolute(const char *path)
{
    const char *slash = strrchr(path, '/');
    eventure__buffer name = {0};
    char *directory = real_directory(path);
    if (directory == NULL)
        return NULL;
    eventure__buffer_append_text(&name, directory);
    if (strcmp(directory, "/") != 0)
        eventure__buffer_append_char(&name, '/');
    eventure__buffer_append_text(&name, slash != NULL ? slash + 1 : path);
    free(directory);
    return eventure__buffer_take(&name);
}

static void remove_last_part(eventure__buffer *name)
{
    while (name->len > 0 && name->bytes[--name->len] != '/')
    {
    }
}

char *eventure__path_unresolved(const char *path, bool folds_parents)
{
    eventure__buffer name = {0};
    char *directory = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
    if (directory == NULL)
        return NULL;
    eventure__buffer_append_text(&name, directory);
    free(directory);
    for (const char *part = path; *part != '\0';)
    {
        size_t len = strcspn(part, "/");
        if (folds_parents && len == 2 && strncmp(part, "..", 2) == 0)
            remove_last_part(&name);
        else if (len > 0 && !(len == 1 && part[0] == '.'))
        {
            eventure__buffer_append_char(&name, '/');
            eventure__buffer_append(&name, part, len);
        }
        part += len + (part[len] == '/');
    }
    return eventure__buffer_take(&name);
}

/* Returns the target of a link, NULL when the path is not a link. The caller frees it. */
static char *link_target(const char *path)
{
    char target[PATH_MAX];
    eventure__buffer name = {0};
    ssize_t len = readlink(path, target, sizeof target - 1);
    if (len <= 0)
        return NULL;
    target[len] = '\0';
    const char *slash = strrchr(path, '/');
    if (target[0] != '/' && slash != NULL)
        eventure__buffer_append(&name, path, (size_t)(slash + 1 - path));
    eventure__buffer_append_text(&name, target);
    return eventure__buffer_take(&name);
}

char *eventure__path_real(const char *path)
{
    char *real = realpath(path, NULL);
    if (real != NULL || errno == ENOMEM)
        return real;
    char *name = eventure__path_absolute(path);
    for (int links = 0; name != NULL && links < MOST_LINKS; links++)
    {
        char *target = link_target(name);
        if (target == NULL)
            break;
        free(name);
        name = eventure__path_absolute(target);
        free(target);
    }
    return name;
}

bool eventure__path_is_same_file(const char *a, const char *b)
{
    struct stat of_a;
    struct stat of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* Whether there is a file of this name that can be a database: its size is a multiple of the smallest page. The file is
 * not opened, because closing it would end the locks that SQLite may hold on it in this process. */
static bool may_be_database(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 && info.st_size % 512 == 0;
}

/* Cuts the ending of a file beside a store off. Returns false, and leaves the name, when it has none. */
static bool cut_ending(char *name)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal", "-writer"};
    char *last = strrchr(name, '/');
    char *base = last != NULL ? last + 1 : name;
    size_t len = strlen(base);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    {
        size_t ending_len = strlen(endings[i]);
        if (len <= ending_len || strcmp(base + len - ending_len, endings[i]) != 0)
            continue;
        base[len - ending_len] = '\0';
        return true;
    }
    /* The name of a follower contains no `-`: see session/follow_position.c. */
    last = strrchr(base, '-');
    if (last == NULL || last - base < (ptrdiff_t)strlen(FOLLOW) ||
        strncmp(last + 1 - strlen(FOLLOW), FOLLOW, strlen(FOLLOW)) != 0)
        return false;
    last[1 - (ptrdiff_t)strlen(FOLLOW)] = '\0';
    return true;
}

char *eventure__path_store_beside(const char *path, const char **out_store)
{
    char *name = eventure__path_real(path);
    *out_store = NULL;
    while (name != NULL && *out_store == NULL && cut_ending(name)) /* a follower's position has a lock of its own */
        if (may_be_database(name))
            *out_store = name;
    return name;
}
