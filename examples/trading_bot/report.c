/*
 * The analysis: SQL over the bot's own history, with SQLite itself, read-only. Eventure has no API for raw SQL because
 * the file is SQLite's.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "bot.h"

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0)
    {
        long size = ftell(file);
        rewind(file);
        text = size >= 0 ? malloc((size_t)size + 1) : NULL;
        if (text != NULL)
            text[fread(text, 1, (size_t)size, file)] = '\0';
    }
    fclose(file);
    return text;
}

static void print_row(sqlite3_stmt *statement, bool is_head)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++)
    {
        const char *text =
            is_head ? sqlite3_column_name(statement, i) : (const char *)sqlite3_column_text(statement, i);
        printf("%-20s", text != NULL ? text : "-");
    }
    printf("\n");
}

/* Runs one statement after the other. */
static int run_all(sqlite3 *db, const char *sql)
{
    int result = SQLITE_OK;
    while (result == SQLITE_OK && *sql != '\0')
    {
        sqlite3_stmt *statement = NULL;
        result = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);
        if (statement == NULL)
            continue;
        printf("\n");
        print_row(statement, true);
        while ((result = sqlite3_step(statement)) == SQLITE_ROW)
            print_row(statement, false);
        sqlite3_finalize(statement);
        result = result == SQLITE_DONE ? SQLITE_OK : result;
    }
    return result;
}

int report_run(const char *store_path, const char *sql_path)
{
    sqlite3 *db = NULL;
    char *sql = read_file(sql_path);
    int result = sql == NULL ? SQLITE_CANTOPEN : sqlite3_open_v2(store_path, &db, SQLITE_OPEN_READONLY, NULL);
    if (result == SQLITE_OK)
        result = run_all(db, sql);
    if (result != SQLITE_OK)
        fprintf(stderr, "trading_bot: %s: %s\n", sql_path, db != NULL ? sqlite3_errmsg(db) : "cannot be read");
    sqlite3_close(db);
    free(sql);
    return result == SQLITE_OK ? EVENTURE_OK : EVENTURE_ERROR_IO;
}
