/*
 * Replays corpora without a fuzzer: each argument is a file, or a directory of files. Each file is also tried cut short
 * and with single bytes changed, so that a replay is more than the same inputs again.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "harness.h"

#define CHANGES 64

static long executions;

static void feed(const uint8_t *bytes, size_t len)
{
    /* A copy of exactly this length, so that a sanitizer detects reads beyond its end. */
    uint8_t *copy = malloc(len > 0 ? len : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
    executions++;
}

static void feed_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL || fseek(in, 0, SEEK_END) != 0)
        abort();
    size_t len = (size_t)ftell(in);
    uint8_t *bytes = malloc(len + 1);
    rewind(in);
    if (bytes == NULL || fread(bytes, 1, len, in) != len)
        abort();
    fclose(in);
    feed(bytes, len);
    for (size_t i = 1; i < CHANGES && i < len; i++)
        feed(bytes, len * i / CHANGES);
    for (size_t i = 0; i < CHANGES && len > 0; i++)
    {
        size_t at = len * i / CHANGES;
        uint8_t kept = bytes[at];
        bytes[at] = (uint8_t)(kept ^ (1U << (i % 8)));
        feed(bytes, len);
        bytes[at] = kept;
    }
    free(bytes);
}

static int feed_directory(const char *path)
{
    char name[1024];
    int files = 0;
    const struct dirent *entry;
    DIR *directory = opendir(path);
    if (directory == NULL)
        return 0;
    while ((entry = readdir(directory)) != NULL)
    {
        struct stat info;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (stat(name, &info) != 0 || !S_ISREG(info.st_mode))
            continue;
        feed_file(name);
        files++;
    }
    closedir(directory);
    return files;
}

int main(int argc, char **argv)
{
    int files = 0;
    for (int i = 1; i < argc; i++)
    {
        struct stat info;
        if (stat(argv[i], &info) == 0 && S_ISREG(info.st_mode))
        {
            feed_file(argv[i]);
            files++;
        }
        else
            files += feed_directory(argv[i]);
    }
    const char *slash = strrchr(argv[0], '/');
    harness_say(slash != NULL ? slash + 1 : argv[0], "%d files replayed, %ld executions; crashes: 0", files,
                executions);
    return files > 0 ? 0 : 1;
}
