/*
 * Damages a store, and verifies it: see damage.h.
 */
#include "damage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "scratch.h"
#include "testing.h"

int damage_store(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
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
    char *answer = scratch_ask(path, sql);
    ck_assert_ptr_nonnull(answer);
    const long number = atol(answer);
    free(answer);
    return number;
}

static image load_root(const char *path, const char *name)
{
    char sql[96];
    image self = {.page_size = ask_number(path, "SELECT page_size FROM pragma_page_size")};
    snprintf(sql, sizeof sql, "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", name);
    const long number = ask_number(path, sql);
    self.bytes = harness_load(path, &self.len);
    ck_assert(number > 0 && number * self.page_size <= self.len);
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
    ck_assert_int_eq(root[0], 5); /* the inner page of a table */
    ck_assert_uint_gt((size_t)root[3] << 8 | root[4], number);
    const unsigned char *cell = root + ((size_t)root[12 + 2 * number] << 8 | root[13 + 2 * number]);
    const long child = (long)cell[0] << 24 | (long)cell[1] << 16 | (long)cell[2] << 8 | cell[3];
    ck_assert(child > 1 && child * self.page_size <= self.len);
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
