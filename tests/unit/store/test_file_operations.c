/*
 * Operations on single files: making, opening, renaming, copying and syncing, and their errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "harness.h"
#include "scratch.h"
#include "store/files.h"
#include "testing.h"

TEST_FIXTURE(clean, clean);

#define PATH "operation.db"
#define OTHER "operation-other.db"

static eventure__error error;

static void clean(void)
{
    scratch_run("rm -rf operation*");
}

START_TEST(a_database_is_removed_with_what_is_beside_it)
{
    scratch_run("touch " PATH " " PATH "-wal " PATH "-shm " PATH "-journal " PATH "-other");
    eventure__files_remove_beside(PATH);
    ck_assert(eventure__files_exist(PATH));
    ck_assert(!eventure__files_exist(PATH "-wal"));
    ck_assert(!eventure__files_exist(PATH "-shm"));
    ck_assert(!eventure__files_exist(PATH "-journal"));
    scratch_run("touch " PATH "-wal");
    eventure__files_remove(PATH);
    ck_assert(!eventure__files_exist(PATH));
    ck_assert(!eventure__files_exist(PATH "-wal"));
    ck_assert(eventure__files_exist(PATH "-other"));
    scratch_run("ln -s nowhere " PATH);
    ck_assert(eventure__files_exist(PATH));
}
END_TEST

START_TEST(a_file_of_ours_is_opened_only_when_it_is_a_file)
{
    ck_assert_int_eq(eventure__files_open_own(PATH, O_RDONLY), -1);
    ck_assert_int_eq(errno, ENOENT);
    int descriptor = eventure__files_open_own(PATH, O_RDWR | O_CREAT);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    close(descriptor);
    scratch_run("ln -s " PATH " " OTHER);
    ck_assert_int_eq(eventure__files_open_own(OTHER, O_RDWR), -1);
    ck_assert_str_eq(eventure__files_why(errno), "it is a link, or not a regular file");
    scratch_run("rm " OTHER " && mkfifo " OTHER);
    ck_assert_int_eq(eventure__files_open_own(OTHER, O_RDONLY), -1); /* does not wait */
    ck_assert_str_eq(eventure__files_why(errno), "it is a link, or not a regular file");
    ck_assert_int_eq(eventure__files_open_own(OTHER, O_WRONLY), -1);
    ck_assert_str_eq(eventure__files_why(errno), "it is a link, or not a regular file");
    ck_assert_str_eq(eventure__files_why(ENOSPC), "No space left on device");
    ck_assert_str_eq(eventure__files_why(ENOENT), "No such file or directory");
}
END_TEST

START_TEST(a_file_is_made_with_its_permissions)
{
    static const struct
    {
        mode_t given;
        mode_t mode;
    } modes[] = {{0644, 0644}, {0604, 0604}, {0, 0600}, {0444, 0644}, {0100666, 0666}, {EVENTURE__FILES_USUAL, 0640}};
    mode_t mask = umask(027);
    for (size_t i = 0; i < COUNT_OF(modes); i++)
    {
        int descriptor = -1;
        ck_assert_int_eq(eventure__files_make(PATH, modes[i].given, &descriptor), 0); /* replaces the one before */
        ck_assert_int_ge(descriptor, 0);
        close(descriptor);
        ck_assert_uint_eq(scratch_mode(PATH), modes[i].mode);
        ck_assert_uint_eq(eventure__files_mode(PATH), modes[i].mode);
    }
    umask(mask);
    clean();
    ck_assert_uint_eq(eventure__files_mode(PATH), 0600);
    int descriptor = 5;
    ck_assert_int_eq(eventure__files_make("operation.none/a", 0600, &descriptor), ENOENT);
    ck_assert_int_eq(descriptor, -1);
    scratch_run("ln -s nowhere " PATH);
    ck_assert_int_eq(eventure__files_make(PATH, 0600, &descriptor), ELOOP);
    scratch_run("rm " PATH " && touch " PATH);
    ck_assert_int_eq(eventure__files_make_new(PATH, 0600, &descriptor), EEXIST);
    ck_assert_int_eq(descriptor, -1);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_has_a_cause)
{
    scratch_write(PATH "-wal", "");
    ck_assert_int_eq(eventure__files_why_unreadable(PATH, "-wal"), 0);
    ck_assert_int_eq(eventure__files_why_unreadable(PATH, ""), ENOENT);
}
END_TEST

START_TEST(a_file_is_renamed_over_another)
{
    scratch_write(PATH, "x");
    scratch_write(OTHER, "y");
    expect_ok(NULL, eventure__files_rename(PATH, OTHER, &error));
    scratch_run("test ! -e " PATH " && grep -q x " OTHER);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__files_rename(PATH, OTHER, &error));
    ck_assert_str_eq(error.text, "rename operation.db to operation-other.db: No such file or directory");
}
END_TEST

START_TEST(a_name_that_sqlite_would_interpret_gets_a_folder)
{
    static const char *const names[][2] = {{":memory:", "./:memory:"}, {":", "./:"},         {"file:a", "./file:a"},
                                           {"file", "file"},           {"a:b", "a:b"},       {"/file:a", "/file:a"},
                                           {"file;", "file;"},         {"files:", "files:"}, {"", ""}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        char *plain = eventure__files_plain_name(names[i][0]);
        ck_assert_str_eq(plain, names[i][1]);
        free(plain);
    }
}
END_TEST

/* --- Copying bytes --- */

static sqlite3_file *open_pages(sqlite3 **db)
{
    sqlite3_file *file = NULL;
    ck_assert_int_eq(sqlite3_open(PATH, db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_file_control(*db, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
    return file;
}

/* The bytes are copied in parts of 64 KiB. */
START_TEST(the_bytes_of_an_open_file_are_copied)
{
    static const long sizes[] = {0, 2, 65535, 65536, 65537, 131072, 200000};
    unsigned char *bytes = malloc(200000);
    for (long i = 0; i < 200000; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 251);
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
    {
        sqlite3 *db = NULL;
        long len = -1;
        unlink(OTHER);
        harness_store(PATH, bytes, sizes[i]);
        ck_assert_int_eq(chmod(PATH, i % 2 == 0 ? 0606 : 0640), 0);
        sqlite3_file *file = open_pages(&db);
        expect_ok(NULL, eventure__files_write_bytes(file, PATH, OTHER, &error));
        unsigned char *copy = harness_load(OTHER, &len);
        ck_assert_int_eq(len, sizes[i]);
        ck_assert_int_eq(memcmp(copy, bytes, (size_t)len), 0);
        free(copy);
        ck_assert_uint_eq(scratch_mode(OTHER), i % 2 == 0 ? 0606 : 0640);
        expect_status(EVENTURE_ERROR_IO, NULL, eventure__files_write_bytes(file, PATH, OTHER, &error));
        ck_assert_str_eq(error.text, "write operation-other.db: File exists");
        unlink(OTHER);
        expect_ok(NULL, eventure__files_write_bytes(file, "operation.none", OTHER, &error));
        ck_assert_uint_eq(scratch_mode(OTHER), 0600);
        sqlite3_close(db);
    }
    free(bytes);
}
END_TEST

/* --- Syncing --- */

START_TEST(files_and_directories_are_synced)
{
    char folder[PATH_MAX];
    char *longest = malloc(PATH_MAX + 20);
    scratch_write(PATH, "x");
    expect_ok(NULL, eventure__files_sync(PATH, &error));
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__files_sync("operation.none", &error));
    ck_assert_str_eq(error.text, "sync operation.none: No such file or directory");
    expect_ok(NULL, eventure__files_sync_directory(PATH, &error));
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    snprintf(longest, PATH_MAX + 20, "%s/" PATH, folder);
    expect_ok(NULL, eventure__files_sync_directory(longest, &error));
    expect_ok(NULL, eventure__files_sync_directory("/operation.none", &error));
    memset(longest, 'a', PATH_MAX + 10);
    longest[PATH_MAX] = '/';
    longest[PATH_MAX + 10] = '\0';
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__files_sync_directory(longest, &error));
    ck_assert_str_eq(error.text, "sync: the name of the directory is too long");
    free(longest);
}
END_TEST
