/*
 * Paths: their directories, links also to files that do not exist, and the names of the files beside a store.
 */
#include "base/path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "testing.h"

#define FOLDER "paths"

/* Contains two directories, files, and links to them. */
static void set_up(void)
{
    scratch_run("rm -rf " FOLDER " && mkdir -p " FOLDER "/in/side && cd " FOLDER
                " && head -c 1024 /dev/zero > s.db && ln s.db hard.db && ln -s s.db soft.db && ln -s in link"
                " && ln -s ../new.db in/dangling && ln -s in/dangling twice && ln -s loop loop"
                " && ln -s ../s.db-wal in/to-log && ln -s \"$PWD/in/far\" absolute");
}

static void clean(void)
{
    scratch_run("rm -rf " FOLDER);
}

TEST_FIXTURE(set_up, clean);

/* Checks a path, and frees it. An expected path that begins with "./" is in the current directory. */
static void expect_path(char *path, const char *expected)
{
    char text[2 * PATH_MAX];
    char *here = realpath(".", NULL);
    ck_assert_ptr_nonnull(here);
    snprintf(text, sizeof text, "%s%s", expected[0] == '.' ? here : "", expected[0] == '.' ? expected + 1 : expected);
    ck_assert_ptr_nonnull(path);
    ck_assert_str_eq(path, text);
    free(here);
    free(path);
}

START_TEST(an_absolute_path_has_no_links_in_its_directory)
{
    expect_path(eventure__path_absolute("file"), "./file");
    expect_path(eventure__path_absolute("/file"), "/file");
    expect_path(eventure__path_absolute("/no such directory/file"), "/no such directory/file");
    expect_path(eventure__path_absolute(FOLDER "/s.db"), "./" FOLDER "/s.db");
    expect_path(eventure__path_absolute(FOLDER "/link/../s.db"), "./" FOLDER "/s.db");
    expect_path(eventure__path_absolute(FOLDER "/link/x"), "./" FOLDER "/in/x");
    expect_path(eventure__path_absolute(FOLDER "/soft.db"), "./" FOLDER "/soft.db");
}
END_TEST

START_TEST(a_real_path_leads_to_the_file_itself)
{
    expect_path(eventure__path_real(FOLDER "/soft.db"), "./" FOLDER "/s.db");
    expect_path(eventure__path_real(FOLDER "/hard.db"), "./" FOLDER "/hard.db");
    expect_path(eventure__path_real(FOLDER "/new.db"), "./" FOLDER "/new.db");
    expect_path(eventure__path_real(FOLDER "/link/dangling"), "./" FOLDER "/new.db");
    expect_path(eventure__path_real(FOLDER "/twice"), "./" FOLDER "/new.db");
    expect_path(eventure__path_real(FOLDER "/absolute"), "./" FOLDER "/in/far");
    expect_path(eventure__path_real(FOLDER "/loop"), "./" FOLDER "/loop");
}
END_TEST

START_TEST(an_unresolved_path_is_spelled_from_the_root_on)
{
    expect_path(eventure__path_unresolved("a/./b//c", true), "./a/b/c");
    expect_path(eventure__path_unresolved("/a/./b//c/", false), "/a/b/c");
    expect_path(eventure__path_unresolved("/a/../b/..c", true), "/b/..c");
    expect_path(eventure__path_unresolved("/a/../b", false), "/a/../b");
    expect_path(eventure__path_unresolved("/../../a", true), "/a");
    expect_path(eventure__path_unresolved("/a/b/../../c", true), "/c");
    expect_path(eventure__path_unresolved(FOLDER "/link/x", true), "./" FOLDER "/link/x");
}
END_TEST

START_TEST(two_paths_may_lead_to_one_file)
{
    ck_assert(eventure__path_is_same_file(FOLDER "/s.db", FOLDER "/hard.db"));
    ck_assert(eventure__path_is_same_file(FOLDER "/soft.db", FOLDER "/in/../s.db"));
    ck_assert(!eventure__path_is_same_file(FOLDER "/s.db", FOLDER "/in"));
    ck_assert(!eventure__path_is_same_file(FOLDER "/s.db", FOLDER "/new.db"));
    ck_assert(!eventure__path_is_same_file(FOLDER "/new.db", FOLDER "/s.db"));
    ck_assert(!eventure__path_is_same_file(FOLDER "/new.db", FOLDER "/new.db"));
}
END_TEST

/* Checks whether a path is the name of a file beside a store; `store` is NULL when it is not. */
static void expect_beside(const char *path, const char *store)
{
    const char *found = NULL;
    char *name = eventure__path_store_beside(path, &found);
    ck_assert_ptr_nonnull(name);
    ck_assert_msg((found != NULL) == (store != NULL), "%s: %s", path, found != NULL ? found : "no store");
    if (store != NULL)
        expect_path(strdup(found), store);
    free(name);
}

START_TEST(files_beside_a_store_are_known_by_their_endings)
{
    static const char *const endings[] = {"-wal",         "-shm",     "-journal",    "-writer",
                                          "-follow-name", "-follow-", "-writer-shm", "-follow-name-writer"};
    static const char *const others[] = {"", "-WAL", "-wall", "wal", "-", "-follow", "-follow-a-b", "-backup"};
    char path[64];
    for (size_t i = 0; i < COUNT_OF(endings); i++)
    {
        snprintf(path, sizeof path, FOLDER "/s.db%s", endings[i]);
        expect_beside(path, "./" FOLDER "/s.db");
        snprintf(path, sizeof path, FOLDER "/new.db%s", endings[i]);
        expect_beside(path, NULL);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        snprintf(path, sizeof path, FOLDER "/s.db%s", others[i]);
        expect_beside(path, NULL);
    }
    expect_beside(FOLDER "/in/to-log", "./" FOLDER "/s.db");
    expect_beside(FOLDER "/link/to-log", "./" FOLDER "/s.db");
    expect_beside("-wal", NULL);
    expect_beside("-follow-", NULL);
}
END_TEST

/* The size of a database is a multiple of 512 bytes. */
START_TEST(a_file_of_another_size_is_no_database)
{
    expect_beside(FOLDER "/in-wal", NULL);
    scratch_run("cd " FOLDER " && printf x >> s.db");
    expect_beside(FOLDER "/s.db-wal", NULL);
    scratch_run("cd " FOLDER " && : > s.db");
    expect_beside(FOLDER "/s.db-wal", NULL);
    scratch_run("cd " FOLDER " && head -c 512 /dev/zero > s.db");
    expect_beside(FOLDER "/s.db-wal", "./" FOLDER "/s.db");
}
END_TEST
