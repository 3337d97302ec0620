/*
 * Databases that are opened with immutable=1: see fleet_immutable.h.
 */
#include "fleet_immutable.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"

/* More than the coarsest resolution of file times, the two seconds of FAT. */
#define MIN_AGE_S 4

/* Whether the -wal or -journal file, which exists while a program writes the database, is absent. */
static bool lacks(const char *path, const char *ending)
{
    struct stat info;
    eventure__buffer name = {0};
    eventure__buffer_append_text(&name, path);
    eventure__buffer_append_text(&name, ending);
    const char *text = eventure__buffer_text(&name);
    bool is_absent = text != NULL && lstat(text, &info) != 0 && errno == ENOENT;
    eventure__buffer_free(&name);
    return is_absent;
}

static bool is_older(const struct timespec *time, const struct timespec *now)
{
    return now->tv_sec - time->tv_sec > MIN_AGE_S;
}

static bool is_quiescent(const char *path, struct stat *out)
{
    struct timespec now;
    return stat(path, out) == 0 && S_ISREG(out->st_mode) && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
           is_older(&out->st_mtim, &now) && is_older(&out->st_ctim, &now) && lacks(path, "-wal") &&
           lacks(path, "-journal");
}

/* Returns the path as a URI with immutable=1; the caller frees it. */
static char *uri_of(const char *path)
{
    eventure__buffer uri = {0};
    eventure__buffer_append_text(&uri, path[0] == '/' ? "file://" : "file:");
    for (const char *c = path; *c != '\0'; c++)
    {
        char escaped[8];
        if (strchr("%?#", *c) == NULL)
            eventure__buffer_append_char(&uri, *c);
        else
        {
            snprintf(escaped, sizeof escaped, "%%%02X", (unsigned)(unsigned char)*c);
            eventure__buffer_append_text(&uri, escaped);
        }
    }
    eventure__buffer_append_text(&uri, "?immutable=1");
    return eventure__buffer_take(&uri);
}

static bool has_mark(sqlite3 *db, const char *pragma, int expected)
{
    sqlite3_stmt *statement = NULL;
    bool is_equal = sqlite3_prepare_v2(db, pragma, -1, &statement, NULL) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == expected;
    sqlite3_finalize(statement);
    return is_equal;
}

bool fleet_immutable_open(fleet_immutable *immutable, const char *path, int application_id, int user_version)
{
    memset(immutable, 0, sizeof *immutable);
    immutable->path = path;
    if (!is_quiescent(path, &immutable->seen))
        return false;
    char *uri = uri_of(path);
    bool done = uri != NULL &&
                sqlite3_open_v2(uri, &immutable->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                                NULL) == SQLITE_OK &&
                has_mark(immutable->db, "PRAGMA application_id", application_id) &&
                (user_version < 0 || has_mark(immutable->db, "PRAGMA user_version", user_version));
    free(uri);
    return done;
}

bool fleet_immutable_is_unchanged(const fleet_immutable *immutable)
{
    struct stat now;
    const struct stat *seen = &immutable->seen;
    return is_quiescent(immutable->path, &now) && now.st_dev == seen->st_dev && now.st_ino == seen->st_ino &&
           now.st_size == seen->st_size && memcmp(&now.st_mtim, &seen->st_mtim, sizeof now.st_mtim) == 0 &&
           memcmp(&now.st_ctim, &seen->st_ctim, sizeof now.st_ctim) == 0;
}

void fleet_immutable_close(fleet_immutable *immutable)
{
    sqlite3_close_v2(immutable->db);
    immutable->db = NULL;
}
