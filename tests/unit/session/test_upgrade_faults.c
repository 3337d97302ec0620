/*
 * Upgrading a store of an older format while something fails: an allocation of the library or of SQLite, a disk call of
 * SQLite, a system call of the library; or when the disk is full or the file is damaged. The call must return an error
 * with a text, the store must be the unchanged old one or the complete new one, and the upgrade must work without the
 * failure.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/upgrade.h>

#include "alloc_fail.h"
#include "fault_kinds.h"
#include "fault_vfs.h"
#include "harness.h"
#include "old_store.h"
#include "rounds.h"
#include "session_world.h"
#include "sqlite_fail.h"
#include "sqlite_memory.h"
#include "system_fail.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);
TEST_PREPARE(sqlite_memory_from_malloc);

#define GOLDEN EVENTURE_TESTS_DIR "/data/formats"
#define OLD "old.db"
#define NEW "new.db"
#define DONE "done.db"

/* The destination of an upgrade. */
typedef enum way
{
    IN_PLACE,
    WITHOUT_COPY,
    TO_NEW,
    WAYS
} way;

static unsigned char *image; /* the file of the old store */
static long image_len;
static int64_t old_format;
static char *old_content;
static char *new_content;
static eventure_upgrade_report report;

static void put_old(void)
{
    old_store_clear(OLD);
    old_store_clear(NEW);
    harness_store(OLD, image, image_len);
}

static eventure_status upgrade(way how)
{
    eventure_upgrade_options options = EVENTURE_UPGRADE_OPTIONS_INIT;
    options.without_backup = how == WITHOUT_COPY;
    options.new_path = how == TO_NEW ? NEW : NULL;
    return eventure_store_upgrade(OLD, &options, &report);
}

/* Loads this golden store into memory. */
static void take(const char *name)
{
    eventure_upgrade_options options = EVENTURE_UPGRADE_OPTIONS_INIT;
    old_store_unpack(GOLDEN, name, OLD);
    image = harness_load(OLD, &image_len);
    old_format = old_store_format(OLD);
    old_content = old_store_content(OLD);
    put_old();
    options.new_path = DONE;
    expect_ok(NULL, eventure_store_upgrade(OLD, &options, &report));
    new_content = old_store_content(DONE);
    old_store_clear(DONE);
}

static void let_go(void)
{
    free(image);
    free(old_content);
    free(new_content);
    image = NULL;
    old_content = new_content = NULL;
    old_store_clear(OLD);
    old_store_clear(NEW);
}

static void set_up(void)
{
    harness_enter();
    fault_vfs_install();
}

static void tear_down(void)
{
    fault_vfs_remove();
    harness_leave();
}

/* Returns whether a file contains the new store; otherwise it must contain the old one. */
static bool is_new(const char *path, const char *what, long n)
{
    char *content = old_store_content(path);
    bool found = strcmp(content, new_content) == 0;
    must(found || strcmp(content, old_content) == 0, "%ld of %s: %s is neither the old store nor the new one", n, what,
         path);
    free(content);
    return found;
}

/* Checks the files after a failure, or after a failure without an effect. */
static void check_files(way how, eventure_status status, const char *what, long n, bool leaves)
{
    char copy[64];
    snprintf(copy, sizeof copy, OLD "-format-%d", (int)old_format);
    bool done = is_new(OLD, what, n);
    must(status != EVENTURE_OK || how == TO_NEW || done, "%ld of %s: nothing was done", n, what);
    must(how != TO_NEW || !done, "%ld of %s: the old store has changed", n, what);
    must(how != TO_NEW || leaves || world_files(NEW) == (status == EVENTURE_OK), "%ld of %s: %d files", n, what,
         world_files(NEW));
    must(how != TO_NEW || status != EVENTURE_OK || is_new(NEW, what, n), "%ld of %s: no new store", n, what);
    if (how == IN_PLACE && done)
        must(world_files(copy) == 1, "%ld of %s: there is no copy", n, what);
    if (world_files(copy) == 1 && access(copy, F_OK) == 0)
        must(!is_new(copy, what, n), "%ld of %s: the copy is not of the old store", n, what);
}

static void try_again(way how, const char *what, long n)
{
    eventure_upgrade_options options = EVENTURE_UPGRADE_OPTIONS_INIT;
    options.without_backup = how == WITHOUT_COPY;
    options.new_path = how == TO_NEW ? NEW : NULL;
    options.replace = how == TO_NEW;
    must(eventure_store_upgrade(OLD, &options, &report) == EVENTURE_OK, "%ld of %s, again: %s", n, what,
         eventure_last_message());
    must(is_new(how == TO_NEW ? NEW : OLD, what, n), "%ld of %s, again: the store is not the new one", n, what);
    must(world_files(NEW) == (how == TO_NEW), "%ld of %s, again: files are left behind", n, what);
}

/* Fails each of the first calls, and a decreasing share of the later ones; of the calls of SQLite each one. After every
 * third failure, and while soaking after each, upgrades again. */
static void try_all(const fault_kind *broken, way how)
{
    const bool every = broken->place == FAULT_IN_SQLITE && !harness_is_short();
    const long all_up_to = every ? LONG_MAX : rounds(40);
    const bool is_soaking = harness_exhaustive(harness_now_ms());
    long failures = 0;
    bool hit = true;
    for (long n = 1; hit; n += n < all_up_to ? 1 : 1 + n / rounds(12))
    {
        put_old();
        broken->begin(n);
        eventure_status status = upgrade(how);
        hit = broken->end();
        must(hit || status == EVENTURE_OK, "%ld of %s: %s", n, broken->name, eventure_last_message());
        must(status == EVENTURE_OK || broken->fits(status), "%ld of %s: %s: %s", n, broken->name,
             eventure_status_name(status), eventure_last_message());
        /* VACUUM gives back space only. */
        const bool is_ignored =
            hit && status == EVENTURE_OK && !fault_may_be_ignored(broken) && strcmp(sqlite_fail_sql(), "VACUUM") != 0;
        if (is_ignored)
            fault_print(broken);
        must(!is_ignored, "%ld of %s: the failure was not reported", n, broken->name);
        must(status == EVENTURE_OK || eventure_last_message()[0] != '\0', "%ld of %s: no text", n, broken->name);
        failures += status != EVENTURE_OK;
        check_files(how, status, broken->name, n, broken->leaves);
        if (n % 3 == 1 || is_soaking)
            try_again(how, broken->name, n);
    }
    must(failures > 0, "%s never failed", broken->name);
}

LOOP_TEST(whatever_fails_the_store_is_the_old_or_the_new_one, FAULT_KINDS)
{
    take("format-5-rich");
    for (way how = IN_PLACE; how < WAYS; how++)
        try_all(&fault_kinds[_i], how);
    let_go();
}
END_TEST

LOOP_TEST(a_store_with_archived_events_is_kept_too, FAULT_KINDS)
{
    take("format-3-archived");
    try_all(&fault_kinds[_i], IN_PLACE);
    let_go();
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_store_and_no_more)
{
    take("format-5-rich");
    for (way how = IN_PLACE; how < WAYS; how++)
    {
        eventure_status status = EVENTURE_ERROR_IO;
        int failures = 0;
        for (int64_t room = 0; status != EVENTURE_OK; room += image_len / rounds(20))
        {
            put_old();
            fault_vfs_reset();
            fault_vfs_set_room(room);
            status = upgrade(how);
            bool was_full = fault_vfs_was_full();
            fault_vfs_reset();
            must(status == EVENTURE_OK || (status == EVENTURE_ERROR_IO && was_full), "%s: %s",
                 eventure_status_name(status), eventure_last_message());
            /* When the file is closed, SQLite does not report why the write-ahead log could not be moved into it. */
            must(status == EVENTURE_OK || strstr(eventure_last_message(), "full") != NULL ||
                     strstr(eventure_last_message(), "new.db-new-wal could not be moved into the new file") != NULL,
                 "%s", eventure_last_message());
            check_files(how, status, "bytes of room", (long)room, false);
            if (status == EVENTURE_OK)
                continue;
            if (how != TO_NEW && strstr(eventure_last_message(), "of the new format now") != NULL)
            {
                /* The disk has less room than the whole file needs. */
                must(is_new(OLD, "bytes of room", (long)room), "%s", eventure_last_message());
                continue;
            }
            must(world_files(OLD) == 1 && world_files(NEW) == 0, "files are left behind: %s", eventure_last_message());
            must(!is_new(OLD, "bytes of room", (long)room), "the store was brought up to date all the same");
            failures++;
            try_again(how, "bytes of room", (long)room);
        }
        must(failures > 0, "the disk was never full");
    }
    let_go();
}
END_TEST

/* Returns PRAGMA user_version from the header of a file. */
static int format_in(const unsigned char *bytes)
{
    return bytes[63];
}

START_TEST(a_damaged_file_is_brought_up_to_date_or_left_as_it_is)
{
    static const char *const names[] = {"format-5-rich", "format-3-archived", "format-1-rich"};
    uint64_t seed = harness_seed();
    long refused = 0;
    for (int round = 0; round < rounds(400); round++)
    {
        if (round % rounds(200) == 0)
        {
            let_go();
            take(names[harness_random(&seed, COUNT_OF(names))]);
        }
        unsigned char *damaged = malloc((size_t)image_len);
        ck_assert_ptr_nonnull(damaged);
        memcpy(damaged, image, (size_t)image_len);
        /* Damages bytes also in the schema, but not in the header of the file. */
        for (uint64_t i = harness_random(&seed, 20); i < 20; i++)
        {
            size_t at = 100 + harness_random(&seed, (uint64_t)image_len - 100);
            if (damaged[at] != 0)
                damaged[at] ^= (unsigned char)(1U << harness_random(&seed, 8));
        }
        old_store_clear(OLD);
        harness_store(OLD, damaged, image_len);
        eventure_status status = upgrade(IN_PLACE);
        long len = 0;
        unsigned char *after = harness_load(OLD, &len);
        must(status == EVENTURE_OK || eventure_last_message()[0] != '\0', "round %d: no text", round);
        refused += status != EVENTURE_OK;
        must(format_in(after) == 6 || (status != EVENTURE_OK && len == image_len &&
                                       memcmp(after, damaged, (size_t)len) == 0 && world_files(OLD) == 1),
             "round %d: %s: %s, and the file has changed", round, eventure_status_name(status),
             eventure_last_message());
        free(after);
        free(damaged);
    }
    must(refused > 0, "no damage was seen");
    let_go();
}
END_TEST
