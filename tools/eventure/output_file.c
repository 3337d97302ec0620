/*
 * Writing a complete file: see output_file.h.
 */
#include "output_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "message.h"
#include "stream.h"

#define SUFFIX ".XXXXXX"

static int failed(const char *what, const char *name, int cause)
{
    message("%s %s: %s", what, name, strerror(cause));
    return EXIT_FILE;
}

static void forget(output_file *file)
{
    free(file->place);
    free(file->temporary);
    memset(file, 0, sizeof *file);
}

/* Returns the permissions of the file that is replaced, otherwise those of the store, or of a new file. */
static mode_t mode_of(const char *place, const char *store)
{
    struct stat info;
    if (stat(place, &info) == 0)
        return info.st_mode & 07777;
    if (store != NULL && stat(store, &info) == 0)
        return (info.st_mode & 0777) | S_IRUSR | S_IWUSR;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int open_temporary(output_file *file, const char *store)
{
    size_t size = strlen(file->place) + sizeof SUFFIX;
    file->temporary = malloc(size);
    if (file->temporary == NULL)
        return message_memory();
    snprintf(file->temporary, size, "%s" SUFFIX, file->place);
    int descriptor = mkstemp(file->temporary);
    if (descriptor < 0)
        return failed("open", file->name, errno);
    if (fchmod(descriptor, mode_of(file->place, store)) == 0)
        file->stream = fdopen(descriptor, "wb");
    if (file->stream == NULL)
    {
        int cause = errno;
        close(descriptor);
        unlink(file->temporary);
        return failed("open", file->name, cause);
    }
    return EXIT_DONE;
}

/* Refuses a name under which a store keeps a file of its own, because that store would use the new file as its own. */
static int check_name(const char *path)
{
    const char *store = NULL;
    int exit_code = EXIT_DONE;
    char *name = eventure__path_store_beside(path, &store);
    if (name == NULL)
        exit_code = message_memory();
    else if (store != NULL)
    {
        message("write %s: it is the name of a file of the store %s", path, store);
        exit_code = EXIT_USAGE;
    }
    free(name);
    return exit_code;
}

int output_file_open(const char *path, const char *store, output_file *out)
{
    struct stat info;
    memset(out, 0, sizeof *out);
    out->name = path;
    int exit_code = check_name(path);
    if (exit_code != EXIT_DONE)
        return exit_code;
    bool exists = stat(path, &info) == 0;
    if (exists && !S_ISREG(info.st_mode))
    {
        out->stream = fopen(path, "wb");
        return out->stream != NULL ? EXIT_DONE : failed("open", path, errno);
    }
    /* A symbolic link is kept, and its target is replaced. */
    out->place = exists ? realpath(path, NULL) : strdup(path);
    if (out->place == NULL)
        return failed("open", path, errno);
    exit_code = open_temporary(out, store);
    if (exit_code != EXIT_DONE)
        forget(out);
    return exit_code;
}

int output_file_close(output_file *file, int exit_code)
{
    int cause = stream_flush(file->stream);
    if (cause == 0 && file->place != NULL && fsync(fileno(file->stream)) != 0)
        cause = errno;
    if (fclose(file->stream) != 0 && cause == 0)
        cause = errno;
    if (cause == 0 && file->place != NULL && exit_code == EXIT_DONE && rename(file->temporary, file->place) != 0)
        cause = errno;
    if (cause != 0 && exit_code == EXIT_DONE)
        exit_code = failed("write", file->name, cause);
    if (file->place != NULL && exit_code != EXIT_DONE)
        unlink(file->temporary);
    forget(file);
    return exit_code;
}
