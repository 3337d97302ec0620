/*
 * Damages a store, and verifies it: see damage.h.
 */
#include "damage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "testing.h"

int damage_store(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    must(sqlite3_open(path, &db) == SQLITE_OK, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    must(message == NULL, "%s: %s", sql, message);
    int changed = sqlite3_total_changes(db);
    sqlite3_close(db);
    return changed;
}

/* A database in memory, and the place of a root page in it. */
typedef struct image
{
    unsigned char *bytes;
    long len;
    long page_size;
    unsigned char *root;
} image;

static long ask_number(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    must(sqlite3_open(path, &db) == SQLITE_OK && sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK &&
             sqlite3_step(row) == SQLITE_ROW,
         "%s: %s: %s", path, sql, sqlite3_errmsg(db));
    const long number = (long)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return number;
}

static image load_root(const char *path, const char *name)
{
    char sql[96];
    image self = {.page_size = ask_number(path, "SELECT page_size FROM pragma_page_size")};
    snprintf(sql, sizeof sql, "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", name);
    const long number = ask_number(path, sql);
    self.bytes = harness_load(path, &self.len);
    must(number > 0 && number * self.page_size <= self.len, "%s: the root page of %s is %ld", path, name, number);
    self.root = self.bytes + (number - 1) * self.page_size;
    return self;
}

/* Sets a page to zero, and stores the database. */
static void store_without(const char *path, image self, unsigned char *page)
{
    memset(page, 0, (size_t)self.page_size);
    harness_store(path, self.bytes, self.len);
    free(self.bytes);
}

void damage_root(const char *path, const char *name)
{
    const image self = load_root(path, name);
    store_without(path, self, self.root);
}

/* The inner pages of tables are described in section 1.6 of the file format of SQLite. */
void damage_page_below(const char *path, const char *name, size_t number)
{
    const image self = load_root(path, name);
    const unsigned char *root = self.root;
    must(root[0] == 5 && ((size_t)root[3] << 8 | root[4]) > number, "%s: no page %zu below %s", path, number, name);
    const unsigned char *cell = root + ((size_t)root[12 + 2 * number] << 8 | root[13 + 2 * number]);
    const long child = (long)cell[0] << 24 | (long)cell[1] << 16 | (long)cell[2] << 8 | cell[3];
    must(child > 1 && child * self.page_size <= self.len, "%s: a page of %s is %ld", path, name, child);
    store_without(path, self, self.bytes + (child - 1) * self.page_size);
}

eventure_verify_report damage_verify(const char *path, bool quick)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.quick = quick;
    expect_ok(NULL, eventure_reader_open_damaged(path, &reader));
    expect_ok(reader, eventure_store_verify(reader, &options, &report));
    eventure_reader_close(reader);
    return report;
}
