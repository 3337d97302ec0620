/*
 * Stores of older formats: see old_store.h.
 */
#include "old_store.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

void old_store_unpack(const char *folder, const char *name, const char *path)
{
    char command[2048];
    old_store_clear(path);
    snprintf(command, sizeof command, "gzip -dc '%s/%s.db.gz' > '%s'", folder, name, path);
    must(system(command) == 0, "cannot unpack %s", name);
}

static sqlite3 *open_file(const char *path)
{
    sqlite3 *db = NULL;
    must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK, "cannot open %s", path);
    return db;
}

int64_t old_store_format(const char *path)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = open_file(path);
    must(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
             sqlite3_step(statement) == SQLITE_ROW,
         "%s: %s", path, sqlite3_errmsg(db));
    int64_t format = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return format;
}

/* Writes all rows of the result of a statement. */
static void write_rows(sqlite3 *db, const char *sql, FILE *out)
{
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_ROW;
    must(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++)
        {
            const void *bytes = sqlite3_column_blob(statement, i);
            int len = sqlite3_column_bytes(statement, i);
            fprintf(out, "%d:%d:", sqlite3_column_type(statement, i), len);
            if (len > 0)
                fwrite(bytes, 1, (size_t)len, out);
            fputc('\n', out);
        }
    must(step == SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
}

char *old_store_content(const char *path)
{
    char *text = NULL;
    size_t len = 0;
    sqlite3_stmt *tables = NULL;
    sqlite3 *db = open_file(path);
    FILE *out = open_memstream(&text, &len);
    must(out != NULL, "out of memory");
    write_rows(db, "PRAGMA user_version", out);
    write_rows(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name", out);
    must(sqlite3_prepare_v2(db,
                            "SELECT 'SELECT * FROM \"' || name || '\"' FROM sqlite_schema WHERE type = 'table' ORDER "
                            "BY name",
                            -1, &tables, NULL) == SQLITE_OK,
         "%s", sqlite3_errmsg(db));
    while (sqlite3_step(tables) == SQLITE_ROW)
    {
        fprintf(out, "%s\n", (const char *)sqlite3_column_text(tables, 0));
        write_rows(db, (const char *)sqlite3_column_text(tables, 0), out);
    }
    sqlite3_finalize(tables);
    sqlite3_close(db);
    fclose(out);
    return text;
}

void old_store_clear(const char *beginning)
{
    DIR *directory = opendir(".");
    const struct dirent *entry = NULL;
    must(directory != NULL, "cannot look into the directory");
    while ((entry = readdir(directory)) != NULL)
        if (strncmp(entry->d_name, beginning, strlen(beginning)) == 0)
            unlink(entry->d_name);
    closedir(directory);
}
